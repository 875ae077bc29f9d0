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
attributes:
  action:
    description:
      - Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: none
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    platforms: posix
    support: full
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
