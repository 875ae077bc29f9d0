# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run would do for an app, from results that are made up here."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import findings

APP = {"lms_application": "xpro-oauth-app", "backend_name": "ol-oauth2", "service_worker": "xpro_serviceworker"}
OTHER = {"lms_application": "online-oauth-app", "backend_name": "ol-oauth2-online", "service_worker": "online_worker"}


def planned(kind, operation, *changes, **key):
    fields = [{"field": field, "before": before, "after": after} for field, before, after in changes]
    return {"kind": kind, "key": key, "operation": operation, "changes": fields}


def found(
    rows=(), app_rows=(), status=302, changed=False, kept=(), changes=(), before="", after="", mtime=None, **more
):
    keys = [one if isinstance(one, dict) else {"key": one, "operation": "set", "secret": False} for one in changes]
    return findings.findings(
        more.pop("app", APP),
        rows=rows,
        settings={"changed": changed, "backend_status": status},
        dotenv={"kept": kept, "changes": keys, "diff": [{"before": before, "after": after}]},
        dotenv_mtime=mtime,
        app_rows=app_rows,
        **more,
    )


def test_rows():
    things = found(
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
    assert [(thing["where"], thing["name"], thing["state"]) for thing in things] == [
        ("LMS", "Site lms:8000", "unchanged"),
        ("LMS", "model {'name': 'y'}", "to create"),
        ("LMS settings", "backend ol-oauth2", "unchanged"),
        ("app", "OAuth2 application edx-oauth-app", "to change"),
    ]
    assert things[1]["changes"] == []
    assert things[3]["kept"] == ["client_id"]
    assert things[3]["changes"] == [
        {"field": "redirect_uris", "before": "(nothing)", "after": "http://a/ http://b/"},
        {"field": "client_secret", "before": "(secret)", "after": "(another secret)"},
    ]


def test_a_value_that_may_be_shown_is_shown_beside_a_secret():
    assert findings.change("value", "removed", "(secret, new)") == {
        "field": "value",
        "before": "removed",
        "after": "(secret)",
    }
    shown = findings.change("value", "(secret, old)", "removed")
    assert (shown["before"], shown["after"]) == ("(secret)", "removed")


def test_a_row_of_a_former_site_is_told_from_the_app_s_own():
    key = {"site": "lms", "backend_name": "ol-oauth2"}
    told = ("site", "old", "lms: a row of its own; that of old is disabled")
    own = planned("third_party_auth_provider", "updated", told, **key)
    former = {**planned("third_party_auth_provider", "removed", ("enabled", True, False), **{**key, "site": "old"})}
    names = {
        thing["name"]: thing["changes"] for thing in found([own, {**former, "left": {}}]) if thing["where"] == "LMS"
    }
    assert names == {
        "provider ol-oauth2": [{"field": "site", "before": "old", "after": told[2]}],
        "provider ol-oauth2 on old": [{"field": "enabled", "before": "True", "after": "False"}],
    }


@pytest.mark.parametrize(("app", "other"), [(APP, OTHER), (OTHER, APP)])
def test_what_another_app_lacks_is_not_counted_against_this_one(app, other):
    rows = [planned("django_site", "unchanged", domain="lms")]
    for one in (APP, OTHER):
        rows += [
            planned("django_user", "updated", ("is_staff", False, True), username=one["service_worker"]),
            planned("oauth_application", "created", name=one["lms_application"]),
            planned("third_party_auth_provider", "created", site="lms", backend_name=one["backend_name"]),
        ]
    names = [thing["name"] for thing in found(rows, app=app, others=[other]) if thing["where"] == "LMS"]
    assert names == [
        "Site lms",
        f"user {app['service_worker']}",
        f"OAuth2 application {app['lms_application']}",
        f"provider {app['backend_name']}",
    ]


def test_a_shared_service_worker_is_of_both():
    row = planned("django_user", "unchanged", username="shared")
    shared = {"service_worker": "shared"}
    things = found([row], app={**APP, **shared}, others=[{**OTHER, **shared}])
    assert things[0]["name"] == "user shared"


@pytest.mark.parametrize(
    ("status", "changed", "state"),
    [(302, False, "unchanged"), (500, True, "to change"), (404, True, "to create"), (404, False, "to create")],
)
def test_settings(status, changed, state):
    assert found(status=status, changed=changed)[0]["state"] == state


def test_what_reads_the_same_is_not_shown_as_a_change_of_it():
    row = planned("model", "updated", ("number", "1", 1), x="y")
    doubled = {"key": "A", "operation": "deduplicate", "secret": False}
    (thing, _settings, line) = found([row], changes=[doubled], before="A=1\nA=2\n", after="A=2\n")
    assert thing["changes"] == [{"field": "number", "before": "'1'", "after": "1"}]
    assert line["changes"] == [{"field": "lines", "before": "more than one", "after": "the last one"}]


def test_a_value_of_several_lines_ends_no_comparison():
    (thing,) = found(changes=["A"], before='A="1\n2"\n', after="A=3\n")[1:]
    assert thing["changes"] == [{"field": "value", "before": '"1', "after": "3"}]


def test_environment():
    given = found(
        kept=["A"],
        changes=["B", "C", "D", "E_KEY", "F_KEY"],
        before="B=1=2\nD=(secret, old)\nE_KEY=\nF_KEY=(secret, old)\n",
        after="B=\nC=3\nD=(secret, new)\nE_KEY=(secret, new)\nF_KEY=\n",
        mtime=1763892662.5,
    )
    things = {thing["name"]: thing for thing in given[1:]}
    assert {name: thing["state"] for name, thing in things.items()} == {
        "A": "unchanged",
        "B": "to change",
        "C": "to create",
        "D": "to change",
        "E_KEY": "to change",
        "F_KEY": "to change",
    }
    assert things["B"]["changes"] == [{"field": "value", "before": "1=2", "after": "(nothing)"}]
    assert things["D"]["changes"] == [{"field": "value", "before": "(secret)", "after": "(another secret)"}]
    assert things["E_KEY"]["changes"] == [{"field": "value", "before": "(nothing)", "after": "(secret)"}]
    assert things["F_KEY"]["changes"] == [{"field": "value", "before": "(secret)", "after": "(nothing)"}]
    assert things["B"]["at"] == "2025-11-23T10:11:02+00:00"


def finding(name, state, *changes, kept=()):
    fields = [dict(zip(("field", "before", "after"), change, strict=True)) for change in changes]
    last = {"by": "ann", "at": "2026"}
    return {"where": "LMS", "name": name, "state": state, "changes": fields, "kept": kept, "unseen": "", **last}


THINGS = [
    finding("a", "unchanged"),
    finding("b", "to change", ("x", "1", "2"), ("y", "(secret)", "(another secret)"), kept=["token", "z"]),
    finding("c", "to create"),
]


def test_the_table_of_adopt():
    assert findings.table("xpro", THINGS) == [
        "xpro: 1 unchanged",
        "  LMS: a",
        "xpro: 1 to change",
        "  LMS: b (kept: token, z)",
        "    x: 1 -> 2",
        "    y: (secret) -> (another secret)",
        "xpro: 1 to create",
        "  LMS: c",
    ]


def test_drift_is_only_what_differs_with_an_entry_for_each_field():
    last = {"by": "ann", "at": "2026"}
    assert findings.drift(THINGS) == [
        {"object": "LMS: b", "field": "x", "old": "1", "new": "2", **last},
        {"object": "LMS: b", "field": "y", "old": "(secret)", "new": "(another secret)", **last},
        {"object": "LMS: c", "field": "state", "old": "missing", "new": "present", **last},
    ]


def test_what_nobody_could_look_at_is_no_difference():
    row = {**planned("oauth_application", "created", name="edx-oauth-app"), "unseen": "the container is stopped."}
    things = [*THINGS[-1:], findings.row("app", row)]
    assert [entry["object"] for entry in findings.drift(things)] == ["LMS: c"]
    unseen = findings.not_compared(things)
    assert unseen == ["app: OAuth2 application edx-oauth-app, because the container is stopped."]
    lines = findings.drift_lines("xpro", [], unseen)
    assert lines == ["xpro: no declared facts differ, of what could be compared", f"  not compared: {unseen[0]}"]
    table = findings.table("xpro", things)
    assert table[-1] == "  app: OAuth2 application edx-oauth-app (or there already: it could not be looked at)"


def test_the_lines_of_drift():
    nobody = {**findings.drift(THINGS)[0], "by": ""}
    unknown = {**nobody, "at": ""}
    assert findings.drift_lines("xpro", []) == ["xpro: no declared facts differ"]
    fix = "  A run of site.yml restores what is declared; where what is there is right, correct the inventory."
    differs = ["xpro: 1 declared fact differs", "  LMS: b: x is 1, declared 2", fix]
    assert findings.drift_lines("xpro", [unknown]) == differs
    assert findings.drift_lines("xpro", [nobody, *findings.drift(THINGS)[:1]]) == [
        "xpro: 2 declared facts differ",
        "  LMS: b: x is 1, declared 2 (last changed 2026)",
        "  LMS: b: x is 1, declared 2 (last changed by ann, 2026)",
        fix,
    ]


def test_what_a_run_leaves_of_what_was_made_by_hand_is_said():
    app = {**APP, "name": "xpro", "complete_uris": ["http://lms/"]}
    rows = [
        {**planned("third_party_auth_provider", "unchanged", backend_name="ol-oauth2"), "beside": ["It has a secret"]},
        planned("django_site", "unchanged", domain="lms"),
    ]
    application = planned("oauth_application", "unchanged", name="edx-oauth-app")
    extra = {**application, "fields": {"redirect_uris": ["http://lms/", "http://lms:8000/"]}}
    title, secret, uris = findings.beside(app, rows, [extra])
    assert title == "xpro: 2 not declared, which a run leaves as they are"
    assert secret == "  LMS: It has a secret"
    assert uris.startswith("  app: OAuth2 application edx-oauth-app lets people return to http://lms:8000/ too: ")
    assert findings.beside(app, rows[1:], [{**application, "fields": {"redirect_uris": ["http://lms/"]}}]) == []
