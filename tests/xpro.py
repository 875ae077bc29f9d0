# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks/xpro.yml does with the rows and the `.env`, without Ansible: declared by the same functions, done by
the same modules, on sides whose Django is running.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read
from ansible_collections.mitodl.openedx.plugins.modules import dotenv as dotenv_module
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env, backend_names, objects
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import of_rows
from modules import Result, run_here
from runs import ROOT
from warm import target

HOST = "xpro"
DEFAULTS = yaml.safe_load((ROOT / "roles/edx_oauth_provider/defaults/main.yml").read_text())


class Xpro:
    """The lab, with a file in the place of the app's `.env`: nothing that the app's server reads is changed."""

    def __init__(self, lab, dotenv: Path):
        self.lab, self.dotenv = lab, dotenv

    def __getattr__(self, name: str) -> Any:
        return getattr(self.lab, name)

    def read_env(self) -> dict[str, str]:
        return read(self.dotenv)

    def variables(self) -> dict[str, Any]:
        """Those of inventories/lab, and what a look at the app's machine says."""
        lms = {
            "edx_target": {"type": "command", "argv": target("lms")["argv"]},
            "edx_lms_base_url": self.lab.lms,
            "edx_settings_strategy": "private_py",
            "edx_envs_dir": str(self.lab.envs),
            "edx_superusers": [{"username": "edx", "email": "edx@example.org"}],
        }
        app = {
            "mit_app_profile": "mitxpro",
            "mit_app_port": int(self.lab.app.rpartition(":")[2]),
            "mit_app_domain": "127.0.0.1",
            "mit_app_dir": str(self.dotenv.parent),
            "mit_app_target": {"type": "command", "argv": target(HOST)["argv"]},
            "mit_app_found": {"env": self.read_env(), "status": 200, "directory": True},
        }
        return {
            **app,
            "inventory_hostname": HOST,
            "hostvars": {"lms": lms, HOST: app},
            "groups": {"edx": ["lms"], "mit_apps": [HOST]},
            "ansible_play_hosts": [HOST],
        }

    def declared(self) -> tuple[dict[str, Any], objects.Declared]:
        """The facts of the LMS, and the app."""
        declarations = Declarations(self.variables(), lambda value: value)
        names = backend_names.settle(declarations.claims("lms"))
        typed, lms, given = declarations.app(HOST, names[HOST])
        facts = {**lms.facts(), "superusers": declarations.superusers("lms")}
        return facts, objects.Declared({**typed.facts(), **typed.environment}, given, self.read_env())

    def rows(self) -> list[objects.Row]:
        """What the LMS is to have."""
        lms, declared = self.declared()
        days = {name: DEFAULTS[f"edx_oauth_provider_{name}"] for name in ("token_days", "renew_days")}
        return objects.present(lms, [declared], **days)

    def run(self, check: bool = False) -> list[Result]:
        """The results for the LMS, the `.env` and the app, in this order."""
        rows, app = self.rows(), self.declared()[1].app
        done = [self.lab.warm.run("lms", "django_objects", check, objects=rows, return_secrets=True)]
        found = of_rows(done[0]["objects"], app)
        arguments = {
            "path": str(self.dotenv),
            "record": f"{self.dotenv}.before",
            "values": app_env.plain_values(app, found.client_id, found.app_client_id),
            "secrets": app_env.secret_values(app, found),
            "defaults": app["env_required"],
            "_ansible_check_mode": check,
        }
        done.append(run_here(dotenv_module, arguments))
        done.append(self.lab.warm.run(HOST, "oauth_application", check, **app_env.application(app, found)))
        assert not [result["msg"] for result in done if result.get("failed")]
        return done


def differences(results: Iterable[Result]) -> list[str]:
    """The lines that the diffs of results add or remove, as Ansible shows them."""
    found = []
    for diff in (diff for result in results for diff in result["diff"]):
        sides = [diff[side].splitlines() for side in ("before", "after")]
        lines = list(difflib.unified_diff(*sides, n=0, lineterm=""))[2:]
        found += [line for line in lines if not line.startswith("@@")]
    return found


def changed(results: Iterable[Result]) -> list[bool]:
    return [result["changed"] for result in results]


def said(results: Iterable[Result]) -> str:
    return json.dumps([{**result, "objects": []} for result in results])
