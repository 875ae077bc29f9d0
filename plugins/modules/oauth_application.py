#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: oauth_application
short_description: Manage OAuth2 applications of the LMS or of an app
description:
  - Creates, corrects and removes C(Application) rows of django-oauth-toolkit, found by their name.
  - The LMS (django-oauth-toolkit 1.7.1) stores client secrets as text, the apps (2.0 and later) as hashes; both are
    compared truthfully.
  - The client id and secret that are not given are kept where they exist and generated where they do not.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
  name: &name
    description:
      - The name. The natural key; the toolkit does not make it unique, so two rows of one name are an error.
    type: str
  client_id: &client_id
    description:
      - The client id. Kept or generated when it is not given, or empty.
    type: str
  client_secret: &client_secret
    description:
      - The client secret in clear.
      - "A password hash is refused: that is what C(configure_instance) and the app's admin show, and no login works
        with it."
    type: str
  update_secret: &update_secret
    description:
      - V(always) makes the stored secret equal to the given one. V(on_create) uses the given one only where none is
        stored yet. V(renew) generates a new one at every run.
    type: str
    choices: [always, on_create, renew]
    default: always
  keep_old_as: &keep_old_as
    description:
      - A name for the previous client. Where there is no application of this name yet, the application gets a new
        client id and secret, and the previous client keeps the old ones, so that both work. Where there is one, that
        was done before, and nothing is changed.
      - It is removed with O(state=absent) and O(transfer_tokens_to), when everything uses the new ones.
    type: str
  transfer_tokens_to: &transfer_tokens_to
    description:
      - With O(state=absent), the name of the application that gets the tokens and codes of the removed one. Without it
        they are deleted with it.
      - The alias O(heir) is deprecated and will be removed in version 2.0.0.
    type: str
    aliases: [heir]
  transfer_credentials: &transfer_credentials
    description:
      - With O(transfer_tokens_to), whether that application gets the client id and secret too.
      - The alias O(heir_takes_credentials) is deprecated and will be removed in version 2.0.0.
    type: bool
    default: false
    aliases: [heir_takes_credentials]
  user: &user
    description:
      - The username of the owner. Deleting this user deletes the application.
    type: str
  redirect_uris: &redirect_uris
    description:
      - The redirect URIs. Their order does not matter.
    type: list
    elements: str
  redirect_uris_behavior: &redirect_uris_behavior
    description:
      - V(exact) removes redirect URIs that are not listed, V(add) keeps them.
    type: str
    choices: [exact, add]
    default: exact
  redirect_uris_absent: &redirect_uris_absent
    description:
      - With O(redirect_uris) and O(redirect_uris_behavior=add), redirect URIs that are removed.
    type: list
    elements: str
    default: []
  post_logout_redirect_uris: &post_logout_redirect_uris
    description:
      - The URIs to go to after a logout. Needs django-oauth-toolkit 2.3 or newer in the target.
    type: list
    elements: str
  client_type: &client_type
    description:
      - Whether the client can keep a secret.
    type: str
    choices: [confidential, public]
  authorization_grant_type: &authorization_grant_type
    description:
      - The grant type.
    type: str
    choices: [authorization-code, implicit, password, client-credentials, openid-hybrid]
  skip_authorization: &skip_authorization
    description:
      - Whether to skip the page that asks the person for consent.
    type: bool
  algorithm: &algorithm
    description:
      - The algorithm of signed tokens; empty for none.
    type: str
    choices: ["", RS256, HS256]
  on_absent: &on_absent
    description:
      - What V(state=absent) does. V(delete) removes the application with its tokens.
      - V(withdraw) keeps the application, where something else made it and would not make it again, and takes
        O(redirect_uris) out of its redirect URIs.
    type: str
    choices: [delete, withdraw]
    default: delete
  state: &state
    description: "Whether the application exists; see O(on_absent)."
    type: str
    choices: [present, absent]
    default: present
  applications:
    description:
      - Several objects in one start of the target, instead of one by the options beside this one.
      - All are planned before the first is written, and all are written in one transaction.
    type: list
    elements: dict
    suboptions:
      name: *name
      client_id: *client_id
      client_secret: *client_secret
      update_secret: *update_secret
      user: *user
      keep_old_as: *keep_old_as
      transfer_tokens_to: *transfer_tokens_to
      transfer_credentials: *transfer_credentials
      redirect_uris: *redirect_uris
      redirect_uris_behavior: *redirect_uris_behavior
      redirect_uris_absent: *redirect_uris_absent
      post_logout_redirect_uris: *post_logout_redirect_uris
      client_type: *client_type
      authorization_grant_type: *authorization_grant_type
      skip_authorization: *skip_authorization
      algorithm: *algorithm
      on_absent: *on_absent
      state: *state
"""

EXAMPLES = r"""
- name: The application of MITxPro in the LMS
  mitodl.openedx.oauth_application:
    target:
      type: tutor_dev
    name: xpro-oauth-app
    redirect_uris:
      - http://xpro.odl.local:8053/login/_private/complete
    client_type: confidential
    authorization_grant_type: authorization-code
    skip_authorization: true

- name: The application of the LMS in MITxPro, with a secret that is known
  mitodl.openedx.oauth_application:
    target:
      type: compose
      chdir: ~/src/mitxpro
      settings: mitxpro.settings
    name: edx-oauth-app
    client_id: "{{ vault_xpro_client_id }}"
    client_secret: "{{ vault_xpro_client_secret }}"
    redirect_uris:
      - http://local.openedx.io:8000/auth/complete/ol-oauth2/

- name: A new client id and secret, beside the old ones
  mitodl.openedx.oauth_application:
    target:
      type: tutor_dev
    name: xpro-oauth-app
    keep_old_as: xpro-oauth-app (old)
    return_secrets: true
  no_log: true
  register: application

- name: Only the new ones, when the app uses them
  mitodl.openedx.oauth_application:
    target:
      type: tutor_dev
    name: xpro-oauth-app (old)
    transfer_tokens_to: xpro-oauth-app
    state: absent
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
      sample: {"name": "xpro-oauth-app", "client_id": "Xn3v…", "client_type": "confidential"}
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
    run_kind("oauth_application")


if __name__ == "__main__":
    main()
