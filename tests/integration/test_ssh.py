# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LMS and apps on other machines: everything over ssh, to a server of its own on this one, with keys of its own."""

from __future__ import annotations

import re

import pytest
import yaml
from runs import ROOT
from sshd import connections


def test_a_run_over_ssh_finds_what_a_local_one_has_made(converged, sshd, tmp_path):
    where = ("-i", str(ROOT / "inventories/lab"), "-i", sshd.inventory())
    command = ("ansible-playbook", "playbooks/site.yml", "--limit", "xpro", *where, "--skip-tags", "doctor", "-vvv")
    run = converged.ansible(*command, **connections(tmp_path)).well()
    assert run.changed == 0
    assert "ESTABLISH SSH CONNECTION FOR USER" in run.out
    # No module is a file there, and no option of one.
    assert " PUT " not in run.out
    assert converged.read_env()["OPENEDX_API_CLIENT_SECRET"] not in run.out


@pytest.mark.parametrize(("host", "modules"), [("lms", ["stat"]), ("xpro", ["ping"]), ("mitxonline", [])])
def test_each_machine_says_itself_whether_modules_come_as_files(lab, sshd, tmp_path, host, modules):
    """The one that a task is delegated to as well as the play's own."""
    play = {
        "hosts": "xpro",
        "gather_facts": False,
        "vars_files": [str(ROOT / "playbooks/vars/plays.yml")],
        "tasks": [
            {"ansible.builtin.ping": {}},
            {"ansible.builtin.stat": {"path": "/"}, "delegate_to": "lms"},
        ],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    where = ("-i", sshd.inventory(only=(host,), ansible_pipelining=False))
    run = lab.ansible("ansible-playbook", str(tmp_path / "play.yml"), *where, "-vvv", **connections(tmp_path)).well()
    assert re.findall(r" PUT .*AnsiballZ_(\w+)\.py", run.out) == modules


def test_everything_over_ssh(fresh, sshd, tmp_path):
    where = ("-i", str(ROOT / "inventories/lab"), "-i", sshd.inventory())
    env = connections(tmp_path)

    def run(*words, book="site"):
        report = ("-e", f"sso_doctor_report_dir={fresh.report}")
        return fresh.ansible("ansible-playbook", f"playbooks/{book}.yml", *where, *report, *words, **env)

    first = run().well()
    assert first.out.count(", 0 failed,") == 2
    assert first.recap.keys() == {"xpro", "mitxonline"}

    boots = len(fresh.boots())
    second = run("-vvv").well()
    assert second.changed == 0
    # Sessions live on the other machine from one task to the next.
    assert sorted(fresh.boots()[boots:]) == ["lms", "mitxonline", "mitxpro"]
    assert "ESTABLISH SSH CONNECTION FOR USER" in second.out
    assert " PUT " not in second.out
    for key in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN"):
        assert fresh.read_env()[key] not in second.out

    assert run(book="doctor").well().out.count(", 0 failed,") == 2

    sshd.inventory(ansible_pipelining=False)
    slow = run("-vvv", "--limit", "xpro", "--skip-tags", "doctor").well()
    assert slow.changed == 0
    assert " PUT " in slow.out
    assert fresh.read_env()["OPENEDX_API_CLIENT_SECRET"] not in slow.out
