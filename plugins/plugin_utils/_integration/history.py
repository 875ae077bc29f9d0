# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What became of the last examinations: names, numbers and ids of hops, kept beside the report."""

from __future__ import annotations

import json
from typing import Any, TypedDict

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import STATES, Document

#: So many are kept.
KEPT = 20


class Past(TypedDict):
    """An examination. Its state is the worst of its hops; a host that was not examined counts as broken."""

    written: str
    state: str
    apps: list[str]
    counts: dict[str, int]
    roots: list[str]  # as APP: HOP
    seconds: float


def past_of(report: Document) -> Past:
    hops = [hop["status"] for app in report["apps"] for hop in app["hops"]]
    return {
        "written": report["written"],
        "state": "failed" if not report["ok"] else "warning" if "warning" in hops else "ok",
        "apps": [app["name"] for app in report["apps"]],
        "counts": {state: hops.count(state) for state in STATES},
        "roots": [
            f"{app['name']}: {hop['id']}" for app in report["apps"] for hop in app["hops"] if hop["status"] == "failed"
        ],
        "seconds": round(sum(app["seconds"] for app in report["apps"]), 1),
    }


def with_this(text: str, report: Document) -> list[Past]:
    """The examinations that a file told of and this one, the newest first. What is no such entry is left out."""
    try:
        before = json.loads(text)
    except ValueError:
        before = []
    kept = [entry for entry in before if is_past(entry)] if isinstance(before, list) else []
    return [past_of(report), *kept][:KEPT]


def is_past(entry: Any) -> bool:
    def numbers(value: Any) -> bool:
        return isinstance(value, dict) and all(isinstance(value.get(state), int) for state in STATES)

    def texts(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)

    return (
        isinstance(entry, dict)
        and isinstance(entry.get("written"), str)
        and entry.get("state") in STATES
        and numbers(entry.get("counts"))
        and texts(entry.get("apps"))
        and texts(entry.get("roots"))
        and isinstance(entry.get("seconds"), (int, float))
    )


def written(history: list[Past]) -> str:
    return json.dumps(history, indent=4) + "\n"
