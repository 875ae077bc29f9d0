# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of the manual guide: they speak of what there is, and the documentation has the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.filter.checklist import checklist
from ansible_collections.mitodl.openedx.plugins.filter.findings import NAMES
from ansible_collections.mitodl.openedx.plugins.module_utils import _hops
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
import guide_table  # noqa: E402

ACTIONS = guide_table.actions()
HOPS = {hop.id for hop in _hops.CATALOGUE}
ENV = yaml.safe_load((ROOT / "roles/mit_app_env/vars/main.yml").read_text())["__mit_app_env_names"]


def test_the_documentation_has_the_same():
    assert guide_table.DOCUMENT.read_text() == guide_table.document(), "Run tools/guide_table.py."


def test_there_are_26():
    assert len(ACTIONS) == 26


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action["title"])
def test_an_action_speaks_of_what_there_is(action):
    assert set(action) <= {"title", "role", "found", "hops", "when", "otherwise", "superseded"}
    assert not action["role"] or (ROOT / "roles" / action["role"]).is_dir()
    assert set(action.get("hops", [])) <= HOPS
    assert ("when" in action) == ("otherwise" in action)
    assert ("superseded" in action) != ("found" in action or "hops" in action)
    for wanted in action.get("found", []):
        if wanted["where"] == ".env":
            assert wanted["name"] in ENV
            assert wanted["fields"] == ["value"]
        elif wanted["where"] != "LMS settings":
            (kind,) = (kind for kind, name in NAMES.items() if wanted["name"].split("{")[0] == name.split("{")[0])
            # A user's profile and a token's expiry are no options.
            assert set(wanted.get("fields", [])) <= {*KINDS[kind].fields, "profile", "expires"}


def judged(action, findings=(), hops=()):
    (found,) = checklist([{"title": "t", "role": "r", **action}], {"app": "xpro", "mode": "name"}, findings, hops)
    return found["state"], found["why"]


def test_states():
    change = {"field": "scope", "before": "a", "after": "b"}
    findings = [
        {"where": "LMS", "name": "one xpro", "state": "kept", "changes": []},
        {"where": "LMS", "name": "two xpro", "state": "corrected", "changes": [change]},
        {"where": "LMS", "name": "three xpro", "state": "missing", "changes": []},
    ]
    hops = [
        {"id": "good", "status": "ok", "fact": ""},
        {"id": "warned", "status": "warning", "fact": "soon"},
        {"id": "bad", "status": "failed", "fact": "It is closed."},
        {"id": "left", "status": "skipped", "fact": "not done"},
    ]

    def thing(name, *fields):
        return {"where": "LMS", "name": name + " {app}", "fields": list(fields)}

    for action, expected in (
        ({"superseded": "gone"}, ("not applicable", "gone")),
        ({"when": {"mode": "gateway"}, "otherwise": "no", "hops": ["bad"]}, ("not applicable", "no")),
        ({"when": {"mode": "name"}, "otherwise": "no", "hops": ["good"]}, ("done", "")),
        ({"found": [thing("one", "scope"), thing("two", "user")], "hops": ["good", "warned"]}, ("done", "")),
        ({"found": [thing("two", "scope")]}, ("differs", "two xpro: scope is a and would be b")),
        ({"found": [thing("three")], "hops": ["bad"]}, ("differs", "LMS: three xpro is missing; It is closed.")),
        ({"found": [thing("one")], "hops": ["left", "good"]}, ("not tried", "not done")),
    ):
        assert judged(action, findings, hops) == expected
