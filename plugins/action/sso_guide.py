# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the actions of the manual guide by a plan and by the hops of the doctor; needs no process."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import guide
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.plain import plain


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        many = {"type": "list", "elements": "dict", "required": True}
        _checked, args = self.validate_argument_spec(
            {"findings": many, "hops": many, "unknown": {"type": "list", "elements": "str", "default": []}}
        )
        facts = plain(task_vars["mit_app_facts"])
        try:
            actions = guide.checklist(
                guide.facts(facts["app"], facts["lms"]),
                None if args["unknown"] else plain(args["findings"]),
                plain(args["hops"]),
            )
        except guide.GuideError as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(changed=False, actions=actions, lines=guide.lines(facts["app"]["name"], actions))
        return result
