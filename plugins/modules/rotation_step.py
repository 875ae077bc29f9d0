#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_step
short_description: Take one step of a rotation of credentials
description:
  - Works out on the controller what one side is to have in this step of a rotation, and converges it by one request of
    M(mitodl.openedx.django_objects) to that side. It needs the fact C(mit_app_facts) of the role
    P(mitodl.openedx.mit_app#role); the role P(mitodl.openedx.sso_rotation#role) takes the steps in their order.
  - A step of the LMS (V(begin), V(send_no_secret), V(store_secret), V(find_previous), V(revoke),
    V(find_surplus), V(finish)) has to be delegated to
    the host of the LMS.
  - The results of V(begin), V(renew_secret) and V(find_previous) carry secrets and are kept out of the log where they
    succeed; M(mitodl.openedx.show_changes) reports what changed.
options:
  step:
    description:
      - V(begin) refuses what cannot be rotated and creates the new credentials of the app beside the old ones.
      - V(verify_environment) asks the app whether it runs with them.
      - V(accept_no_secret), V(send_no_secret), V(renew_secret), V(store_secret) and V(require_secret) change, in this
        order, the client secret with which the LMS comes to the app.
      - V(find_previous) reads what the app had before.
      - V(revoke) removes the old credentials, or the new ones with O(back=true), and ends the rotation.
      - V(find_surplus) says what is left of one that could neither go on nor back.
      - V(finish) removes what is left of one that was broken off, after a run that has converged both sides.
    type: str
    required: true
    choices:
      - begin
      - verify_environment
      - accept_no_secret
      - send_no_secret
      - renew_secret
      - store_secret
      - require_secret
      - find_previous
      - revoke
      - find_surplus
      - finish
  rotate:
    description:
      - For V(begin), what to rotate - the API token of the service worker, the client id and secret with which the app
        comes to the LMS, the client secret with which the LMS comes to the app, or all three.
    type: str
    choices: [all, api_token, lms_client, app_client]
    default: all
  token_days:
    description: For V(begin), how many days the new API token lives.
    type: int
    default: 3650
  grace_seconds:
    description: For V(begin), how long the old credentials will go on working, for what a run and a dry run say.
    type: int
    default: 60
  begun:
    description: What V(begin) returned, for every step after it.
    type: dict
    default: {}
  renewed:
    description: For V(store_secret), what V(renew_secret) returned.
    type: dict
    default: {}
  previous:
    description: For V(verify_environment) with O(back=true), what V(find_previous) returned.
    type: dict
    default: {}
  rows:
    description: For V(finish), what M(mitodl.openedx.lms_rows) returned as C(objects).
    type: list
    elements: dict
    default: []
  reason:
    description: For V(find_surplus), what stood in the way of going back.
    type: str
    default: ""
  confidential:
    description: For V(find_surplus), whether the app was seen to ask the LMS for its client secret.
    type: bool
    default: false
  back:
    description: Whether the rotation is being undone.
    type: bool
    default: false
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: none
    details:
      - Every rotation makes new credentials.
author:
  - MIT Open Learning contributors (@mitodl)
"""


EXAMPLES = r"""
- name: Create new credentials beside the old ones
  mitodl.openedx.rotation_step:
    step: begin
    rotate: lms_client
  delegate_to: "{{ mit_app_facts.lms.host }}"
  register: begun

- name: Verify that the app runs with the new credentials
  mitodl.openedx.rotation_step:
    step: verify_environment
    begun: "{{ begun }}"
  check_mode: true
"""

RETURN = r"""
objects:
  description: As M(mitodl.openedx.django_objects) returns them; with secrets where a step after it needs them.
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
parts:
  description: What is rotated.
  type: list
  elements: str
  returned: with O(step=begin)
token_days:
  description: How many days the new API token lives.
  type: int
  returned: with O(step=begin)
restarts:
  description: Whether the app gets other credentials in its environment, and so has to be restarted.
  type: bool
  returned: with O(step=begin)
waits:
  description: A line on why a run waits before it revokes the old credentials, where it does.
  type: list
  elements: str
  returned: with O(step=begin)
switches_client:
  description: Whether the client secret changes with which the LMS comes to the app.
  type: bool
  returned: with O(step=begin)
env_values:
  description: What the app's C(.env) gets that is no secret.
  type: dict
  returned: with O(step=begin) outside check mode, and with O(step=find_previous)
env_secrets:
  description: What it gets that is.
  type: dict
  returned: with O(step=begin) outside check mode, and with O(step=find_previous)
message:
  description: What a run would do, what it did, or what is left of it.
  type: str
  returned: with O(step=begin) in check mode, and with V(revoke), V(finish) and V(find_surplus)
"""
