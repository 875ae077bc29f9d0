#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: show_lines
short_description: Print lines of text as they are
description:
  - Prints a table, a list or a text for people, unchanged under every stdout callback, where M(ansible.builtin.debug)
    would print a list as JSON or YAML.
  - Runs on the controller and starts no process. Characters that would steer a terminal are left out.
options:
  lines:
    description:
      - The lines. An empty list prints nothing.
      - Nothing is printed where the task has C(no_log).
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
seealso:
  - module: ansible.builtin.debug
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Show the table of the hops
  mitodl.openedx.show_lines:
    lines: "{{ sso_doctor_result.table }}"
"""

RETURN = r""" # """
