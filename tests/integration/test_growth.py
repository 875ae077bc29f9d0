# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What grows with the number of objects, in counts: queries of a request whose objects are there already."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import agent, module, plan, program
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from runs import ROOT

MANY, BATCH = 12, 5
# Runs inside the target: applies each request, then counts the queries of its first objects once more, and compares
# what is found by reading ahead with what each object finds by itself.
COUNT = f"""
import django
django.setup()
from django.db import connection
import {plan.__name__} as plan
from {plan.__name__} import converge
from {plan.__name__.rpartition(".")[0]}.stored import Stored

queries = []

def counted(execute, sql, *rest):
    queries.append(sql)
    return execute(sql, *rest)

def asked(mode, objects):
    queries.clear()
    with connection.execute_wrapper(counted):
        request = json.loads(json.dumps({{"mode": mode, "return_secrets": True, "objects": objects}}))
        return converge(request, agent.Scrubber()), len(queries)

import json
requests, found = json.loads(REQUESTS), {{}}
for name, objects in requests.items():
    takeovers = []
    for number in (1, len(objects)):
        asked("check", objects[:number])
        takeovers.append(sum("social_auth" in sql for sql in queries))
    made = asked("apply", objects)[0]
    # First, for the LMS keeps what it has read of providers.
    ahead = asked("check", objects)[0]
    counts = {{number: asked("check", objects[:number])[1] for number in (1, len(objects) // 2, len(objects))}}
    plan.AHEAD, whole = {BATCH}, plan.AHEAD
    batches, in_batches = asked("check", objects)
    plan.AHEAD = whole
    read, Stored.ahead = Stored.ahead, lambda *_: None
    each, one_by_one = asked("check", objects)
    Stored.ahead = read
    found[name] = {{"made": made, "counts": counts, "ahead": ahead, "each": each, "one_by_one": one_by_one}}
    found[name].update(takeovers=takeovers, batches=batches, in_batches=in_batches)
print("<<" + json.dumps(found, default=str) + ">>")
"""


def of_kind(name: str, *objects: dict) -> list[dict]:
    kind = KINDS[name]
    given = [{**dict.fromkeys([*kind.fields, *kind.options]), "state": "present", **params} for params in objects]
    return [module.wire(kind, params, f"[{index}] ") for index, params in enumerate(given)]


def of_model(model: str, *objects: dict) -> list[dict]:
    given = [{"model": model, "state": "present", "secrets": {}, **params} for params in objects]
    return [module.generic({"options": {}, **params}, f"[{index}] ") for index, params in enumerate(given)]


def requests() -> dict[str, list[dict]]:
    """Many objects of each kind, in an order in which those that are pointed at come first."""
    numbers = range(MANY)
    confidential = {"client_type": "confidential", "authorization_grant_type": "client-credentials", "user": "edx"}
    return {
        "django_site": of_kind("django_site", *({"domain": f"{n}.example.org", "name": f"Site {n}"} for n in numbers)),
        "django_user": of_kind(
            "django_user",
            *({"username": f"user{n}", "email": f"user{n}@example.org", "name": f"User {n}"} for n in numbers),
        ),
        "oauth_application": of_kind(
            "oauth_application",
            *({"name": f"app {n}", "redirect_uris": ["http://a.example.org/"], **confidential} for n in numbers),
        ),
        "oauth_access_token": of_kind(
            "oauth_access_token",
            *(
                {"user": f"user{n}", "application": f"app {n}", "expires_in_days": 9, "exclusive": True}
                for n in numbers
            ),
        ),
        "tokens without an application": of_kind(
            "oauth_access_token", *({"user": f"user{n}", "expires_in_days": 9} for n in numbers)
        ),
        "given tokens": of_kind(
            "oauth_access_token",
            *(
                {"user": f"user{n}", "application": f"app {n}", "expires_in_days": 9, "token": f"given-token-{n}"}
                for n in numbers
            ),
        ),
        "third_party_auth_provider": of_kind(
            "third_party_auth_provider",
            *(
                {"backend_name": f"backend-{n}", "site": f"{n}.example.org", "name": "B", "enabled": n % 2 == 0}
                for n in numbers
            ),
        ),
        "a model with a relation": of_model(
            "student.UserProfile",
            *({"key": {"user": {"username": f"user{n}"}}, "values": {"name": f"Renamed {n}"}} for n in numbers),
        ),
        "a model with many relations": of_model(
            "auth.Group",
            *({"key": {"name": f"group {n}"}, "values": {"permissions": [{"codename": "add_group"}]}} for n in numbers),
        ),
    }


@pytest.fixture(scope="module")
def counted(lab):
    lab.back_to("converged")
    text = program.text(program.sources(agent, plan), f"REQUESTS = {json.dumps(requests())!a}\n{COUNT}")
    done = subprocess.run(
        [sys.executable, ROOT / "lab/ctl.py", "exec", "lms", "--", "python", "-"],
        input=text,
        env=lab.env,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("<<")[2].rpartition(">>")[0])


@pytest.mark.parametrize("name", requests())
def test_what_is_unchanged_costs_the_same_queries_however_many_there_are(counted, name):
    found = counted[name]
    assert [obj["operation"] for obj in found["ahead"]["objects"]] == ["unchanged"] * MANY
    assert len(set(found["counts"].values())) == 1, found["counts"]
    # The guard sees what it is there for.
    assert found["one_by_one"] >= MANY


def test_whom_new_providers_could_take_over_is_asked_once_for_all_of_them(counted):
    one, all_of_them = counted["third_party_auth_provider"]["takeovers"]
    assert one == all_of_them == 1


@pytest.mark.parametrize("name", requests())
def test_more_objects_than_are_read_ahead_at_once_are_read_in_batches(counted, name):
    found = counted[name]
    assert found["batches"] == found["each"]
    # As many queries as so many requests of one batch, and not one for each object.
    assert found["counts"]["1"] < found["in_batches"] <= -(-MANY // BATCH) * found["counts"]["1"]


@pytest.mark.parametrize("name", requests())
def test_what_is_read_ahead_is_what_each_object_finds_by_itself(counted, name):
    assert counted[name]["ahead"] == counted[name]["each"]
