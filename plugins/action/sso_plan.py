# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what a run would do for an app, from what the roles registered in check mode; needs no process."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import findings, starts
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.plain import plain

OF_THE_LMS = ("edx_oauth_provider_result", "edx_private_settings_result")
OF_THE_APP = ("mit_app_env_dotenv", "mit_app_env_result")


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        facts = plain(task_vars["mit_app_facts"])
        app, lms, hosts = facts["app"], facts["lms"], task_vars["hostvars"]
        rows, settings = (registered(hosts[lms["leader"]], lms["leader"], name) for name in OF_THE_LMS)
        dotenv, app_rows = (registered(hosts[app["host"]], app["host"], name) for name in OF_THE_APP)
        others = [plain(hosts[host]["mit_app_facts"])["app"] for host in lms["apps"] if host != app["host"]]
        found = findings.findings(
            app,
            rows=rows["objects"],
            settings=settings["apps"][app["host"]],
            dotenv=dotenv,
            dotenv_mtime=(facts["found"].get("dotenv") or {}).get("mtime"),
            app_rows=app_rows.get("objects", []),
            others=others,
        )
        drift = findings.drift(found)
        lms_starts, app_starts = starts.of_lms(hosts[host] for host in lms["apps"]), starts.of_app(hosts[app["host"]])
        own = findings.own_rows(rows["objects"], app, others)
        left = findings.beside(app, own, app_rows["objects"])
        cost = starts.line(app["name"], lms_starts, app_starts)
        result.update(
            changed=False,
            findings=found,
            drift=drift,
            lines=[*findings.table(app["name"], found), *left, cost],
            drift_lines=[*findings.drift_lines(app["name"], drift), cost],
        )
        return result


def registered(variables, host, name):
    """A result that a role registered on a host."""
    found = plain(variables.get(name) or {})
    if not found or found.get("failed"):
        raise AnsibleActionFail(f"{host} has no result {name}: run the role {name.rpartition('_')[0]} before.")
    return found
