# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""A command that takes long, as an action plugin runs it: looked at again and again, with a word on how far it is."""

from __future__ import annotations

import shlex

from ansible.utils.display import Display

display = Display()


class LongStep:
    """A command, its log and the lines of progress. ``args`` are those of the module long_command."""

    def __init__(self, action, args, task_vars):
        self.action, self.args, self.task_vars = action, args, task_vars
        self.argv = [str(word) for word in args.get("argv") or []]
        self.label = args.get("label") or " ".join(self.argv[:2])
        self.host = action._task.delegate_to or (task_vars or {}).get("inventory_hostname")

    def foretell(self):
        """Say what would be run."""
        self._say(f"would be run: {shlex.join(self.argv)}")

    def run(self):
        """The module's last result, failed where the command did not end well."""
        if self.action._task.check_mode:
            self.foretell()
        elif self.args.get("log"):
            self._say(f"its log is {self.args['log']}")
        result = self._look()
        if result.get("begun") is False:
            self._say("runs already, begun earlier; it is not begun a second time")
        begun = result.get("begun")
        while result.get("running"):
            self._say(f"{result['elapsed']} s: {result['tail'][-1] if result['tail'] else 'nothing said yet'}")
            result = self._look(follow=True)
        if "begun" in result:
            result["begun"] = begun
        if "rc" in result and result["rc"] != 0:
            result["failed"] = True
            how = "was cut off" if result["rc"] is None else f"failed with status {result['rc']}"
            head = f"{self.label} {how} after {result['elapsed']} s. {result['log']} ends with:"
            result["msg"] = "\n".join([head, *result.pop("tail")])
        return result

    def _look(self, **more):
        args = {name: value for name, value in self.args.items() if name != "name"}
        return self.action._execute_module("mitodl.openedx.long_command", {**args, **more}, task_vars=self.task_vars)

    def _say(self, text):
        say(self.host, self.label, text)


def say(host, label, text, cut=True):
    """A line of progress, cut to what fits a terminal."""
    text = "".join(c for c in text if c.isprintable())
    display.display(f"[{host}] {label}: {text[:200] if cut else text}")
