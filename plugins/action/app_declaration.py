# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Works out what an app is to have: the keys of its .env and the application of the LMS, with their secrets."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env, moves
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import Credentials, of_rows

display = Display()


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = self._task.args
        app, hidden = args["app"], args.get("extra_secrets") or {}
        extra = {**(args.get("extra") or {}), **hidden}
        declarations = Declarations(task_vars, self._templar.template)
        env = declarations.env(app["host"])
        app = {**app, **declarations.app(app["host"])[0].environment}
        keys = app_env.keys(app, extra)
        declared: dict[str, Any] = {
            "keys": [*keys, *(() if moves.noted(env) else (moves.NOTE,))],
            # Without these it does not start; and where a note says that another LMS may still know it, that stays.
            "kept": [*app_env.defaults(app, keys), *((moves.NOTE,) if moves.noted(env) else ())],
            "absent": [],
            "placeholders": app_env.placeholders(app),
            "public": app_env.public(app),
            "application": app_env.no_application(app),
        }
        if args.get("state", "present") == "present":
            given = args.get("credentials")
            found = Credentials(**given) if given else of_rows(args.get("rows") or [], app)
            left = moves.really_left(app.get("former") or (), env, found.client_secret)
            remaining = self._remaining(app, left, task_vars)
            values, secrets = app_env.told_apart(
                {**app_env.plain_values(app, found.client_id, found.app_client_id), **extra}, hidden
            )
            declared.update(
                values=values,
                secrets={**app_env.secret_values(app, found), **secrets},
                defaults=app_env.defaults(app, values, secrets),
                application=app_env.application(app, found, [one["complete_uri"] for one in left]),
                to_register=app_env.to_register(app, found),
            )
            if remaining:
                values[moves.NOTE] = moves.note(remaining)
            elif moves.NOTE in env:
                declared["absent"] = [moves.NOTE]
            if app["api_gateway"] and args.get("gateway_secret"):
                declared["secrets"][app_env.GATEWAY_SECRET] = args["gateway_secret"]
        return {**result, **declared, "changed": False, "_ansible_no_log": True}

    @staticmethod
    def _remaining(app, left, task_vars):
        """Of the LMSs that an app left those from which this run has not removed it; said, where it has tried."""
        tried = {
            one["base_url"]: one
            for one in (task_vars.get("mit_app_left") or {}).get("results", ())
            if "base_url" in one
        }
        remaining = [one for one in left if not tried.get(one["base_url"], {}).get("removed")]
        for one in remaining if "mit_app_left" in task_vars else ():
            display.warning(moves.warning(app, one, tried.get(one["base_url"], {}).get("reason", "")))
        return remaining
