# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_network_gateway and its info reading on a real Docker Engine, read back with the Docker CLI itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.docker
NAME, SUBNET, GATEWAY = "mitodl-openedx-test", "198.18.77.0/24", "198.18.77.9"


def docker(*words):
    return subprocess.run(["docker", *words], text=True, capture_output=True, check=False)


def run(module, options, check=False, fails=False):
    """A module's result, by ansible's ad-hoc command on this machine."""
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    words = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}", "localhost"]
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible", *words, "-m", f"mitodl.openedx.{module}", "-a", json.dumps(options)]
        + (["--check"] if check else []),
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return json.loads(done.stdout.partition(" => ")[2])


@pytest.fixture
def absent():
    docker("network", "rm", NAME)
    yield
    docker("network", "rm", NAME)


def test_a_pinned_network_is_made_found_kept_and_removed(absent):
    wanted = {"name": NAME, "subnet": [SUBNET], "gateway": [GATEWAY]}
    assert run("docker_network_gateway", wanted, check=True)["changed"]
    assert docker("network", "inspect", NAME).returncode != 0
    made = run("docker_network_gateway", wanted)
    assert made["changed"]
    (stored,) = json.loads(docker("network", "inspect", NAME).stdout)
    assert stored["IPAM"]["Config"] == [{"Subnet": SUBNET, "Gateway": GATEWAY}]
    assert not run("docker_network_gateway", wanted)["changed"]
    found = run("docker_network_gateway_info", {"name": NAME})
    assert (found["gateway"], found["address"], found["desktop"]) == (GATEWAY, GATEWAY, False)
    other = run("docker_network_gateway", {**wanted, "gateway": ["198.18.77.1"]}, fails=True)
    assert GATEWAY in other["msg"]
    assert "force" in other["msg"]
    assert run("docker_network_gateway", {"name": NAME, "state": "absent"})["changed"]
    assert not run("docker_network_gateway", {"name": NAME, "state": "absent"})["changed"]
    assert docker("network", "inspect", NAME).returncode != 0


def test_a_missing_network_is_named_with_those_that_there_are(absent):
    message = run("docker_network_gateway_info", {"name": NAME}, fails=True)["msg"]
    assert NAME in message
    assert "bridge" in message
