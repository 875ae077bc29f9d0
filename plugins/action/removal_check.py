# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses a removal while a side from which something is to be removed does not answer."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.module_utils._http import sign_of_life
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import removal


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "app": {"type": "dict", "required": True},
                "sides": {"type": "str", "choices": list(removal.SIDES), "default": "all"},
            }
        )
        urls = removal.addresses(args["app"])
        answer = self._execute_module(
            "mitodl.openedx.http_status_info",
            {"urls": {side: sign_of_life(urls[side]) for side in removal.SIDES[args["sides"]]}},
            task_vars=task_vars,
        )
        if problem := not answer.get("failed") and removal.refusal(args["app"], answer["silent"]):
            answer.update(failed=True, msg=problem)
        return {**result, **answer}
