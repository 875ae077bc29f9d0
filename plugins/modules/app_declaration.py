#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: app_declaration
short_description: Work out what an app is to have
description:
  - Runs on the controller. From the fact of an app and the rows of its LMS it makes the keys of the app's C(.env) and
    the options of the LMS's OAuth2 application in the app. The result holds secrets and is kept out of the log.
options:
  state:
    description: For V(absent), only what is to be taken away is said.
    type: str
    choices: [present, absent]
    default: present
  app:
    description: The fact C(mit_app_facts.app).
    type: dict
    required: true
  rows:
    description: The C(objects) that M(mitodl.openedx.lms_rows) returned.
    type: list
    elements: dict
  credentials:
    description:
      - The credentials themselves, instead of O(rows) - C(client_id), C(client_secret) and C(api_token) for the LMS,
        C(app_client_id) and C(app_client_secret) of the LMS in the app.
    type: dict
  extra:
    description: Further keys of the C(.env). Those whose names sound like secrets are returned as such.
    type: dict
  extra_secrets:
    description: Further keys of the C(.env) whose values nobody may see.
    type: dict
  gateway_secret:
    description: The client secret of the app's gateway at the identity provider, where it is used and this is given.
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
- name: Compute the app's keys and credentials
  mitodl.openedx.app_declaration:
    app: "{{ mit_app_facts.app }}"
    rows: "{{ rows.objects }}"
  register: declared
"""

RETURN = r"""
values:
  description: The keys of the C(.env) that are no secrets.
  type: dict
  returned: when O(state=present)
secrets:
  description: Those that are.
  type: dict
  returned: when O(state=present)
defaults:
  description: Keys without which the app does not start, and what they are where nobody set them.
  type: dict
  returned: success
keys:
  description: Every key that an integration sets.
  type: list
  elements: str
  returned: success
kept:
  description:
    - Keys that a removal leaves as they are, because the app does not start without them, or because they note another
      LMS that may still know it.
  type: list
  elements: str
  returned: success
placeholders:
  description: What keys are after a removal without which the app does not start, where they were not there before.
  type: dict
  returned: success
public:
  description: Values of such keys that everybody knows, although others of the same key are secrets.
  type: dict
  returned: success
to_register:
  description: What a person registers in an app in which nothing is run, as lines; empty for others.
  type: list
  elements: str
  returned: when O(state=present)
application:
  description: The options of M(mitodl.openedx.oauth_application).
  type: dict
  returned: when O(state=present)
"""
