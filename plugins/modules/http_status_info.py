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
  - An address that nobody answers at is no error, unless there was something to wait for.
options:
  urls:
    description: The addresses, by names of your choice.
    type: dict
    required: true
  timeout:
    description: How many seconds to wait for one answer.
    type: int
    default: 10
  wait:
    description:
      - How many seconds to wait until all of them answer. That one is still silent is an error then.
      - Every O(period) seconds it is said who is silent.
      - In check mode it is not waited, since nothing was started that would answer.
    type: int
    default: 0
  period:
    description: The seconds from one line of progress to the next.
    type: int
    default: 10
  advice:
    description: What to do where somebody is silent in the end, for the message and for the first line of progress.
    type: str
    default: ""
  trust:
    description:
      - How the certificates of those with https are judged, by the same names. Certificates are checked, against the
        authorities that this machine trusts, where nothing is said.
    type: dict
    default: {}
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
  - mitodl.openedx.action.not_async
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

- name: Wait until the app answers
  mitodl.openedx.http_status_info:
    urls:
      app: http://xpro.odl.local:8053/api/user/v1/me
    wait: 600
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
  description: Why each of those is silent.
  type: dict
  returned: success
  sample: {"app": "[Errno 111] Connection refused"}
tls:
  description:
    - What keeps https from working, of those where that is the reason - V(authority) where nobody is trusted who signed
      the certificate, V(certificate) where it is for another name or time, V(scheme) where it is no https, V(file).
  type: dict
  returned: success
  sample: {"lms": "authority"}
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mitodl.openedx.plugins.module_utils._http import TLS_SPEC, wait


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
            "wait": {"type": "int", "default": 0},
            "period": {"type": "int", "default": 10},
            "advice": {"type": "str", "default": ""},
            "trust": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    urls, timeout = {name: str(url) for name, url in module.params["urls"].items()}, module.params["timeout"]
    if unknown := sorted(set(module.params["trust"]) - set(urls)):
        module.fail_json(msg=f"trust: {', '.join(unknown)} is none of urls, which are {', '.join(urls)}.")
    trust = {name: trust_of(module, module.params["trust"].get(name)) for name in urls}
    until = time.monotonic() + min(module.params["wait"], module.params["period"])
    answers = {
        name: wait(url, max(0, until - time.monotonic()), timeout=timeout, **trust[name]) for name, url in urls.items()
    }
    module.exit_json(
        changed=False,
        statuses={name: answer.status for name, answer in answers.items()},
        tls={name: answer.tls for name, answer in answers.items() if answer.tls},
        silent=[name for name, answer in answers.items() if answer.is_silent],
        reasons={name: answer.reason for name, answer in answers.items() if answer.is_silent},
    )


if __name__ == "__main__":
    main()
