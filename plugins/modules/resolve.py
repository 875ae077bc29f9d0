#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: resolve
short_description: Turn the inventory variables of an app and its LMS into one result
description:
  - Runs on the controller. It reads the variables of the host (see the role P(mitodl.openedx.mit_app#role)), those of
    its LMS, and what M(mitodl.openedx.mit_app_info) has seen. Its result, registered as C(mit_app_facts), is what
    everything later works from.
  - Which app of a play does the work of its LMS, and what each app is called there, is decided here and nowhere else.
  - An app keeps the name of its backend. What the inventory gives counts first, then a provider row of the LMS that
    points at the app, then the C(.env) of an app that is integrated already; a new app is called C(ol-oauth2) where
    that name is free on its LMS, and C(ol-oauth2-<host>) where it is not. Neither the order of the inventory nor
    another host changes the name of an integrated app.
options:
  required:
    description:
      - Whether a directory for the app's C(.env) has to be there by now, and what it says of the app's name on the LMS
        must not contradict the LMS.
    type: bool
    default: false
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Check the app's machine and read its .env
  mitodl.openedx.mit_app_info:
  register: mit_app_found

- name: Resolve the app and its LMS
  mitodl.openedx.resolve:
  register: mit_app_facts

- name: Show where the app is
  ansible.builtin.debug:
    msg: "{{ mit_app_facts.app.base_url }} with {{ mit_app_facts.lms.base_url }}"
"""

RETURN = r"""
app:
  description: The app, with everything that follows from its variables and its profile.
  type: dict
  returned: success
lms:
  description: Its LMS, the hosts of the play that it serves (C(apps)), and whether this host does its work (C(leads)).
  type: dict
  returned: success
found:
  description: What was there when the run began. No secrets are in any of these.
  type: dict
  returned: success
refusal:
  description: Why a run for the app cannot succeed, and what to do; empty where nothing is known to be in the way.
  type: str
  returned: success
unwritable:
  description: The same where it only keeps a run from writing, and nobody from looking.
  type: str
  returned: success
preparations:
  description: What the role P(mitodl.openedx.mit_app#role) has to do before anything is written on the LMS.
  type: list
  elements: str
  returned: success
contradiction:
  description: What the app's C(.env) and the LMS say differently of the app's name there; empty where nothing is.
  type: str
  returned: success
settled:
  description: Whether the app's directory was there and the app answered.
  type: bool
  returned: success
"""
