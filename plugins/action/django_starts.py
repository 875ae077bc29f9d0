# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says how often a run has started Django on both sides, of all its apps at once."""

from __future__ import annotations

import functools

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import starts

display = Display()


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        # Ansible gathers the variables of a host anew whenever they are asked for.
        variables = functools.cache(task_vars["hostvars"].__getitem__)
        lms, app, lines = {}, {}, []
        for host in task_vars["ansible_play_batch"]:
            facts = variables(host)["mit_app_facts"]
            edx_host = facts["lms"]["host"]
            if edx_host not in lms:
                lms[edx_host] = starts.of_lms(map(variables, facts["lms"]["apps"]))
            app[host] = starts.of_app(variables(host))
            lines.append(starts.line(facts["app"]["name"], lms[edx_host], app[host]))
        display.display("\n".join(lines))
        return {**result, "changed": False, "lms": lms, "app": app}
