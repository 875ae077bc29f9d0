# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says of one side of the fact mit_app_facts what a reset destroys, and has the module of this name do it."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import reset
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.plain import plain


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        spec = {
            "side": {"type": "str", "choices": ["lms", "app"], "required": True},
            "images": {"type": "bool", "default": False},
        }
        _checked, args = self.validate_argument_spec(spec)
        facts = plain(task_vars["mit_app_facts"])
        side = reset.lms_side(facts) if args["side"] == "lms" else reset.app_side(facts)
        try:
            options = reset.request(side, args["images"])
        except reset.ResetError as error:
            return {**result, "failed": True, "msg": str(error)}
        done = self._execute_module("mitodl.openedx.target_reset", options, task_vars=task_vars)
        result.update(done)
        if not done.get("failed"):
            things = reset.things(side, done["docker"], done["root"], args["images"])
            lines = reset.lines(side, things) if self._task.check_mode else [reset.afterwards(side)] if things else []
            result.update(things=things, lines=lines, restores=reset.restores(side))
        return result
