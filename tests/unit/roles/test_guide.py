# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of the manual guide: they speak of what there is, and the documentation has the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import known_names
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.app_env import (
    SECRET_KEYS,
    plain_values,
    secret_values,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import Credentials
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.findings import NAMES
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.guide import (
    ACTIONS,
    Action,
    Condition,
    GuideError,
    Thing,
    checklist,
    facts,
    lines,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import read_app, read_lms
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared, present
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import FIELDS, read_profile
from runs import ROOT

HOPS = {hop.id for hop in CATALOGUE}
APP = dict.fromkeys(
    ("backend_name", "lms_base_url", "openedx_ip", "service_worker", "edx_application", "base_url_env"), ""
)
ENV = {*plain_values({**APP, "env": {}, "api": True, "target": {}}), *SECRET_KEYS}


def test_the_documentation_has_the_same():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/guide_table.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_there_are_26():
    assert len(ACTIONS) == 26


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.title)
def test_an_action_speaks_of_what_there_is(action):
    assert not action.role or (ROOT / "roles" / action.role).is_dir()
    assert set(action.hops) <= HOPS
    assert bool(action.superseded) != bool(action.things or action.hops)
    for wanted in action.things:
        if wanted.where == ".env":
            assert wanted.name in ENV
            assert wanted.fields == ("value",)
        elif wanted.where != "LMS settings":
            (kind,) = (kind for kind, name in NAMES.items() if wanted.name.split("{")[0] == name.split("{")[0])
            # A user's profile and a token's expiry are no options.
            assert set(wanted.fields) <= {*KINDS[kind].fields, "profile", "expires"}
    assert set(action.variables) <= known_names()


CHANGE = {"field": "scope", "before": "a", "after": "b"}
FINDINGS = [
    {"where": "LMS", "name": "one xpro", "state": "unchanged", "changes": []},
    {"where": "LMS", "name": "two xpro", "state": "to change", "changes": [CHANGE]},
    {"where": "LMS", "name": "three xpro", "state": "to create", "changes": []},
    {"where": "LMS", "name": "hidden xpro", "state": "to create", "changes": [], "unseen": "it is stopped."},
]
FOUND = [
    {"id": "good", "status": "ok", "fact": ""},
    {"id": "warned", "status": "warning", "fact": "soon"},
    {"id": "bad", "status": "failed", "fact": "It is closed."},
    {"id": "left", "status": "skipped", "fact": "not tried: check mode"},
    {"id": "unasked", "status": "skipped", "fact": "not tried: it was not asked for"},
    {"id": "noted", "status": "ok", "fact": "Browsers ask.", "note": True},
    {"id": "commands.noted", "status": "ok", "fact": "It cannot run.", "note": True},
]


def thing(name, *fields):
    return Thing("LMS", name + " {app}", fields)


def judge(**action):
    (found,) = checklist({"app": "xpro", "mode": "name"}, FINDINGS, FOUND, [Action("t", "r", **action)])
    return found["state"], found["why"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"superseded": "gone"}, ("not applicable", "gone")),
        ({"when": Condition("mode", "gateway", "no"), "hops": ("bad",)}, ("not applicable", "no")),
        ({"when": Condition("mode", "name", "no"), "hops": ("good",)}, ("done", "")),
        ({"things": (thing("one", "scope"), thing("two", "user")), "hops": ("good", "noted")}, ("done", "")),
        ({"hops": ("good", "warned")}, ("differs", "soon")),
        ({"hops": ("good", "commands.noted")}, ("with a note", "It cannot run.")),
        ({"hops": ("left", "commands.noted")}, ("not tried", "check mode")),
        ({"things": (thing("two", "scope"),)}, ("differs", "two xpro: scope is a and would be b")),
        (
            {"things": (thing("three"),), "hops": ("bad",)},
            ("differs", "LMS: three xpro is missing; It is closed."),
        ),
        ({"things": (thing("hidden"),)}, ("differs", "LMS: hidden xpro could not be looked at")),
        ({"things": (thing("one"),), "hops": ("left", "good")}, ("not tried", "check mode")),
        # As the states of the checklist have it, once, and with what has it tried.
        ({"hops": ("unasked",)}, ("not tried", "it was not asked for (-e explain_login=true)")),
        ({"hops": ("unheard_of",)}, ("not tried", "the doctor did not run")),
    ],
)
def test_states(action, expected):
    assert judge(**action) == expected


def test_an_action_without_its_thing_is_an_error():
    with pytest.raises(GuideError, match="The plan says nothing of LMS: four xpro"):
        judge(things=(thing("four"),))


def test_what_the_names_are_about():
    app = {"name": "xpro", "target": {"type": "none"}, "sync_command": ["sync"], "repair_command": []}
    assert facts(app, {"superusers": [], "target": {"type": "tutor_dev"}}) == {
        **app,
        **dict.fromkeys(("runs", "syncs", "repairs", "superusers"), False),
        **dict.fromkeys(("tutor", "docker"), True),
        "superuser": "",
    }
    found = facts({**app, "target": {}}, {"superusers": [{"username": "ann"}], "target": {}})
    assert (found["superuser"], found["runs"], found["syncs"], found["repairs"]) == ("ann", True, True, False)


COMPOSE = {"mit_app_dir": "/src"}
COMMAND = {"mit_app_dir": "/src", "mit_app_target": {"type": "command", "argv": ["python", "-"]}}
POD = {"mit_app_dir": "/src", "mit_app_target": {"type": "kubernetes", "service": "xpro"}}


@pytest.mark.parametrize(
    ("lms", "app", "differ"),
    [
        ("tutor_dev", COMPOSE, set()),
        ("tutor_local", COMPOSE, set()),
        # Neither Tutor nor Docker: nobody installs the one or asks the other.
        ("command", COMMAND, {1, 12, 18}),
        ("command", COMPOSE, {1, 12, 18}),
        ("tutor_dev", COMMAND, {12}),
        ("tutor_k8s", POD, {12}),
        ("tutor_dev", {**COMPOSE, "mit_app_sync_command": [], "mit_app_repair_command": []}, {23, 24}),
    ],
)
def test_steps_of_what_is_not_there_do_not_apply(lms, app, differ):
    target = {"type": lms, **({"argv": ["python", "-"]} if lms == "command" else {})}
    assert away("mitxpro", app, target) == {3, 4, 7, 16, 17, 20, 2, 26} | differ


OF_PROFILE = {f"mit_app_{name}" for name in FIELDS}
OUTSIDE = {
    "mit_app_target": "none",
    "mit_app_dotenv": "/src/.env",
    "mit_app_domain": "badge.example",
    "mit_app_port": 1,
}


@pytest.mark.parametrize(
    ("profile", "given", "differ"),
    [
        ("mitxpro", {"mit_app_dir": "/src"}, set()),
        # An app that only logs people in has no service worker; where nothing is run in it, it has no rows either.
        ("mitxpro", {"mit_app_dir": "/src", "mit_app_api": False}, {8, 9, 10, 11}),
        ("generic", OUTSIDE, {8, 9, 10, 11, 15, 23, 24}),
    ],
)
def test_the_plan_of_every_kind_of_app_has_what_the_actions_are_about(profile, given, differ):
    assert away(profile, given, {"type": "tutor_dev"}) - {2, 3, 4, 7, 16, 17, 20, 26} == differ


def away(profile, given, target):
    """The actions that do not apply to an app and an LMS where all is well."""
    lms = read_lms("lms", {"edx_target": target})
    own = {name.removeprefix("mit_app_"): value for name, value in given.items() if name in OF_PROFILE}
    app = read_app("xpro", given, read_profile(profile, {}, own), lms, backend_name="ol-oauth2").facts()
    known = facts(app, lms.facts())
    rows = present(lms.facts(), [Declared(app)], token_days=1, renew_days=1)
    named = [("LMS", NAMES[row["kind"]].format(**row["options"])) for row in rows]
    named += [(".env", key) for key in (*plain_values(app), *secret_values(app, Credentials("", "", "", "", "")))]
    named += [("LMS settings", "backend ol-oauth2")]
    named += [("app", "OAuth2 application edx-oauth-app")] if known["runs"] else []
    findings = [{"where": where, "name": name, "state": "unchanged", "changes": []} for where, name in named]
    hops = [{"id": hop, "status": "ok", "fact": ""} for hop in HOPS]
    judged = checklist(known, findings, hops)
    assert {action["state"] for action in judged} == {"done", "not applicable"}
    return {action["number"] for action in judged if action["state"] == "not applicable"}


def test_lines():
    judged = [
        {"number": 1, "title": "First", "role": "mit_app", "state": "done", "why": ""},
        {"number": 12, "title": "Other", "role": "", "state": "not applicable", "why": "gone"},
        {"number": 13, "title": "Last", "role": "", "state": "done", "why": ""},
    ]
    assert lines("xpro", judged) == [
        "xpro: the manual guide",
        " 1 done           First [mit_app]",
        "12 not applicable Other: gone",
        "13 done           Last",
        "2 done, 1 not applicable",
    ]
