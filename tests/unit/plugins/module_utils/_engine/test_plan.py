# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a converge; what it does is tried against a Django (tests/integration/test_objects.py)."""

from __future__ import annotations

import contextlib
import sys
from types import ModuleType, SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import agent, plan


@pytest.fixture
def done(monkeypatch):
    """What a converge does, in its order. SQLite, which the lab has, locks everything by itself: others lock rows."""
    calls = []

    @contextlib.contextmanager
    def atomic():
        calls.append("begin")
        yield
        calls.append("commit")

    class Plan:
        errors, steps, held, warnings = (), (), (), ()

        def __init__(self, request, scrub):
            """Nothing is looked at yet."""

        def build(self):
            calls.append("look")
            return True

        def apply(self):
            calls.append("write")

    database = ModuleType("django.db")
    database.connection = SimpleNamespace(vendor="mysql", ensure_connection=lambda: None)
    database.transaction = SimpleNamespace(atomic=atomic)
    database.OperationalError = type("OperationalError", (Exception,), {})
    settings = ModuleType("django.conf")
    settings.settings = SimpleNamespace()
    for name, module in {"django": ModuleType("django"), "django.db": database, "django.conf": settings}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(plan, "Plan", Plan)
    monkeypatch.setattr(plan, "lock", lambda: calls.append("wait for others"))
    return calls


def test_others_are_waited_for_before_anything_is_looked_at(done):
    assert plan.converge({"mode": "apply"}, agent.Scrubber()) == {"ok": True, "objects": [], "held": (), "warnings": ()}
    assert done == ["begin", "wait for others", "look", "write", "commit"]


def test_check_mode_looks_and_holds_nobody_up(done):
    assert plan.converge({"mode": "check"}, agent.Scrubber()) == {"ok": True, "objects": [], "held": (), "warnings": ()}
    assert done == ["look"]


def test_many_objects_are_read_in_parts_and_it_is_said_how_far_it_is(monkeypatch):
    said = []
    scrub = agent.Scrubber()
    scrub.looked = said.append
    monkeypatch.setattr(plan.Plan, "ahead", lambda self, objects: said.append(f"{len(objects)} ahead"))
    monkeypatch.setattr(plan.Plan, "add", lambda self, obj: None)
    objects = [{"kind": "model", "options": {}, "key": {"pk": number}, "values": {}} for number in range(700)]
    assert plan.Plan({"objects": objects}, scrub).build()
    assert said == ["300 ahead", 300, "300 ahead", 600, "100 ahead"]


def test_what_a_model_refuses_when_it_is_saved_names_the_object(monkeypatch):
    """Some look at themselves only then."""
    database, exceptions = ModuleType("django.db"), ModuleType("django.core.exceptions")
    database.DatabaseError = type("DatabaseError", (Exception,), {})
    refused = exceptions.ValidationError = type("ValidationError", (Exception,), {"messages": ["Too long."]})
    for module in (ModuleType("django"), ModuleType("django.core"), exceptions, database):
        monkeypatch.setitem(sys.modules, module.__name__, module)

    def save(instance, obj):
        raise refused()

    tried = plan.Plan({"objects": []}, agent.Scrubber())
    tried.steps = [
        SimpleNamespace(operation="created", kind=SimpleNamespace(save=save), instance=None, obj={"id": "x"})
    ]
    with pytest.raises(plan.Abort):
        tried.apply()
    assert tried.errors == [{"id": "x", "message": "ValidationError: Too long."}]


@pytest.mark.parametrize(
    ("numbers", "cause"),
    [((1213, "Deadlock found"), {}), ((), {"sqlstate": "40P01"}), ((), {"pgcode": "40001"})],
    ids=["mysql", "psycopg", "psycopg2"],
)
def test_the_victim_of_a_deadlock_begins_again(done, monkeypatch, numbers, cause):
    """Every driver says it in its own way: MITxPro has psycopg2."""
    error = sys.modules["django.db"].OperationalError(*numbers)
    error.__cause__ = type("DatabaseError", (Exception,), cause)()
    monkeypatch.setattr(agent.time, "sleep", lambda pause: done.append(pause))
    outcomes = iter([error, error, None])

    def work():
        outcome = next(outcomes)
        if outcome:
            raise outcome
        return "done"

    assert agent.despite_deadlocks(work) == "done"
    assert done == [0.1, 0.5]


def test_another_error_of_the_database_is_one(done):
    error = sys.modules["django.db"].OperationalError(2006, "Server has gone away")

    def work():
        raise error

    with pytest.raises(type(error)):
        agent.despite_deadlocks(work)
