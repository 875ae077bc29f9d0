# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: app_hosts
short_description: The hosts of a play, of which there has to be one
description:
  - Returns a pattern as it is, for C(hosts) of a play about apps.
  - Where no host is left of it, with the C(--limit) of the command line, Ansible would end successfully with nothing
    done. This is an error then, which says what to give instead.
options:
  _terms:
    description: The pattern, as in C(hosts) of a play.
    type: str
    required: true
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Integrate MIT applications with Open edX
  hosts: "{{ lookup('mitodl.openedx.app_hosts', 'mit_apps') }}"
  roles:
    - mitodl.openedx.mit_app
"""

RETURN = r"""
_raw:
  description: The pattern.
  type: list
  elements: str
"""

from ansible import context
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.lookup import LookupBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.way_in import no_hosts

# What only looks at a playbook needs no inventory.
LISTINGS = ("syntax", "listtags", "listtasks", "listhosts")


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if any(context.CLIARGS.get(name) for name in LISTINGS):
            return terms
        groups = (variables or {}).get("groups", {})
        limit = context.CLIARGS.get("subset")
        for pattern in terms:
            matching, left = (self._matching(groups, pattern, within) for within in (None, limit))
            if problem := no_hosts(groups, pattern, matching, limit, left):
                raise AnsibleLookupError(problem)
        return terms

    def _matching(self, groups, pattern, limit):
        """The hosts of a pattern within a limit, as Ansible itself matches them."""
        manager = InventoryManager(self._loader, parse=False)
        for group, hosts in groups.items():
            manager.add_group(group)
            for host in hosts:
                manager.add_host(host, group=group)
        try:
            manager.subset(limit)
            return [host.name for host in manager.get_hosts(pattern)]
        except AnsibleError:
            return []
