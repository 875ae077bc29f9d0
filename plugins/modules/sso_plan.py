#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: sso_plan
short_description: Say what a run would do for an app
description:
  - Turns what the roles P(mitodl.openedx.edx_oauth_provider#role), P(mitodl.openedx.edx_private_settings#role) and
    P(mitodl.openedx.mit_app_env#role) registered in check mode into a list of what is unchanged, to change and to
    create for the app of the host. The role P(mitodl.openedx.sso_plan#role) runs them and this.
  - What another app of the same LMS lacks is not in it. Secrets are not in it either; of one that differs it says only
    that it does.
  - Runs on the controller and starts no process.
options: {}
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
seealso:
  - module: mitodl.openedx.sso_guide
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Compare what is there with what is declared
  mitodl.openedx.sso_plan:
  register: plan

- name: Show what a run would do
  mitodl.openedx.show_lines:
    lines: "{{ plan.lines }}"
"""

RETURN = r"""
findings:
  description: Everything that the app needs.
  type: list
  elements: dict
  returned: success
  contains:
    where:
      description: V(LMS), V(LMS settings), V(.env) or V(app).
      type: str
      returned: success
    name:
      description: The thing.
      type: str
      returned: success
      sample: OAuth2 application xpro-oauth-app
    state:
      description: V(unchanged), V(to change) or V(to create).
      type: str
      returned: success
    changes:
      description: The C(field), and its value C(before) and C(after), of what is to change.
      type: list
      elements: dict
      returned: success
    kept:
      description: The credentials that stay, of what is to change.
      type: list
      elements: str
      returned: success
    by:
      description:
        - Who changed the row last, as far as the history of Django's admin or of the provider knows. Empty where nobody
          knows.
      type: str
      returned: success
    unseen:
      description: Why nobody could look whether it is there; empty where somebody did.
      type: str
      returned: success
    at:
      description: When that was; of a file when it was written.
      type: str
      returned: success
drift:
  description:
    - What is not as declared, one entry for every field that differs, and one for everything that is missing. Who
      changed it last (C(by)) and when (C(at)) is empty where nobody knows.
  type: list
  elements: dict
  returned: success
  sample:
    - {"object": "LMS: provider ol-oauth2", "field": "name", "old": "Else", "new": "Login with xpro", "by": "ann",
       "at": "2026-11-23T10:11:02+00:00"}
not_compared:
  description:
    - What nobody could look at and why, such as the rows of an app whose container is stopped. It is not in RV(drift).
  type: list
  elements: str
  returned: success
unknown:
  description:
    - Why nothing could be compared, with what to do, where the LMS does not answer or the app cannot be brought up yet.
      Empty where anything was compared.
  type: list
  elements: str
  returned: success
lines:
  description: The findings for a person, with the number of Django starts.
  type: list
  elements: str
  returned: success
drift_lines:
  description: The drift for a person, with the number of Django starts.
  type: list
  elements: str
  returned: success
"""
