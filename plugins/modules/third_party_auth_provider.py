#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: third_party_auth_provider
short_description: Manage OAuth2 providers of the LMS
description:
  - Declares C(OAuth2ProviderConfig) rows of Open edX's C(third_party_auth), found by site and backend name.
  - "The model keeps its history: a row is never edited, the newest one counts. A row is added only when it would
    differ from the newest one."
  - The caches of the LMS are cleared after the commit, so that running servers see the row at once.
  - Behaviour follows C(common/djangoapps/third_party_auth) of edx-platform and django-config-models 3.0.0.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
  backend_name: &backend_name
    description:
      - The C(name) of the social-auth backend, such as V(ol-oauth2). Part of the natural key.
    type: str
  site: &site
    description:
      - The domain of the Site, with its port. Part of the natural key.
    type: str
  enabled: &enabled
    description:
      - Whether the provider can be used.
    type: bool
  name: &name
    description:
      - The name shown to people.
    type: str
  slug: &slug
    description:
      - The slug; keep it equal to the backend name.
    type: str
  client_id: &client_id
    description:
      - The client id that the app knows the LMS by. Kept or generated when it is not given, or empty.
    type: str
  client_secret: &client_secret
    description:
      - The client secret in clear. Kept or generated when it is not given.
      - One that is stored only in the setting C(SOCIAL_AUTH_OAUTH_SECRETS) is taken into the row, which wins where
        both are set.
    type: str
  update_secret: &update_secret
    description:
      - V(always) makes the stored secret equal to the given one. V(on_create) uses the given one only where none is
        stored yet.
    type: str
    choices: [always, on_create]
    default: always
  other_settings: &other_settings
    description:
      - Settings of the backend, such as C(AUTHORIZATION_URL), C(ACCESS_TOKEN_URL) and C(API_ROOT). Compared as an
        object.
    type: dict
  icon_class: &icon_class
    description:
      - The CSS class of the login button's icon.
    type: str
  secondary: &secondary
    description:
      - Whether the provider is listed apart, as an institution.
    type: bool
  visible: &visible
    description:
      - Whether the login page shows a button.
    type: bool
  skip_hinted_login_dialog: &skip_hinted_login_dialog
    description:
      - Whether a hinted login goes straight to the provider.
    type: bool
  skip_registration_form: &skip_registration_form
    description:
      - Whether new people skip the registration form.
    type: bool
  skip_email_verification: &skip_email_verification
    description:
      - Whether new people need not confirm their e-mail.
    type: bool
  send_welcome_email: &send_welcome_email
    description:
      - Whether new people get a welcome e-mail.
    type: bool
  send_to_registration_first: &send_to_registration_first
    description:
      - Whether unknown people go to the registration page instead of the login page.
    type: bool
  sync_learner_profile_data: &sync_learner_profile_data
    description:
      - Whether the e-mail is copied from the provider at every login.
    type: bool
  enable_sso_id_verification: &enable_sso_id_verification
    description:
      - Whether a login counts as an identity verification.
    type: bool
  disable_for_enterprise_sso: &disable_for_enterprise_sso
    description:
      - Whether enterprise logins leave this provider out.
    type: bool
  refuse_takeover: &refuse_takeover
    description:
      - The LMS links whoever logs in to the account of the same e-mail, if nobody is linked to it yet, be it a
        superuser's. Where an active superuser has an address that somebody in the app could have, enabling a provider
        is warned of. With V(true) it is an error, and nothing is written.
      - A provider that is enabled already stays so. Addresses at domains without mail (C(example.com), C(localhost) and
        the like) are nobody's.
    type: bool
    default: false
  max_session_length: &max_session_length
    description:
      - The longest session, in seconds.
    type: int
  state: &state
    description: "V(absent) adds a disabled row: the history stays."
    type: str
    choices: [present, absent]
    default: present
  providers:
    description:
      - Several objects in one start of the target, instead of one by the options beside this one.
      - All are planned before the first is written, and all are written in one transaction.
    type: list
    elements: dict
    suboptions:
      backend_name: *backend_name
      site: *site
      enabled: *enabled
      name: *name
      slug: *slug
      client_id: *client_id
      client_secret: *client_secret
      update_secret: *update_secret
      other_settings: *other_settings
      icon_class: *icon_class
      secondary: *secondary
      visible: *visible
      skip_hinted_login_dialog: *skip_hinted_login_dialog
      skip_registration_form: *skip_registration_form
      skip_email_verification: *skip_email_verification
      send_welcome_email: *send_welcome_email
      send_to_registration_first: *send_to_registration_first
      sync_learner_profile_data: *sync_learner_profile_data
      enable_sso_id_verification: *enable_sso_id_verification
      disable_for_enterprise_sso: *disable_for_enterprise_sso
      max_session_length: *max_session_length
      refuse_takeover: *refuse_takeover
      state: *state
"""

EXAMPLES = r"""
- name: People log in to the LMS through MITxPro
  mitodl.openedx.third_party_auth_provider:
    target:
      type: tutor_dev
    site: local.openedx.io:8000
    backend_name: ol-oauth2
    slug: ol-oauth2
    name: Login with MITxPro
    enabled: true
    client_id: "{{ vault_xpro_client_id }}"
    client_secret: "{{ vault_xpro_client_secret }}"
    skip_registration_form: true
    other_settings:
      AUTHORIZATION_URL: http://xpro.odl.local:8053/oauth2/authorize/
      ACCESS_TOKEN_URL: http://xpro.odl.local:8053/oauth2/token/
      API_ROOT: http://xpro.odl.local:8053/
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
      sample: {"backend_name": "ol-oauth2", "site": "local.openedx.io:8000", "enabled": true}
    beside:
      description:
        - What looks as if it counted and does not, such as a secret in the setting C(SOCIAL_AUTH_OAUTH_SECRETS).
      type: list
      elements: str
      returned: where there is something
    left:
      description:
        - What stays, or would in check mode. C(rows) counts the rows of the history, C(people) the users who logged in
          through the provider, C(link_history) and C(logins_begun) what the LMS recorded of that, with their tokens of
          that time.
      type: dict
      returned: for objects with C(state=absent)
      sample: {"rows": 3, "people": 12}
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

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.module import run_kind


def main() -> None:
    run_kind("third_party_auth_provider")


if __name__ == "__main__":
    main()
