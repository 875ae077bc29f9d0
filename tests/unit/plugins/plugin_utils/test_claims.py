# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is refused while a rotation goes on, and who takes over from a dead one."""

from __future__ import annotations

import os
import subprocess

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import owner
from ansible_collections.mitodl.openedx.plugins.plugin_utils import _claims


def ended():
    """The name of a process of this machine that has ended."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        name = owner.name(process.pid)
    assert owner.is_gone(name)
    return name


def held(by, idle=5, note=""):
    return {"id": "rotation of a", "message": "m", "held_by": by, "idle": idle, "note": note}


def asked(*answers):
    told, replies = [], list(answers)

    def ask(dead):
        told.append(dead)
        return replies.pop(0)

    return _claims.claimed(ask), told


def failed(*errors):
    return {"failed": True, "msg": "Nothing was changed. m", "errors": list(errors)}


def test_a_request_that_nobody_stands_against_is_asked_once():
    assert asked({"objects": []}) == ({"objects": []}, [[]])
    other = failed({"id": "x", "message": "of another kind"})
    assert asked(other) == (other, [[]])


def test_a_dead_one_is_taken_over():
    dead = held(ended(), note="lms_client")
    assert asked(failed(dead), {"objects": []}) == ({"objects": []}, [[], [dead]])
    # Nothing is known of another machine but the time.
    elsewhere = held("0123.77.1.othermachine", _claims.PATIENCE + 1)
    assert asked(failed(elsewhere), {})[1] == [[], [elsewhere]]


@pytest.mark.parametrize("idle", [0, 10**6])
def test_one_that_runs_is_named_however_long_it_takes(idle):
    me = owner.name(os.getpid())
    answer, told = asked(failed(held(me, idle)))
    assert told == [[]]
    assert answer["msg"].startswith(f"There is a rotation of a already: it is run by process {os.getpid()} of this")
    assert "Nothing was changed. Fix: let it end, then run again." in answer["msg"]


def test_one_of_another_machine_is_waited_for():
    answer, told = asked(failed(held("0123.77.1.othermachine")))
    assert told == [[]]
    assert "run by another machine" in answer["msg"]
    assert "taken over 30 minutes after its last step" in answer["msg"]


def test_one_that_is_dead_does_not_stand_for_one_that_runs():
    me = owner.name(os.getpid())
    answer, told = asked(failed(held(ended()), held(me)))
    assert answer["failed"]
    assert told == [[]]
