# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a target says, as it may be shown: nothing in it steers a terminal, or turns the direction of a line round."""

from __future__ import annotations

from typing import Any


def printable(said: Any) -> Any:
    """The same text, or plain data with such texts, where characters that nobody would see are escapes.

    >>> printable({"fact": "a\\x1b[31m \\u202e"})
    {'fact': 'a\\\\x1b[31m \\\\u202e'}
    """
    if isinstance(said, str):
        return said if said.isprintable() else "".join(map(_shown, said))
    if isinstance(said, dict):
        return {printable(name): printable(value) for name, value in said.items()}
    if isinstance(said, (list, tuple)):
        return [printable(value) for value in said]
    return said


def _shown(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return character.encode("unicode_escape").decode("ascii")
