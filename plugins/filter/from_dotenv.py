# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: from_dotenv
short_description: The values of a .env file
description:
  - Turns the text of a C(.env) file into a dictionary, with the values as Docker Compose reads them. Quotes and
    escapes are resolved, the last of several lines of one key wins, comments are left out.
  - References such as V(${OTHER}) are replaced from the keys above them in the same text only. The environment of
    Docker Compose, which would win over them, is not known to the filter.
  - Keys without C(=), which Docker Compose passes through from its environment, and lines that cannot be read are
    left out.
positional: _input
options:
  _input:
    description: The text of the file.
    type: str
    required: true
seealso:
  - module: mitodl.openedx.dotenv
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Read the app's file where it is
  ansible.builtin.slurp:
    src: ~/src/mitxpro/.env
  register: app_env_file
  no_log: true

- name: Adopt the client id that is already there
  ansible.builtin.set_fact:
    client_id: "{{ (app_env_file.content | b64decode | mitodl.openedx.from_dotenv).OPENEDX_API_CLIENT_ID }}"
"""

RETURN = r"""
_value:
  description: Each key with its value, a string.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read


def from_dotenv(text):
    """The values of a .env file from its text."""
    if not isinstance(text, str):
        raise AnsibleFilterError(
            f"from_dotenv needs the text of a .env file, not a value of type {type(text).__name__}."
        )
    return read(text)


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        return {"from_dotenv": from_dotenv}
