#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: show_changes
short_description: Report the changes of a task whose own output is kept out of the log
description:
  - A task with O(ignore:no_log=true) and O(ignore:return_secrets=true) shows neither its diff nor what changed. This
    one takes the diff from the registered result, which holds no secrets, and reports it as its own.
  - It is an action on the controller; nothing is run on the host.
options:
  changes:
    description:
      - The registered C(diff) of such a task.
    type: list
    elements: dict
    required: true
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - It changes nothing itself; its changed status is that of the task it reports on.
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Make an application and take its generated secret
  mitodl.openedx.oauth_application:
    target:
      type: tutor_dev
    name: xpro-oauth-app
    return_secrets: true
  register: application
  changed_when: false
  no_log: true

- name: Show what changed
  mitodl.openedx.show_changes:
    changes: "{{ application.diff }}"
"""

RETURN = r""" # """
