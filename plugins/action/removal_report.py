# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at what a removal has left on both sides, and puts into words what stays and why."""

from __future__ import annotations

import os

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import removal


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "app": {"type": "dict", "required": True},
                "sides": {"type": "str", "choices": list(removal.SIDES), "default": "all"},
                "rows": {"type": "list", "elements": "dict", "default": []},
                "dotenv": {"type": "dict", "default": {}},
            }
        )
        app, sides = args["app"], removal.SIDES[args["sides"]]
        left = []
        if "lms" in sides:
            status = None
            if not self._task.check_mode:
                seen = self._look(
                    "mitodl.openedx.http_status_info",
                    task_vars,
                    urls={"login": removal.login_url(app)},
                    trust={"login": removal.trust((task_vars or {}).get("mit_app_facts", {}).get("lms"))},
                )
                if seen.get("failed"):
                    return {**result, **seen}
                status = seen["statuses"]["login"]
            left += removal.left_in_lms(app, args["rows"], status)
        if "app" in sides:
            directory, name = os.path.split(app["dotenv"])
            copies = {"paths": [directory], "patterns": [f"{name}.*~"], "hidden": True}
            seen = self._look("ansible.builtin.find", task_vars, **copies)
            if seen.get("failed"):
                return {**result, **seen}
            dotenv = args["dotenv"]
            # The copy that a run makes of the file that it changes.
            to_come = self._task.check_mode and dotenv.get("copied", False)
            left += removal.left_in_app(app, seen["matched"] + to_come, dotenv.get("placeholders", ()))
        return {**result, "changed": False, "lines": removal.report(app, left)}

    def _look(self, module, task_vars, **args):
        return self._execute_module(module, args, task_vars=task_vars)
