# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name again and again until its command ended, and says meanwhile how far it is."""

from __future__ import annotations

import shlex

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = dict(self._task.args)
        argv = [str(word) for word in args.get("argv") or []]
        label = args.get("label") or " ".join(argv[:2])
        host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname")

        def say(text):
            display.display(f"[{host}] {label}: " + "".join(c for c in text if c.isprintable())[:200])

        if args.get("log"):
            args["log"] = self._remote_expand_user(str(args["log"]))
        if self._task.check_mode:
            say(f"would be run: {shlex.join(argv)}")
        else:
            say(f"its log is {args.get('log')}")
        said = self._look(args, task_vars)
        if said.get("begun") is False:
            say("runs already, begun earlier; it is not begun a second time")
        begun = said.get("begun")
        while said.get("running"):
            say(f"{said['elapsed']} s: {said['tail'][-1] if said['tail'] else 'nothing said yet'}")
            said = self._look({**args, "follow": True}, task_vars)
        result.update(said)
        if "begun" in said:
            result["begun"] = begun
        if "rc" in said and said["rc"] != 0:
            result["failed"] = True
            how = "was cut off" if said["rc"] is None else f"failed with status {said['rc']}"
            head = f"{label} {how} after {said['elapsed']} s. {said['log']} ends with:"
            result["msg"] = "\n".join([head, *result.pop("tail")])
        return result

    def _look(self, args, task_vars):
        return self._execute_module("mitodl.openedx.long_command", args, task_vars=task_vars)
