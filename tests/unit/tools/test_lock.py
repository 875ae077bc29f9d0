# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed for development is what requirements/*.txt say, file for file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from runs import ROOT

REQUIREMENTS = ROOT / "requirements"


def named(path: Path) -> set[tuple[str, str]]:
    """The packages and versions of a file and of those that it includes."""
    found = set()
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            found |= named(path.parent / line[3:])
        elif line[:1].isalpha():
            one = Requirement(line.rstrip("\\ "))
            found.add((canonicalize_name(one.name), str(one.specifier)))
    return found


@pytest.mark.parametrize("name", ["demo", "docs", "ee", "release", "test"])
def test_the_lock_is_of_the_requirements_and_has_hashes(name):
    locked = REQUIREMENTS / "locked" / f"{name}.txt"
    assert named(REQUIREMENTS / f"{name}.txt") <= named(locked), "run tools/lock.sh"
    entries = re.split(r"^(?=[a-z])", locked.read_text(), flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry or "==" not in entry] == []
    assert {version for _package, version in named(locked) if not version.startswith("==")} == set()


def test_actions_are_pinned_by_commit():
    used = [
        words
        for path in (ROOT / ".github/workflows").glob("*.yml")
        for words in re.findall(r"\buses: *(\S+)", path.read_text())
    ]
    assert used
    assert [words for words in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", words)] == []
