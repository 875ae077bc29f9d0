# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes an app from an LMS that it left, settings before rows as every removal, or says why that is not possible."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.module_utils._http import sign_of_life
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import removal

ROWS = "mitodl.openedx.lms_rows"


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {"former": {"type": "dict", "required": True}, "other_files": {"type": "dict", "default": {}}}
        )
        former = args["former"]
        result.update(changed=False, base_url=former["base_url"], removed=False, reason="")
        if not former["edx_host"]:
            return result
        lms = former["lms"]
        answer = self._execute_module(
            "mitodl.openedx.http_status_info",
            {"urls": {"lms": sign_of_life(lms["base_url"])}, "trust": {"lms": removal.trust(lms)}},
            task_vars=task_vars,
        )
        if answer.get("failed") or answer["silent"]:
            return {**result, "reason": answer.get("msg") or f"it does not answer ({answer['reasons']['lms']})"}
        diffs = []
        for name, step_args in self._steps(former, args["other_files"]):
            step = self._act(name, step_args, task_vars)
            if step.get("failed"):
                return {**result, "reason": str(step.get("msg", f"{name} failed"))}
            # What carries secrets says by its diff alone that it changed something.
            diff = step.get("diff") or []
            result["changed"] |= bool(step.get("changed") or (name == ROWS and diff))
            diffs += diff if isinstance(diff, list) else [diff]
        return {**result, "removed": True, "diff": diffs}

    @staticmethod
    def _steps(former, files):
        """What is run there, with its options."""
        app, lms = former["app"], former["lms"]
        yield (
            "mitodl.openedx.lms_settings",
            {
                "state": "absent",
                "strategy": lms["settings_strategy"],
                "target": lms["target"],
                "lms_base_url": lms["base_url"],
                "envs_dir": lms["envs_dir"],
                "restart_argv": lms["restart_argv"],
                "apps": [app],
                **removal.trust(lms),
            },
        )
        yield ROWS, {"state": "absent", "lms": lms, "hosts": [app["host"]], "former": app, "other_files": files}

    def _act(self, name, args, task_vars):
        """Run another action plugin, as the action of ansible.builtin.template runs that of copy."""
        task = self._task.copy()
        task.action, task.args = name, args
        action = self._shared_loader_obj.action_loader.get(
            name,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return action.run(task_vars=task_vars)
