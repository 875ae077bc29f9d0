#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: third_party_auth_provider_info
short_description: List the OAuth2 providers of an LMS
description:
  - Reads the newest row of every backend name (C(OAuth2ProviderConfig)), enabled or not, with the addresses in its
    other settings, by which an app is known to be its own. Of several Sites one whose newest row is enabled counts.
    Credentials are not read.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.target
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: List the providers
  mitodl.openedx.third_party_auth_provider_info:
    target:
      type: tutor_dev
  register: found
"""

RETURN = r"""
providers:
  description: A row for each backend name.
  type: list
  elements: dict
  returned: success
  contains:
    backend_name:
      description: The name of the social-auth backend.
      type: str
    enabled:
      description: Whether people can log in by it.
      type: bool
    addresses:
      description: The addresses in its other settings.
      type: list
      elements: str
boots:
  description: How often Django was started.
  type: int
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _providers
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import TARGET_SPEC, Target, TargetError


def main() -> None:
    module = AnsibleModule(argument_spec={"target": TARGET_SPEC}, supports_check_mode=True)
    target = Target(module, module.params["target"])
    try:
        reply = target.ask({"job": "providers"}, {"providers": (_providers, "providers")})
    except TargetError as error:
        module.fail_json(msg=str(error), boots=target.boots, **error.details)
    module.exit_json(changed=False, providers=reply["providers"], boots=target.boots)


if __name__ == "__main__":
    main()
