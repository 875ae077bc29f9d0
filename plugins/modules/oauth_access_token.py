#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: oauth_access_token
short_description: Manage OAuth2 access tokens
description:
  - Creates, renews and removes C(AccessToken) rows of django-oauth-toolkit.
  - A row is found by its token where O(token) is given, and is otherwise the last to expire of the user and
    application.
  - The LMS checks that the token exists, has not expired and belongs to an active user; it does not check scope or
    application.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
  user: &user
    description:
      - The username of the owner. The natural key, together with O(application).
    type: str
  application: &application
    description:
      - The name of the application that a new token belongs to. It is not changed on an existing one.
    type: str
  token: &token
    description:
      - The token, at most 255 characters in the LMS. Generated when it is not given and none is stored.
    type: str
  update_secret: &update_secret
    description:
      - V(always) makes the stored secret equal to the given one. V(on_create) uses the given one only where none is
        stored yet. V(renew) adds a new token at every run; the ones that are there stay.
    type: str
    choices: [always, on_create, renew]
    default: always
  exclusive: &exclusive
    description:
      - Whether to remove all other tokens of the same user and application.
    type: bool
    default: false
  scope: &scope
    description:
      - The scopes.
    type: list
    elements: str
  expires_in_days: &expires_in_days
    description:
      - How many days a new or a renewed token lives. Required for a new one.
    type: int
  renew_before_days: &renew_before_days
    description:
      - Renew a token that has fewer days left than this. Without it only an expired one is renewed.
    type: int
  state: &state
    description:
      - Whether the token exists. V(absent) removes the given O(token), or without it all tokens of the user and
        application.
    type: str
    choices: [present, absent]
    default: present
  access_tokens:
    description:
      - Several objects in one start of the target, instead of one by the options beside this one.
      - All are planned before the first is written, and all are written in one transaction.
    type: list
    elements: dict
    suboptions:
      user: *user
      application: *application
      token: *token
      update_secret: *update_secret
      exclusive: *exclusive
      scope: *scope
      expires_in_days: *expires_in_days
      renew_before_days: *renew_before_days
      state: *state
"""

EXAMPLES = r"""
- name: The API token of a service worker, for ten years, renewed in the last month
  mitodl.openedx.oauth_access_token:
    target:
      type: tutor_dev
    user: xpro_serviceworker
    application: xpro-oauth-app
    expires_in_days: 3650
    renew_before_days: 30
    return_secrets: true
  no_log: true
  register: token
"""

RETURN = r"""
objects:
  description: One entry per declared object, in the order of the declaration.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Where the object was declared, and its key; error messages use it too.
      type: str
      returned: success
    kind:
      description: The kind of the object, which is the name of its module.
      type: str
      returned: success
    key:
      description: The natural key.
      type: dict
      returned: success
    operation:
      description: What was done, or would be done in check mode.
      type: str
      returned: success
      sample: created, updated, removed or unchanged
    changes:
      description: The differing fields with their values C(before) and C(after); secrets as markers.
      type: list
      elements: dict
      returned: success
    fields:
      description: The fields as they are now (in check mode, as they would be), without secrets.
      type: dict
      returned: success
      sample: {"user": "xpro_serviceworker", "expires": "2036-11-20T12:00:00+00:00", "days_left": 3650}
    unseen:
      description: Why nobody could look whether the object is there, in check mode with O(assume_absent=true).
      type: str
      returned: when it could not be asked
    secrets:
      description: Secret fields in clear, as far as they are known.
      type: dict
      returned: when O(return_secrets=true)
boots:
  description: How often the target was started for this task, 0 where its session had been counted before.
  type: int
  returned: always
  sample: 1
seconds:
  description: How long the target took to answer, in seconds, a start included.
  type: float
  returned: success
versions:
  description: Versions of Python, Django and django-oauth-toolkit in the target.
  type: dict
  returned: success
"""

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.module import run_kind


def main() -> None:
    run_kind("oauth_access_token")


if __name__ == "__main__":
    main()
