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
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    details:
      - Only reads.
  diff_mode:
    support: none
  platform:
    platforms: posix
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

import ipaddress
import os
import socket

from ansible.module_utils.basic import AnsibleModule


def is_address(name):
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def addresses(name):
    """What a name resolves to here, nothing where it does not."""
    try:
        found = socket.getaddrinfo(name, None)
        # An IPv6 address may carry the network interface that it is valid on.
        return {ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
    except (OSError, UnicodeError):
        return set()


def mapped(text):
    """The names that a hosts file maps, in lower case: names are the same in any."""
    return {name.lower() for line in text.splitlines() for name in line.partition("#")[0].split()[1:]}


def main():
    module = AnsibleModule(
        argument_spec={
            "names": {"type": "list", "elements": "str", "required": True},
            "hosts_file": {"type": "path", "default": "/etc/hosts"},
            "address": {"type": "str", "default": "127.0.0.1"},
        },
        supports_check_mode=True,
    )
    path = os.path.realpath(module.params["hosts_file"])
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            known = mapped(file.read())
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be read: {error.strerror}; name the hosts file of this machine.")
    names = [name for name in dict.fromkeys(module.params["names"]) if name != "localhost" and not is_address(name)]
    found = {name: addresses(name) for name in names}
    module.exit_json(
        changed=False,
        unresolved=[name for name in names if not found[name]],
        missing_lines=[
            f"{module.params['address']} {name}"
            for name in names
            if name.lower() not in known and all(address.is_loopback for address in found[name])
        ],
        writable=os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK),
    )


if __name__ == "__main__":
    main()
