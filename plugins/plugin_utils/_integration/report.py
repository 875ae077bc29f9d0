# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The doctor's report as one document: from the results of all hosts to report.json, which docs/report.schema.json
describes. page.py makes the page of it, and drawing.py its drawings.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import PurePath
from typing import Any, TypedDict, cast

from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable


class Hop(TypedDict, total=False):
    id: str
    side: str
    title: str
    proves: str
    status: str
    fact: str
    fix: str
    note: bool  # whether the fact of a hop that is ok is worth knowing
    seconds: float


class Token(TypedDict):
    user: str
    days_left: float | None
    expires: str | None


class Drift(TypedDict, total=False):
    object: str
    field: str
    old: str
    new: str
    by: str
    at: str


class Examined(TypedDict):
    """What was examined: an app, its LMS, and where both run."""

    name: str
    base_url: str
    network: str
    lms_host: str
    lms_base_url: str
    lms_network: str
    token_user: str


class App(TypedDict):
    name: str
    host: str
    base_url: str
    network: str
    lms_host: str
    lms_base_url: str
    lms_network: str
    playbook: str
    ok: bool
    first_failed: str | None
    summary: dict[str, int]
    hops: list[Hop]
    token: Token
    versions: dict[str, dict[str, str | None]]
    boots: dict[str, int]
    seconds: float
    compared: bool  # whether drift was looked for
    drift: list[Drift]
    not_compared: list[str]  # what of it nobody could look at, and why


class Document(TypedDict):
    schema: int
    written: str
    ansible: str
    ok: bool
    not_examined: list[str]
    apps: list[App]


def examined(app: Mapping[str, Any], target: Mapping[str, Any], app_target: Mapping[str, Any]) -> Examined:
    """What the report says of an app before anything is found out; `app` is as the fact mit_app_facts has it."""
    return {
        "name": app["name"],
        "base_url": app["base_url"],
        "network": network(app_target),
        "lms_host": app.get("edx_host", ""),
        "lms_base_url": app["lms_base_url"],
        "lms_network": network(target),
        "token_user": app["service_worker"],
    }


def network(target: Mapping[str, Any]) -> str:
    """The Docker network that a side's containers are in, as far as its target tells it."""
    kind = target.get("type") or "command"
    if kind in ("tutor_dev", "tutor_local"):
        return kind.replace("_", " ")
    if kind in ("tutor_k8s", "kubernetes"):
        return f"Kubernetes: {target.get('namespace') or 'openedx'}"
    if kind == "compose":
        return f"{target.get('project') or PurePath(target.get('chdir') or '').name}_default"
    return "no container"


def document(
    results: Mapping[str, Mapping[str, Any] | None],
    drift: Mapping[str, Sequence[Drift]],
    *,
    now: datetime,
    ansible: str,
    inventories: Iterable[str] = (),
    not_compared: Mapping[str, Sequence[str]] | None = None,
) -> Document:
    """The report of a play. `results` has a result of sso_check for each host, in the order of the play, or None where
    a host stopped before its chain was examined: nothing is known of that one, so nothing is proved. `drift` has
    the hosts where what is there was compared with what is declared, and `not_compared` what of it was not."""
    command = ["ansible-playbook", *(word for name in inventories for word in ("-i", name)), "mitodl.openedx.site"]
    apps = [
        one_app(
            host,
            found,
            drift.get(host),
            (not_compared or {}).get(host, ()),
            f"{shlex.join(command)} --limit {host}",
            now,
        )
        for host, found in results.items()
        if found is not None
    ]
    missing = [host for host, found in results.items() if found is None]
    made: Document = {
        "schema": 1,
        "written": now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ansible": ansible,
        "ok": not missing and all(app["ok"] for app in apps),
        "not_examined": missing,
        "apps": apps,
    }
    return cast(Document, printable(made))


def one_app(
    host: str,
    found: Mapping[str, Any],
    drift: Sequence[Drift] | None,
    not_compared: Sequence[str],
    playbook: str,
    now: datetime,
) -> App:
    """`playbook` is the command that brings it in line again, which most fixes ask for."""
    about: Examined = found["examined"]
    left = found["token_days_left"]
    expires = None if left is None else (now.astimezone(timezone.utc) + timedelta(days=left)).strftime("%Y-%m-%d")
    return {
        "name": about["name"],
        "host": host,
        "base_url": about["base_url"],
        "network": about["network"],
        "lms_host": about["lms_host"],
        "lms_base_url": about["lms_base_url"],
        "lms_network": about["lms_network"],
        "playbook": playbook,
        "ok": found["ok"],
        "first_failed": (found["first_failed"] or {}).get("id"),
        "summary": found["summary"],
        "hops": found["hops"],
        "token": {"user": about["token_user"], "days_left": left, "expires": expires},
        "versions": found["versions"],
        "boots": found["boots"],
        "seconds": found["seconds"],
        "compared": drift is not None,
        "drift": list(drift or ()),
        "not_compared": list(not_compared),
    }


def machine_readable(report: Document) -> str:
    return json.dumps(report, indent=4) + "\n"


# -- states and places -------------------------------------------------------------------------------------------------

# From the worst to the best.
STATES = ("failed", "warning", "ok", "skipped")
WORDS = {"failed": "broken", "warning": "warning", "ok": "ok", "skipped": "not judged"}
# The login's way from the browser through both sides, as sections of every app and as places of the drawing.
PLACES = ("browser_lms", "lms", "lms_app", "browser_app", "app", "app_lms")
# Where a hop is: the first pattern that its id and side match. What is not named falls to its side.
PATTERNS = (
    (r"^browser\.(reaches_)?app", "browser_app"),
    (r"^(browser|login\.browser)", "browser_lms"),
    (r"^(app\.(reaches_lms|client|token)|login\.app|commands\.)", "app_lms"),
    (r"^lms\.(reaches_|secret|user_info)", "lms_app"),
    (r" lms$", "lms"),
    (r" app$", "app"),
    (r"^app\.", "app"),
    (r"", "browser_lms"),
)
# What in a fix is to be copied: a command in brackets or at the end, a line of /etc/hosts, NAME=value.
COPYABLE = re.compile(
    r"(?<=\()(?:[\w./~-]*/)?(?:tutor|docker|kubectl|sudo|ansible-playbook) [^()]+(?=\))"
    r"|docker compose up -d"
    r"|127\.0\.0\.1 [\w.-]*\w"
    r"|\b[A-Z][A-Z_]{5,}=[^\s,;]*[^\s,;.)]"
    r"|extra_hosts: \[[^\]]*\]"
)


def worst(hops: Iterable[Hop]) -> str:
    found = {hop["status"] for hop in hops}
    return next((state for state in STATES if state in found), "skipped")


def place_of(hop: Hop) -> str:
    known = f"{hop['id']} {hop['side']}"
    return next(place for pattern, place in PATTERNS if re.search(pattern, known))


def counted(number: int, state: str) -> str:
    """The word for so many hops of a state."""
    return WORDS[state] + ("s" if state == "warning" and number != 1 else "")


def copies(fix: str, playbook: str) -> list[str]:
    again = [playbook] if "playbook again" in fix else []
    return list(dict.fromkeys([*again, *COPYABLE.findall(fix)]))


@dataclass(frozen=True)
class Known:
    """An app of the document, with its hops by place; the number tells the anchors of the apps apart."""

    app: App
    anchor: str
    places: dict[str, list[Hop]]

    def state(self, place: str) -> str:
        return worst(self.places[place])

    def title(self, place: str) -> str:
        name = self.app["name"]
        return {
            "browser_lms": "Browser to LMS",
            "browser_app": f"Browser to {name}",
            "lms": "Inside the LMS",
            "app": f"Inside {name}",
            "lms_app": f"LMS to {name}",
            "app_lms": f"{name} to LMS",
        }[place]
