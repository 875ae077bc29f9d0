# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _docker_network as docker_network
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_network import Docker, DockerError


def network(*blocks, **more):
    """What docker network inspect says about a network, shortened to what matters."""
    return {
        "Name": "app_default",
        "Id": "d24a9d9d7b98",
        "Driver": "bridge",
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": {}, "Config": list(blocks)},
        "Internal": False,
        "Attachable": False,
        "Containers": {},
        "Options": {},
        "Labels": {},
        **more,
    }


V4 = {"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}
V6 = {"Subnet": "fd00:7::/64", "Gateway": "fd00:7::1"}
LINUX = {"OperatingSystem": "Debian GNU/Linux 12 (bookworm)", "SecurityOptions": ["name=seccomp,profile=default"]}
LOCAL = "unix:///var/run/docker.sock"


def found(network):
    return [
        (one["family"], one["subnet"], one["gateway"], one["reported"]) for one in docker_network.gateways_of(network)
    ]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ([V4], [("ipv4", "172.18.0.0/16", "172.18.0.1", True)]),
        ([V6, V4], [("ipv4", "172.18.0.0/16", "172.18.0.1", True), ("ipv6", "fd00:7::/64", "fd00:7::1", True)]),
        (
            [V4, {"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.254"}],
            [("ipv4", "172.18.0.0/16", "172.18.0.1", True), ("ipv4", "10.9.0.0/24", "10.9.0.254", True)],
        ),
        # As Engine 20.10 was seen to choose when it was not told.
        ([{"Subnet": "172.31.7.0/24"}], [("ipv4", "172.31.7.0/24", "172.31.7.1", False)]),
        ([{"Subnet": "172.31.7.0/24", "Gateway": ""}], [("ipv4", "172.31.7.0/24", "172.31.7.1", False)]),
        ([{"Subnet": "fd00:7::/64"}], [("ipv6", "fd00:7::/64", "fd00:7::1", False)]),
        ([{"Subnet": "172.29.0.0/16", "IPRange": "172.29.5.0/24"}], [("ipv4", "172.29.0.0/16", "172.29.5.0", False)]),
        ([{"Subnet": "172.29.0.0/16", "IPRange": "172.29.0.0/24"}], [("ipv4", "172.29.0.0/16", "172.29.0.1", False)]),
        ([{"Subnet": "fd00:7::/64", "Gateway": "fd00:7::1/64"}], [("ipv6", "fd00:7::/64", "fd00:7::1", True)]),
        ([{"Subnet": "fd00:7:0::/64", "Gateway": "fd00:7:0:0::1"}], [("ipv6", "fd00:7::/64", "fd00:7::1", True)]),
        ([{}], []),
        ([], []),
        (None, []),
    ],
)
def test_gateways(config, expected):
    assert found(network(IPAM={"Driver": "default", "Options": None, "Config": config})) == expected


def test_gateways_without_ipam():
    assert docker_network.gateways_of({"Name": "x", "IPAM": None}) == []
    assert docker_network.gateways_of({}) == []


@pytest.mark.parametrize(
    ("family", "gateway", "count"), [("any", "172.18.0.1", 2), ("ipv4", "172.18.0.1", 1), ("ipv6", "fd00:7::1", 1)]
)
def test_family(family, gateway, count):
    engine = docker_network.engine_of(LINUX, LOCAL)
    result = docker_network.describe(network(V6, V4), engine, family)
    assert (result["gateway"], result["address"], len(result["gateways"])) == (gateway, gateway, count)


@pytest.mark.parametrize(
    ("info", "endpoint", "expected"),
    [
        (LINUX, LOCAL, ()),
        (LINUX, "tcp://127.0.0.1:2375", ()),
        (LINUX, "tcp://localhost:2375", ()),
        (LINUX, "tcp://[::1]:2375", ()),
        (LINUX, "tcp://10.0.0.7:2376", ("remote",)),
        (LINUX, "ssh://me@build.example.com", ("remote",)),
        (LINUX, "ssh://me@localhost", ()),
        (LINUX, "tcp://127.0.0.53:2375", ()),
        (LINUX, "tcp://:2375", ()),
        (LINUX, "tcp://localhost.example.com:2376", ("remote",)),
        (LINUX, "tcp://127.example.com:2376", ("remote",)),
        (LINUX, "https://[fd00:7::2]:2376", ("remote",)),
        ({**LINUX, "SecurityOptions": None}, LOCAL, ()),
        ({**LINUX, "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]}, LOCAL, ("rootless",)),
        (
            {"OperatingSystem": "Docker Desktop", "SecurityOptions": []},
            "unix:///Users/me/.docker/run/docker.sock",
            ("desktop",),
        ),
        ({"OperatingSystem": "Docker Desktop"}, "npipe:////./pipe/dockerDesktopLinuxEngine", ("desktop",)),
    ],
)
def test_engine(info, endpoint, expected):
    engine = docker_network.engine_of(info, endpoint)
    assert tuple(key for key in ("desktop", "rootless", "remote") if engine[key]) == expected


@pytest.mark.parametrize(
    ("system", "endpoint", "address"),
    [
        ("Darwin", "unix:///Users/me/.colima/default/docker.sock", "host.docker.internal"),
        ("Darwin", "tcp://10.0.0.7:2376", "172.18.0.1"),
        ("Linux", "unix:///run/docker.sock", "172.18.0.1"),
    ],
)
def test_an_engine_in_a_virtual_machine_without_docker_desktop(system, endpoint, address):
    engine = docker_network.engine_of({"OperatingSystem": "Ubuntu 24.04 LTS"}, endpoint, system)
    result = docker_network.describe(network(V4), engine, "any")
    assert (result["address"], result["desktop"]) == (address, False)
    assert ("virtual machine" in result["reason"]) == (address == "host.docker.internal")


ROOTLESS = {"OperatingSystem": "Ubuntu 24.04", "SecurityOptions": ["name=rootless"]}
DESKTOP = {"OperatingSystem": "Docker Desktop"}


@pytest.mark.parametrize(
    ("network", "info", "endpoint", "address", "because"),
    [
        (network(V4), LINUX, LOCAL, "172.18.0.1", "bridge network app_default is the host"),
        (network(V4), LINUX, "ssh://me@build", "172.18.0.1", "the engine's machine (ssh://me@build)"),
        (network(V4), DESKTOP, LOCAL, "host.docker.internal", "Docker Desktop"),
        (network(V4), ROOTLESS, LOCAL, "host.docker.internal", "extra_hosts: host.docker.internal:host-gateway"),
        (network(V4, Driver="macvlan"), LINUX, LOCAL, "host.docker.internal", "driver macvlan is not the host"),
        (network(V4, Driver="overlay"), LINUX, LOCAL, "host.docker.internal", "driver overlay is not the host"),
        (network(), LINUX, LOCAL, "host.docker.internal", "no gateway of the wanted family"),
        (network(Driver="host"), LINUX, LOCAL, "127.0.0.1", "the host's own network"),
        (network(Driver="host"), DESKTOP, LOCAL, "host.docker.internal", "Docker Desktop"),
        (network(Driver="null"), LINUX, LOCAL, None, "have no network"),
        (network(Driver="null"), DESKTOP, LOCAL, None, "have no network"),
        (network(IPAM=None), LINUX, LOCAL, None, "the engine chooses"),
        (None, LINUX, LOCAL, None, "does not exist"),
        (
            network(V4, V6, Options={"com.docker.network.bridge.inhibit_ipv4": "true"}),
            LINUX,
            LOCAL,
            "fd00:7::1",
            "is the host",
        ),
    ],
)
def test_address(network, info, endpoint, address, because):
    result = docker_network.describe(network, docker_network.engine_of(info, endpoint), "any")
    assert result["address"] == address
    assert because in result["reason"]
    assert result["desktop"] is (info is DESKTOP)


def test_pinned():
    wanted = docker_network.pinned(["172.30.0.0/24", "fd00:30::/64"], ["fd00:30::9"])
    assert {str(subnet): gateway and str(gateway) for subnet, gateway in wanted.items()} == {
        "172.30.0.0/24": None,
        "fd00:30::/64": "fd00:30::9",
    }
    assert docker_network.pinned([], []) == {}


@pytest.mark.parametrize(
    ("subnets", "gateways", "says"),
    [
        (["172.30.0.1/24"], [], "write it like 172.30.0.0/24"),
        (["172.30.0.5"], ["172.30.0.5"], "subnet 172.30.0.5: it is one address; write it like 172.30.0.0/24"),
        (["nonsense"], [], "write it like 172.30.0.0/24 or fd00:30::/64"),
        (["172.30.0.0/16", "172.30.5.0/24"], [], "172.30.5.0/24 overlaps 172.30.0.0/16"),
        (["172.30.0.0/24"], ["172.30.1.1"], "lies in no wanted subnet (172.30.0.0/24)"),
        ([], ["172.30.1.1"], "lies in no wanted subnet (there is none)"),
        (["172.30.0.0/24"], ["fd00::1"], "lies in no wanted subnet"),
        (["172.30.0.0/24"], ["172.30.0.1/24"], "gateway 172.30.0.1/24"),
        (["172.30.0.0/24"], ["172.30.0.1", "172.30.0.2"], "are both in 172.30.0.0/24"),
        (["172.30.0.0/24"], ["172.30.0.0"], "take 172.30.0.1"),
        (["172.30.0.0/24"], ["172.30.0.255"], "take 172.30.0.1"),
    ],
)
def test_pinned_refuses(subnets, gateways, says):
    with pytest.raises(DockerError) as error:
        docker_network.pinned(subnets, gateways)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("blocks", "subnets", "gateways", "labels", "expected"),
    [
        ([V4], [], [], {}, []),
        ([V4], ["172.18.0.0/16"], [], {}, []),
        ([V4], ["172.18.0.0/16"], ["172.18.0.1"], {}, []),
        ([{"Subnet": "172.18.0.0/16"}], ["172.18.0.0/16"], ["172.18.0.1"], {}, []),
        ([V4, V6], ["172.18.0.0/16"], [], {}, []),
        ([V4], ["172.18.0.0/16"], ["172.18.0.2"], {}, [("gateway of 172.18.0.0/16", "172.18.0.1", "172.18.0.2")]),
        ([V4], ["172.19.0.0/16"], [], {}, [("ipv4 subnet", "172.18.0.0/16", "172.19.0.0/16")]),
        ([V4], ["fd00:7::/64"], [], {}, [("ipv6 subnet", None, "fd00:7::/64")]),
        ([V4], [], [], {"a": "1"}, []),
        ([V4], [], [], {"a": "2", "b": "1"}, [("label a", "1", "2"), ("label b", None, "1")]),
    ],
)
def test_differences(blocks, subnets, gateways, labels, expected):
    wanted = docker_network.pinned(subnets, gateways)
    there = network(*blocks, Labels={"a": "1"})
    result = docker_network.differences(there, wanted, labels)
    assert [(one["what"], one["is"], one["wanted"]) for one in result] == expected


@pytest.mark.parametrize(
    ("there", "state", "subnet", "users", "force", "expected"),
    [
        (None, "present", "172.18.0.0/16", [], False, "create"),
        (None, "absent", "172.18.0.0/16", [], False, "none"),
        (network(V4), "present", "172.18.0.0/16", ["web"], False, "none"),
        (network(V4), "present", "172.19.0.0/16", [], True, "recreate"),
        (network(V4), "present", "172.19.0.0/16", ["web"], True, "recreate"),
        (network(V4), "absent", "172.19.0.0/16", [], False, "remove"),
        (network(V4), "absent", "172.19.0.0/16", ["web"], True, "remove"),
    ],
)
def test_decides(there, state, subnet, users, force, expected):
    wanted = docker_network.pinned([subnet], [])
    assert docker_network.decide(there, "app_default", users, state, wanted, {}, force) == expected


@pytest.mark.parametrize(
    ("name", "state", "users", "force", "says"),
    [
        ("app_default", "present", [], False, "wanted is 172.19.0.0/16. No container belongs to it; set force"),
        ("app_default", "present", ["db", "web"], False, "Containers belong to it, running or stopped: db, web."),
        ("app_default", "absent", ["web"], False, "is to be removed. Containers belong to it"),
        ("bridge", "present", [], True, "one of Docker's own networks"),
        ("host", "absent", [], True, "one of Docker's own networks"),
    ],
)
def test_refuses(name, state, users, force, says):
    wanted = docker_network.pinned(["172.19.0.0/16"], [])
    with pytest.raises(DockerError) as error:
        docker_network.decide(network(V4), name, users, state, wanted, {}, force)
    assert says in str(error.value)
    assert f"Docker network {name}" in str(error.value)


@pytest.mark.parametrize(
    ("labels", "by_hand"),
    [
        ({"com.docker.compose.project": "my app"}, "(docker --context colima compose --project-name 'my app' down)"),
        ({}, "(docker --context colima rm web)"),
    ],
)
def test_who_is_in_the_way_is_removed_at_the_engine_that_was_asked(labels, by_hand):
    command = ["docker", "--context", "colima"]
    with pytest.raises(DockerError) as error:
        docker_network.decide(network(V4, Labels=labels), "app_default", ["web"], "absent", {}, {}, False, command)
    assert by_hand in str(error.value)


def test_what_overlaps():
    networks = [
        network(V4, Name="one"),
        network({"Subnet": "172.30.0.0/20"}, V6, Name="two"),
        network({"Subnet": "172.30.0.0/16"}, Name="mine"),
        network({"Subnet": "172.30.0.0/16"}, Name="lan", Driver="macvlan"),
    ]
    wanted = docker_network.pinned(["172.30.1.0/24", "fd00:8::/64"], [])
    assert docker_network.overlapping(wanted, networks, "mine") == ["two (172.30.0.0/20)"]


ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


def test_next_hops():
    assert docker_network.next_hops(ROUTES) == [ipaddress.ip_address("10.0.2.1")]
    assert docker_network.next_hops("") == []


def test_the_new_network_takes_over_what_was_not_asked_for():
    old = network(
        V4,
        {**V6, "IPRange": "fd00:7::/80"},
        EnableIPv6=True,
        Attachable=True,
        Options={"com.docker.network.driver.mtu": "1400"},
        Labels={"a": "1"},
    )
    wanted = docker_network.pinned(["172.30.0.0/24"], ["172.30.0.9"])
    new = docker_network.replacement("app_default", wanted, {"b": "2"}, old)
    assert docker_network.create_arguments(new) == [
        *("network", "create", "--driver", "bridge"),
        *("--subnet", "172.30.0.0/24", "--gateway", "172.30.0.9"),
        *("--subnet", "fd00:7::/64", "--ip-range", "fd00:7::/80", "--gateway", "fd00:7::1"),
        *("--ipv6", "--attachable", "--opt", "com.docker.network.driver.mtu=1400"),
        *("--label", "a=1", "--label", "b=2", "app_default"),
    ]
    assert docker_network.differences(new, wanted, {"a": "1", "b": "2"}) == []


def test_a_new_network():
    plain = docker_network.replacement("n", {}, {})
    assert docker_network.create_arguments(plain) == ["network", "create", "--driver", "bridge", "n"]
    both = docker_network.replacement("n", docker_network.pinned(["172.30.0.0/24", "fd00:30::/64"], []), {})
    assert docker_network.create_arguments(both)[4:] == [
        "--subnet",
        "172.30.0.0/24",
        "--subnet",
        "fd00:30::/64",
        "--ipv6",
        "n",
    ]


def test_shown():
    assert docker_network.shown(None) == {"state": "absent"}
    assert docker_network.shown(network(V6, V4, Labels=None)) == {
        "state": "present",
        "driver": "bridge",
        "gateways": {"172.18.0.0/16": "172.18.0.1", "fd00:7::/64": "fd00:7::1"},
        "labels": {},
    }


def test_aliases():
    container = {
        "Id": "f7b229da075662287b769dd017f3e76775b3cdb4eb692e52b45dd2ce2961af74",
        "NetworkSettings": {"Networks": {"n": {"Aliases": ["web", "f7b229da0756"]}, "m": {"Aliases": None}}},
    }
    assert docker_network.aliases_of(container, "n") == ["web"]
    assert docker_network.aliases_of(container, "m") == []
    assert docker_network.aliases_of(container, "gone") == []


@pytest.mark.parametrize(
    ("answer", "says", "fix"),
    [
        (
            (1, "", "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?\n"),
            "at unix:///x.sock",
            "Start Docker;",
        ),
        (
            (1, "", "error during connect: ... stderr=me@host: Permission denied (publickey)."),
            "me@host",
            "docker_host or cli_context",
        ),
        ((1, "", 'unable to resolve docker endpoint: context "nope" does not exist'), '"nope"', "cli_context"),
        (
            (1, "", "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock"),
            "permission",
            "group docker",
        ),
        ((1, "", ""), "exit code 1", ""),
        (OSError(2, "No such file or directory"), "No such file", "Install the Docker CLI"),
    ],
)
def test_an_engine_that_does_not_answer(answer, says, fix):
    def run(_argv):
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(DockerError) as error:
        Docker(run, "docker", host="unix:///x.sock").ids()
    assert str(error.value).startswith("`docker --host unix:///x.sock network ls")
    assert says in str(error.value)
    assert fix in str(error.value)


def test_names_the_networks_there_are():
    def run(argv):
        assert argv[:3] == ["docker", "network", "ls"]
        return 0, "414371f38a0c host\n494f09f391cd tutor_dev_default\n", ""

    with pytest.raises(DockerError, match=r"no Docker network mitxpro_default. There are: host, tutor_dev_default\."):
        Docker(run).existing("mitxpro_default")


def test_two_networks_of_one_name():
    with pytest.raises(DockerError, match=r"2 networks with the name app \(414371f38a0c, 494f09f391cd\)"):
        Docker(lambda _argv: (0, "414371f38a0c16 app\n494f09f391cd26 app\n", "")).network("app")


def test_an_answer_that_is_no_json():
    with pytest.raises(DockerError, match="did not answer with JSON but with: hello"):
        Docker(lambda _argv: (0, "hello\n", "")).json("info")
