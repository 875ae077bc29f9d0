# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_network_gateway and its info reading on a real Docker Engine, read back with the Docker CLI itself.

The networks carry the port offset of the tests in their names and subnets, so that two runs on one engine can meet.
"""

from __future__ import annotations

import io
import json
import os
import socket
import socketserver
import subprocess
import sys
import tarfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OFFSET = int(os.environ.get("LAB_TEST_OFFSET") or 200)
THIRD = 64 + OFFSET // 10 % 64

pytestmark = pytest.mark.docker
NAME = f"mitodl-openedx-test-{OFFSET}"
OTHER, IMAGE, BRIDGE = f"{NAME}-other", f"{NAME}-image", f"mitodl{OFFSET}"
SUBNET, GATEWAY = f"198.18.{THIRD}.0/26", f"198.18.{THIRD}.9"
NEXT, LAST = f"198.18.{THIRD}.64/26", f"198.18.{THIRD}.128/26"
SUBNET6, GATEWAY6 = f"fd00:77:0:{THIRD}::/80", f"fd00:77:0:{THIRD}::9"
# What this machine has of programs, for a container whose own image is empty: nothing has to be pulled.
PROGRAMS = [f"--volume={place}:{place}:ro" for place in ("/bin", "/usr", "/lib", "/lib64") if Path(place).exists()]


def docker(*words, **more):
    return subprocess.run(["docker", *words], text=True, capture_output=True, check=False, **more)


def good(*words):
    done = docker(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inspect(name):
    (stored,) = json.loads(good("network", "inspect", name))
    return stored


def run(module, options, check=False, fails=False, **env):
    """A module's result, by ansible's ad-hoc command on this machine."""
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    words = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}", "localhost"]
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible", *words, "-m", f"mitodl.openedx.{module}", "-a", json.dumps(options)]
        + (["--check"] if check else []),
        cwd=ROOT,
        env={**os.environ, **settings, **env},
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return json.loads(done.stdout.partition(" => ")[2])


def info(**options):
    return run("docker_network_gateway_info", {"name": NAME, **options})


@pytest.fixture
def absent():
    """No network of ours; what a test makes is removed again."""
    for _time in range(2):
        docker("rm", "--force", NAME)
        docker("network", "rm", OTHER)
        docker("network", "rm", NAME)
        if _time == 0:
            yield


@pytest.fixture
def image():
    """An image without any file, made here: Docker itself can make one of an empty archive."""
    archive = io.BytesIO()
    tarfile.open(fileobj=archive, mode="w").close()
    subprocess.run(["docker", "import", "-", IMAGE], input=archive.getvalue(), capture_output=True, check=True)
    yield IMAGE
    docker("rmi", IMAGE)


def ipv6(made):
    """Skip where this engine cannot do IPv6; any other refusal is a failure."""
    if made.returncode:
        assert "ip6tables" in made.stderr.lower() or "ipv6" in made.stderr.lower(), made.stderr
        pytest.skip(f"the engine refuses IPv6: {made.stderr.strip()}")


@contextmanager
def server(family, address, answer):
    """Something that listens on this machine: gives the port, and answers each connection by a function."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            answer(self.request, self.client_address[0])

    class Server(socketserver.ThreadingTCPServer):
        address_family, daemon_threads, allow_reuse_address = family, True, True

    with Server((address, 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # The other side has hung up.


def own(address):
    """Whether an address is one of this machine: nobody can listen at another."""
    with socket.socket(socket.AF_INET) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


@contextmanager
def relay(address):
    """The engine behind a TCP port of an address of this machine, for this machine alone."""
    endpoint = good("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()
    if not endpoint.startswith("unix://"):
        pytest.skip(f"the engine is at {endpoint}, not at a socket of this machine")

    def pass_on(client, peer):
        if not own(peer):
            return  # Who speaks to the engine is root.
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(endpoint[len("unix://") :])
            back = threading.Thread(target=copy, args=(engine, client), daemon=True)
            back.start()
            copy(client, engine)
            back.join()

    with server(socket.AF_INET, address, pass_on) as port:
        yield f"tcp://{address}:{port}"


def test_a_pinned_network_is_made_found_kept_and_removed(absent):
    wanted = {"name": NAME, "subnet": [SUBNET], "gateway": [GATEWAY], "labels": {"com.docker.compose.project": NAME}}
    assert run("docker_network_gateway", wanted, check=True)["changed"]
    assert docker("network", "inspect", NAME).returncode != 0
    made = run("docker_network_gateway", wanted)
    assert made["changed"]
    assert inspect(NAME)["IPAM"]["Config"] == [{"Subnet": SUBNET, "Gateway": GATEWAY}]
    assert inspect(NAME)["Labels"] == {"com.docker.compose.project": NAME}
    assert not run("docker_network_gateway", wanted)["changed"]
    found = info()
    assert (found["gateway"], found["address"], found["desktop"]) == (GATEWAY, GATEWAY, False)
    other = run("docker_network_gateway", {**wanted, "gateway": [f"198.18.{THIRD}.1"]}, fails=True)
    assert GATEWAY in other["msg"]
    assert "force" in other["msg"]
    assert run("docker_network_gateway", {"name": NAME, "state": "absent"})["changed"]
    assert not run("docker_network_gateway", {"name": NAME, "state": "absent"})["changed"]
    assert docker("network", "inspect", NAME).returncode != 0


def test_a_network_of_the_user_is_checked_and_found(absent):
    """Made with the Docker CLI and pinned without a gateway, about which the engine keeps silent or not."""
    good("network", "create", "--subnet", SUBNET, NAME)
    first = f"198.18.{THIRD}.1"
    assert not run("docker_network_gateway", {"name": NAME, "subnet": [SUBNET], "gateway": [first]})["changed"]
    assert info()["address"] == first
    assert f"wanted is {NEXT}" in run("docker_network_gateway", {"name": NAME, "subnet": [NEXT]}, fails=True)["msg"]


def test_a_missing_network_is_named_with_those_that_there_are(absent):
    good("network", "create", "--subnet", SUBNET, OTHER)
    message = run("docker_network_gateway_info", {"name": NAME}, fails=True)["msg"]
    assert f"There is no Docker network {NAME}. There are: " in message
    for there in ("bridge", OTHER):
        assert there in message.partition("There are: ")[2].partition(". ")[0].split(", ")


def test_a_network_that_comes_back_with_another_subnet(absent):
    for subnet, gateway in ((SUBNET, GATEWAY), (NEXT, f"198.18.{THIRD}.70")):
        good("network", "create", "--subnet", subnet, "--gateway", gateway, NAME)
        assert info()["gateways"] == [{"family": "ipv4", "subnet": subnet, "gateway": gateway, "reported": True}]
        good("network", "rm", NAME)


def test_two_families_and_what_a_container_reaches_there(image, absent):
    """Both gateways are found, and a container that connects to the address is answered by this machine."""
    ipv6(docker("network", "create", "--ipv6", "--subnet", SUBNET6, "--gateway", GATEWAY6, "--subnet", SUBNET, NAME))
    assert [one["gateway"] for one in info()["gateways"]] == [f"198.18.{THIRD}.1", GATEWAY6]
    for family, kind, everywhere in (("ipv4", socket.AF_INET, "0.0.0.0"), ("ipv6", socket.AF_INET6, "::")):
        address = info(family=family)["address"]
        with server(kind, everywhere, lambda client, _peer: client.sendall(b"this machine\n")) as port:
            said = f"exec 3<>/dev/tcp/{address}/{port}; read -r line <&3; echo $line"
            words = ("run", "--rm", "--name", NAME, "--network", NAME, *PROGRAMS)
            assert good(*words, image, "/usr/bin/env", "bash", "-c", said) == "this machine\n"


def test_two_families_pinned(absent):
    wanted = {"name": NAME, "subnet": [SUBNET, SUBNET6], "gateway": [GATEWAY, GATEWAY6]}
    ipv6(docker("network", "create", "--ipv6", "--subnet", SUBNET6, "--subnet", SUBNET, OTHER))
    good("network", "rm", OTHER)
    assert run("docker_network_gateway", wanted)["operation"] == "create"
    assert {one["Subnet"]: one["Gateway"] for one in inspect(NAME)["IPAM"]["Config"]} == {
        SUBNET: GATEWAY,
        SUBNET6: GATEWAY6,
    }
    assert not run("docker_network_gateway", wanted)["changed"]


def test_several_blocks_of_one_family(absent):
    """Only other drivers than bridge allow that: their gateways are shown, but the way to the host is another."""
    good("network", "create", "--subnet", SUBNET, "--opt", f"com.docker.network.bridge.name={BRIDGE}", OTHER)
    blocks = ["--subnet", LAST, "--subnet", NEXT, "--gateway", f"198.18.{THIRD}.70"]
    made = docker("network", "create", "--driver", "macvlan", "--opt", f"parent={BRIDGE}", *blocks, NAME)
    if made.returncode:
        pytest.skip(f"this machine has no macvlan: {made.stderr.strip()}")
    found = info()
    assert {one["subnet"]: one["gateway"] for one in found["gateways"]} == {
        NEXT: f"198.18.{THIRD}.70",
        LAST: f"198.18.{THIRD}.129",
    }
    assert (found["address"], "driver macvlan" in found["reason"]) == ("host.docker.internal", True)


def test_what_the_engine_refuses_leaves_the_network_as_it_was(image, absent):
    """A bridge cannot have two IPv4 subnets. The old network is back, with its container and the alias of that."""
    good("network", "create", "--subnet", SUBNET, "--gateway", GATEWAY, "--label", "a=b", NAME)
    good("create", "--name", NAME, "--network", NAME, "--network-alias", "web", image, "/never-started")
    wanted = {"name": NAME, "subnet": [NEXT, LAST]}
    kept = run("docker_network_gateway", wanted, fails=True)["msg"]
    assert f"Containers belong to it, running or stopped: {NAME}." in kept
    refused = run("docker_network_gateway", {**wanted, "force": True}, fails=True)["msg"]
    assert "subnet" in refused
    assert "The network is there again as it was." in refused
    stored = inspect(NAME)
    assert (stored["IPAM"]["Config"], stored["Labels"]) == ([{"Subnet": SUBNET, "Gateway": GATEWAY}], {"a": "b"})
    assert connected() == {NAME: ["web"]}


def test_force_moves_a_network_with_its_container(image, absent):
    good("network", "create", "--subnet", SUBNET, "--label", "a=b", NAME)
    words = ("--detach", "--init", "--name", NAME, "--network", NAME, "--network-alias", "web", *PROGRAMS)
    good("run", *words, image, "/usr/bin/env", "sleep", "600")
    moved = run("docker_network_gateway", {"name": NAME, "subnet": [NEXT], "force": True})
    assert (moved["operation"], moved["address"]) == ("recreate", f"198.18.{THIRD}.65")
    assert inspect(NAME)["Labels"] == {"a": "b"}
    (container,) = inspect(NAME)["Containers"].values()
    assert container["IPv4Address"].startswith(f"198.18.{THIRD}.6")
    assert connected() == {NAME: ["web"]}


KILLS = """\
#!/bin/sh
docker "$@"
code=$?
case "$*" in "{command} "*) kill -9 $PPID ;; esac
exit $code
"""


@pytest.mark.parametrize(
    "command", ["volume create", "network disconnect", "network rm", "network create", "network connect"]
)
def test_one_more_run_ends_a_move_that_was_killed(image, absent, tmp_path, command):
    """The module's process dies right after a command; the Docker CLI that it is given does that."""
    good("network", "create", "--subnet", SUBNET, "--label", "a=b", NAME)
    good("create", "--name", NAME, "--network", NAME, "--network-alias", "web", image, "/never-started")
    cli = tmp_path / "docker"
    cli.write_text(KILLS.format(command=command))
    cli.chmod(0o755)
    wanted = {"name": NAME, "subnet": [NEXT], "force": True}
    run("docker_network_gateway", {**wanted, "docker_cli": str(cli)}, fails=True)
    assert "broken off" in run("docker_network_gateway", {"name": NAME, "subnet": [NEXT]}, fails=True)["msg"]
    assert run("docker_network_gateway", wanted)["operation"] == "recreate"
    assert (inspect(NAME)["Labels"], connected()) == ({"a": "b"}, {NAME: ["web"]})
    assert not run("docker_network_gateway", wanted)["changed"]
    assert not good("volume", "ls", "--quiet", "--filter", f"label=mitodl.openedx.docker-network={NAME}")


def connected():
    """The networks of the container, with its aliases there, its own id apart."""
    (container,) = json.loads(good("inspect", NAME))
    networks = container["NetworkSettings"]["Networks"]
    return {name: [one for one in its["Aliases"] if one not in container["Id"]] for name, its in networks.items()}


def test_an_engine_at_a_port(absent):
    """By DOCKER_HOST, by the option, and by a context; an address that is not loopback is another machine to us."""
    good("network", "create", "--subnet", SUBNET, "--gateway", GATEWAY, NAME)
    with relay("127.0.0.1") as near:
        found = run("docker_network_gateway_info", {"name": NAME}, DOCKER_HOST=near)
        assert (found["address"], found["reason"].endswith("is the host")) == (GATEWAY, True)
    with relay(GATEWAY) as far:
        for found in (info(docker_host=far), run("docker_network_gateway_info", {"name": NAME}, DOCKER_HOST=far)):
            assert found["address"] == GATEWAY
            assert f"is the engine's machine ({far})" in found["reason"]
    silent = run("docker_network_gateway_info", {"name": NAME, "docker_host": far}, fails=True)["msg"]
    assert f"--host {far}" in silent
    assert "name it with docker_host or cli_context" in silent


def test_a_context_by_name(absent, tmp_path):
    good("network", "create", "--subnet", SUBNET, "--gateway", GATEWAY, NAME)
    config = {"DOCKER_CONFIG": str(tmp_path)}
    with relay(GATEWAY) as far:
        made = docker("context", "create", NAME, "--docker", f"host={far}", env={**os.environ, **config})
        assert made.returncode == 0, made.stderr
        found = run("docker_network_gateway_info", {"name": NAME, "cli_context": NAME}, **config)
        assert f"is the engine's machine ({far})" in found["reason"]
    missing = run("docker_network_gateway_info", {"name": NAME, "cli_context": OTHER}, fails=True, **config)["msg"]
    assert OTHER in missing
