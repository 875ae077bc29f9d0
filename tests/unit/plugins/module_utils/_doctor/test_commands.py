# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/commands.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import diagnose
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import commands
from chain import cases, healthy, hops_of, named, put

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    ("commands.sync", "skipped", "no such command (sync_command is empty)", "", {"app/sync": {}}),
    ("commands.repair", "skipped", "no such command (repair_command is empty)", "", {"app/repair": {}}),
    (
        "commands.sync",
        "failed",
        "0 updated, 30 failures",
        "app.token",
        {"app/sync/output": "Sync complete: 0 updated, 30 failures, 0 unchanged.\n"},
    ),
    (
        "commands.sync",
        "failed",
        "unrecognized arguments",
        "by hand",
        {
            "app/sync": {
                "command": "sync",
                "output": "",
                "errors": "",
                "failure": "CommandError: unrecognized arguments: --all",
            }
        },
    ),
    (
        "commands.sync",
        "ok",
        "Sync complete: 0 updated, 0 failures. No course was read",
        "",
        {"app/sync/output": "Sync complete: 0 updated, 0 failures\n", "app/sync/courses": 0},
    ),
    (
        "commands.sync",
        "ok",
        "Sync complete: 0 updated, 0 failures",
        "",
        {"app/sync/output": "Sync complete: 0 updated, 0 failures\n", "app/sync/courses": 1},
    ),
    (
        "commands.repair",
        "ok",
        "known upstream defect",
        "",
        {
            "app/repair": {
                "command": "repair",
                "output": "Repairing 3 users\n",
                "errors": "",
                "failure": "ValueError: chunk_size must be provided when using iterator()",
            }
        },
    ),
    (
        "commands.repair",
        "warning",
        "a new user works",
        "one by one",
        {
            "app/repair": {
                "command": "repair",
                "output": "Repair Complete: 0 repaired, 1 failures",
                "errors": "old (old@x): no",
            }
        },
    ),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(commands) == {cause[0] for cause in CAUSES}


@pytest.mark.parametrize(("courses", "notes"), [(0, ["commands.sync"]), (1, [])])
def test_that_no_course_was_read_is_a_note(courses, notes):
    seen = healthy()
    put(seen, "app/sync/output", "Sync complete: 0 updated, 0 failures\n")
    put(seen, "app/sync/courses", courses)
    assert [hop["id"] for hop in diagnose(seen) if hop["note"]] == notes


def test_a_defect_of_the_app_itself_is_a_note_and_no_warning():
    seen = healthy()
    put(seen, "app/repair/output", "Repairing 3 users\n")
    put(seen, "app/repair/failure", "ValueError: chunk_size must be provided when using iterator()")
    hops = diagnose(seen)
    assert {hop["status"] for hop in hops} == {"ok"}
    assert [hop["id"] for hop in hops if hop["note"]] == ["commands.repair"]
    (fact,) = [hop["fact"] for hop in hops if hop["note"]]
    assert "Nothing to do here: the integration is not at fault." in fact


def test_an_app_without_such_a_command_is_asked_for_none():
    """Also where the LMS is out of reach: it is no hop of this app."""
    assert commands.run_command(None, []) == {}
