#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: removal_report
short_description: Say what a removal leaves, and why
description:
  - Puts into words what stays of an app in its LMS and of Open edX in the app after a removal, for
    M(mitodl.openedx.show_lines).
  - Asks the LMS whether it still offers the login through the app, by M(mitodl.openedx.http_status_info), and looks
    for copies of the app's C(.env), by M(ansible.builtin.find).
options:
  app:
    description: The fact C(mit_app_facts.app).
    type: dict
    required: true
  sides:
    description: From which sides something was removed.
    type: str
    choices: [all, lms, app]
    default: all
  rows:
    description: The C(objects) that M(mitodl.openedx.lms_rows) returned; not used with O(sides=app).
    type: list
    elements: dict
    default: []
  dotenv:
    description: What M(mitodl.openedx.dotenv) returned when it restored the keys; not used with O(sides=lms).
    type: dict
    default: {}
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
author:
  - MIT Open Learning contributors (@mitodl)
"""


EXAMPLES = r"""
- name: Look at what is left
  mitodl.openedx.removal_report:
    app: "{{ mit_app_facts.app }}"
    rows: "{{ hostvars[mit_app_facts.lms.leader].edx_oauth_provider_result.objects }}"
    dotenv: "{{ mit_app_env_dotenv }}"
  register: left

- name: Say what stays and why
  mitodl.openedx.show_lines:
    lines: "{{ left.lines }}"
"""

RETURN = r"""
lines:
  description: What stays and why.
  type: list
  elements: str
  returned: success
"""
