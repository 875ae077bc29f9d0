#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: lms_departure
short_description: Remove an app from an LMS that it left
description:
  - For an app that belongs to another LMS now. Removes from the old one what M(mitodl.openedx.lms_settings) and
    M(mitodl.openedx.lms_rows) have made there for this app - its backend, provider, OAuth2 application, API token and
    service worker - and leaves the other apps of that LMS and its learners alone.
  - Never fails. An LMS that does not answer, that the inventory does not know, or where a step fails is said in
    RV(reason).
options:
  former:
    description: An entry of C(mit_app_facts.former), as M(mitodl.openedx.resolve) returns it.
    type: dict
    required: true
  other_files:
    description:
      - The registered C(.env) files of the other apps of the old LMS, as M(ansible.builtin.slurp) returns them. A
        service worker or a token that one of them names stays.
    type: dict
    default: {}
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
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Remove the app from the LMS that it left
  mitodl.openedx.lms_departure:
    former: "{{ item }}"
  loop: "{{ mit_app_facts.former }}"
  delegate_to: "{{ item.edx_host or inventory_hostname }}"
"""

RETURN = r"""
base_url:
  description: The address of the old LMS.
  type: str
  returned: always
removed:
  description: Whether it has nothing of the app any more but what a removal leaves.
  type: bool
  returned: always
reason:
  description: Why it was not removed; empty where the inventory does not know that LMS.
  type: str
  returned: always
"""
