# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses a removal while a side of it does not answer, or the .env that it is about cannot be edited."""

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
        facts = (task_vars or {}).get("mit_app_facts") or {}
        sides = removal.SIDES[args["sides"]]
        answer = self._execute_module(
            "mitodl.openedx.http_status_info",
            {
                "urls": {side: sign_of_life(urls[side]) for side in sides},
                "trust": {side: removal.trust(facts.get(side)) for side in sides},
            },
            task_vars=task_vars,
        )
        seen = facts.get("found", {}).get("dotenv") or {}
        if not answer.get("failed"):
            silent = removal.refusal(args["app"], answer["silent"], answer["reasons"])
            if problem := silent or removal.no_dotenv(args["app"], args["sides"], seen):
                answer.update(failed=True, msg=problem)
        return {**result, **answer}
