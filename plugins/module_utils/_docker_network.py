# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker networks and the address under which their containers reach the host. Private to the collection.

The engine is asked through the Docker CLI: it needs no Python package on the host and follows the same DOCKER_HOST and
contexts as ``docker compose`` and Tutor do, so all of them speak to the same engine. What the answers mean is decided
by functions without side effects; only ``Docker`` runs commands.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import json
import platform
import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ARGUMENTS = {
    "name": {"type": "str", "required": True, "aliases": ["network"]},
    "family": {"type": "str", "choices": ["any", "ipv4", "ipv6"], "default": "any"},
    "docker_cli": {"type": "path", "default": "docker"},
    "docker_host": {"type": "str"},
    "cli_context": {"type": "str"},
}

HOST_NAME = "host.docker.internal"
PREDEFINED = ("bridge", "host", "none", "ingress", "docker_gwbridge")
# The label of the volumes that keep what is being recreated, so that a run that is killed loses nothing.
NOTE = "mitodl.openedx.docker-network"


class DockerError(Exception):
    """A clear message: what was asked, what is wrong and what to do."""


def family_of(address):
    """``ipv4`` or ``ipv6``; takes an address or a network of the module ipaddress."""
    return f"ipv{address.version}"


def gateways_of(network):
    """The subnets of a network with their gateways, IPv4 first, from what ``docker network inspect`` says.

    For a subnet that was pinned without a gateway the engine takes the first free address and does not report it:
    the first one of the IPRange where there is one, else the one after the network's own address.
    """
    found = []
    for block in (network.get("IPAM") or {}).get("Config") or []:
        if not block.get("Subnet"):
            continue
        subnet = ipaddress.ip_network(block["Subnet"], strict=False)
        gateway = (block.get("Gateway") or "").split("/")[0]
        reported = bool(gateway)
        if not reported:
            first = ipaddress.ip_network(block.get("IPRange") or block["Subnet"], strict=False).network_address
            gateway = str(first + 1 if first == subnet.network_address else first)
        found.append(
            {
                "family": family_of(subnet),
                "subnet": str(subnet),
                "gateway": str(ipaddress.ip_address(gateway)),
                "reported": reported,
            }
        )
    return sorted(found, key=lambda one: one["family"])


def of_family(gateways, family):
    """Those of one family, or all."""
    return [one for one in gateways if family in ("any", one["family"])]


def engine_of(info, endpoint, system="Linux"):
    """What kind of engine this is, from ``docker info``, the address it was reached at and the system that asks."""
    desktop = info.get("OperatingSystem") == "Docker Desktop"
    return {
        "endpoint": endpoint,
        "desktop": desktop,
        # Colima, OrbStack, Rancher Desktop and others: only Linux itself can run the containers of a local engine.
        "virtual": desktop or (endpoint.startswith("unix://") and system != "Linux"),
        "rootless": "name=rootless" in str(info.get("SecurityOptions")),
        "remote": endpoint.split("://")[0] in ("tcp", "http", "https", "ssh") and not _is_loopback(endpoint),
    }


def _is_loopback(endpoint):
    try:
        host = urlsplit(endpoint).hostname or "localhost"
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address_of(network, gateways, engine):
    """How a container on the network reaches the host, and why so: (address, reason)."""
    driver, name = network.get("Driver"), network["Name"]
    needs_extra_hosts = f"; give the container extra_hosts: {HOST_NAME}:host-gateway"
    if driver == "null":
        return None, f"containers on {name} have no network"
    if engine["virtual"]:
        runner = "Docker Desktop" if engine["desktop"] else "the engine of this machine"
        return HOST_NAME, f"{runner} runs the containers in a virtual machine, whose gateway is not the host"
    if driver == "host":
        return "127.0.0.1", f"containers on {name} use the host's own network"
    if engine["rootless"]:
        return HOST_NAME, f"the gateway of a rootless engine lies in its own network namespace{needs_extra_hosts}"
    if driver != "bridge":
        return HOST_NAME, f"the gateway of a network with driver {driver} is not the host{needs_extra_hosts}"
    if (network.get("Options") or {}).get("com.docker.network.bridge.inhibit_ipv4") == "true":
        gateways = of_family(gateways, "ipv6")
    if not gateways:
        return HOST_NAME, f"{name} has no gateway of the wanted family{needs_extra_hosts}"
    where = f"the engine's machine ({engine['endpoint']})" if engine["remote"] else "the host"
    return gateways[0]["gateway"], f"the gateway of the bridge network {name} is {where}"


def describe(network, engine, family):
    """What both modules return about a network; ``network`` is None for one that is not there."""
    gateways = of_family(gateways_of(network), family) if network else []
    if network is None:
        address, reason = None, "the network does not exist"
    elif network.get("IPAM") is None:
        address, reason = None, "the engine chooses the gateway when it creates the network"
    else:
        address, reason = address_of(network, gateways, engine)
    return {
        "gateway": gateways[0]["gateway"] if gateways else None,
        "gateways": gateways,
        "desktop": engine["desktop"],
        "address": address,
        "reason": reason,
    }


def shown(network):
    """A network as a diff shows it."""
    if network is None:
        return {"state": "absent"}
    return {
        "state": "present",
        "driver": network["Driver"],
        "gateways": {one["subnet"]: one["gateway"] for one in gateways_of(network)},
        "labels": network.get("Labels") or {},
    }


def is_network(data):
    """Whether this is what ``docker network inspect`` says of a network, as far as it is read."""
    try:
        texts = all(isinstance(data[key], str) for key in ("Name", "Id", "Driver"))
        tables = all(isinstance(data.get(key) or {}, dict) for key in ("Labels", "Options"))
        return texts and tables and bool(shown(data))
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def pinned(subnets, gateways):
    """The wanted subnets with their gateways (None: the engine's choice), checked as the engine would, only clearer."""
    result: dict = {}
    for text in subnets:
        try:
            subnet = ipaddress.ip_network(text)
        except ValueError as error:
            raise DockerError(f"subnet {text}: {error}; write it like {_suggested(text)}") from None
        if subnet.num_addresses == 1:
            raise DockerError(f"subnet {text}: it is one address; write it like 172.30.0.0/24 or fd00:30::/64")
        for other in result:
            if family_of(other) == family_of(subnet) and other.overlaps(subnet):
                raise DockerError(
                    f"subnet {subnet} overlaps {other}, which is wanted for the same network; drop one of them."
                )
        result[subnet] = None
    for text in gateways:
        try:
            gateway = ipaddress.ip_address(text)
        except ValueError as error:
            raise DockerError(f"gateway {text}: {error}; write it like 172.30.0.1 or fd00:30::1.") from None
        home = next((one for one in result if gateway in one), None)
        if home is None:
            within = ", ".join(map(str, result)) or "there is none"
            raise DockerError(f"gateway {gateway} lies in no wanted subnet ({within}); add its home.")
        if result[home] is not None:
            raise DockerError(
                f"gateways {result[home]} and {gateway} are both in {home}, which can have one; drop one."
            )
        if gateway == home.network_address or (gateway.version == 4 and gateway == home.broadcast_address):
            raise DockerError(f"gateway {gateway} is the network's own or its broadcast address; take {home[1]}")
        result[home] = gateway
    return result


def _suggested(text):
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return "172.30.0.0/24 or fd00:30::/64"


def differences(network, wanted, labels):
    """What of the wanted subnets, gateways and labels the network has not: a list of {what, is, wanted}.

    A family that is not pinned is not compared, nor is a label that is not named.
    """
    found = []
    current = gateways_of(network)
    for family in ("ipv4", "ipv6"):
        pins = {str(subnet): gateway for subnet, gateway in wanted.items() if family_of(subnet) == family}
        there = {one["subnet"]: one["gateway"] for one in of_family(current, family)}
        if pins and set(pins) != set(there):
            found.append(
                {"what": f"{family} subnet", "is": ", ".join(sorted(there)) or None, "wanted": ", ".join(sorted(pins))}
            )
            continue
        for subnet, gateway in pins.items():
            if gateway is not None and str(gateway) != there[subnet]:
                found.append({"what": f"gateway of {subnet}", "is": there[subnet], "wanted": str(gateway)})
    for label, value in labels.items():
        is_now = (network.get("Labels") or {}).get(label)
        if is_now != value:
            found.append({"what": f"label {label}", "is": is_now, "wanted": value})
    return found


def overlapping(wanted, networks, name):
    """The names of other networks that occupy a part of the wanted subnets, with their subnets."""
    return [
        f"{network['Name']} ({one['subnet']})"
        for network in networks
        if network["Name"] != name and network.get("Driver") == "bridge"
        for one in gateways_of(network)
        if any(
            family_of(subnet) == one["family"] and subnet.overlaps(ipaddress.ip_network(one["subnet"]))
            for subnet in wanted
        )
    ]


def next_hops(routes):
    """The IPv4 routers of a Linux machine, from the text of /proc/net/route."""
    fields = [line.split() for line in routes.splitlines()[1:]]
    gateways = [bytes.fromhex(field[2])[::-1] for field in fields if len(field) > 2]
    return [ipaddress.IPv4Address(gateway) for gateway in gateways if any(gateway)]


def decide(network, name, users, state, wanted, labels, force, command=("docker",)):
    """What has to be done: none, create, recreate or remove; an error where it must not be done.

    :param command: how the engine is called, for what to do by hand.
    """
    if network is None:
        return "create" if state == "present" else "none"
    found = differences(network, wanted, labels)
    if state == "present" and not found:
        return "none"
    if state == "present":
        wrong = "; ".join(f"{one['what']} is {one['is'] or 'not there'}, wanted is {one['wanted']}" for one in found)
        wrong = f"Docker network {name} differs: {wrong}."
    else:
        wrong = f"Docker network {name} is to be removed."
    if name in PREDEFINED:
        raise DockerError(f"{wrong} It is one of Docker's own networks, which cannot be changed; take another name.")
    if users and not force:
        project = (network.get("Labels") or {}).get("com.docker.compose.project")
        by_hand = [*command, *(["compose", "--project-name", project, "down"] if project else ["rm", *users])]
        raise DockerError(
            f"{wrong} Containers belong to it, running or stopped: {', '.join(users)}. Remove them "
            f"({shlex.join(by_hand)}), or set force to true to take them off it."
        )
    if state == "present" and not force:
        raise DockerError(f"{wrong} No container belongs to it; set force to true to remove it and create it again.")
    return "recreate" if state == "present" else "remove"


def replacement(name, wanted, labels, old=None):
    """The network to create, as ``docker network inspect`` would show it; the rest is taken from the old one."""
    old = old or {}
    families = {family_of(subnet) for subnet in wanted}
    blocks = [
        {"Subnet": str(subnet), **({"Gateway": str(gateway)} if gateway else {})} for subnet, gateway in wanted.items()
    ]
    blocks += [
        block
        for block in (old.get("IPAM") or {}).get("Config") or []
        if block.get("Subnet") and family_of(ipaddress.ip_network(block["Subnet"], strict=False)) not in families
    ]
    return {
        "Name": name,
        "Driver": old.get("Driver") or "bridge",
        "EnableIPv6": bool(old.get("EnableIPv6")) or "ipv6" in families,
        "Internal": bool(old.get("Internal")),
        "Attachable": bool(old.get("Attachable")),
        "IPAM": {"Config": blocks} if blocks else None,
        "Options": old.get("Options") or {},
        "Labels": {**(old.get("Labels") or {}), **labels},
    }


def create_arguments(network):
    """The arguments with which the Docker CLI creates a network."""
    arguments = ["network", "create", "--driver", network["Driver"]]
    for block in (network["IPAM"] or {}).get("Config") or []:
        for flag, key in (("--subnet", "Subnet"), ("--ip-range", "IPRange"), ("--gateway", "Gateway")):
            if block.get(key):
                arguments += [flag, block[key]]
    for flag, key in (("--ipv6", "EnableIPv6"), ("--internal", "Internal"), ("--attachable", "Attachable")):
        if network.get(key):
            arguments.append(flag)
    for flag, key in (("--opt", "Options"), ("--label", "Labels")):
        for name, value in sorted((network.get(key) or {}).items()):
            arguments += [flag, f"{name}={value}"]
    return [*arguments, network["Name"]]


def aliases_of(container, name):
    """Under which names a container is known on a network, without its own id, which the engine adds by itself."""
    settings = container["NetworkSettings"]["Networks"].get(name) or {}
    return [alias for alias in settings.get("Aliases") or [] if not container["Id"].startswith(alias)]


@dataclass
class Plan:
    """What is to be done with one network, in the form of ``docker network inspect`` before and after.

    ``members`` are the containers of a network that goes: ``{"Id", "aliases", "on"}``, the latter whether it is on the
    network now. One that is not was left off it by a run that was broken off, and belongs to it as well.
    """

    name: str
    operation: str
    before: dict | None
    after: dict | None
    members: list[dict] = field(default_factory=list)


def plan(docker, params, engine, routes):
    """Look at the network and decide; nothing is changed here. ``routes`` is the text of /proc/net/route."""
    wanted = pinned(params["subnet"], params["gateway"])
    labels = {key: str(value) for key, value in params["labels"].items()}
    before = docker.network(params["name"])
    name = before["Name"] if before else params["name"]
    users = docker.users(before) if before else {}
    notes = docker.notes(name)
    if notes and params["state"] == "present" and not params["force"]:
        raise DockerError(
            f"Docker network {name} was being created again when the run that did it was broken off: containers may be "
            "off it. Set force to true to bring that to its end."
        )
    operation = decide(before, name, sorted(users), params["state"], wanted, labels, params["force"], docker.command)
    if notes:
        operation = "recreate" if params["state"] == "present" else "remove"
    if operation == "none":
        return Plan(name, operation, before, before)
    members = docker.members(name, users, notes)
    if operation == "remove":
        return Plan(name, operation, before, None, members)
    occupied = overlapping(wanted, docker.networks(), name)
    if occupied:
        raise DockerError(
            f"Docker network {name} cannot have {', '.join(map(str, wanted))}: it overlaps {', '.join(occupied)}. "
            "Choose a free subnet, or remove that network."
        )
    local = not (engine["remote"] or engine["virtual"] or engine["rootless"])
    for router in next_hops(routes) if local else []:
        if any(router in subnet for subnet in wanted):
            raise DockerError(
                f"Docker network {name} must not have {', '.join(map(str, wanted))}: it holds {router}, the router of "
                "this machine, which would lose its connection. Choose a free subnet."
            )
    old = before or next((note["network"] for note in notes), None)
    return Plan(name, operation, before, replacement(name, wanted, labels, old), members)


def _fix(code, reason):
    lower = reason.lower()
    if code == 127:
        return " Install the Docker CLI on this host, or name it with docker_cli."
    if any(words in lower for words in ("cannot connect", "error during connect", "docker endpoint")):
        return (
            " Start Docker; if the engine is somewhere else, name it with docker_host or cli_context "
            "(without them the CLI takes DOCKER_HOST, DOCKER_CONTEXT, then its current context)."
        )
    if "permission denied" in lower:
        return " Add the user of the task to the group docker, or use become."
    return ""


class Docker:
    """The Docker CLI. ``run`` takes an argv and returns (exit code, stdout, stderr), like run_command of a module."""

    def __init__(self, run, cli="docker", host=None, context=None):
        self.run = run
        self.command = [cli] + (["--host", host] if host else []) + (["--context", context] if context else [])

    @classmethod
    def of(cls, module):
        """The one that a module's options name."""
        run = functools.partial(module.run_command, handle_exceptions=False, expand_user_and_vars=False)
        return cls(run, *(module.params[key] for key in ("docker_cli", "docker_host", "cli_context")))

    def call(self, *arguments):
        """Standard output of a command; an error that says how it was asked when it fails."""
        try:
            code, out, err = self.run(self.command + list(arguments))
        except OSError as error:
            code, out, err = 127, "", str(error)
        if code:
            reason = (err or out).strip()
            asked = " ".join(self.command + list(arguments))
            raise DockerError(f"`{asked}` failed: {reason.rstrip('.') or f'exit code {code}'}.{_fix(code, reason)}")
        return out

    def json(self, *arguments):
        """The answer of a command that speaks JSON."""
        out = self.call(*arguments)
        try:
            return json.loads(out)
        except ValueError:
            asked = " ".join(self.command + list(arguments))
            raise DockerError(f"`{asked}` did not answer with JSON but with: {out.strip()[:200]}") from None

    def engine(self):
        """What kind of engine answers, see engine_of."""
        endpoint = self.call("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()
        info = self.json("info", "--format", "{{json .}}")
        return engine_of(info if isinstance(info, dict) else {}, endpoint, platform.system())

    def ids(self):
        """The networks there are: a list of (id, name)."""
        lines = self.call("network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}").splitlines()
        return [line.partition(" ")[::2] for line in lines]

    def networks(self, *keys):
        """The networks with these ids; all without any."""
        keys = keys or tuple(key for key, _name in self.ids())
        found = self.json("network", "inspect", *keys)
        if not isinstance(found, list) or len(found) != len(keys) or not all(map(is_network, found)):
            asked = shlex.join([*self.command, "network", "inspect", *keys])
            raise DockerError(f"`{asked}` did not describe these networks, but said: {json.dumps(found)[:200]}")
        return found

    def network(self, name):
        """One network by its exact name or full id, None where there is none."""
        matches = [key for key, own_name in self.ids() if name in (own_name, key)]
        if len(matches) > 1:
            raise DockerError(
                f"There are {len(matches)} networks with the name {name} ({', '.join(key[:12] for key in matches)}); "
                f"remove all but one with `{shlex.join([*self.command, 'network', 'rm', 'ID'])}`."
            )
        return self.networks(matches[0])[0] if matches else None

    def existing(self, name):
        """One network that must be there."""
        network = self.network(name)
        if network is None:
            names = ", ".join(sorted(own_name for _key, own_name in self.ids()))
            raise DockerError(
                f"There is no Docker network {name}. There are: {names}. "
                "A Compose project's network is called PROJECT_default and exists while the project is up."
            )
        return network

    def users(self, network):
        """The containers that belong to a network, by name; a stopped one would not start again without it."""
        # A container that was never started knows its network by the name only.
        either = [word for key in ("Id", "Name") for word in ("--filter", f"network={network[key]}")]
        listed = self.call("ps", "--all", "--no-trunc", *either, "--format", "{{.ID}} {{.Names}}").splitlines()
        return {name: key for key, name in (line.partition(" ")[::2] for line in listed)}

    def notes(self, name):
        """What runs that were broken off while they recreated a network have left: a list of {network, members}."""
        volumes = self._noted(name)
        try:
            found = self.json("volume", "inspect", *volumes) if volumes else []
            return [json.loads(one["Labels"][f"{NOTE}.was"]) for one in found]
        except (KeyError, TypeError, ValueError):
            by_hand = shlex.join([*self.command, "volume", "rm", *volumes])
            raise DockerError(
                f"What is noted about Docker network {name} cannot be read; `{by_hand}` removes it."
            ) from None

    def _noted(self, name):
        return self.call("volume", "ls", "--quiet", "--filter", f"label={NOTE}={name}").split()

    def _note(self, name, was):
        text = json.dumps(was, sort_keys=True)
        labels = ["--label", f"{NOTE}={name}", "--label", f"{NOTE}.was={text}"]
        self.call("volume", "create", *labels, f"{NOTE}.{hashlib.sha256(text.encode()).hexdigest()[:16]}")

    def members(self, name, users, notes):
        """The containers of a network, see Plan: those that are on it, and those of notes that are still there."""
        there = self.call("ps", "--all", "--no-trunc", "--quiet").split() if notes else []
        noted = [one for note in notes for one in note["members"] if one["Id"] in there]
        found = {one["Id"]: {**one, "on": False} for one in noted}
        for key in users.values():
            container = self.json("inspect", key)[0]
            found[container["Id"]] = {"Id": container["Id"], "aliases": aliases_of(container, name), "on": True}
        return list(found.values())

    def apply(self, plan):
        """Carry out a plan. When the new network is refused, the old one is put back."""
        if plan.operation == "recreate":
            was = replacement(plan.name, {}, {}, plan.before or plan.after)
            self._note(plan.name, {"network": was, "members": plan.members})
        if plan.operation in ("recreate", "remove") and plan.before:
            self._remove(plan.before, plan.members)
        if plan.operation in ("recreate", "create"):
            self._create(plan)
        if plan.operation in ("recreate", "remove"):
            self._connect(plan.name, plan.members if plan.after else [])

    def _create(self, plan):
        try:
            self.call(*create_arguments(plan.after))
        except DockerError as error:
            if not plan.before:
                raise
            self.call(*create_arguments(plan.before))
            self._connect(plan.name, plan.members)
            raise DockerError(f"{error} The network is there again as it was.") from None

    def _remove(self, network, members):
        """Remove a network. Where Docker refuses, its containers are on it again."""
        off = [one for one in members if not one["on"]]
        try:
            for one in members:
                if one["on"]:
                    self.call("network", "disconnect", network["Id"], one["Id"])
                    off.append(one)
            self.call("network", "rm", network["Id"])
        except DockerError:
            self._connect(network["Name"], off)
            raise

    def _connect(self, name, members):
        """Put containers on a network; with that nothing is left to be noted."""
        for one in members:
            options = [word for alias in one["aliases"] for word in ("--alias", alias)]
            self.call("network", "connect", *options, name, one["Id"])
        volumes = self._noted(name)
        if volumes:
            self.call("volume", "rm", *volumes)
