# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a removal needs before it begins, and what it leaves: in words for the person who asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SIDES = {"all": ("lms", "app"), "lms": ("lms",), "app": ("app",)}
# What says that nobody is there: no answer at all, or a proxy that says so.
SILENT = (-1, 502, 503, 504)
NOT_FOUND = 404

Row = Mapping[str, Any]


def login_url(app: Mapping[str, Any]) -> str:
    """Where the LMS begins a login through the app; not found once nothing in its settings names the backend."""
    return f"{app['lms_base_url']}/auth/login/{app['backend_name']}/?auth_entry=login"


def silent(app: Mapping[str, Any], statuses: Mapping[str, int]) -> str:
    """Why nothing can be removed yet; empty where all that was asked answered.

    :param statuses: the HTTP status of each side that is to be taken apart.
    """
    dead = [side for side in statuses if statuses[side] in SILENT]
    if not dead:
        return ""
    urls = {"lms": app["lms_base_url"], "app": app["base_url"]}
    answering = [side for side in SIDES["all"] if side not in dead]
    other = (
        f"; or, where it is gone for good, give -e remove_side={answering[0]} to take the other side's part away"
        if answering
        else ""
    )
    return f"{' and '.join(urls[side] for side in dead)} does not answer. Start it{other}. Nothing was changed."


def left_in_lms(app: Mapping[str, Any], rows: Sequence[Row], backend_status: int) -> list[str]:
    """What stays of an app in its LMS, and why.

    :param rows: what ``django_objects`` returned for the rows that went.
    :param backend_status: the HTTP status of the address at which a login through the app would begin.
    """
    name, backend, worker = app["name"], app["backend_name"], app["service_worker"]
    provider = next(
        row["left"]
        for row in rows
        if row["kind"] == "third_party_auth_provider" and row["key"]["backend_name"] == backend
    )
    deactivated = any(row["kind"] == "django_user" and row["key"]["username"] == worker for row in rows)
    lines = [
        f"the LMS accounts of people who logged in through {name} ({provider['people']}): with their courses and "
        "certificates they are theirs",
        f"the rows of the provider {backend} ({provider['rows']}): Open edX keeps their history; the newest is disabled",
        f"the service worker {worker}, deactivated and without tokens: what it did to learners is on record under its name"
        if deactivated
        else f"the service worker {worker}: another app uses it too",
        f"the Site {app['lms_site']}, superusers and courses: they are not the app's alone",
    ]
    if backend_status != NOT_FOUND:
        lines.append(
            f"the backend {backend}: settings that are not of this collection name it too (in private.py, say). Remove it "
            "there; a login through it ends with an error"
        )
    return lines


def left_in_app(app: Mapping[str, Any], copies: int) -> list[str]:
    """What stays of Open edX in an app, and why.

    :param copies: how many copies of its ``.env`` lie beside it.
    """
    lines = []
    if app["env_required"]:
        lines.append(f"{', '.join(app['env_required'])} in the .env: the app does not start without them")
    if copies:
        lines.append(
            f"copies of the .env beside it ({copies}, .env.*~): they hold old credentials. Delete them when nobody needs them"
        )
    lines.append(
        "the accounts of the app, and its learners' tokens for Open edX (OpenEdxApiAuth), which no longer work. To have new "
        "ones after another integration, delete those rows and run its command repair_missing_courseware_records"
    )
    return lines


def report(app: Mapping[str, Any], left: Sequence[str], boots: Mapping[str, int]) -> list[str]:
    """What a removal says at its end.

    :param boots: how often each side's Django was started.
    """
    return [
        f"What stays of {app['name']}, and why:",
        *(f"- {line}" for line in left),
        f"Django starts: {boots['lms']} of the LMS for all apps, {boots['app']} of {app['name']}.",
    ]
