#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sso_check
short_description: Check every hop of the login chain between an app and Open edX
description:
  - Looks from inside the app, from inside the LMS and from the browser's side, and judges each link of the chain on its
    own. Each link (hop) that is broken comes with the failing fact and the fix.
  - With O(login=true) a temporary test user is made in the app, registered at the LMS by the app's own code, logged in
    at the LMS through the app, and removed on both sides. Users whom a run left behind that was interrupted more than
    15 minutes ago are removed too.
  - With O(commands=true) the app's own commands run, as they would at any other time; what they repair stays repaired.
  - O(target) is the LMS. It is started once, and the app once, or with O(login=true) a second time to remove the
    temporary test user.
  - A broken chain is a result (RV(ok=false)) and no failure of the module, so that the whole result can be used.
requirements:
  - requests (Python library), on the machine that it runs on
options:
  app:
    description: What is declared of the app, and so expected of both sides. The role C(sso_doctor) fills it.
    type: dict
    required: true
    suboptions:
      name:
        description: The app's name.
        type: str
        required: true
      base_url:
        description: The app's address, as the browser knows it, without a slash at the end.
        type: str
        required: true
      lms_base_url:
        description: The LMS's address, as the browser knows it, without a slash at the end.
        type: str
        required: true
      lms_site:
        description: The domain of the LMS's Site row, port included.
        type: str
        required: true
      backend_name:
        description: The name of the login backend in the LMS.
        type: str
        required: true
      lms_application:
        description: The name of the app's OAuth2 application in the LMS.
        type: str
        required: true
      edx_application:
        description: The name of the LMS's OAuth2 application in the app.
        type: str
        required: true
      service_worker:
        description: The LMS user whose API token the app has.
        type: str
        required: true
      service_worker_email:
        description: That user's e-mail.
        type: str
        required: true
      redirect_uris:
        description: The redirect URIs of the app's application in the LMS.
        type: list
        elements: str
        required: true
      complete_uris:
        description: The redirect URIs of the LMS's application in the app.
        type: list
        elements: str
        required: true
      authorization_url:
        description: Where the LMS sends people to log in.
        type: str
        required: true
      access_token_url:
        description: Where the LMS redeems codes.
        type: str
        required: true
      api_root:
        description: The root below which the LMS asks who logged in.
        type: str
        required: true
      user_info_path:
        description: The path of the app's user info.
        type: str
        default: /api/users/me
      user_info_fields:
        description:
          - What the app calls there what the LMS knows as C(username), C(email) and C(name), where that is something
            else.
        type: dict
        default: {}
      provider_settings:
        description: Further settings that the provider row has to have.
        type: dict
        default: {}
      api:
        description:
          - Whether the app itself calls the LMS. Of one that only logs people in, no API token and no way to the LMS
            or to its own address is asked for.
        type: bool
        default: true
      discovery_url:
        description: The OpenID discovery document that the provider row names; empty for none.
        type: str
        default: ""
      api_module:
        description: The app's Python module with C(create_user), which registers a person at the LMS; empty for none.
        type: str
        default: ""
      sync_command:
        description: The app's management command that reads courses from the LMS; empty for none.
        type: list
        elements: str
        default: []
      repair_command:
        description: The app's management command that registers people whom the LMS lacks; empty for none.
        type: list
        elements: str
        default: []
      dotenv:
        description: The app's C(.env) file, to be held against what the app runs with, and to be named in a fix.
        type: str
        default: ""
      api_gateway:
        description: Whether people reach the app through its own gateway, which has them log in.
        type: bool
        default: false
      api_gateway_port:
        description: The port of such a gateway, also where it is not used; V(0) for an app that needs none.
        type: int
        default: 0
      links:
        description: Settings with addresses that the app leads people to, and what they have to be.
        type: dict
        default: {}
      former:
        description:
          - Other LMSs that may still know the app, which it left. Each has its address C(base_url), the address
            C(login) at which a login through the app would begin there, and the words C(fix) on what to do.
        type: list
        elements: dict
        default: []
      start_argv: &start_argv
        description:
          - The command that starts this side, to be named in a fix.
          - When it is empty, the fix names what suits the kind of the target, such as C(tutor dev start -d). A target
            of type V(command) has no such command.
        type: list
        elements: str
        default: []
      restart_argv: &restart_argv
        description: The command that restarts this side, to be named in a fix; as for the command that starts it.
        type: list
        elements: str
        default: []
      ca_path: &ca_path
        description:
          - The file with the certificates of the authorities by which the certificate of this side is trusted, in PEM.
          - It is on the machine that the module runs on; the sides are given what is in it.
        type: path
      validate_certs: &validate_certs
        description: Whether the certificate of this side has to be trusted.
        type: bool
        default: true
  lms:
    description: What fixes name of the LMS, and how its certificate is judged.
    type: dict
    default: {}
    suboptions:
      start_argv: *start_argv
      restart_argv: *restart_argv
      ca_path: *ca_path
      validate_certs: *validate_certs
  login:
    description: Log a temporary test user in. It is skipped in check mode.
    type: bool
    default: true
  commands:
    description: Run O(app.sync_command) and O(app.repair_command). It is skipped in check mode.
    type: bool
    default: true
  email:
    description:
      - The e-mail address of the temporary test user. It begins with C({user}), which stands for the user's name.
      - Where the LMS refuses the default (C(REGISTRATION_EMAIL_PATTERNS_ALLOWED)), one is made that it allows, as far
        as its patterns say which.
    type: str
    default: "{user}@example.com"
  warn_days:
    description: Warn when the API token has fewer days left than this.
    type: int
    default: 30
  timeout:
    description: How many seconds one probe may take; a whole login and a command are one probe each.
    type: int
    default: 60
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.app
  - mitodl.openedx.action
attributes:
  check_mode:
    support: partial
    details:
      - Only reads then; the login and the app's commands are skipped.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - It removes what it makes, so it never reports a change.
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Examine MITxPro and the LMS of tutor dev
  mitodl.openedx.sso_check:
    target:
      type: tutor_dev
    app_target:
      type: compose
      chdir: ~/src/mitxpro
      settings: mitxpro.settings
    app:
      name: xpro
      base_url: http://xpro.odl.local:8053
      lms_base_url: http://local.openedx.io:8000
      lms_site: local.openedx.io:8000
      backend_name: ol-oauth2
      lms_application: xpro-oauth-app
      edx_application: edx-oauth-app
      service_worker: xpro_serviceworker
      service_worker_email: xpro-service@mitx.odl.local
      redirect_uris: [http://xpro.odl.local:8053/login/_private/complete]
      complete_uris: [http://local.openedx.io:8000/auth/complete/ol-oauth2/]
      authorization_url: http://xpro.odl.local:8053/oauth2/authorize/
      access_token_url: http://xpro.odl.local:8053/oauth2/token/
      api_root: http://xpro.odl.local:8053/
      api_module: courseware.api
      sync_command: [sync_courseruns]
      repair_command: [repair_missing_courseware_records]
  register: examination

- name: Show the hops
  ansible.builtin.debug:
    msg: "{{ examination.table }}"

- name: Stop at a broken chain
  ansible.builtin.assert:
    that: examination.ok
    fail_msg: "{{ examination.message }}"
"""

RETURN = r"""
ok:
  description: Whether no hop failed.
  type: bool
  returned: success
hops:
  description: Every hop, in the order of causes.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The stable name of the hop.
      type: str
      returned: success
      sample: lms.provider
    side:
      description: Where the hop is looked at, C(browser), C(app) or C(lms), or C(network) between them.
      type: str
      returned: success
    title:
      description: The hop in a few words.
      type: str
      returned: success
    proves:
      description: What is known when the hop is ok.
      type: str
      returned: success
    status:
      description:
        - C(ok), C(failed), C(warning), or C(skipped) where it was not wanted, or comes from the failure of another hop.
      type: str
      returned: success
    fact:
      description: What was found.
      type: str
      returned: success
    fix:
      description: What to do; empty where there is nothing to do.
      type: str
      returned: success
    note:
      description:
        - Whether RV(hops[].fact) should be read though the hop is C(ok). A known defect of the app itself is such a
          note, which the integration cannot mend.
      type: bool
      returned: success
    seconds:
      description: How long the probe took.
      type: float
      returned: success
first_failed:
  description: The first hop that failed, as in RV(hops), which names the root of the trouble; empty when none failed.
  type: dict
  returned: success
message:
  description:
    - Every hop that failed with its fact and its fix, a line each; empty when none failed. What comes from the failure
      of another hop is not among them.
  type: str
  returned: success
summary:
  description: The number of hops by their status; those with a note count as C(ok).
  type: dict
  returned: success
  sample: {"ok": 40, "failed": 0, "warning": 1, "skipped": 0}
examined:
  description:
    - What was examined, as M(mitodl.openedx.sso_report) names it; name, addresses, networks and the token's user.
  type: dict
  returned: success
boots:
  description: How often this module started Django on each side.
  type: dict
  returned: success
  sample: {"app": 2, "lms": 1}
seconds:
  description: How long all of it took.
  type: float
  returned: success
token_days_left:
  description: How many days the API token is valid; C(null) where no token was found.
  type: float
  returned: success
versions:
  description: Versions of Python, Django and django-oauth-toolkit, by side.
  type: dict
  returned: success
table:
  description: The result for a terminal of 100 columns, a list of lines.
  type: list
  elements: str
  returned: success
"""

import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.doctor import DEFAULT_EMAIL, Doctor
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import TARGET_SPEC
from ansible_collections.mitodl.openedx.plugins.module_utils._http import TLS_SPEC
from ansible_collections.mitodl.openedx.plugins.module_utils._requests import require_requests

REQUIRED = {"type": "str", "required": True}
LIST = {"type": "list", "elements": "str"}
HOW_TO_START = {name: {**LIST, "default": []} for name in ("start_argv", "restart_argv")}
KIND = TARGET_SPEC["options"]["type"]
OF_APPS = {**TARGET_SPEC["options"], "type": {**KIND, "choices": [*KIND["choices"], "none"]}}
APP_TARGET_SPEC = {**TARGET_SPEC, "options": OF_APPS}
APP_SPEC = {
    **dict.fromkeys(
        (
            "name",
            "base_url",
            "lms_base_url",
            "lms_site",
            "backend_name",
            "lms_application",
            "edx_application",
            "service_worker",
            "service_worker_email",
            "authorization_url",
            "api_root",
        ),
        REQUIRED,
    ),
    "access_token_url": {**REQUIRED, "no_log": False},
    "redirect_uris": {**LIST, "required": True},
    "complete_uris": {**LIST, "required": True},
    "user_info_path": {"type": "str", "default": "/api/users/me"},
    **{name: {"type": "str", "default": ""} for name in ("discovery_url", "api_module", "dotenv")},
    **{name: {**LIST, "default": []} for name in ("sync_command", "repair_command")},
    "api": {"type": "bool", "default": True},
    "user_info_fields": {"type": "dict", "default": {}},
    "provider_settings": {"type": "dict", "default": {}},
    "api_gateway": {"type": "bool", "default": False},
    "api_gateway_port": {"type": "int", "default": 0},
    "links": {"type": "dict", "default": {}},
    "former": {"type": "list", "elements": "dict", "default": []},
    **HOW_TO_START,
    **TLS_SPEC,
}
LMS_SPEC = {**HOW_TO_START, **TLS_SPEC}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "target": TARGET_SPEC,
            "app_target": APP_TARGET_SPEC,
            "app": {"type": "dict", "required": True, "options": APP_SPEC},
            "lms": {"type": "dict", "default": {}, "options": LMS_SPEC},
            "login": {"type": "bool", "default": True},
            "commands": {"type": "bool", "default": True},
            "email": {"type": "str", "default": DEFAULT_EMAIL},
            "warn_days": {"type": "int", "default": 30},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    if not re.fullmatch(r"\{user\}[^{}@\s]*@[^{}@\s]+", module.params["email"]):
        module.fail_json(
            msg='email has to begin with {user} and to be an address, as "{user}@example.com". Nothing was done.'
        )
    require_requests(module)
    module.exit_json(**Doctor(module).examine())


if __name__ == "__main__":
    main()
