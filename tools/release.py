# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the fragments of the changelog into a release: tools/release.py VERSION. What it changes is to be committed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
GALAXY, CHANGES = ROOT / "galaxy.yml", ROOT / "changelogs"


def has_summary(fragments: Path) -> bool:
    return any("\nrelease_summary:" in path.read_text() for path in fragments.glob("*.yml"))


def rehearse(fragments: Path) -> None:
    """A fragment for the rehearsal, which needs one also where nothing waits, and a summary where none is written."""
    fragments.mkdir(exist_ok=True)  # git keeps no empty folder
    summary = "" if has_summary(fragments) else "release_summary: A rehearsal.\n"
    (fragments / "rehearsal.yml").write_text(f"---\n{summary}minor_changes:\n  - A release was rehearsed.\n")


def refusal(version: str) -> str:
    """Why there can be no release of this version."""
    if not re.fullmatch(r"\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?", version):
        return f"{version or 'nothing'} is no version. Say which: make release VERSION=1.2.3"
    if re.search(rf"^ +{re.escape(version)}:", (CHANGES / "changelog.yaml").read_text(), re.MULTILINE):
        return f"{version} is released already: changelogs/changelog.yaml has it."
    if not has_summary(CHANGES / "fragments"):
        return f"No fragment has a release_summary. Write changelogs/fragments/{version}.yml."
    return ""


def main() -> str:
    version = sys.argv[1] if sys.argv[1:] else ""
    if problem := refusal(version):
        return problem
    GALAXY.write_text(re.sub(r"^version: .*$", f"version: {version}", GALAXY.read_text(), flags=re.MULTILINE))
    # It asks ansible-doc what is new, by the full name of the collection.
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections")}
    command: list[str | Path] = [BIN / "antsibull-changelog", "release", "--version", version]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    print(f"{version} is in galaxy.yml and in CHANGELOG.md. MAINTAINERS.md says what comes next.")
    return ""


if __name__ == "__main__":
    sys.exit(main() or None)
