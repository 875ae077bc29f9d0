# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says how often a run has started Django on both sides."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import starts

display = Display()


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        hostvars, host = task_vars["hostvars"], task_vars["inventory_hostname"]
        facts = hostvars[host]["mit_app_facts"]
        lms = starts.of_lms(hostvars[name] for name in facts["lms"]["apps"])
        app = starts.of_app(hostvars[host])
        display.display(starts.line(facts["app"]["name"], lms, app))
        return {**result, "changed": False, "lms": lms, "app": app}
