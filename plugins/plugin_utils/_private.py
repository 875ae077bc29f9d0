# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Modules whose answer carries secrets: nobody is shown a success, and everybody the message of a failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.plugins.action import ActionBase

# What a module has printed. Where it is no JSON it may hold anything.
PRINTED = ("module_stdout", "module_stderr")


def execute(
    action: ActionBase, module: str, args: Mapping[str, Any], task_vars: Mapping[str, Any], *, censor: bool = True
) -> dict[str, Any]:
    """The answer of a module that says secrets, censored where it is a success.

    :param censor: whether this one says any.
    """
    with unsaid(action, censor):
        answer = dict(action._execute_module(module, dict(args), task_vars=task_vars))
    if censor:
        for name in PRINTED:
            answer.pop(name, None)
        answer["_ansible_no_log"] = not answer.get("failed", False)
    return answer


@contextmanager
def unsaid(action: ActionBase, censor: bool) -> Iterator[None]:
    """Keep a connection from saying what goes over it, as ssh does at -vvv: it knows of no_log before a task only."""
    contexts = [action._play_context, getattr(action._connection, "_play_context", None)]
    known = [(context, context.no_log) for context in contexts if censor and context is not None]
    for context, _before in known:
        context.no_log = True
    try:
        yield
    finally:
        for context, before in known:
            context.no_log = before
