# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The doctor's report for monitoring: in the text format of Prometheus, and in short for the statistics of a run.

No texts but names and addresses: what a hop says in words is in report.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import STATES, App, Document

# Every metric is a gauge: each examination writes all of them anew.
HELP = {
    "openedx_sso_examined": "Whether the login chain of an app was examined.",
    "openedx_sso_ok": "Whether no hop of the login chain failed.",
    "openedx_sso_hops": "Hops of the login chain by their status.",
    "openedx_sso_api_token_expiry_timestamp_seconds": "When the API token of the service worker expires.",
    "openedx_sso_drifted_facts": "Facts that differ from what is declared, where they were compared.",
    "openedx_sso_examination_duration_seconds": "How long the examination took.",
    "openedx_sso_last_examination_timestamp_seconds": "When the login chain was examined last.",
}
DAY = 86400

Sample = tuple[str, dict[str, str], float]


def samples(report: Document, compared: Iterable[str], now: datetime) -> list[Sample]:
    """The values of all metrics with their labels.

    :param compared: the hosts whose drift is known.
    """
    known, found = set(compared), [("openedx_sso_examined", {"host": host}, 0.0) for host in report["not_examined"]]
    for app in report["apps"]:
        found += of_app(app, app["host"] in known, now.timestamp())
    return found


def of_app(app: App, is_compared: bool, now: float) -> list[Sample]:
    labels = {"host": app["host"], "app": app["base_url"], "lms": app["lms_base_url"]}
    left = app["token"]["days_left"]
    return [
        ("openedx_sso_examined", {"host": app["host"]}, 1.0),
        ("openedx_sso_ok", labels, float(app["ok"])),
        *(("openedx_sso_hops", {**labels, "status": state}, float(app["summary"].get(state, 0))) for state in STATES),
        *([] if left is None else [("openedx_sso_api_token_expiry_timestamp_seconds", labels, now + left * DAY)]),
        *([("openedx_sso_drifted_facts", labels, float(len(app["drift"])))] if is_compared else []),
        ("openedx_sso_examination_duration_seconds", labels, app["seconds"]),
        ("openedx_sso_last_examination_timestamp_seconds", labels, now),
    ]


def exposition(found: Iterable[Sample]) -> str:
    """The text format of Prometheus: the samples of one metric stand together, below what it is."""
    by_name: dict[str, list[str]] = {}
    for name, labels, value in found:
        named = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
        by_name.setdefault(name, []).append(f"{name}{{{named}}} {value!r}")
    lines = [
        line
        for name, text in HELP.items()
        if name in by_name
        for line in (f"# HELP {name} {text}", f"# TYPE {name} gauge", *by_name[name])
    ]
    return "".join(f"{line}\n" for line in lines)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def statistics(report: Document) -> dict[str, Any]:
    """What of a report is worth carrying to the next job of a workflow."""

    def short(app: App) -> Mapping[str, Any]:
        return {
            "ok": app["ok"],
            "first_failed": app["first_failed"],
            "summary": dict(app["summary"]),
            "token_days_left": app["token"]["days_left"],
            "drift": len(app["drift"]),
        }

    return {
        "openedx_sso": {
            "ok": report["ok"],
            "not_examined": report["not_examined"],
            "apps": {app["host"]: short(app) for app in report["apps"]},
        }
    }
