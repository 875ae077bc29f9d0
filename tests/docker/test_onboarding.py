# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A third app that the collection knows nothing of: a host with four lines in the inventory, one run, and off."""

from __future__ import annotations

import shutil

import pytest
from runs import ROOT

pytestmark = pytest.mark.docker
INVENTORY = """
mit_apps:
  hosts:
    third:
      mit_app_domain: third.odl.local
      mit_app_port: 8073
      mit_app_api: true
      mit_app_dir: {checkout}
"""
# What an app needs to start at all is in its own .env; the profile of a generic app knows nothing of it.
DOTENV = "MAILGUN_KEY=x\nMAILGUN_SENDER_DOMAIN=x\nEXTERNAL_COURSE_SYNC_API_KEY=x\nVOUCHER_COMPANY_ID=1\n"


@pytest.fixture
def checkout(lab):
    """An app like MITxPro under another name and port."""
    made = lab.checkout("third")
    for path in (ROOT / "lab/docker/mitxpro").rglob("*"):
        if path.is_file():
            copy = made / path.relative_to(ROOT / "lab/docker/mitxpro")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text().replace("8053", "8073").replace("xpro.odl.local", "third.odl.local"))
    (made / ".env").write_text(DOTENV)
    yield made
    lab.compose("third", "down", "--volumes")
    shutil.rmtree(made)


def test_four_lines_and_one_run(lab, checkout, tmp_path):
    inventory = tmp_path / "third.yml"
    inventory.write_text(INVENTORY.format(checkout=checkout))
    files = {name: data for name, data in lab.files().items() if "-xpro/" in name or "-mitxonline/" in name}
    run = lab.playbook("-i", str(inventory), "--limit", "third", "-e", "mit_app_manage_hosts=true", doctor=True).well()
    assert ", 0 failed," in run.out
    assert lab.backend_answers("ol-oauth2-third").startswith("http://third.odl.local:8073/")
    assert {name: data for name, data in lab.files().items() if name in files} == files
    assert lab.playbook("-i", str(inventory)).well().changed == 0
    lab.playbook("-i", str(inventory), "--limit", "third", book="remove").well()
    assert lab.backend_answers("ol-oauth2-third") == ""
    assert {name: data for name, data in lab.files().items() if name in files} == files
    assert lab.playbook().well().changed == 0
