#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: app_secret
short_description: Give the environment of an app to its pods on Kubernetes
description:
  - Makes a Secret hold what is in the app's C(.env), no more and no less, and has the cluster replace the pods of the
    app where they began with something else. Waits until the new ones are ready and the old ones gone.
  - The Secret has the label C(app.kubernetes.io/managed-by=mitodl.openedx). One without it is left alone, which is an
    error.
  - Values go to C(kubectl) on its stdin. The template of the pods gets an annotation with a digest of the Secret.
options:
  name:
    description:
      - The Secret. The workload O(target.service) has to take its environment from it, by C(envFrom) or key by key.
    type: str
    required: true
  dotenv:
    description:
      - The path of the C(.env) on this machine. References in it are replaced as Docker Compose does it.
    type: path
    required: true
  wait:
    description:
      - How many seconds new pods may take until they have replaced the old ones.
    type: int
    default: 600
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - What is in the C(.env) is secret.
  idempotent:
    support: full
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Give the environment of MITxPro to its pods
  mitodl.openedx.app_secret:
    target:
      type: kubernetes
      namespace: mitxpro
      service: web
    name: mitxpro-env
    dotenv: /srv/mitxpro/.env
"""

RETURN = r"""
boots:
  description: The starts of Django of the session in an old pod that no task had counted.
  type: int
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._app_secret import Environment
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TARGET_SPEC


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "dotenv": {"type": "path", "required": True},
            "wait": {"type": "int", "default": 600},
            "target": TARGET_SPEC,
        },
        supports_check_mode=True,
    )
    module.exit_json(**Environment(module).converge())


if __name__ == "__main__":
    main()
