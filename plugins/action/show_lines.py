# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints lines as they are: no process is started, and no callback turns them into a list of JSON."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()


def printable(lines):
    """One text of these lines, without the characters that would steer a terminal."""
    flat = (part for line in lines for part in line.expandtabs().splitlines() or [""])
    return "\n".join("".join(c for c in line if c.isprintable()).rstrip() for line in flat)


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        spec = {"lines": {"type": "list", "elements": "str", "required": True}}
        _checked, args = self.validate_argument_spec(spec)
        # In one call: what runs for several hosts at once does not mix its tables.
        if args["lines"] and not self._task.no_log:
            display.display(printable(args["lines"]))
        result["changed"] = False
        return result
