# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes the texts of the settings here, where the role's files are; the module of the same name does the rest."""

from __future__ import annotations

from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import ARGUMENT_SPEC
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import lms_settings
from ansible_collections.mitodl.openedx.plugins.plugin_utils._long_step import say

ROLE = Path(__file__).parents[2] / "roles/edx_private_settings"


def read(name):
    """The text of a file of the role."""
    return (ROLE / "files" / name).read_text(encoding="utf-8")


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = self._validated(ARGUMENT_SPEC, dict(self._task.args))
        problem = lms_settings.problem({**args, "settings_strategy": args["strategy"]})
        if problem:
            raise AnsibleActionFail(f"{problem} No setting of the LMS was changed.")
        apps, companion = args["apps"], args["companion_auth"]
        if companion and companion not in [app["host"] for app in apps]:
            if companion not in (task_vars or {}).get("groups", {}).get("mit_apps", []):
                raise AnsibleActionFail(
                    f"companion_auth is '{companion}', which is no app (edx_companion_auth). Give the name of one "
                    "app's host, or an empty text to switch it off. No setting of the LMS was changed."
                )
            # That app takes no part in this run.
            companion = None
        mapped = lms_settings.mapped_hosts(apps, args["target"]["type"]) if args["extra_hosts"] else {}
        texts = {}
        if args["state"] == "present":
            shared = self._settings(args["settings"], task_vars or {})
            leads_to = next((app for app in apps if app["host"] == companion), None)
            texts = lms_settings.files(
                args["strategy"],
                apps,
                shared,
                mapped,
                leads_to,
                read,
            )
        module_args = {
            # As they were given: a path means the other machine.
            **self._task.args,
            "apps": [{name: app[name] for name in ("host", "backend_name")} for app in apps],
            "companion_auth": companion,
            "mapped_hosts": mapped,
            "files": texts,
        }
        result.update(self._execute_module(module_args=module_args, task_vars=task_vars))
        while waits := result.pop("waits", None):
            say(
                self._task.delegate_to or (task_vars or {}).get("inventory_hostname"),
                "LMS",
                f"not there yet, {waits['waited']} s after its restart ({waits['reason']})",
            )
            later = self._execute_module(module_args={**module_args, "progress": waits}, task_vars=task_vars)
            result.update({name: value for name, value in later.items() if name != "changed"})
        return result

    def _settings(self, given, task_vars):
        """The settings of the whole LMS: given here, or by a variable of the role, or its default."""
        options = yaml_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))
        specs = lms_settings.setting_specs(options["argument_specs"]["main"]["options"])
        named = {name: lms_settings.PREFIX + name for name in specs if name not in given}
        values = {name: self._templar.template(task_vars[full]) for name, full in named.items() if full in task_vars}
        return self._validated(specs, {**values, **given})

    @staticmethod
    def _validated(spec, values):
        checked = ArgumentSpecValidator(spec).validate(values)
        if checked.error_messages:
            raise AnsibleActionFail("; ".join(checked.error_messages))
        return checked.validated_parameters
