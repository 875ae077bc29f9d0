# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/awx: what its files say of each other holds, and every secret of the inventory comes from a credential."""

from __future__ import annotations

import re

import pytest
import yaml
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


def test_the_secrets_of_the_inventory_are_what_the_credential_injects():
    (kind,) = entries("credential_types")
    injected = kind["injectors"]["extra_vars"]
    assert {*re.findall(r"openedx_\w+", (PROJECT / "inventory/hosts.yml").read_text())} == injected.keys()
    fields = {field["id"] for field in kind["inputs"]["fields"] if field["secret"]}
    assert {name for text in injected.values() for name in re.findall(r"\w+", text)} == fields
