# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation site in build/docs: the pages of the repository, and one per module, plugin and role."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build/docs"
BIN = Path(sys.executable).parent
START = """\
# mitodl.openedx

```{toctree}
:maxdepth: 1

%s
```
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch)
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in tracked.split("\0"):
            if (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, source / name)
        reference = source / "reference"
        reference.mkdir()
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections")}
        environment["PATH"] = f"{BIN}{os.pathsep}{environment.get('PATH', os.defpath)}"

        def run(command: str, *words: str | Path) -> None:
            subprocess.run([BIN / command, *words], check=True, env=environment)

        options = ("--use-current", "--squash-hierarchy", "--dest-dir", reference)
        run("antsibull-docs", "collection", *options, "mitodl.openedx")
        kinds = ("README.md", "docs/*.md", "roles/*/README.md", "reference/index.rst", "lab/*/README.md", "[A-Z]*.md")
        found = [path.relative_to(source).as_posix() for kind in kinds for path in sorted(source.glob(kind))]
        (source / "index.md").write_text(START % "\n".join(dict.fromkeys(found)))
        shutil.rmtree(SITE, ignore_errors=True)
        strict = ("--quiet", "--fail-on-warning", "--keep-going")
        run("sphinx-build", *strict, "--conf-dir", ROOT / "docs", source, SITE)
    print(f"The documentation site: {SITE / 'index.html'}")


if __name__ == "__main__":
    main()
