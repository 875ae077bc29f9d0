# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the report cannot be written; what is in it is tested with the role."""

from __future__ import annotations

import json

from runs import ansible


def test_a_directory_that_cannot_be_made_is_named_with_the_variable_that_names_another(tmp_path):
    play = tmp_path / "play.yml"
    task = {"mitodl.openedx.sso_report": {"dir": "/dev/null/report"}}
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    run = ansible("ansible-playbook", "-i", "localhost,", "-c", "local", play, env={})
    assert run.code != 0
    said = " ".join(run.out.split())
    assert "/dev/null/report: Not a directory. Name another directory by -e sso_doctor_report_dir=" in said
