# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages of the documentation link to, show as an example, and have people type."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import yaml
from runs import ROOT

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())
#: Where the repository shows a file, and where it has it as it is.
SHOWN, RAW = (
    f"{GALAXY['repository']}/blob/main/",
    "https://raw.githubusercontent.com/mitodl/ansible-collection-openedx/main/",
)
#: What a piece of code in a line of text begins with, if it is a command.
COMMANDS = r"(?:make |ansible-|\.venv/bin/|python |python3 |sh |lab/|tutor |docker |sudo )"


@dataclass(frozen=True)
class Piece:
    """A block or a command of a page."""

    page: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text.splitlines()[0][:60]}"


@cache
def tracked() -> frozenset[str]:
    """Files and folders of the repository."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [Path(name) for name in names.split("\0") if name]
    return frozenset(str(path) for file in files for path in (file, *file.parents))


def pages() -> list[str]:
    """Every page in Markdown, without what a release writes."""
    return sorted(name for name in tracked() if name.endswith(".md") and name != "CHANGELOG.md")


def is_shipped(name: str) -> bool:
    """Whether the artifact has a file."""
    parts = [str(path) for path in (Path(name), *Path(name).parents)]
    return not any(fnmatch(part, one) for part in parts for one in GALAXY["build_ignore"])


def blocks(page: str) -> list[Piece]:
    found = re.findall(r"^ *```(\w*)[^\n]*\n(.*?)^ *```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return [Piece(page, language, text) for language, text in found]


def prose(page: str) -> str:
    """A page without its blocks, and with each paragraph on one line."""
    text = re.sub(r"^ *```.*?^ *```$", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<=\S)\n(?=[\w`(])", " ", text)


def examples(page: str) -> list[Piece]:
    """Its blocks of YAML."""
    return [piece for piece in blocks(page) if piece.language == "yaml"]


def typed(page: str) -> list[Piece]:
    """What it has people type, in blocks."""
    found = []
    for block in blocks(page):
        if block.language == "console":
            found += [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
        elif block.language in ("", "sh"):
            found += [line.strip() for line in block.text.splitlines() if re.match(COMMANDS, line.strip())]
    return [Piece(page, "sh", text) for text in found]


def commands(page: str) -> list[Piece]:
    """What it has people type, in blocks and in lines of text."""
    found = [code for code in re.findall(r"`([^`]+)`", prose(page)) if " " in code and re.match(COMMANDS, code)]
    return [*typed(page), *(Piece(page, "sh", text) for text in found)]


def words(command: str) -> list[str]:
    return shlex.split(command, comments=True)


def anchors(page: str) -> set[str]:
    """What a link can end in, as GitHub and the site make it of headings."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))
