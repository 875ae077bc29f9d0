# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns the variables of an app's host, those of its LMS and what was seen of both into one result."""

from __future__ import annotations

import os

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import (
    app_env,
    backend_names,
    lms_settings,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import is_integrated
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.plain import plain
from ansible_collections.mitodl.openedx.plugins.plugin_utils._made import UNTOUCHED, truthful
from ansible_collections.mitodl.openedx.plugins.plugin_utils._play import lonely_hosts
from ansible_collections.mitodl.openedx.plugins.plugin_utils._session_id import session_id


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        try:
            found = resolve(Declarations(task_vars, self._templar.template))
            if problem := lonely_hosts(self._task, found["lms"]["apps"]):
                raise InventoryError(problem)
            # A checkout that was cloned meanwhile was never looked at before; in a dry run none was.
            awaits = self._task.check_mode and is_cloned(found)
            problem = ("" if awaits else no_directory(found)) or found["contradiction"]
            problem = problem or found["refusal"] or found["unwritable"]
            if problem and boolean(self._task.args.get("required", False)):
                raise InventoryError(f"{found['app']['name']}: {problem}")
            # To be registered, and no fact: facts are kept in caches.
            return {**result, "changed": False, **plain(found)}
        except InventoryError as error:
            # On a line of its own: what is refused may end with lines to copy.
            return {**result, "failed": True, "msg": truthful(f"{error}\n{UNTOUCHED}", task_vars)}


def resolve(declarations: Declarations) -> dict:
    """The fact of the task's host.

    :raises InventoryError: the declaration cannot be.
    """
    host = declarations.host
    edx_host = declarations.edx_host(host)
    apps = declarations.same_lms(edx_host, declarations.play_hosts)
    claims = declarations.claims(edx_host)
    names = backend_names.settle(claims, declarations.rows(apps[0]))
    if others := [other for other, name in names.items() if name == names[host] and other != host]:
        raise InventoryError(
            f"{host}: mit_app_backend_name is '{names[host]}', and so it is for {', '.join(others)} on the same LMS. "
            "One backend name serves one app per LMS. Give each app its own, or leave the variable out."
        )
    if problem := declarations.named_alike(host, edx_host):
        raise InventoryError(f"{host}: {problem}")
    app, lms, given = declarations.app(host, names[host])
    facts: dict = {"app": app.facts(), "lms": lms.facts(), "found": declarations.found(host)}
    if given.get("mit_app_session", True) and not app_env.is_outside(facts["app"]):
        facts["app"]["target"]["session"] = session_id()
    if declarations.read(edx_host, "lms").get("edx_session", True):
        facts["lms"]["target"]["session"] = session_id()
    claim = next(claim for claim in claims if claim.host == host)
    other = backend_names.misled(claim, names)
    facts["contradiction"] = contradiction(claim, other) if other and other not in apps else ""
    facts["settled"] = bool(facts["found"].get("directory", True) and facts["found"]["answers"])
    problem = lms_settings.problem(facts["lms"]) or app_env.gateway_problem(facts["app"], given, declarations.env(host))
    facts["unwritable"] = no_restart(facts, is_integrated(declarations.env(host)))
    facts["refusal"] = refusal(facts, problem)
    left = declarations.former(host)
    facts["app"]["former"] = [one.facts() for one in left]
    facts["former"] = [
        {**one.facts(), **(declarations.where_it_was(host, one) if one.edx_host else {})} for one in left
    ]
    facts["preparations"] = preparations(facts)
    facts["lms"].update(
        apps=apps,
        # What a dry run and the preflight ask before those lines are written.
        expected_names=names_of(facts)["unresolved"] if facts["app"]["manage_hosts"] else [],
        other_apps=declarations.others(edx_host),
        leader=apps[0],
        leads=apps[0] == host,
        names_settled=all(
            backend_names.is_settled(claim, alone=declarations.has_all(edx_host))
            for claim in claims
            if claim.takes_part
        ),
    )
    return facts


def refusal(facts: dict, problem: str) -> str:
    """Why a run for this app cannot succeed, as nothing that it makes mends that; empty where it can."""
    app, found = facts["app"], facts["found"]
    # Whatever starts an LMS that Tutor does not run may make the app's directory as well; it is asked for after that.
    if not is_cloned(facts) and not facts["lms"]["start_argv"]:
        problem = problem or no_directory(facts)
    problem = problem or (found.get("dotenv") or {}).get("problem", "") or found.get("obstacle", "")
    return problem or ("" if app["manage_hosts"] else no_names(facts))


def preparations(facts: dict) -> list[str]:
    """What the role mit_app has to do on the app's machine before anything is written on the LMS, in its order."""
    app, names = facts["app"], names_of(facts)
    steps = {
        "hosts": bool(names["unresolved"] or names["missing_lines"]) and app["manage_hosts"],
        "checkout": is_cloned(facts),
        "network": app["network_mode"] == "gateway" and app["manage_network"],
    }
    return [step for step, needed in steps.items() if needed]


def is_cloned(facts: dict) -> bool:
    return bool(facts["app"]["repo"]) and not facts["found"].get("checkout", True)


def names_of(facts: dict) -> dict:
    return facts["found"].get("names") or {"unresolved": [], "missing_lines": []}


def no_names(facts: dict) -> str:
    """Which names this machine lacks, and the lines for them."""
    app, names = facts["app"], names_of(facts)
    if not (lacking := names["unresolved"]):
        return ""
    lines = list(dict.fromkeys([*(f"127.0.0.1 {name}" for name in lacking), *names["missing_lines"]]))
    wanted = [line for line in lines if line.split()[-1] in lacking]
    adds = "adds a line" if len(wanted) == 1 else "adds lines"
    # At the end and by themselves, so that nobody copies a full stop along.
    to_copy = "\n".join(wanted)
    return (
        f"{' and '.join(lacking)} cannot be resolved on this machine, from which the LMS and the app must be reached, "
        f"by Ansible and by the browser. Set mit_app_manage_hosts to true, which {adds} to {app['hosts_file']}, or "
        f"add to that file exactly:\n{to_copy}"
    )


def no_restart(facts: dict, integrated: bool) -> str:
    """Why an app could not be brought up with what is to be written into its ``.env``; empty where it can."""
    app = facts["app"]
    if app["starts_by"] != "command" or app["restart_argv"] or (integrated and facts["found"]["answers"]):
        return ""
    kind = app["target"].get("type", "command")
    secret = ", or the Secret of its environment in mit_app_kubernetes_secret" if kind == "kubernetes" else ""
    return (
        f"a target of type {kind} has no restart of its own, which the app needs for its new .env. Give the command in "
        f"mit_app_restart_argv{secret}."
    )


def no_directory(facts: dict) -> str:
    """Why there is no place for the app's ``.env``; empty where there is one."""
    app, folder = facts["app"], os.path.dirname(facts["app"]["dotenv"])
    if facts["found"].get("directory", True):
        return ""
    in_checkout = app["dotenv"] == f"{app['dir']}/.env"
    wrong = "mit_app_dir: it is the app's checkout" if in_checkout else "mit_app_dotenv"
    return f"there is no directory {folder} for the app's .env. Correct {wrong}."


def contradiction(claim: backend_names.Claim, other: str) -> str:
    return (
        f"its .env says that it is called {claim.in_env} on the LMS, and the LMS's provider of that name points at "
        f"{other}. Run the playbook for both (without --limit), so that both .env files count; or give "
        "mit_app_backend_name."
    )
