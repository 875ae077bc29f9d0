# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a removal needs before it begins, and what it leaves: in words for the person who asked for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.moves import NOTE

SIDES = {"all": ("lms", "app"), "lms": ("lms",), "app": ("app",)}
NOT_FOUND = 404

Row = Mapping[str, Any]


def addresses(app: Mapping[str, Any]) -> dict[str, str]:
    return {"lms": app["lms_base_url"], "app": app["base_url"]}


def login_url(app: Mapping[str, Any]) -> str:
    """Where the LMS begins a login through the app; not found once nothing in its settings names the backend."""
    return f"{app['lms_base_url']}/auth/login/{app['backend_name']}/?auth_entry=login"


def trust(side: Mapping[str, Any] | None) -> dict[str, Any]:
    """How the certificate of a side of ``mit_app_facts`` is judged, as http_status_info takes it."""
    known = side or {}
    return {"ca_path": known.get("ca_path") or None, "validate_certs": known.get("validate_certs", True)}


def refusal(app: Mapping[str, Any], silent: Collection[str], reasons: Mapping[str, str] | None = None) -> str:
    """Why a removal cannot begin; empty where it can.

    :param silent: the sides at which nobody answers, of those from which something is to be removed.
    :param reasons: why they do not.
    """
    dead = [side for side in SIDES["all"] if side in silent]
    if not dead:
        return ""
    places = " and ".join(addresses(app)[side] for side in dead)
    why = "; ".join(dict.fromkeys(reasons[side] for side in dead if side in reasons)) if reasons else ""
    why = f" ({why})" if why else ""
    if len(dead) > 1:
        return f"{places} do not answer{why}. Start them. Nothing was changed."
    other = next(side for side in SIDES["all"] if side not in dead)
    if app.get("api_gateway") and dead == ["app"]:
        return (
            f"{places}, the gateway of {app['name']}, does not answer{why}. Start it; or give -e "
            f"mit_app_api_gateway=false to ask the app itself, where it has no gateway; or, where the app is gone for "
            f"good, -e remove_side={other} to take the other side's part away. Nothing was changed."
        )
    return (
        f"{places} does not answer{why}. Start it; or, where it is gone for good, give -e remove_side={other} to take "
        "the other side's part away. Nothing was changed."
    )


def no_dotenv(app: Mapping[str, Any], sides: str, seen: Mapping[str, Any]) -> str:
    """Why nothing can be taken out of the app's ``.env``; empty where it can, or where nothing is to be.

    :param seen: what ``mit_app_info`` says of it.
    """
    problem = seen.get("problem") if "app" in SIDES[sides] else ""
    return f"{app['name']}: {problem} Nothing was changed." if problem else ""


def left_in_lms(app: Mapping[str, Any], rows: Sequence[Row], backend_status: int | None = None) -> list[str]:
    """What stays of an app in its LMS, and why.

    :param rows: what ``django_objects`` returned for the rows that went.
    :param backend_status: the HTTP status of the address at which a login through the app would begin; none in a dry
        run, in which the settings are still there.
    """
    backend, worker = app["backend_name"], app["service_worker"]
    provider = next(
        row["left"]
        for row in rows
        if row["kind"] == "third_party_auth_provider" and row["key"]["backend_name"] == backend
    )
    if any(row["kind"] == "django_user" and row["key"]["username"] == worker for row in rows):
        why_worker = (
            f"{worker}, deactivated and without tokens, with what Open edX made for it (profile, preferences, tours): "
            "what it did to learners is on record under its name"
        )
    else:
        why_worker = f"{worker}: another app uses it too"
    people, rows_left = f"people who logged in through {app['name']} ({provider['people']})", provider["rows"]
    links, begun = provider.get("link_history", 0), provider.get("logins_begun", 0)
    records = f"{links} rows of support_historicalusersocialauth, {begun} of social_auth_partial"
    lines = [
        f"the LMS accounts of {people}: with their courses and certificates they are theirs",
        f"what Open edX recorded of these logins, with tokens of the app and e-mails: {records}",
        f"the rows of the provider {backend} ({rows_left}): Open edX keeps their history; the newest is disabled",
        *([f"the service worker {why_worker}"] if app["api"] else []),
        f"the Site {app['lms_site']}, superusers (edx_superusers) and courses: they are not the app's alone",
    ]
    if backend_status not in (None, NOT_FOUND):
        lines.append(
            f"the backend {backend}: settings that are not of this collection name it too (in private.py, say). Remove "
            "it there; a login through it ends with an error"
        )
    return lines


def left_in_app(app: Mapping[str, Any], copies: int, placeholders: Sequence[str] = ()) -> list[str]:
    """What stays of Open edX in an app, and why.

    :param copies: how many copies of its ``.env`` lie beside it.
    :param placeholders: the keys that a run has given a value because they had none, and that keep it.
    """
    lines = []
    if app["migrated_application"]:
        lines.append(
            f"the OAuth2 application {app['edx_application']}, without this LMS's redirect URI: the app's own "
            "migration made it and would not make it again"
        )
    if placeholders:
        lines.append(f"placeholders in the .env ({', '.join(placeholders)}): the app does not start without them")
    if app["target"].get("type") == "none":
        lines.append("the client of Open edX that was registered in the app: nothing is run in it. Remove it there")
    if app.get("manage_hosts"):
        lines.append(f"the lines of {app['hosts_file']}: other programs may use the names")
    if copies:
        lines.append(
            f"copies of the .env beside it ({copies}, .env.*~): they can hold old credentials. Delete them when nobody "
            "needs them"
        )
    lines += [
        f"{NOTE} in the .env: {one['base_url']}, which the app left before, may still know it. {one['fix']}"
        for one in app.get("former") or ()
    ]
    if not app["api"]:
        return [*lines, "the accounts of the app"]
    return [*lines, f"the accounts of the app, and {tokens_left(app)}"]


def tokens_left(app: Mapping[str, Any]) -> str:
    """What becomes of its learners' tokens for Open edX, and how they get new ones; not every checkout can run that."""
    # The apps of MIT have them in the admin site, in the Django app that calls the LMS.
    label = app["api_module"].partition(".")[0]
    rows = f"OpenEdxApiAuth, {app['base_url']}/admin/{label}/openedxapiauth/" if label else "OpenEdxApiAuth"
    text = f"its learners' tokens for Open edX ({rows}), which no longer work"
    if not app["repair_command"]:
        return text
    return (
        f"{text}. To have new ones after another integration, delete those rows and run its command "
        f"{' '.join(app['repair_command'])}, where it can run with that checkout's Django (the doctor says so in "
        "commands.repair)"
    )


def report(app: Mapping[str, Any], left: Sequence[str]) -> list[str]:
    """What a removal says at its end. Indented, so that nothing looks like a line of a diff."""
    return [f"What stays of {app['name']}, and why:", *(f"  - {line}" for line in left)]
