# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes app and LMS as the fact mit_app_facts has them, and runs the module of this name with what it knows of them."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.modules.sso_check import APP_SPEC, LMS_SPEC
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import examined


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = dict(self._task.args)
        app = args.get("app")
        # The fact says more than the module asks for. What somebody wrote down is checked as it is.
        for name, mark, spec in (("app", "edx_host", APP_SPEC), ("lms", "leader", LMS_SPEC)):
            given = args.get(name)
            if isinstance(given, Mapping) and mark in given:
                args[name] = {key: given[key] for key in spec if key in given}
        result.update(self._execute_module("mitodl.openedx.sso_check", args, task_vars=task_vars))
        if isinstance(app, Mapping) and not result.get("failed"):
            result["examined"] = examined(app, args.get("target") or {}, args.get("app_target") or {})
        return result
