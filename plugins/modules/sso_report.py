#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: sso_report
short_description: Write the doctor's report of all apps of the play
description:
  - Writes C(report.html), one page with a drawing of the login chains, and C(report.json), the same for machines, and
    prints where they are. Beside them C(history.json) has the results of the last 20 runs, which the page lists.
    Each file is replaced in one step. They name people (staff of the LMS with their e-mail
    addresses, say), so that only who ran the play can read them.
  - Every host of the play that has a registered C(sso_doctor_result) of M(mitodl.openedx.sso_check) is in the report.
    The others are listed as not examined, and a report with such a host is not ok.
  - What a host has in C(sso_plan_result.drift), as the role P(mitodl.openedx.sso_plan#role) registers it, is listed as
    drift.
  - What monitoring wants of it is written by O(metrics), and set as statistics of the run (C(openedx_sso)), as
    M(ansible.builtin.set_stats) does, which AWX hands to the next job of a workflow.
  - Runs on the controller and starts no process. Use it with C(run_once).
options:
  dir:
    description:
      - The directory of these files on the controller, made where it is not there. A relative one is below the
        directory that C(ansible-playbook) was started from.
      - Without it these files are not written.
    type: path
  metrics:
    description:
      - A file on the controller, whose name ends with C(.prom), for the textfile collector of Prometheus'
        C(node_exporter). Its directory has to be there. The file is replaced in one step, everybody can read it, and it
        names nobody.
      - C(openedx_sso_examined), C(openedx_sso_ok), C(openedx_sso_hops) by C(status),
        C(openedx_sso_api_token_expiry_timestamp_seconds), C(openedx_sso_drifted_facts) where drift was looked for,
        C(openedx_sso_examination_duration_seconds) and C(openedx_sso_last_examination_timestamp_seconds).
    type: path
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.action
attributes:
  check_mode:
    support: full
    details:
      - Writes nothing then.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - The report is never counted as a change.
seealso:
  - module: mitodl.openedx.sso_check
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Examine the login chain
  mitodl.openedx.sso_check:
    target: "{{ mit_app_facts.lms.target }}"
    app_target: "{{ mit_app_facts.app.target }}"
    app: "{{ mit_app_facts.app }}"
  register: sso_doctor_result

- name: Write the report of all apps of the play
  mitodl.openedx.sso_report:
    dir: report
  run_once: true
"""

RETURN = r"""
path:
  description: The page.
  type: str
  returned: when O(dir) is given
  sample: /home/ann/openedx/report/report.html
ok:
  description: Whether every host of the play was examined and no hop failed.
  type: bool
  returned: success
"""
