#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: sso_guide
short_description: Judge the actions of the manual guide
description:
  - For an app on Linux the guide that this collection replaces asks for 26 actions of a person. Says of each whether it
    is done on this machine, judged by a plan and by the hops of the doctor. The role P(mitodl.openedx.sso_plan#role)
    makes both.
  - Runs on the controller and starts no process.
options:
  findings:
    description: What M(mitodl.openedx.sso_plan) found.
    type: list
    elements: dict
    required: true
  hops:
    description:
      - What M(mitodl.openedx.sso_check) says of each hop. An action that only a hop proves which is not in it was not
        tried.
    type: list
    elements: dict
    required: true
  unknown:
    description: Why M(mitodl.openedx.sso_plan) could compare nothing. What only its findings tell was not tried then.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
seealso:
  - module: mitodl.openedx.sso_plan
  - module: mitodl.openedx.sso_check
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Judge the actions of the manual guide
  mitodl.openedx.sso_guide:
    findings: "{{ sso_plan_result.findings }}"
    hops: "{{ sso_doctor_result.hops }}"
  register: guide

- name: Show the checklist
  mitodl.openedx.show_lines:
    lines: "{{ guide.lines }}"
"""

RETURN = r"""
actions:
  description: The actions, in the order of the guide.
  type: list
  elements: dict
  returned: success
  contains:
    number:
      description: The number of the action, from 1.
      type: int
      returned: success
    title:
      description: What a person does.
      type: str
      returned: success
    role:
      description: The role that does it here, if any.
      type: str
      returned: success
    state:
      description: V(done), V(differs), V(with a note), V(not tried) or V(not applicable).
      type: str
      returned: success
    why:
      description: What differs, what there is to note, or why it was not tried or is not applicable.
      type: str
      returned: success
lines:
  description: The same for a person, with its sum.
  type: list
  elements: str
  returned: success
"""
