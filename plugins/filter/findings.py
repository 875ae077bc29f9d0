# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documented in findings.yml, beside this file."""

from __future__ import annotations

STATES = {"unchanged": "kept", "updated": "corrected", "created": "missing"}
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


def findings(plan):
    """What a plan says of everything that an app needs: rows of the LMS, its settings, the .env, rows of the app."""
    return [
        *(row("LMS", planned) for planned in plan["lms"]),
        setting(**plan["settings"]),
        *environment(**plan["environment"]),
        *(row("app", planned) for planned in plan["app"]),
    ]


def finding(where, name, state, changes=(), kept=(), last_change=None):
    """One thing: where it is, whether it is kept, corrected or missing, what of it differs and what stays."""
    corrected = state == "corrected"
    return {
        "where": where,
        "name": name,
        "state": state,
        "changes": list(changes) if corrected else [],
        "kept": list(kept) if corrected else [],
        "by": (last_change or {}).get("by", ""),
        "at": (last_change or {}).get("at", ""),
    }


def row(where, planned):
    kind = planned["kind"]
    name = NAMES[kind].format(**planned["key"]) if kind in NAMES else f"{kind} {planned['key']}"
    changes = [change(found["field"], found["before"], found["after"]) for found in planned["changes"]]
    named = [found["field"] for found in changes]
    kept = [field for field in CREDENTIALS.get(kind, ()) if field not in named]
    return finding(where, name, STATES[planned["operation"]], changes, kept, planned.get("last_change"))


def change(field, before, after):
    """A difference as text; of a secret only that it differs."""
    if any(str(value).startswith("(secret") for value in (before, after)):
        before, after = "(secret)", "(another secret)"
    return {"field": field, "before": text(before), "after": text(after)}


def text(value):
    if value in (None, "", [], {}):
        return "(nothing)"
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}={value[name]}" for name in sorted(value))
    return str(value)


def setting(backend, status, written):
    """The settings of the LMS: the running LMS knows the backend or not, and files are to be written or not."""
    state = "missing" if status == 404 else "corrected" if written else "kept"
    changes = [change("files", "(as they are)", "written, and the LMS restarted")]
    return finding("LMS settings", f"backend {backend}", state, changes)


def environment(kept, changes, diff, modified=""):
    """The keys of the .env. A value is shown where the diff of the module shows it; the file knows only when."""
    before, after = (dict(line.split("=", 1) for line in diff[side].splitlines()) for side in ("before", "after"))
    for key in kept:
        yield finding(".env", key, "kept")
    for key in (found["key"] for found in changes):
        state = "corrected" if key in before else "missing"
        values = change("value", before.get(key), after.get(key))
        yield finding(".env", key, state, [values], last_change={"at": modified})


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        return {"findings": findings}
