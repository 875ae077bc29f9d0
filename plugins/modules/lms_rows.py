#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: lms_rows
short_description: Converge the rows of an LMS for all apps of a play
description:
  - Computes on the controller what the LMS is to have, or to lose, for the given apps - Site, superusers, service
    workers, OAuth2 applications, API tokens and providers - and runs M(mitodl.openedx.django_objects) once for all of
    them.
  - A credential that the inventory gives counts first, then what the LMS has, then what the app's C(.env) has; else
    one is generated.
  - The result carries the secrets that the apps need, so a success is kept out of the log;
    M(mitodl.openedx.show_changes) reports what changed.
options:
  state:
    description: Whether the apps are known to the LMS.
    type: str
    choices: [present, absent]
    default: present
  lms:
    description: The fact C(mit_app_facts.lms).
    type: dict
    required: true
  hosts:
    description: The inventory hosts of the apps, each with the fact C(mit_app_facts).
    type: list
    elements: str
    required: true
  former:
    description:
      - For V(absent), the one app of O(hosts) as it was on an LMS that it left. The default is as its fact says.
    type: dict
  token_days:
    description: How many days a new or renewed API token lives.
    type: int
  renew_days:
    description: Renew a token that has fewer days left than this.
    type: int
  objects:
    description: Further objects, as the option O(mitodl.openedx.django_objects#module:objects).
    type: list
    elements: dict
  other_files:
    description:
      - For V(absent), the registered C(.env) files of the other apps of the LMS, as M(ansible.builtin.slurp) returns
        them.
    type: dict
  history_user:
    description: The LMS user under whom each change is noted in the history of Django's admin.
    type: str
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Converge the rows of every app in the LMS
  mitodl.openedx.lms_rows:
    lms: "{{ mit_app_facts.lms }}"
    hosts: "{{ mit_app_facts.lms.apps }}"
    token_days: 3650
    renew_days: 30
  register: rows
"""

RETURN = r"""
objects:
  description: As M(mitodl.openedx.django_objects) returns them, with their secrets.
  type: list
  elements: dict
  returned: success
diff:
  description: The changes, without secrets.
  type: list
  elements: dict
  returned: success
boots:
  description: How often Django was started.
  type: int
  returned: success
unfinished:
  description: Of O(hosts), those of which a rotation was broken off.
  type: list
  elements: str
  returned: always
"""
