# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name until all answer or the time is over, and says meanwhile who is silent."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._long_step import say


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args, began, waited = dict(self._task.args), time.monotonic(), False
        host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname")
        # In check mode nobody has started what would be waited for.
        wait = args["wait"] = 0 if self._task.check_mode else int(args.get("wait") or 0)
        while True:
            found = self._execute_module("mitodl.openedx.http_status_info", args, task_vars=task_vars)
            silent, passed = found.get("silent"), int(time.monotonic() - began)
            if not silent or not wait:
                break
            advice = args.get("advice", "")
            places = " and ".join(f"{args['urls'][name]} ({found['reasons'][name]})" for name in silent)
            # Waiting changes no certificate.
            if passed >= wait or found["tls"]:
                verb = "do" if len(silent) > 1 else "does"
                found.update(failed=True, msg=f"{places} {verb} not answer after {passed} s. {advice}")
                break
            told = f"{passed} s of at most {wait}: no answer yet of {places}"
            say(host, "Waiting", f"{told}. {advice}" if advice and not waited else told, cut=False)
            waited = True
            args["wait"] = max(wait - passed, 1)
        return {**result, **found}
