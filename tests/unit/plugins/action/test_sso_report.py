# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the report cannot be written; what is in it is tested with the role."""

from __future__ import annotations

import json
import re

from runs import ansible


def test_a_directory_that_cannot_be_made_is_named_with_the_variable_that_names_another(tmp_path):
    play = tmp_path / "play.yml"
    task = {"mitodl.openedx.sso_report": {"dir": "/dev/null/report"}}
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    run = ansible("ansible-playbook", "-i", "localhost,", "-c", "local", play, env={})
    assert run.code != 0
    said = " ".join(run.out.split())
    assert "/dev/null/report: Not a directory. Name another directory by -e sso_doctor_report_dir=" in said


def test_metrics_are_written_in_one_step_for_everybody_to_read(tmp_path):
    file = tmp_path / "openedx.prom"
    file.write_text("old")
    play = tmp_path / "play.yml"
    task = {"mitodl.openedx.sso_report": {"metrics": str(file)}}
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    command = ("ansible-playbook", "-i", "localhost,", "-c", "local", play)
    run = ansible(*command, env={"ANSIBLE_SHOW_CUSTOM_STATS": "true"}).well()
    assert '{host="localhost"} 0.0' in file.read_text()
    assert (file.stat().st_mode & 0o777, sorted(path.name for path in tmp_path.iterdir())) == (
        0o644,
        ["openedx.prom", "play.yml"],
    )
    assert "RUN: openedx_sso: apps: {} not_examined: - localhost ok: false" in " ".join(run.out.split())
    play.write_text(play.read_text().replace(".prom", ".txt"))
    assert "Name a file that ends with .prom" in ansible(*command, env={}).out


def test_a_host_of_a_later_batch_is_not_one_that_was_not_examined(tmp_path):
    play = tmp_path / "play.yml"
    tasks = [
        {"ansible.builtin.set_fact": {"mit_app_found": {}}},
        {"mitodl.openedx.sso_report": {"metrics": f"{tmp_path}/{{{{ inventory_hostname }}}}.prom"}},
    ]
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "serial": 1, "tasks": tasks}]))
    ansible("ansible-playbook", "-i", "a,b,", "-c", "local", play, env={}).well()
    named = [re.findall(r'host="(\w)"', (tmp_path / name).read_text()) for name in ("a.prom", "b.prom")]
    assert named == [["a"], ["a", "b"]]
