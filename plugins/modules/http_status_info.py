#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: http_status_info
short_description: Ask which HTTP status each of several addresses answers with
description:
  - Asks all of them from one process. Where an answer leads to another address, it is not followed.
  - An address that nobody answers at is no error.
options:
  urls:
    description: The addresses, by names of your choice.
    type: dict
    required: true
  timeout:
    description: How many seconds to wait for one answer.
    type: int
    default: 10
  trust:
    description:
      - How the certificates of those with https are judged, by the same names. Certificates are checked, against the
        authorities that this machine trusts, where nothing is said.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: none
  facts:
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
    support: none
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details:
      - It changes nothing.
  platform:
    description: Target OS/families that can be operated against.
    platforms: posix
    support: full
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Ask whether the LMS and the app run
  mitodl.openedx.http_status_info:
    urls:
      lms: http://local.openedx.io:8000/api/user/v1/me
      app: http://xpro.odl.local:8053/robots.txt
  register: sides
"""

RETURN = r"""
statuses:
  description: The HTTP status of every address, by its name; C(-1) where nobody answers.
  type: dict
  returned: success
  sample: {"lms": 401, "app": -1}
silent:
  description: The names of those that nobody answers at, or a proxy only (502, 503, 504).
  type: list
  elements: str
  returned: success
  sample: [app]
reasons:
  description: Why those do not answer, such as a certificate that is not trusted.
  type: dict
  returned: success
  sample: {"app": "Connection refused"}
tls:
  description:
    - What keeps https from working, of those where that is the reason - V(authority) where nobody is trusted who signed
      the certificate, V(certificate) where it is for another name or time, V(scheme) where it is no https, V(file).
  type: dict
  returned: success
  sample: {"lms": "authority"}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mitodl.openedx.plugins.module_utils._http import TLS_SPEC, ask


def trust_of(module, given):
    """What is said of one address, checked as the options of other modules are."""
    checked = ArgumentSpecValidator(TLS_SPEC).validate(given or {})
    if checked.error_messages:
        module.fail_json(msg=f"trust: {'; '.join(checked.error_messages)}")
    return checked.validated_parameters


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "urls": {"type": "dict", "required": True},
            "timeout": {"type": "int", "default": 10},
            "trust": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    urls, timeout = module.params["urls"], module.params["timeout"]
    trust = {name: trust_of(module, module.params["trust"].get(name)) for name in urls}
    answers = {name: ask(url, timeout, **trust[name]) for name, url in urls.items()}
    module.exit_json(
        changed=False,
        statuses={name: answer.status for name, answer in answers.items()},
        reasons={name: answer.message for name, answer in answers.items() if answer.is_silent},
        tls={name: answer.tls for name, answer in answers.items() if answer.tls},
        silent=[name for name, answer in answers.items() if answer.is_silent],
    )


if __name__ == "__main__":
    main()
