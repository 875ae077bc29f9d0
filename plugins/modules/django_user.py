#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: django_user
short_description: Manage users of the LMS or of an app
description:
  - Creates, corrects and removes users, found by their username.
  - In the LMS a new user gets a profile and a usable random password, without which a login through a provider fails.
  - "Only the options that are given are managed: an existing user is never demoted and keeps the password."
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
  username: &username
    description:
      - The username. The natural key. Open edX allows 30 characters.
    type: str
  email: &email
    description:
      - The e-mail address. It is unique in Open edX and in the apps.
    type: str
  name: &name
    description:
      - The full name, kept in the user or in the LMS profile.
    type: str
  is_active: &is_active
    description:
      - Whether the user may log in.
    type: bool
  is_staff: &is_staff
    description:
      - Whether the user may use the admin and the staff endpoints of the LMS.
    type: bool
  is_superuser: &is_superuser
    description:
      - Whether the user has every permission.
    type: bool
  password: &password
    description:
      - The password in clear. An empty one counts as not given.
      - It is compared with the stored hash and only written when it differs, because setting a password ends every
        session of the user.
    type: str
  usable_password: &usable_password
    description:
      - V(true) gives a user whose password is unusable a random one. The LMS refuses tokens and logins of such users.
    type: bool
  update_password: &update_password
    description:
      - V(always) makes the stored password equal to the given one. V(on_create) uses the given one only for a new
        user.
    type: str
    choices: [always, on_create]
    default: always
  on_absent: &on_absent
    description:
      - What V(state=absent) does. V(delete) removes the user with all that belongs to it, OAuth2 applications and
        tokens included.
      - V(deactivate) keeps the user, because the LMS keeps a record of what a user did to others, such as enrolling
        them, which would go too. The user can no longer log in, is neither staff nor superuser, and all its OAuth2
        tokens are removed.
    type: str
    choices: [delete, deactivate]
    default: delete
  state: &state
    description:
      - Whether the user exists; see O(on_absent).
    type: str
    choices: [present, absent]
    default: present
  users:
    description:
      - Several objects in one start of the target, instead of one by the options beside this one.
      - All are planned before the first is written, and all are written in one transaction.
    type: list
    elements: dict
    suboptions:
      username: *username
      email: *email
      name: *name
      is_active: *is_active
      is_staff: *is_staff
      is_superuser: *is_superuser
      password: *password
      usable_password: *usable_password
      update_password: *update_password
      on_absent: *on_absent
      state: *state
"""

EXAMPLES = r"""
- name: A service worker of the LMS
  mitodl.openedx.django_user:
    target:
      type: tutor_dev
    username: xpro_serviceworker
    email: xpro-service@mitx.odl.local
    is_staff: true

- name: A superuser, whose password is set once and left alone afterwards
  mitodl.openedx.django_user:
    target:
      type: tutor_dev
    username: edx
    email: edx@example.org
    is_staff: true
    is_superuser: true
    password: "{{ vault_edx_password }}"
    update_password: on_create
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
      sample: {"username": "edx", "email": "edx@example.org", "is_staff": true}
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
    run_kind("django_user")


if __name__ == "__main__":
    main()
