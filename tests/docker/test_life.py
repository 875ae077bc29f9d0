# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both apps on one LMS, and what happens to containers, networks and databases in daily life."""

from __future__ import annotations

import re

import pytest
from runs import BIN

pytestmark = pytest.mark.docker
BACKENDS = {"xpro": "ol-oauth2", "mitxonline": "ol-oauth2-mitxonline"}


def test_both_apps_log_in_and_a_second_run_changes_nothing(lab):
    assert lab.first.out.count(", 0 failed,") == 2, lab.first.out
    sides = ("lms", "xpro", "mitxonline")
    before, files, boots = {side: lab.dump(side) for side in sides}, lab.files(), lab.boots()
    check = lab.playbook("--check", "--diff").well()
    assert (check.changed, check.diff) == (0, []), check.out
    again = lab.playbook().well()
    assert again.changed == 0, again.out
    # One start of the LMS for both apps, in the check and in the run.
    assert lab.boots() - boots == 2
    assert {side: lab.dump(side) for side in sides} == before
    assert lab.files() == files


def stop_and_start(lab):
    lab.tutor("dev", "stop")
    lab.tutor("dev", "start", "--detach", "lms")


def recreate(lab):
    lab.docker("rm", "--force", lab.lms)
    lab.tutor("dev", "start", "--detach", "lms")


def clean(lab):
    lab.tutor("config", "save", "--clean")
    lab.tutor("dev", "restart", "lms")


def recreate_networks(lab):
    for app in BACKENDS:
        lab.compose(app, "down")
        lab.compose(app, "up", "--detach", "--wait")


@pytest.mark.parametrize("event", [stop_and_start, recreate, clean, recreate_networks])
def test_the_plugin_survives(lab, event):
    files = lab.files()
    event(lab)
    assert lab.files() == files
    for app, backend in BACKENDS.items():
        assert lab.backend_answers(backend).startswith(f"http://{app}.odl.local")
    # A job's container has the same settings.
    said = lab.tutor(
        "dev",
        "run",
        "lms",
        "./manage.py",
        "lms",
        "shell",
        "-c",
        "from django.conf import settings as s; print(s.IDA_LOGOUT_URI_LIST)",
    )
    assert "http://xpro.odl.local:8053/logout" in said


def test_the_login_works_after_all_of_that(lab):
    hops = lab.doctor()
    assert "FAIL" not in hops.values(), hops
    assert hops["login.browser"] == "ok"


def test_tutor_runs_the_doctor_as_a_suite(lab):
    doctor = f"{BIN}/ansible-playbook -i inventories/docker playbooks/doctor.yml --tags hops"
    suite = ("dev", "do", "tests", "mit-sso", "--cleanup", "skip", "-e", f"MITODL_OPENEDX_DOCTOR={doctor}")
    assert "2 passed" in lab.tutor(*suite)
    lab.compose("xpro", "stop", "web")
    said = lab.tutor(*suite, code=1)
    lab.compose("xpro", "start", "web")
    assert "1 failed, 1 passed" in said
    assert "app.starts" in said


def test_a_lost_database_of_an_app_is_named_and_healed(lab):
    lab.compose("xpro", "down", "--volumes")
    lab.compose("xpro", "up", "--detach", "--wait")
    hops = lab.doctor("--limit", "xpro")
    assert hops["app.application"] == "FAIL", hops
    lab.playbook("--limit", "xpro").well()
    hops = lab.doctor("--limit", "xpro")
    assert "FAIL" not in hops.values(), hops


def test_a_run_for_one_app_leaves_the_other(lab):
    def of_xpro(dump):
        return [line for line in dump.splitlines() if re.search("xpro|ol-oauth2'", line)]

    lms, app, files = of_xpro(lab.dump("lms")), lab.dump("xpro"), lab.files()
    run = lab.playbook("--limit", "mitxonline", "-e", "mit_app_display_name=Other").well()
    assert run.changed > 0
    assert of_xpro(lab.dump("lms")) == lms
    assert lms
    assert lab.dump("xpro") == app
    after = lab.files()
    assert {name: data for name, data in after.items() if "xpro" in name} == {
        name: data for name, data in files.items() if "xpro" in name
    }
    assert lab.doctor("--limit", "xpro")["login.browser"] == "ok"
    assert lab.playbook("--limit", "mitxonline").well().changed > 0
