# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what a run would do for an app, from what the roles registered in check mode; needs no process."""

from __future__ import annotations

import shlex

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import sentence
from ansible_collections.mitodl.openedx.plugins.module_utils._http import Answer
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
        app, lms = facts["app"], facts["lms"]
        # Each once: Ansible gathers the variables of a host anew whenever they are asked for.
        hosts = {host: task_vars["hostvars"][host] for host in lms["apps"]}
        lms_starts, app_starts = starts.of_lms(hosts.values()), starts.of_app(hosts[app["host"]])
        cost = starts.line(app["name"], lms_starts, app_starts)
        if reasons := unknown(facts, plain(hosts[lms["leader"]].get("sso_plan_answer") or {})):
            told = [f"{app['name']}: what a run would change is not known before this is mended", *reasons]
            result.update(changed=False, findings=[], drift=[], not_compared=[], unknown=reasons, lines=told)
            result.update(drift_lines=[*told, cost])
            return result
        rows, settings = (registered(hosts[lms["leader"]], lms["leader"], name) for name in OF_THE_LMS)
        dotenv, app_rows = (registered(hosts[app["host"]], app["host"], name) for name in OF_THE_APP)
        # Nothing is run in an app whose target is none.
        objects = app_rows.get("objects", [])
        others = [names_of(own["mit_app_facts"]["app"]) for host, own in hosts.items() if host != app["host"]]
        found = findings.findings(
            app,
            rows=rows["objects"],
            settings=settings["apps"][app["host"]],
            dotenv=dotenv,
            dotenv_mtime=(facts["found"].get("dotenv") or {}).get("mtime"),
            app_rows=objects,
            others=others,
        )
        drift, unseen = findings.drift(found), findings.not_compared(found)
        own = findings.own_rows(rows["objects"], app, others)
        left = findings.beside(app, own, objects)
        result.update(
            changed=False,
            findings=found,
            drift=drift,
            not_compared=unseen,
            unknown=[],
            lines=[*findings.table(app["name"], found), *left, cost],
            drift_lines=[*findings.drift_lines(app["name"], drift, unseen), cost],
        )
        return result


def unknown(facts, answer):
    """Why what is there cannot be compared with what is declared: a sentence for each thing, with what to do.

    :param answer: what http_status_info said of the LMS.
    """
    app, lms = facts["app"], facts["lms"]
    found = [f"{app['name']}: {facts['refusal']}"] if facts.get("refusal") else []
    if "checkout" in facts.get("preparations", ()):
        found.append(f"{app['name']}: {app['dir']} is not there. A run clones {app['repo']} ({app['version']}) to it.")
    if answer.get("silent"):
        said = Answer(-1, message=answer["reasons"].get("lms", ""), tls=answer["tls"].get("lms", ""))
        target = {"type": "command", **lms["target"]}
        side = Side("the LMS", target, lms["start_argv"], lms["restart_argv"])
        launch = shlex.join(side.commands.get("launch", []))
        new = f" A new installation needs `{launch}` once." if launch else ""
        start = f"{sentence(side.start)}{new} Or correct edx_lms_base_url."
        silent = f"{lms['base_url']} does not answer ({said.message}). {start}"
        found.append(said.tls_problem(lms["base_url"], "edx") or silent)
    return found


def names_of(app):
    """The names by which the rows of another app are told apart from those of this one."""
    return {name: str(app[name]) for name in findings.OWN_NAMES}


def registered(variables, host, name):
    """A result that a role registered on a host."""
    found = plain(variables.get(name) or {})
    if not found or found.get("failed"):
        raise AnsibleActionFail(f"{host} has no result {name}: run the role {name.rpartition('_')[0]} before.")
    return found
