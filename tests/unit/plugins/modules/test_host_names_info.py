# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _host_names
from ansible_collections.mitodl.openedx.plugins.modules import host_names_info
from modules import run_here

NOWHERE = "xpro.mitodl-openedx-test.invalid"


def run(**options):
    return run_here(host_names_info, options)


@pytest.fixture
def hosts(tmp_path):
    path = tmp_path / "hosts"
    path.write_text("127.0.0.1 localhost\n")
    return path


def test_a_name_that_does_not_resolve_lacks_its_line(hosts):
    found = run(names=[NOWHERE, NOWHERE], hosts_file=hosts)
    assert (found["unresolved"], found["missing_lines"]) == ([NOWHERE], [f"127.0.0.1 {NOWHERE}"])
    assert (found["changed"], found["writable"]) == (False, True)


@pytest.mark.parametrize(
    "line",
    [f"127.0.0.1 {NOWHERE}", f"10.0.0.7\tother {NOWHERE.upper()}  # mine", f"::1 {NOWHERE}#mine"],
)
def test_a_name_that_the_file_maps_lacks_none(hosts, line):
    hosts.write_text(f"{line}\n")
    assert run(names=[NOWHERE], hosts_file=hosts)["missing_lines"] == []


@pytest.mark.parametrize("line", [f"# 127.0.0.1 {NOWHERE}", f"127.0.0.1 www.{NOWHERE}", f"127.0.0.1 a # {NOWHERE}"])
def test_what_only_looks_like_its_line(hosts, line):
    hosts.write_text(f"{line}\n")
    assert run(names=[NOWHERE], hosts_file=hosts)["missing_lines"] == [f"127.0.0.1 {NOWHERE}"]


def test_addresses_and_localhost_need_none(hosts):
    hosts.write_text("")
    found = run(names=["127.0.0.1", "10.255.255.1", "::1", "localhost"], hosts_file=hosts)
    assert (found["unresolved"], found["missing_lines"]) == ([], [])


@pytest.mark.parametrize(
    ("answer", "unresolved", "missing"),
    [([], True, True), (["127.0.0.1"], False, True), (["::1"], False, True), (["192.0.2.7"], False, False)],
)
def test_a_name_of_another_machine_is_left_to_it(hosts, monkeypatch, capsys, answer, unresolved, missing):
    def getaddrinfo(name, port):
        if not answer:
            raise _host_names.socket.gaierror(-2, "Name or service not known")
        return [(None, None, None, "", (address, 0)) for address in answer]

    monkeypatch.setattr(_host_names.socket, "getaddrinfo", getaddrinfo)
    assert bool(_host_names.addresses("name")) is not unresolved
    monkeypatch.setattr(host_names_info, "AnsibleModule", lambda **_options: Module(names=["name"], hosts_file=hosts))
    with pytest.raises(SystemExit):
        host_names_info.main()
    assert bool(Module.result["missing_lines"]) is missing


@pytest.mark.parametrize(
    ("system", "line", "lines"),
    [
        ("Linux", "", [f"127.0.0.1 {NOWHERE}", "127.0.0.1 no-such.local"]),
        ("Darwin", "", [f"127.0.0.1 {NOWHERE}", "127.0.0.1 no-such.local", "::1 no-such.local"]),
        ("Darwin", "127.0.0.1 no-such.local", [f"127.0.0.1 {NOWHERE}", "::1 no-such.local"]),
        ("Darwin", "fe80::1%lo0 No-Such.local", [f"127.0.0.1 {NOWHERE}"]),
    ],
)
def test_on_macos_a_name_of_bonjours_domain_needs_two(hosts, system, line, lines):
    hosts.write_text(f"{line}\n")
    assert _host_names.look_up([NOWHERE, "no-such.local"], str(hosts), system=system)["missing_lines"] == lines


def test_which_names_are_this_machines():
    assert _host_names.is_local("localhost")
    assert _host_names.is_local("127.0.0.1")
    assert not _host_names.is_local(NOWHERE)
    assert not _host_names.is_local("192.0.2.7")


class Module:
    """What main() needs of AnsibleModule, in this process, so that the resolver can be another."""

    result: dict

    def __init__(self, **params):
        self.params = {"address": "127.0.0.1", **params}

    def exit_json(self, **result):
        type(self).result = result
        raise SystemExit


def test_a_file_that_is_not_there(tmp_path):
    assert "name the hosts file" in run(names=[NOWHERE], hosts_file=tmp_path / "hosts")["msg"]
