#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_names_info
short_description: Find the names that a machine cannot resolve, and the lines that its hosts file lacks
description:
  - Resolves names as every other program of the machine does, and reads its hosts file beside that.
  - Addresses and V(localhost) need no line and are left out.
options:
  names:
    description:
      - The names to look up.
    type: list
    elements: str
    required: true
  hosts_file:
    description:
      - The hosts file of the machine.
    type: path
    default: /etc/hosts
  address:
    description:
      - The address that the names shall have.
    type: str
    default: 127.0.0.1
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Look up the names of the LMS and the app
  mitodl.openedx.host_names_info:
    names:
      - local.openedx.io
      - xpro.odl.local
  register: names

- name: Add the lines that are missing
  ansible.builtin.lineinfile:
    path: /etc/hosts
    line: "{{ item }}"
  loop: "{{ names.missing_lines }}"
  become: true
"""

RETURN = r"""
unresolved:
  description: The names that do not resolve, in the order given.
  type: list
  elements: str
  returned: success
  sample: [xpro.odl.local]
missing_lines:
  description:
    - A line for each name that the hosts file does not map, and that resolves to nothing or to this machine itself. A
      name that means another machine somewhere is not to be taken away from it.
  type: list
  elements: str
  returned: success
  sample: [127.0.0.1 xpro.odl.local]
writable:
  description: Whether the user of the task may replace the hosts file.
  type: bool
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import look_up


def main():
    module = AnsibleModule(
        argument_spec={
            "names": {"type": "list", "elements": "str", "required": True},
            "hosts_file": {"type": "path", "default": "/etc/hosts"},
            "address": {"type": "str", "default": "127.0.0.1"},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        found = look_up(params["names"], params["hosts_file"], params["address"])
    except OSError as error:
        module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}; name the hosts file of this machine.")
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
