# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Works out what an app is to have: the keys of its .env and the application of the LMS, with their secrets."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import Credentials, of_rows


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = self._task.args
        app, hidden = args["app"], args.get("extra_secrets") or {}
        extra = {**(args.get("extra") or {}), **hidden}
        declared = {
            "keys": app_env.keys(app, extra),
            "placeholders": app_env.PLACEHOLDERS,
            "defaults": app["env_required"],
            "application": app_env.no_application(app),
        }
        if args.get("state", "present") == "present":
            given = args.get("credentials")
            found = Credentials(**given) if given else of_rows(args.get("rows") or [], app)
            values, secrets = app_env.told_apart(
                {**app_env.plain_values(app, found.client_id, found.app_client_id), **extra}, hidden
            )
            declared.update(
                values=values,
                secrets={**app_env.secret_values(app, found), **secrets},
                application=app_env.application(app, found),
                to_register=app_env.to_register(app, found),
            )
            if app["api_gateway"] and args.get("gateway_secret"):
                declared["secrets"][app_env.GATEWAY_SECRET] = args["gateway_secret"]
        return {**result, **declared, "changed": False, "_ansible_no_log": True}
