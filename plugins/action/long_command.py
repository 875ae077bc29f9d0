# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name again and again until its command ended, and says meanwhile how far it is."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._long_step import LongStep


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = dict(self._task.args)
        if args.get("log"):
            args["log"] = self._remote_expand_user(str(args["log"]))
        result.update(LongStep(self, args, task_vars).run())
        return result
