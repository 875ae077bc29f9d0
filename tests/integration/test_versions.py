# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every promised version of ansible-core has to do. noxfile.py runs it with each of them (`make test-core-2.17`).

The lab's inventory takes its ports and paths from lookups, whose values some versions trust less than others do.
"""

from __future__ import annotations

import json

import ansible.release


def test_converge_check_doctor_removal(converged, tmp_path):
    # The first run is that of the lab itself; its recap says that it wrote.
    assert converged.first.run.changed > 0

    check = converged.playbook("--check", "--diff").well()
    assert (check.changed, check.diff) == (0, [])

    converged.playbook("--limit", "xpro", "-e", f"sso_doctor_report_dir={tmp_path}", book="doctor", doctor=True).well()
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["ok"], report["ansible"]) == (True, ansible.release.__version__)

    assert converged.playbook("--limit", "xpro", book="remove").well().changed > 0
    assert converged.sql("lms", "select * from oauth2_provider_application where name = 'xpro-oauth-app'") == []
