# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other ways to run it: network mode gateway, strategy private_py, target tutor_local.

| target | network mode | strategy | proved by |
| --- | --- | --- | --- |
| tutor_dev | hostname | tutor_plugin | test_life.py, molecule/docker |
| tutor_dev | gateway | tutor_plugin | here |
| tutor_dev | gateway | private_py | here |
| tutor_dev | hostname | private_py | nobody: the name is mapped by the plugin's compose override |
| tutor_local | hostname | tutor_plugin | here |
| tutor_local | gateway | tutor_plugin | here |
| tutor_local | any | private_py | nobody: production settings never read private.py |
"""

from __future__ import annotations

import json
import shutil

import pytest
from runs import ROOT

pytestmark = pytest.mark.docker
GATEWAY = {"mit_app_network_mode": "gateway"}


def given(**variables):
    return ("-e", json.dumps(variables))


@pytest.fixture(scope="module")
def back(lab):
    """At the end the lab as it was, by what a person would do and one run."""
    yield
    lab.tutor("local", "stop")
    lab.tutor("dev", "start", "--detach", "lms")
    lab.playbook().well()


@pytest.fixture
def mounted(lab):
    """A checkout of edx-platform, mounted by Tutor, and no plugin of ours."""
    checkout = lab.state / "edx-platform"
    shutil.copytree(ROOT / "lab/lms", checkout, ignore=shutil.ignore_patterns("__pycache__"))
    lab.tutor("plugins", "disable", "mitodl_openedx")
    lab.tutor("mounts", "add", str(checkout))
    lab.tutor("dev", "start", "--detach", "lms")
    yield checkout
    lab.tutor("mounts", "remove", str(checkout))
    lab.tutor("dev", "start", "--detach", "lms")


@pytest.mark.usefixtures("back")
def test_gateway_of_a_pinned_network_and_of_one_that_was_made_anew(lab):
    lab.compose("xpro", "down")
    pinned = {"mit_app_network_subnets": ["198.18.99.0/24"], "mit_app_network_gateways": ["198.18.99.9"]}
    extra = given(**GATEWAY, **pinned, mit_app_manage_network=True)
    run = lab.playbook("--limit", "xpro", *extra, doctor=True).well()
    assert run.changed > 0
    assert lab.gateway("xpro") == "198.18.99.9"
    assert lab.provider("ol-oauth2")["API_ROOT"] == "http://198.18.99.9:8053/"
    assert lab.playbook("--limit", "xpro", *extra).well().changed == 0

    lab.compose("xpro", "down")
    lab.compose("xpro", "up", "--detach", "--wait")
    assert lab.gateway("xpro") != "198.18.99.9"
    extra = given(**GATEWAY)
    hops = lab.doctor("--limit", "xpro", *extra, *given(sso_doctor_login=False))
    assert hops["lms.provider_settings"] == "FAIL", hops
    lab.playbook("--limit", "xpro", *extra).well()
    assert lab.provider("ol-oauth2")["API_ROOT"] == f"http://{lab.gateway('xpro')}:8053/"


@pytest.mark.usefixtures("back")
def test_private_py_of_a_mounted_edx_platform(lab, mounted):
    extra = given(**GATEWAY, edx_settings_strategy="private_py", edx_envs_dir=str(mounted / "lms/envs"))
    assert lab.playbook(*extra, doctor=True).well().changed > 0
    assert "mit_apps" in (mounted / "lms/envs/private.py").read_text()
    assert lab.playbook(*extra).well().changed == 0


@pytest.mark.usefixtures("back")
def test_tutor_local(lab):
    lab.tutor("dev", "stop")
    # Not the CMS and the workers.
    lab.tutor("local", "start", "--detach", "lms", "caddy")
    target = {"type": "tutor_local", "tutor": str(lab.state / "tutor")}
    extra = {"edx_target": target, "edx_lms_base_url": "http://local.openedx.io"}
    run = lab.playbook(*given(**extra), doctor=True).well()
    assert run.out.count(", 0 failed,") == 2, run.out
    assert lab.playbook(*given(**extra)).well().changed == 0
    lab.playbook("--limit", "xpro", *given(**extra, **GATEWAY), doctor=True).well()
