# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both modules, against a Docker CLI that keeps its networks in a JSON file.

What a real engine says was recorded into it; the scenario for Docker runs the modules against a real one.
"""

from __future__ import annotations

import ipaddress
import json
import sys

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import docker_network_gateway, docker_network_gateway_info
from modules import run_here

CLI = """\
#!{python}
import json, pathlib, sys

state, argv = pathlib.Path({state!r}), sys.argv[1:]
data = json.loads(state.read_text())
data["calls"].append(argv)
networks = data["networks"]
if argv[:2] == ["network", "ls"]:
    for one in networks:
        print(one["Id"], one["Name"])
elif argv[:2] == ["network", "inspect"]:
    print(json.dumps([one for one in networks if one["Id"] in argv[2:]]))
elif argv[:2] == ["context", "inspect"]:
    print("unix:///var/run/docker.sock")
elif argv[0] == "info":
    print(json.dumps(data["info"]))
elif argv[0] == "ps":
    for name, key in data["containers"].items():
        print(key, name)
elif argv[0] == "inspect":
    settings = {{"Networks": {{"app_default": {{"Aliases": ["web", argv[1]]}}}}}}
    print(json.dumps([{{"Id": argv[1], "NetworkSettings": settings}}]))
elif argv[:2] == ["network", "rm"]:
    if data["refuse"] in argv:
        sys.exit("Error response from daemon: network app_default has active endpoints")
    data["networks"] = [one for one in networks if one["Id"] != argv[2]]
elif argv[:2] == ["network", "create"]:
    if data["refuse"] and data["refuse"] in argv:
        sys.exit("Error response from daemon: " + data["refuse"])
    words = dict(zip(argv[2:-1], argv[3:]))
    block = {{"Subnet": words["--subnet"], "Gateway": words.get("--gateway", "")}}
    networks.append({{**data["blank"], "Id": "new", "Name": argv[-1], "IPAM": {{"Config": [block]}}}})
state.write_text(json.dumps(data))
"""

NETWORK = {
    "Name": "app_default",
    "Id": "d24a9d9d7b9815df",
    "Driver": "bridge",
    "EnableIPv6": False,
    "IPAM": {"Driver": "default", "Options": {}, "Config": [{"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}]},
    "Internal": False,
    "Attachable": False,
    "Containers": {},
    "Options": {},
    "Labels": {},
}
CHANGING = {"create", "rm", "connect", "disconnect"}


class Engine:
    """The recorded engine and a way to run a module against it."""

    def __init__(self, directory):
        self.state, self.cli = directory / "state.json", directory / "docker"
        self.cli.write_text(CLI.format(python=sys.executable, state=str(self.state)))
        self.cli.chmod(0o755)
        self.set(
            networks=[NETWORK], info={"OperatingSystem": "Debian"}, containers={}, refuse=None, blank=NETWORK, calls=[]
        )

    def set(self, **data):
        old = json.loads(self.state.read_text()) if self.state.exists() else {}
        self.state.write_text(json.dumps({**old, **data}))

    def changes(self):
        calls = json.loads(self.state.read_text())["calls"]
        return [call[1:] for call in calls if call[0] == "network" and call[1] in CHANGING]

    def run(self, module, check_mode=False, **options):
        arguments = {"name": "app_default", "docker_cli": str(self.cli), "_ansible_check_mode": check_mode, **options}
        return run_here(module, arguments)


@pytest.fixture
def engine(tmp_path):
    return Engine(tmp_path)


def test_info(engine):
    result = engine.run(docker_network_gateway_info)
    assert (result["changed"], result["gateway"], result["address"]) == (False, "172.18.0.1", "172.18.0.1")
    assert result["gateways"] == [
        {"family": "ipv4", "subnet": "172.18.0.0/16", "gateway": "172.18.0.1", "reported": True}
    ]
    assert engine.run(docker_network_gateway_info, family="ipv6")["gateway"] is None
    engine.set(info={"OperatingSystem": "Docker Desktop"})
    result = engine.run(docker_network_gateway_info)
    assert (result["desktop"], result["address"]) == (True, "host.docker.internal")
    assert engine.changes() == []


def test_info_of_a_missing_network(engine):
    result = engine.run(docker_network_gateway_info, name="mitxpro_default")
    assert result["failed"] is True
    assert "There is no Docker network mitxpro_default. There are: app_default." in result["msg"]


def test_a_missing_cli(engine):
    result = engine.run(docker_network_gateway_info, docker_cli="/nowhere/docker")
    assert "`/nowhere/docker network ls" in result["msg"]
    assert "Install the Docker CLI" in result["msg"]


@pytest.mark.parametrize("options", [{}, {"subnet": "172.18.0.0/16", "gateway": "172.18.0.1"}])
def test_a_network_that_is_right(engine, options):
    engine.set(containers={"web": "c1"})
    result = engine.run(docker_network_gateway, **options)
    assert (result["changed"], result["operation"], result["gateway"]) == (False, "none", "172.18.0.1")
    assert result["diff"]["before"] == result["diff"]["after"]
    assert engine.changes() == []


def test_creates_once(engine):
    options = {"name": "new_default", "subnet": "172.30.0.0/24", "gateway": "172.30.0.1"}
    checked = engine.run(docker_network_gateway, check_mode=True, **options)
    assert engine.changes() == []
    created = engine.run(docker_network_gateway, **options)
    for result in (checked, created):
        assert (result["changed"], result["operation"], result["address"]) == (True, "create", "172.30.0.1")
        assert result["diff"]["before"] == {"state": "absent"}
        assert result["diff"]["after"]["gateways"] == {"172.30.0.0/24": "172.30.0.1"}
    assert [call[0] for call in engine.changes()] == ["create"]
    assert engine.run(docker_network_gateway, **options)["changed"] is False


@pytest.mark.parametrize(("containers", "says"), [({}, "set force to true"), ({"web": "c1"}, "stopped: web")])
@pytest.mark.parametrize("check_mode", [True, False])
def test_refuses_to_touch_one_that_differs(engine, containers, says, check_mode):
    engine.set(containers=containers)
    result = engine.run(docker_network_gateway, check_mode=check_mode, subnet="172.30.0.0/24")
    assert result["failed"] is True
    assert "ipv4 subnet is 172.18.0.0/16, wanted is 172.30.0.0/24" in result["msg"]
    assert says in result["msg"]
    assert engine.changes() == []


def test_recreates_by_force(engine):
    engine.set(containers={"web": "c1"})
    result = engine.run(docker_network_gateway, check_mode=True, subnet="172.30.0.0/24", force=True)
    assert (result["changed"], result["operation"], engine.changes()) == (True, "recreate", [])
    result = engine.run(docker_network_gateway, subnet="172.30.0.0/24", force=True)
    assert (result["changed"], result["operation"], result["gateway"]) == (True, "recreate", "172.30.0.1")
    assert engine.changes() == [
        ["disconnect", NETWORK["Id"], "c1"],
        ["rm", NETWORK["Id"]],
        ["create", "--driver", "bridge", "--subnet", "172.30.0.0/24", "app_default"],
        ["connect", "--alias", "web", "app_default", "c1"],
    ]


def test_puts_the_old_one_back_when_the_new_one_is_refused(engine):
    engine.set(containers={"web": "c1"}, refuse="172.30.0.0/24")
    result = engine.run(docker_network_gateway, subnet="172.30.0.0/24", force=True)
    assert result["failed"] is True
    assert "The network is there again as it was." in result["msg"]
    assert engine.run(docker_network_gateway, subnet="172.18.0.0/16", gateway="172.18.0.1")["changed"] is False
    assert engine.changes()[-1] == ["connect", "--alias", "web", "app_default", "c1"]


def test_leaves_containers_on_a_network_that_cannot_be_removed(engine):
    """Somebody else has joined it meanwhile, say."""
    engine.set(refuse=NETWORK["Id"], containers={"web-1": "c0ffee"})
    result = engine.run(docker_network_gateway, state="absent", force=True)
    assert "has active endpoints" in result["msg"]
    assert engine.changes() == [
        ["disconnect", NETWORK["Id"], "c0ffee"],
        ["connect", "--alias", "web", "app_default", "c0ffee"],
    ]


def test_a_label_is_what_it_says(engine):
    """Not what a shell would make of it."""
    engine.set(networks=[])
    engine.run(docker_network_gateway, subnet="172.30.0.0/24", labels={"note": "$HOME"})
    assert "note=$HOME" in engine.changes()[0]


def test_refuses_a_subnet_that_is_taken(engine):
    result = engine.run(docker_network_gateway, name="new_default", subnet="172.18.5.0/24")
    assert "it overlaps app_default (172.18.0.0/16)" in result["msg"]
    assert engine.changes() == []


def test_refuses_the_subnet_of_the_machine_s_router(engine):
    hops = docker_network_gateway.docker_network.next_hops(docker_network_gateway.routes())
    if not hops:
        pytest.skip("this machine has no IPv4 router")
    subnet = ipaddress.ip_network(f"{hops[0]}/24", strict=False)
    result = engine.run(docker_network_gateway, name="new_default", subnet=str(subnet))
    assert "would lose its connection" in result["msg"]
    assert engine.changes() == []


def test_removes_once(engine):
    for check_mode, operation in ((True, "remove"), (False, "remove"), (False, "none")):
        result = engine.run(docker_network_gateway, check_mode=check_mode, state="absent")
        assert (result["operation"], result["changed"]) == (operation, operation != "none")
        assert result["diff"]["after"] == {"state": "absent"}
    assert engine.changes() == [["rm", NETWORK["Id"]]]
