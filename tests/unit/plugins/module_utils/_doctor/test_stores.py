# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/stores.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import stores
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side
from chain import by_id, cases, healthy, hops_of, named, put, step

REFUSED = "OperationalError: (2003, \"Can't connect to MySQL server on 'mysql' (111)\")"
# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "app.database",
        "failed",
        "PostgreSQL at db:5432, the database of the app, refuses: OperationalError: no",
        "Start db (docker compose up -d db).",
        {"app/database/error": "OperationalError: no"},
    ),
    (
        "lms.database",
        "failed",
        f"MySQL at mysql:3306, the database of the LMS, refuses: {REFUSED}.",
        "Start mysql (tutor dev start -d mysql).",
        {"lms/database/error": REFUSED},
    ),
    (
        "lms.cache",
        "failed",
        "The LMS's cache (redis://redis:6379/1) keeps nothing. Nobody stays logged in",
        "Start redis (tutor dev start -d redis).",
        {"lms/cache/kept": False},
    ),
    (
        "lms.cache",
        "failed",
        "keeps nothing: ConnectionError: no.",
        "Start redis",
        {"lms/cache/kept": False, "lms/cache/error": "ConnectionError: no"},
    ),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(stores) == {cause[0] for cause in CAUSES}


@pytest.mark.parametrize(
    ("target", "host", "line"),
    [
        ("tutor_dev", "mysql", "start mysql (tutor dev start -d mysql)"),
        ("tutor_dev", "db.example.com", "start the database"),
        ("tutor_dev", "localhost", "start the database"),
        ("tutor_dev", "", "start the database"),
        ("tutor_k8s", "mysql", "start the database"),
        ("command", "mysql", "start the database"),
    ],
)
def test_a_service_of_compose_is_started_by_its_name(target, host, line):
    assert Side("the LMS", {"type": target}).start_service(host, "the database") == line


def test_a_database_that_is_down_is_one_finding():
    """Whatever reads it breaks, and servers answer 500; nothing of that is a finding of its own."""
    seen = healthy()
    put(seen, "lms/database/error", REFUSED)
    for probe in ("site", "provider", "application", "worker", "token", "people", "privileged", "registry", "removal"):
        seen.lms[probe] = {"broken": REFUSED}
    broken = {"url": "http://local.openedx.io:8000/x", "status": 500, "text": "Server Error"}
    for place in ("browser/lms_answer", "app/client", "app/me"):
        put(seen, place, broken)
    found = by_id(seen)
    assert [hop for hop, entry in found.items() if entry["status"] in ("failed", "warning")] == ["lms.database"]
    assert found["app.token_staff"]["fact"] == found["browser.lms"]["fact"] == "not judged, because lms.database failed"


@pytest.mark.parametrize("error", ["OperationalError: could not connect to server", "InterfaceError: closed"])
def test_the_database_of_the_app_that_is_down_is_one_finding(error):
    seen = healthy()
    put(seen, "app/database/error", error)
    for probe in ("application", "user", "people", "sync", "repair", "removal"):
        seen.app[probe] = {"broken": error}
    broken = {"url": "http://xpro.odl.local:8053/x", "status": 500, "text": "Server Error"}
    for place in ("browser/app_answer", "lms/secret", "lms/user_info"):
        put(seen, place, {**getattr(seen, place.partition("/")[0])[place.partition("/")[2]], **broken, "answer": None})
    for place in ("browser/entrance/requests/2", "browser/login/requests/1"):
        put(seen, place, step(broken["url"], 500, text=broken["text"]))
    seen.browser["login"].update(requests=seen.browser["login"]["requests"][:2], username=None)
    seen.lms["linked"] = {"exists": False, "linked": False}
    found = by_id(seen)
    assert [hop for hop, entry in found.items() if entry["status"] in ("failed", "warning")] == ["app.database"]
    assert found["lms.secret"]["fact"] == found["app.removal"]["fact"] == "not judged, because app.database failed"


def test_a_cache_that_is_down_is_no_wrong_address_and_no_limit():
    seen = healthy()
    put(seen, "lms/cache/kept", False)
    put(seen, "app/client", {"url": "http://it/oauth2/access_token", "status": 429, "text": "Too Many Requests"})
    assert [hop for hop, entry in by_id(seen).items() if entry["status"] == "failed"] == ["lms.cache"]
