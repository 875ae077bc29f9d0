# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.filter.findings import findings


def planned(kind, operation, *changes, **key):
    fields = [{"field": field, "before": before, "after": after} for field, before, after in changes]
    return {"kind": kind, "key": key, "operation": operation, "changes": fields}


def plan(lms=(), app=(), status=302, written=False, kept=(), changes=(), before="", after=""):
    keys = [{"key": key, "operation": "set", "secret": False} for key in changes]
    return {
        "lms": lms,
        "app": app,
        "settings": {"backend": "ol-oauth2", "status": status, "written": written},
        "environment": {"kept": kept, "changes": keys, "diff": {"before": before, "after": after}},
    }


def test_rows():
    found = findings(
        plan(
            [
                planned("django_site", "unchanged", domain="lms:8000"),
                planned("model", "created", ("x", None, 1), name="y"),
            ],
            [
                planned(
                    "oauth_application",
                    "updated",
                    ("redirect_uris", [], ["http://a/", "http://b/"]),
                    ("client_secret", "(secret, old)", "(secret, new)"),
                    name="edx-oauth-app",
                )
            ],
        )
    )
    assert [(thing["where"], thing["name"], thing["state"]) for thing in found] == [
        ("LMS", "Site lms:8000", "kept"),
        ("LMS", "model {'name': 'y'}", "missing"),
        ("LMS settings", "backend ol-oauth2", "kept"),
        ("app", "OAuth2 application edx-oauth-app", "corrected"),
    ]
    assert found[1]["changes"] == []
    assert found[3]["kept"] == ["client_id"]
    assert found[3]["changes"] == [
        {"field": "redirect_uris", "before": "(nothing)", "after": "http://a/ http://b/"},
        {"field": "client_secret", "before": "(secret)", "after": "(another secret)"},
    ]


@pytest.mark.parametrize(
    ("status", "written", "state"),
    [(302, False, "kept"), (500, True, "corrected"), (404, True, "missing"), (404, False, "missing")],
)
def test_settings(status, written, state):
    assert findings(plan(status=status, written=written))[0]["state"] == state


def test_environment():
    given = plan(
        kept=["A"], changes=["B", "C", "D"], before="B=1=2\nD=(secret, old)\n", after="B=\nC=3\nD=(secret, new)\n"
    )
    found = {thing["name"]: thing for thing in findings(given)[1:]}
    assert {name: thing["state"] for name, thing in found.items()} == {
        "A": "kept",
        "B": "corrected",
        "C": "missing",
        "D": "corrected",
    }
    assert found["B"]["changes"] == [{"field": "value", "before": "1=2", "after": "(nothing)"}]
    assert found["D"]["changes"] == [{"field": "value", "before": "(secret)", "after": "(another secret)"}]
