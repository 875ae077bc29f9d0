# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a target says reaches terminals, logs and reports as text and as nothing else."""

from __future__ import annotations

import sys

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TargetError
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.modules import django_site, dotenv
from modules import run_here

# Clears the screen, C1's own way to begin a sequence, turns a line round, joins nothing visibly, and is half a letter.
STEERS = "\x1b[2J \x9b31m \u202egnp.exe \u200b \x00 \udce9"


def test_nothing_steers_and_nothing_is_lost():
    assert printable("two\n\tlines, é, 漢 and 😀") == "two\n\tlines, é, 漢 and 😀"
    assert printable(STEERS) == r"\x1b[2J \x9b31m \u202egnp.exe \u200b \x00 \udce9"
    assert printable({"a\x07": ["\x1b", 7, None, True]}) == {"a\\x07": ["\\x1b", 7, None, True]}
    characters = {*range(0x3000), *range(0xD000, sys.maxunicode, 37)} - {9, 10}
    assert all(map(str.isprintable, map(printable, map(chr, characters))))


def test_what_a_target_says_is_shown_so(tmp_path):
    """In the end of what it printed, and in the diff of a file."""
    said = run_here(django_site, {"target": {"argv": [sys.executable, "-c", f"print({STEERS[:-1]!r})"]}, "domain": "a"})
    assert printable(STEERS[:-1]) in said["msg"]
    assert str(TargetError(STEERS)) == printable(STEERS)
    (tmp_path / ".env").write_text(f"A='{STEERS[:10]}'\n")
    (shown,) = run_here(dotenv, {"path": str(tmp_path / ".env"), "values": {"A": "b"}, "_ansible_diff": True})["diff"]
    assert shown["before"] == f"A='{printable(STEERS[:10])}'\n"
