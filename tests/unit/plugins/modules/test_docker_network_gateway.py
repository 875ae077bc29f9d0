# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both modules, against a Docker CLI that keeps its networks in a JSON file.

What a real engine says was recorded into it; the scenario for Docker runs the modules against a real one.
"""

from __future__ import annotations

import inspect
import io
import ipaddress
import json
import sys
from contextlib import redirect_stdout
from itertools import pairwise

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import docker_network_gateway, docker_network_gateway_info
from modules import run_here

CLI = """\
#!{python}
import json, pathlib, sys
from itertools import pairwise


{source}

state = pathlib.Path({state!r})
data = json.loads(state.read_text())
try:
    answer(sys.argv[1:], data)
finally:
    state.write_text(json.dumps(data))
"""


def answer(argv, data):
    """What the Docker CLI prints, and what it does to the engine's data."""
    data["calls"].append(argv)
    match argv:
        case ["network", "ls", *_]:
            for one in data["networks"]:
                print(one["Id"], one["Name"])
        case ["network", "inspect", *keys]:
            print(json.dumps([one for one in data["networks"] if one["Id"] in keys]))
        case ["context", "inspect", *_]:
            print("unix:///var/run/docker.sock")
        case ["info", *_]:
            print(json.dumps(data["info"]))
        case ["ps", *words]:
            for name, key in data["containers"].items():
                if "--quiet" in words:
                    print(key)
                elif key not in data["off"]:
                    print(key, name)
        case ["inspect", key]:
            settings = {"Networks": {"app_default": {"Aliases": ["web", key]}}}
            print(json.dumps([{"Id": key, "NetworkSettings": settings}]))
        case ["network", "disconnect", _, key]:
            data["off"].append(key)
        case ["network", "connect", *_, key]:
            data["off"] = [one for one in data["off"] if one != key]
        case ["network", "rm", key]:
            if data["refuse"] == key:
                sys.exit("Error response from daemon: network app_default has active endpoints")
            data["networks"] = [one for one in data["networks"] if one["Id"] != key]
        case ["network", "create", *words, name]:
            if data["refuse"] in words:
                sys.exit("Error response from daemon: " + data["refuse"])
            given = dict(pairwise(words))
            block = {"Subnet": given["--subnet"], "Gateway": given.get("--gateway", "")}
            options = dict(option.split("=") for flag, option in pairwise(words) if flag == "--opt")
            new = {"Id": "new", "Name": name, "IPAM": {"Config": [block]}, "Options": options}
            data["networks"].append({**data["blank"], **new})
        case ["volume", "create", *words, name]:
            data["volumes"][name] = dict(label.split("=", 1) for label in words[1::2])
        case ["volume", "ls", *_, wanted]:
            label, value = wanted.split("=")[1:]
            for name, labels in data["volumes"].items():
                if labels.get(label) == value:
                    print(name)
        case ["volume", "inspect", *names]:
            print(json.dumps([{"Name": name, "Labels": data["volumes"][name]} for name in names]))
        case ["volume", "rm", *names]:
            for name in names:
                del data["volumes"][name]


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
        source = inspect.getsource(answer)
        self.cli.write_text(CLI.format(python=sys.executable, state=str(self.state), source=source))
        self.cli.chmod(0o755)
        self.set(networks=[NETWORK], info={"OperatingSystem": "Debian"}, blank=NETWORK, calls=[])
        self.set(containers={}, off=[], volumes={}, refuse=None)

    def set(self, **data):
        old = json.loads(self.state.read_text()) if self.state.exists() else {}
        self.state.write_text(json.dumps({**old, **data}))

    def get(self, name):
        return json.loads(self.state.read_text())[name]

    def changes(self):
        calls = self.get("calls")
        return [call[1:] for call in calls if call[0] == "network" and call[1] in CHANGING]

    def answer(self, argv):
        """What run_command of a module gives, without a process."""
        data, out, refused = json.loads(self.state.read_text()), io.StringIO(), ""
        with redirect_stdout(out):
            try:
                answer(argv[1:], data)
            except SystemExit as stop:
                refused = str(stop)
        self.state.write_text(json.dumps(data))
        return int(bool(refused)), out.getvalue(), refused

    def run(self, module, check_mode=False, **options):
        arguments = {"name": "app_default", "docker_cli": str(self.cli), "_ansible_check_mode": check_mode, **options}
        return run_here(module, arguments)


@pytest.fixture
def program(tmp_path):
    """The engine behind a program, as a module finds it."""
    return Engine(tmp_path)


@pytest.fixture
def engine(program, monkeypatch):
    """The same without a process for each command."""
    docker = docker_network_gateway.docker_network.Docker
    monkeypatch.setattr(docker, "of", lambda _module: docker(program.answer))
    return program


def test_info(program):
    result = program.run(docker_network_gateway_info)
    assert (result["changed"], result["gateway"], result["address"]) == (False, "172.18.0.1", "172.18.0.1")
    assert result["gateways"] == [
        {"family": "ipv4", "subnet": "172.18.0.0/16", "gateway": "172.18.0.1", "reported": True}
    ]
    assert program.run(docker_network_gateway_info, family="ipv6")["gateway"] is None
    program.set(info={"OperatingSystem": "Docker Desktop"})
    result = program.run(docker_network_gateway_info)
    assert (result["desktop"], result["address"]) == (True, "host.docker.internal")
    assert program.changes() == []


def test_info_of_a_missing_network(engine):
    result = engine.run(docker_network_gateway_info, name="mitxpro_default")
    assert result["failed"] is True
    assert "There is no Docker network mitxpro_default. There are: app_default." in result["msg"]


def test_a_missing_cli(program):
    result = program.run(docker_network_gateway_info, docker_cli="/nowhere/docker")
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


def test_recreates_by_force(program):
    program.set(containers={"web": "c1"})
    result = program.run(docker_network_gateway, check_mode=True, subnet="172.30.0.0/24", force=True)
    assert (result["changed"], result["operation"], program.changes()) == (True, "recreate", [])
    result = program.run(docker_network_gateway, subnet="172.30.0.0/24", force=True)
    assert (result["changed"], result["operation"], result["gateway"]) == (True, "recreate", "172.30.0.1")
    assert program.changes() == [
        ["disconnect", NETWORK["Id"], "c1"],
        ["rm", NETWORK["Id"]],
        ["create", "--driver", "bridge", "--subnet", "172.30.0.0/24", "app_default"],
        ["connect", "--alias", "web", "app_default", "c1"],
    ]


def test_puts_the_old_one_back_when_the_new_one_is_refused(program):
    program.set(containers={"web": "c1"}, refuse="172.30.0.0/24")
    result = program.run(docker_network_gateway, subnet="172.30.0.0/24", force=True)
    assert result["failed"] is True
    assert "The network is there again as it was." in result["msg"]
    assert program.run(docker_network_gateway, subnet="172.18.0.0/16", gateway="172.18.0.1")["changed"] is False
    assert program.changes()[-1] == ["connect", "--alias", "web", "app_default", "c1"]


def test_leaves_containers_on_a_network_that_cannot_be_removed(engine):
    """Somebody else has joined it meanwhile, say."""
    engine.set(refuse=NETWORK["Id"], containers={"web-1": "c0ffee"})
    result = engine.run(docker_network_gateway, state="absent", force=True)
    assert "has active endpoints" in result["msg"]
    assert engine.changes() == [
        ["disconnect", NETWORK["Id"], "c0ffee"],
        ["rm", NETWORK["Id"]],
        ["connect", "--alias", "web", "app_default", "c0ffee"],
    ]


class Killed(BaseException):
    """What no handler of an error catches."""


MOVED = {"subnet": "172.30.0.0/24", "force": True}


def kill(engine, monkeypatch, at, before):
    """Run a move that is killed at a command that changes something, before it or after it; whether it came so far."""
    answer_well, seen = engine.answer, []

    def until(argv):
        changes = argv[1] in ("network", "volume") and argv[2] in CHANGING
        seen.extend([argv] if changes else [])
        if changes and len(seen) == at and before:
            raise Killed
        out = answer_well(argv)
        if changes and len(seen) == at:
            raise Killed
        return out

    monkeypatch.setattr(engine, "answer", until)
    try:
        engine.run(docker_network_gateway, **MOVED)
    except Killed:
        return True
    finally:
        monkeypatch.setattr(engine, "answer", answer_well)
    return False


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("again", [False, True])
def test_one_more_run_ends_one_that_was_killed(engine, monkeypatch, before, again):
    """With all containers on the new network and the options of the old one; also where it is killed once more."""
    network = {**NETWORK, "Options": {"com.docker.network.driver.mtu": "1400"}}
    for at in range(1, 9):
        engine.set(networks=[network], containers={"web": "c1", "db": "c2"}, off=[], volumes={})
        assert kill(engine, monkeypatch, at, before)
        if again:
            kill(engine, monkeypatch, at, before)
        done = engine.run(docker_network_gateway, **MOVED)
        assert (done["gateway"], engine.get("off"), engine.get("volumes")) == ("172.30.0.1", [], {})
        assert engine.get("networks")[0]["Options"] == network["Options"]
        assert engine.run(docker_network_gateway, **MOVED)["changed"] is False
    assert not kill(engine, monkeypatch, 9, before)


def test_a_run_without_force_says_what_was_broken_off(engine, monkeypatch):
    engine.set(containers={"web": "c1", "gone": "c2"})
    assert kill(engine, monkeypatch, 3, before=False)
    changes = engine.changes()
    refused = engine.run(docker_network_gateway, subnet="172.30.0.0/24")
    assert "app_default was being created again when the run that did it was broken off" in refused["msg"]
    assert "force" in refused["msg"]
    checked = engine.run(docker_network_gateway, check_mode=True, **MOVED)
    assert (checked["operation"], engine.changes()) == ("recreate", changes)
    engine.set(containers={"web": "c1"}, off=["c1"])
    assert engine.run(docker_network_gateway, **MOVED)["operation"] == "recreate"
    assert (engine.get("off"), engine.get("volumes")) == ([], {})


def test_a_removal_leaves_nothing_of_what_was_broken_off(engine, monkeypatch):
    engine.set(containers={"web": "c1"})
    assert kill(engine, monkeypatch, 3, before=False)
    assert engine.run(docker_network_gateway, state="absent")["operation"] == "remove"
    assert (engine.get("networks"), engine.get("volumes")) == ([], {})
    assert engine.run(docker_network_gateway, state="absent")["changed"] is False


def test_a_note_that_cannot_be_read(engine):
    note = {"mitodl.openedx.docker-network": "app_default", "mitodl.openedx.docker-network.was": "{"}
    engine.set(volumes={"mitodl.openedx.docker-network.1": note})
    assert "volume rm mitodl.openedx.docker-network.1` removes it" in engine.run(docker_network_gateway)["msg"]


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
