# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Requests that belong to a rotation, or must not come into the middle of one: refused while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import owner

# A run of another machine is taken for dead after so many seconds without a step. The next step of one is refused.
PATIENCE = 1800
Answer = dict[str, Any]


def claimed(ask: Callable[[list[Answer]], Answer]) -> Answer:
    """The answer of a request; in the place of others where they are dead, and with their name where they are not.

    :param ask: makes the request in the place of these: each with who held it (``held_by``) and his ``note``.
    """
    answer = ask([])
    held = [error for error in answer.get("errors") or [] if "held_by" in error]
    if held and all(map(is_dead, held)):
        return ask(held)
    if held:
        answer["msg"] = "\n".join(map(refusal, held))
    return answer


def is_dead(held: Mapping[str, Any]) -> bool:
    """Whether nobody goes on with what is held."""
    return owner.is_gone(held["held_by"]) or (held["idle"] > PATIENCE and not owner.is_here(held["held_by"]))


def refusal(held: Mapping[str, Any]) -> str:
    """What is said to who comes into the middle."""
    here = owner.is_here(held["held_by"])
    who = f"process {held['held_by'].split('.')[1]} of this machine" if here else "another machine"
    wait = "" if here else f" If it is dead, it is taken over {PATIENCE // 60} minutes after its last step."
    return (
        f"There is a {held['id']} already: it is run by {who}, and its last step was {held['idle']} seconds ago. "
        f"Nothing was changed. Fix: let it end, then run again.{wait}"
    )
