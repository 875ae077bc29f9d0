# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a run would do for one app, from what its steps say in check mode: the table of adopt, and the drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, TypedDict

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import Drift

UNCHANGED, CHANGE, CREATE = "unchanged", "to change", "to create"
STATES = {"unchanged": UNCHANGED, "updated": CHANGE, "created": CREATE, "removed": CHANGE}
NAMES = {
    "django_site": "Site {domain}",
    "django_user": "user {username}",
    "oauth_application": "OAuth2 application {name}",
    "oauth_access_token": "API token of {user}",
    "third_party_auth_provider": "provider {backend_name}",
}
CREDENTIALS = {
    "oauth_application": ("client_id", "client_secret"),
    "oauth_access_token": ("token",),
    "third_party_auth_provider": ("client_id", "client_secret"),
}
# What of an app names its rows in the LMS.
OWN_NAMES = ("lms_application", "backend_name", "service_worker")


class Change(TypedDict):
    field: str
    before: str
    after: str


class Finding(TypedDict):
    """One thing that an app needs: where it is, what a run would do with it, and who changed it last."""

    where: str
    name: str
    state: str
    changes: list[Change]
    kept: list[str]  # credentials that stay, of a thing that is to change
    unseen: str  # why nobody could look whether it is there
    by: str
    at: str


def findings(
    app: Mapping[str, Any],
    *,
    rows: Iterable[Mapping[str, Any]],
    settings: Mapping[str, Any],
    dotenv: Mapping[str, Any],
    dotenv_mtime: float | None,
    app_rows: Iterable[Mapping[str, Any]],
    others: Iterable[Mapping[str, Any]] = (),
) -> list[Finding]:
    """What is found of everything that an app needs.

    :param app: the app, as the fact mit_app_facts has it; others are the other apps that the results are about.
    :param rows: objects of the LMS, as django_objects returns them.
    :param settings: what lms_settings says of this app.
    :param dotenv: the result of dotenv; it knows no history, so the time of the last change is the file's.
    :param app_rows: objects of the app.
    """
    return [
        *(row("LMS", planned) for planned in own_rows(rows, app, others)),
        setting(app["backend_name"], settings),
        *environment(dotenv, dotenv_mtime),
        *(row("app", planned) for planned in app_rows),
    ]


def own_rows(
    rows: Iterable[Mapping[str, Any]], app: Mapping[str, Any], others: Iterable[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """The rows that this app needs: those of its own names, and those that belong to no app."""
    foreign = {other[name] for other in others for name in OWN_NAMES} - {app[name] for name in OWN_NAMES}
    for planned in rows:
        if not any(isinstance(value, str) and value in foreign for value in planned["key"].values()):
            yield planned


def finding(
    where: str,
    name: str,
    state: str,
    changes: Iterable[Change] = (),
    kept: Iterable[str] = (),
    last_change: Mapping[str, str] | None = None,
    unseen: str = "",
) -> Finding:
    """Of what is to be created, and of what is unchanged, no field is listed."""
    differs = state == CHANGE
    last = last_change or {}
    return {
        "where": where,
        "name": name,
        "state": state,
        "changes": list(changes) if differs else [],
        "kept": list(kept) if differs else [],
        "unseen": unseen,
        "by": last.get("by", ""),
        "at": last.get("at", ""),
    }


def row(where: str, planned: Mapping[str, Any]) -> Finding:
    kind = planned["kind"]
    name = NAMES[kind].format(**planned["key"]) if kind in NAMES else f"{kind} {planned['key']}"
    if kind == "third_party_auth_provider" and "left" in planned:
        # A former Site's, which is to be disabled.
        name += f" on {planned['key']['site']}"
    changes = [change(found["field"], found["before"], found["after"]) for found in planned["changes"]]
    named = [found["field"] for found in changes]
    kept = [field for field in CREDENTIALS.get(kind, ()) if field not in named]
    state, last, unseen = STATES[planned["operation"]], planned.get("last_change"), planned.get("unseen", "")
    return finding(where, name, state, changes, kept, last, unseen)


def change(field: str, before: Any, after: Any) -> Change:
    """A difference as text; of a secret only that it differs."""
    hidden = [str(value).startswith("(secret") for value in (before, after)]
    before = "(secret)" if hidden[0] else before
    if hidden[1]:
        after = "(another secret)" if hidden[0] else "(secret)"
    if text(before) == text(after):
        # They read the same and are not: a text for a number, say.
        return {"field": field, "before": repr(before), "after": repr(after)}
    return {"field": field, "before": text(before), "after": text(after)}


def text(value: Any) -> str:
    if value in (None, "", [], {}):
        return "(nothing)"
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={value[name]}" for name in sorted(value))
    return str(value)


def setting(backend: str, found: Mapping[str, Any]) -> Finding:
    """The settings of the LMS: whether it knows the backend, and whether files of this app are to be written."""
    state = CREATE if found.get("backend_status") == 404 else CHANGE if found["changed"] else UNCHANGED
    changes = [change("files", "(as they are)", "written, and the LMS restarted")]
    return finding("LMS settings", f"backend {backend}", state, changes)


def environment(result: Mapping[str, Any], mtime: float | None) -> Iterator[Finding]:
    """The keys of the .env. A value is shown where the diff of the module shows it."""
    diff = result["diff"][0]
    # A value in quotes may have several lines.
    before, after = (dict(line.partition("=")[::2] for line in diff[side].splitlines()) for side in ("before", "after"))
    modified = "" if mtime is None else datetime.fromtimestamp(mtime, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    for key in result["kept"]:
        yield finding(".env", key, UNCHANGED)
    for planned in result["changes"]:
        key = planned["key"]
        values = change("value", before.get(key), after.get(key))
        if planned["operation"] == "deduplicate":
            values = change("lines", "more than one", "the last one")
        yield finding(".env", key, CHANGE if key in before else CREATE, [values], last_change={"at": modified})


def table(app: str, found: Sequence[Finding]) -> list[str]:
    """What a run would do, as lines for a person."""
    lines = []
    for state in (UNCHANGED, CHANGE, CREATE):
        things = [thing for thing in found if thing["state"] == state]
        lines.append(f"{app}: {len(things)} {state}")
        for thing in things:
            kept = f" (kept: {', '.join(thing['kept'])})" if thing["kept"] else ""
            seen = " (or there already: it could not be looked at)" if thing["unseen"] else ""
            lines.append(f"  {thing['where']}: {thing['name']}{kept}{seen}")
            lines += [f"    {one['field']}: {one['before']} -> {one['after']}" for one in thing["changes"]]
    return lines


def beside(
    app: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], app_rows: Iterable[Mapping[str, Any]]
) -> list[str]:
    """What a run leaves that is not declared, as lines for a person, who may want to take it out."""
    told = [f"LMS: {one}" for planned in rows for one in planned.get("beside", ())]
    for planned in app_rows:
        there = (planned.get("fields") or {}).get("redirect_uris") or ()
        extra = [uri for uri in there if uri not in app["complete_uris"]]
        if extra:
            told.append(
                f"app: {NAMES[planned['kind']].format(**planned['key'])} lets people return to {', '.join(extra)} too: "
                "take it out in the app's admin where nothing needs it"
            )
    if not told:
        return []
    return [f"{app['name']}: {len(told)} not declared, which a run leaves as they are", *(f"  {one}" for one in told)]


def drift(found: Iterable[Finding]) -> list[Drift]:
    """What is not as declared: an entry for every field, and for everything that is missing. What nobody could look at
    is in `not_compared`."""
    return [
        {
            "object": f"{thing['where']}: {thing['name']}",
            "field": differs["field"],
            "old": differs["before"],
            "new": differs["after"],
            "by": thing["by"],
            "at": thing["at"],
        }
        for thing in found
        if not thing["unseen"]
        for differs in ([change("state", "missing", "present")] if thing["state"] == CREATE else thing["changes"])
    ]


def not_compared(found: Iterable[Finding]) -> list[str]:
    """What nobody could look at, and why: a container that is stopped cannot be asked for its rows."""
    return [f"{thing['where']}: {thing['name']}, because {thing['unseen']}" for thing in found if thing["unseen"]]


def drift_lines(app: str, entries: Sequence[Drift], unseen: Sequence[str] = ()) -> list[str]:
    """The drift, a line for each fact, and what could not be compared."""
    number, so_far = len(entries), ", of what could be compared" if unseen else ""
    lines = [f"{app}: {number or 'no'} declared fact{' differs' if number == 1 else 's differ'}{so_far}"]
    for entry in entries:
        last = ", ".join(filter(None, [f"by {entry['by']}" if entry["by"] else "", entry["at"]]))
        lines.append(
            f"  {entry['object']}: {entry['field']} is {entry['old']}, declared {entry['new']}"
            + (f" (last changed {last})" if last else "")
        )
    if entries:
        lines.append(
            "  A run of site.yml restores what is declared; where what is there is right, correct the inventory."
        )
    return [*lines, *(f"  not compared: {one}" for one in unseen)]
