# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of what the app leads people to, and of what runs beside its server with the same ``.env``."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe, skipped, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import APP_ROLE, sentence

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict


@probe("app.links")
def find_links(look):
    return {"values": {name: look.setting(name) for name in look.declared["links"]}}


@hop("app.links", "app", "The app leads people to this LMS", ("app.starts",))
def app_links(seen: Seen, facts: Facts) -> Verdict:
    """Links to courses and to Studio, which people follow after the login, have the declared addresses."""
    declared, values = seen.declared["links"], {name: value for name, value in facts["values"].items() if value}
    wrong = [f"{name} is {value}, not {declared[name]}" for name, value in values.items() if value != declared[name]]
    if wrong:
        return failed(
            "; ".join(wrong) + ".",
            f"{APP_ROLE} By hand: set it in {seen.dotenv}, then {seen.app_side.reread}.",
        )
    if not values:
        return skipped("the app has no such settings")
    return ok(f"{', '.join(values)} lead to the declared addresses")


@probe("machine.services")
def find_services(look):
    """The containers of the app's compose project that read its ``.env``, and what each has otherwise."""
    from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read

    path = Path(look.declared["dotenv"]).expanduser()
    if not look.request["compose"] or not os.access(path, os.R_OK):
        return {"services": None}
    wanted = {name: value for name, value in read(path).items() if name.startswith("OPENEDX_") and value}
    listed = run([*look.request["compose"], "ps", "--all", "--format", "json"])
    containers = {entry["ID"]: entry for entry in entries(listed)}
    services = {}
    docker = look.request["compose"][: look.request["compose"].index("compose")]
    for one in entries(run([*docker, "container", "inspect", *containers])) if containers else []:
        entry = next(entry for name, entry in containers.items() if one["Id"].startswith(name))
        environment = dict(line.partition("=")[::2] for line in one["Config"]["Env"] or ())
        if wanted.keys() & environment.keys():
            services[entry["Service"]] = {
                "state": entry["State"],
                "differs": sorted(name for name, value in wanted.items() if environment.get(name) != value),
            }
    return {"services": services}


def run(argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout


def entries(text):
    """Objects of JSON: in a list, or a line each, as newer releases of compose have them."""
    # Warnings and the names of wrappers are not among them, wherever they are printed.
    lines = [line for line in text.splitlines() if line.startswith(("[", "{"))]
    if lines and lines[0].startswith("["):
        start = text.index(lines[0])
        return json.loads(text[start:])
    return [json.loads(line) for line in lines]


@hop("app.services", "app", "The app's workers run with its .env", ("app.starts",), "machine.services")
def app_services(seen: Seen, facts: Facts) -> Verdict:
    """What works beside the app's server, such as celery, talks to the same LMS with the same credentials."""
    services = facts["services"]
    if services is None:
        by_compose = seen.app_side.kind == "compose"
        return skipped(f"{seen.dotenv} cannot be read from here" if by_compose else "compose does not run the app")
    differs = {name: service["differs"] for name, service in services.items() if service["differs"]}
    if differs:
        told = "; ".join(f"{name}: {', '.join(keys)}" for name, keys in differs.items())
        return failed(
            f"Services that read {seen.dotenv} run with other values ({told}).",
            f"{sentence(seen.app_side.reread)} If it stays so, {seen.app_side.env_wins}.",
        )
    down = [f"{name} ({service['state']})" for name, service in services.items() if service["state"] != "running"]
    if down:
        return warning(f"Not running: {', '.join(down)}.", sentence(seen.app_side.start))
    return ok(f"{', '.join(services) or 'Nothing'} runs with the values of {seen.dotenv}")
