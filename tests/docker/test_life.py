# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to containers, networks and databases in daily life.

molecule/docker has first logins, a second run that changes nothing, an LMS without its container, a run for one app.
"""

from __future__ import annotations

import pytest
from runs import BIN

pytestmark = pytest.mark.docker
BACKENDS = {"xpro": "ol-oauth2", "mitxonline": "ol-oauth2-mitxonline"}


def stop_and_start(lab):
    lab.tutor("dev", "stop")
    lab.tutor("dev", "start", "--detach", "lms")


def clean(lab):
    lab.tutor("config", "save", "--clean")
    lab.tutor("dev", "restart", "lms")


def recreate_networks(lab):
    for app in BACKENDS:
        lab.compose(app, "down")
        lab.compose(app, "up", "--detach", "--wait")


@pytest.mark.parametrize("event", [stop_and_start, clean, recreate_networks])
def test_the_plugin_survives(lab, event):
    files = lab.files()
    event(lab)
    assert lab.files() == files
    for app, backend in BACKENDS.items():
        assert lab.backend_answers(backend).startswith(f"http://{app}.odl.local")


def test_a_container_of_a_job_has_the_same_settings(lab):
    code = "from django.conf import settings as s; print(s.IDA_LOGOUT_URI_LIST)"
    said = lab.tutor("dev", "run", "lms", "./manage.py", "lms", "shell", "-c", code)
    assert "http://xpro.odl.local:8053/logout" in said


def test_a_dry_run_with_an_app_that_is_stopped(lab):
    """Its database too, for which the dry run of Compose waits in vain."""
    lab.compose("xpro", "stop")
    run = lab.playbook("--limit", "xpro", "--check").well()
    assert run.changed, run.out
    lab.playbook("--limit", "xpro").well()
    assert lab.playbook("--limit", "xpro").well().changed == 0


def test_tutor_runs_the_doctor_as_a_suite(lab):
    doctor = f"{BIN}/ansible-playbook -i inventories/docker playbooks/doctor.yml --tags hops -e sso_doctor_login=false"
    suite = ("dev", "do", "tests", "mit-sso", "--cleanup", "skip", "-e", f"MITODL_OPENEDX_DOCTOR={doctor}")
    lab.compose("xpro", "stop", "web")
    said = lab.tutor(*suite, code=1)
    lab.compose("xpro", "start", "web")
    assert "1 failed, 1 passed" in said
    assert "app.starts" in said


def test_a_lost_database_of_an_app_is_named_and_healed(lab):
    lab.compose("xpro", "down", "--volumes")
    lab.compose("xpro", "up", "--detach", "--wait")
    hops = lab.doctor("--limit", "xpro", "-e", "sso_doctor_login=false")
    assert hops["app.application"] == "FAIL", hops
    # Both apps log in, after all that was done to them above too.
    run = lab.playbook(doctor=True).well()
    assert run.out.count(", 0 failed,") == 2, run.out
