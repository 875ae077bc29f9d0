# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documented in from_dotenv.yml, beside this file."""

from __future__ import annotations

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
