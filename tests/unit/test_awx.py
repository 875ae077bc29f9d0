# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/awx: what its files say of each other holds, and every secret of the inventory comes from a credential."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import metrics
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import STATES
from runs import ROOT

PROJECT = ROOT / "examples/awx"
CONTROLLER = yaml.safe_load((PROJECT / "controller.yml").read_text())
# The option of an entry that names an entry of another list.
NAMED = {
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
    "credentials": "credentials",
    "unified_job_template": "templates",
}


def entries(kind):
    return CONTROLLER[f"controller_{kind}"]


@pytest.mark.parametrize("kind", [name.removeprefix("controller_") for name in CONTROLLER])
def test_what_an_entry_names_is_there(kind):
    for entry in entries(kind):
        for option, other in NAMED.items():
            wanted = entry.get(option, [])
            names = [one["name"] for one in entries(other)]
            assert set([wanted] if isinstance(wanted, str) else wanted) <= {*names}, (entry["name"], option)


def test_every_job_runs_a_playbook_of_the_collection():
    for template in entries("templates"):
        (play,) = yaml.safe_load((PROJECT / template["playbook"]).read_text())
        name = play["ansible.builtin.import_playbook"].removeprefix("mitodl.openedx.")
        assert (ROOT / f"playbooks/{name}.yml").exists()


def test_the_nightly_job_is_red_at_drift():
    (schedule,) = entries("schedules")
    (job,) = [one for one in entries("templates") if one["name"] == schedule["unified_job_template"]]
    assert "FREQ=DAILY" in schedule["rrule"]
    assert (job["playbook"], job["extra_vars"]["drift_fail"]) == ("doctor.yml", True)


def test_no_job_writes_where_its_container_has_nothing_by_itself():
    """A report that cannot be written is an error after all changes; docs/awx.md says how a path is exposed first."""
    assert "/" not in str([template.get("extra_vars") for template in entries("templates")])


def test_the_page_shows_all_that_a_job_hands_on():
    page = (ROOT / "docs/awx.md").read_text()
    (shown,) = [json.loads(text) for text in re.findall(r"^```\n(\{.*?)^```$", page, re.MULTILINE | re.DOTALL)]
    (short,) = shown["openedx_sso"]["apps"].values()
    app = {"host": "xpro", "drift": [], "token": {"days_left": short["token_days_left"]}}
    app.update({key: short[key] for key in ("ok", "first_failed", "summary")})
    assert metrics.statistics({"ok": True, "not_examined": [], "apps": [app]}) == shown
    assert {*short["summary"]} == {*STATES}


def test_the_secrets_of_the_inventory_are_what_the_credential_injects():
    (kind,) = entries("credential_types")
    injected = kind["injectors"]["extra_vars"]
    assert {*re.findall(r"openedx_\w+", (PROJECT / "inventory/hosts.yml").read_text())} == injected.keys()
    fields = {field["id"] for field in kind["inputs"]["fields"] if field["secret"]}
    assert {name for text in injected.values() for name in re.findall(r"\w+", text)} == fields
