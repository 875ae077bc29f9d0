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

```{include} README.md
:start-after: "# mitodl.openedx"
:end-before: "## What it does"
```
"""
#: The pages of the site, by the heading in its menu; each glob in the order of names.
CONTENTS = {
    "Use it": (
        "docs/production.md",
        "docs/kubernetes.md",
        "docs/signing-in.md",
        "docs/onboarding.md",
        "docs/guide.md",
        "docs/operating.md",
        "docs/awx.md",
    ),
    "When something is wrong": ("docs/doctor.md", "docs/faq.md", "docs/causes.md"),
    "Know it": ("README.md", "docs/how-it-works.md", "SECURITY.md"),
    "Look it up": ("docs/variables.md", "reference/index.rst", "roles/*/README.md"),
    "Work on it": ("docs/developing.md", "CONTRIBUTING.md", "MAINTAINERS.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md"),
    "The lab": ("lab/*/README.md",),
}
#: What a page is called there, where its title says nothing beside others.
CALLED = {"README.md": "What it does", "reference/index.rst": "Modules and plugins", "CHANGELOG.md": "Changes"}
#: What the artifact does not have is linked in the repository; the site has it.
HERE = "https://raw.githubusercontent.com/mitodl/ansible-collection-openedx/main/"


def front_page(source: Path) -> str:
    """What the README begins with, and the menu of all pages."""
    menus = []
    for caption, patterns in CONTENTS.items():
        names = [path.relative_to(source).as_posix() for one in patterns for path in sorted(source.glob(one))]
        pages = [f"{CALLED[name]} <{name}>" if name in CALLED else name for name in names]
        if caption == "Use it":
            pages.insert(0, "Quick start <self>")
        options = f":caption: {caption}\n:maxdepth: 1\n:hidden:"
        menus.append("\n".join(["```{toctree}", options, "", *pages, "```"]))
    return "\n\n".join([START, *menus]) + "\n"


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
        index = reference / "index.rst"
        index.write_text(index.read_text().replace("\nMitodl.Openedx\n", "\nmitodl.openedx\n", 1))
        (source / "index.md").write_text(front_page(source))
        for page in (source / "README.md", *source.glob("docs/*.md")):
            page.write_text(page.read_text().replace(HERE, "/"))
        shutil.rmtree(SITE, ignore_errors=True)
        strict = ("--quiet", "--fail-on-warning", "--keep-going")
        run("sphinx-build", *strict, "--conf-dir", ROOT / "docs", source, SITE)
    print(f"The documentation site: {SITE / 'index.html'}")


if __name__ == "__main__":
    main()
