# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/services.py say, and what its probe reads of compose and the engine."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import services
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import Look
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side
from chain import by_id, cases, healthy, hops_of, named

CAUSES = [
    (
        "app.links",
        "failed",
        "OPENEDX_COURSE_BASE_URL is http://edx.odl.local:18000/learn/course/, not http://local.openedx.io:8000/learn",
        "role mit_app_env",
        {"app/links/values/OPENEDX_COURSE_BASE_URL": "http://edx.odl.local:18000/learn/course/"},
    ),
    (
        "app.services",
        "failed",
        "run with other values (celery: OPENEDX_API_CLIENT_ID)",
        "Recreate the app's container",
        {"machine/services/services/celery/differs": ["OPENEDX_API_CLIENT_ID"]},
    ),
    (
        "app.services",
        "warning",
        "Not running: celery (exited)",
        "Start the app (docker compose up -d)",
        {"machine/services/services/celery/state": "exited"},
    ),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(services) == {cause[0] for cause in CAUSES}


def test_an_app_without_them_is_not_judged():
    seen = healthy(links={})
    seen.app["links"], seen.machine["services"] = {"values": {}}, {"services": None}
    found = by_id(seen)
    assert (found["app.links"]["status"], found["app.services"]["status"]) == ("skipped", "skipped")
    assert found["app.services"]["fact"] == "/home/me/mitxpro/.env cannot be read from here"
    seen.app_side = Side("the app", {"type": "command", "argv": ["python", "-"]})
    assert by_id(seen)["app.services"]["fact"] == "compose does not run the app"


PS = [{"ID": "aaaa", "Service": "web", "State": "running"}, {"ID": "bbbb", "Service": "celery", "State": "running"}]
PS.append({"ID": "cccc", "Service": "db", "State": "running"})


@pytest.mark.parametrize("lines", [False, True])
def test_every_service_that_reads_the_env_is_held_against_it(tmp_path, monkeypatch, lines):
    (tmp_path / ".env").write_text("OPENEDX_API_CLIENT_ID=new\nOTHER=x\n")

    def container(name, *environment):
        return {"Id": name * 16, "Config": {"Env": ["PATH=/bin", *environment]}}

    said = {
        "docker compose ps": "\n".join(map(json.dumps, PS)) if lines else json.dumps(PS),
        "docker container inspect": json.dumps(
            [
                container("aaaa", "OPENEDX_API_CLIENT_ID=new"),
                container("bbbb", "OPENEDX_API_CLIENT_ID=old"),
                {"Id": 16 * "cccc", "Config": {"Env": None}},
            ]
        ),
    }
    monkeypatch.setattr(services, "run", lambda argv: said[" ".join(argv[:3])])
    request = {"app": {"dotenv": str(tmp_path / ".env")}, "compose": ["docker", "compose"]}
    assert services.find_services(Look(request)) == {
        "services": {
            "web": {"state": "running", "differs": []},
            "celery": {"state": "running", "differs": ["OPENEDX_API_CLIENT_ID"]},
        }
    }
    assert services.find_services(Look({**request, "compose": []})) == {"services": None}


@pytest.mark.parametrize(
    "text",
    [
        '{"ID": "1"}\n{"ID": "2"}\n',
        '[{"ID": "1"}, {"ID": "2"}]',
        '[\n    {"ID": "1"},\n    {"ID": "2"}\n]\n',
        'time="2026-11-26T21:10:19Z" level=warning msg="`version` is obsolete"\n{"ID": "1"}\n{"ID": "2"}\n',
        '>>>> Executing external compose provider "/usr/bin/docker-compose" <<<<\n\n[{"ID": "1"}, {"ID": "2"}]\n',
    ],
)
def test_what_compose_prints_in_whatever_release(text):
    assert services.entries(text) == [{"ID": "1"}, {"ID": "2"}]


def test_compose_that_prints_nothing_has_nothing():
    assert services.entries("") == services.entries("[]") == []
