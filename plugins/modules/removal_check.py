#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: removal_check
short_description: Refuse a removal while a side does not answer
description:
  - Asks the LMS and the app whether they answer, in one process of M(mitodl.openedx.http_status_info) on the app's
    host, and fails with what to do where one does not.
options:
  app:
    description: The fact C(mit_app_facts.app).
    type: dict
    required: true
  sides:
    description: From which sides something is to be removed. The other one is not asked.
    type: str
    choices: [all, lms, app]
    default: all
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
author:
  - MIT Open Learning contributors (@mitodl)
"""


EXAMPLES = r"""
- name: Require that both sides run
  mitodl.openedx.removal_check:
    app: "{{ mit_app_facts.app }}"
"""

RETURN = r"""
statuses:
  description: The HTTP status of each side that was asked; C(-1) where nobody answers.
  type: dict
  returned: always
silent:
  description: The sides at which nobody answers.
  type: list
  elements: str
  returned: always
"""
