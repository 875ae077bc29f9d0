#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: django_objects
short_description: Manage objects of many kinds in one start of Django
description:
  - Makes the rows of an LMS or an app match a list of objects of any kinds, in one start of the target and one
    transaction.
  - An object is of a kind that has a module of its own, with the options of that module, or of any Django model.
  - All objects are planned before the first is written. Later objects may name earlier ones that do not exist yet.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
  objects:
    description:
      - The objects, in the order in which they depend on each other.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description:
          - The name of the kind's module. V(model) stands for any Django model.
        type: str
        choices:
          - django_site
          - django_user
          - oauth_application
          - oauth_access_token
          - third_party_auth_provider
          - model
        default: model
      options:
        description:
          - The options of the kind's module, without O(target) and the plural list.
          - It is not shown in logs as a whole, because it may hold secrets.
        type: dict
      model:
        description:
          - For O(objects[].kind=model), the model as C(app_label.Model).
        type: str
      key:
        description:
          - For O(objects[].kind=model), the fields that find the row. A relation is a lookup (a dictionary) or a
            primary key.
        type: dict
      values:
        description:
          - For O(objects[].kind=model), the fields that the row should have. A relation to many is a list of lookups.
        type: dict
      secrets:
        description:
          - For O(objects[].kind=model), text fields that are never shown.
        type: dict
      state:
        description:
          - For O(objects[].kind=model), whether the row exists.
          - With V(absent) only this row is removed, with its entries in the relations to many of its own model. Where
            others point at it that Django would remove with it, nothing is changed, also in check mode, and the error
            says how many of which models. Earlier entries of O(objects) that are of a model, too, may remove them.
          - Relations that their model empties by itself when the row goes (C(SET_NULL)) are emptied.
        type: str
        choices: [present, absent]
        default: present
  expect_settings:
    description:
      - Django settings of the target with the values that it must run with. Where one differs nothing is changed, and
        the error names the setting and not its value.
    type: dict
    default: {}
  claims:
    description:
      - Names that a run of several requests holds in the target, so that no other run changes the same meanwhile, as
        the steps of a rotation do. Nothing is changed while somebody else holds one of them, who is named.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What is held. It is kept as the client id of an application that nobody can use.
        type: str
        required: true
      by:
        description: Who holds it from now on. Without it the name is only looked at.
        type: str
        default: ""
      over:
        description: Who does not count any more.
        type: list
        elements: str
        default: []
      note:
        description: What is kept with it for whoever takes it over.
        type: str
        default: ""
      release:
        description: Whether it is given back.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: A site, a worker and its application in one start of the LMS
  mitodl.openedx.django_objects:
    target:
      type: tutor_dev
    objects:
      - kind: django_site
        options:
          domain: local.openedx.io:8000
      - kind: django_user
        options:
          username: xpro_serviceworker
          email: xpro-service@mitx.odl.local
          is_staff: true
      - kind: oauth_application
        options:
          name: xpro-oauth-app
          user: xpro_serviceworker
          redirect_uris:
            - http://xpro.odl.local:8053/login/_private/complete
          client_type: confidential
          authorization_grant_type: authorization-code

- name: Any model, here scopes of an application
  mitodl.openedx.django_objects:
    target:
      type: tutor_dev
    objects:
      - model: oauth_dispatch.ApplicationAccess
        key:
          application:
            name: xpro-oauth-app
        values:
          scopes:
            - read
            - user_id
"""

RETURN = r"""
objects:
  description: One entry per declared object, as the module of a kind returns it.
  returned: success
  type: list
  elements: dict
  contains:
    last_change:
      description:
        - Who changed the stored row last (C(by), a username) and when (C(at), ISO 8601), as the history of Django's
          admin says, and the row itself where it is one of a configuration model (a provider).
      type: dict
      returned: when a row that is there differs and its history is known
      sample: {"by": "edx", "at": "2026-11-23T10:11:02+00:00"}
    left:
      description: What V(state=absent) does not take away, such as the rows of a provider's history.
      type: dict
      returned: with V(state=absent)
    unseen:
      description: Why nobody could look whether the object is there, in check mode with O(assume_absent=true).
      type: str
      returned: when it could not be asked
    secrets:
      description: Secret fields in clear, as far as they are known.
      type: dict
      returned: when O(return_secrets=true)
held:
  description:
    - By each of O(claims) that somebody held, who (C(by)), for how many seconds without a step (C(idle)), and the
      C(note) that was kept with it.
  returned: success
  type: dict
boots:
  description: How often the target was started for this task, 0 where its session had been counted before.
  type: int
  returned: always
  sample: 1
seconds:
  description: How long the target took to answer, in seconds, a start included.
  type: float
  returned: success
warned:
  description: What was warned of, such as superusers who could be taken over by e-mail.
  type: list
  elements: str
  returned: where there is something
versions:
  description: Versions of Python, Django and django-oauth-toolkit in the target.
  type: dict
  returned: success
"""

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.module import run_objects


def main() -> None:
    run_objects()


if __name__ == "__main__":
    main()
