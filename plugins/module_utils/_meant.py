# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What is said of a name that nothing reads."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


def no_such(what: str, name: str, known: Collection[str]) -> str:
    """That there is none, with the one that was most likely meant.

    >>> no_such("key", "arg", ["argv", "chdir"])
    'there is no key arg. Did you mean argv?'
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"there is no {what} {name}." + (f" Did you mean {near[0]}?" if near else "")


def strangers(what: str, names: Iterable[object], known: Collection[str], owner: str) -> str:
    """A text on those names that are none of the known ones, with all that there are; empty where there are none.

    >>> strangers("key", ["arg", "type"], ["argv", "type"], "A target")
    'there is no key arg. Did you mean argv? A target has: argv, type.'
    >>> strangers("key", ["x", "y"], ["argv"], "A target")
    'there is no key x. There is no key y. A target has: argv.'
    """
    said = " ".join(no_such(what, str(name), known) for name in names if name not in known)
    # Only the first follows the name of what it is about.
    said = said.replace(" there is", " There is")
    return f"{said} {owner} has: {', '.join(known)}." if said else ""
