# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers with secrets: censored when they are a success, readable when they are none, and unsaid by the connection."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._private import execute


class Action:
    """As much of an action as is needed, with a connection that would print what goes over it."""

    def __init__(self, answer):
        self.answer = answer
        self._play_context = SimpleNamespace(no_log=False)
        self._connection = SimpleNamespace(_play_context=SimpleNamespace(no_log=False))
        self.said = []

    def _execute_module(self, module, args, task_vars):
        if not self._connection._play_context.no_log:
            self.said.append(self.answer)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_success_is_censored_and_never_said_by_the_connection():
    action = Action({"token": "canary"})
    assert execute(action, "module", {}, {}) == {"token": "canary", "_ansible_no_log": True}
    assert action.said == []
    assert not action._play_context.no_log
    assert not action._connection._play_context.no_log


def test_a_failure_is_readable_and_has_nothing_of_what_was_printed():
    answer = {"failed": True, "msg": "why", "module_stdout": "canary", "module_stderr": "canary", "rc": 1}
    assert execute(Action(answer), "module", {}, {}) == {
        "failed": True,
        "msg": "why",
        "rc": 1,
        "_ansible_no_log": False,
    }


def test_the_connection_speaks_again_after_an_error():
    action = Action(RuntimeError("gone"))
    with pytest.raises(RuntimeError):
        execute(action, "module", {}, {})
    assert not action._connection._play_context.no_log


def test_an_answer_without_secrets_is_as_any_other():
    action = Action({"changed": True, "module_stdout": "x"})
    assert execute(action, "module", {}, {}, censor=False) == {"changed": True, "module_stdout": "x"}
    assert action.said
