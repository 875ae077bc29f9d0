# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Where a credential comes from: given by the inventory > stored in the LMS > in the app's ``.env`` > generated.

The agent knows what the LMS has stored, so the first and the third are told to it together with ``update_secret``:
``always`` for what was given, ``on_create`` for what is only meant for where the LMS has nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# The variables by which an inventory may give a credential itself, by the part that a rotation renews.
VARIABLES = {
    "api_token": ("mit_app_api_token",),
    "lms_client": ("mit_app_client_id", "mit_app_client_secret"),
    "app_client": ("mit_app_edx_client_id", "mit_app_edx_client_secret"),
}
HASH = re.compile(r"(pbkdf2_sha(1|256)|scrypt|argon2|bcrypt(_sha256)?)\$")
# Placeholders, which an app needs to start at all, are shorter than any real credential.
SHORTEST = 20


@dataclass(frozen=True)
class Credentials:
    """What the app needs of its LMS, and what the LMS needs of the app."""

    client_id: str
    client_secret: str
    api_token: str
    app_client_id: str
    app_client_secret: str


def is_credential(value: str) -> bool:
    """Whether a value of a ``.env`` can work: no placeholder, and no hash as an admin site or a command shows it."""
    return len(value) >= SHORTEST and not HASH.match(value)


def in_env(env: Mapping[str, str]) -> dict[str, str]:
    """The credentials that an app's ``.env`` has, by the options that take them."""
    keys = {
        "client_id": "OPENEDX_API_CLIENT_ID",
        "client_secret": "OPENEDX_API_CLIENT_SECRET",
        "token": "OPENEDX_SERVICE_WORKER_API_TOKEN",
    }
    return {option: env[key] for option, key in keys.items() if is_credential(env.get(key, ""))}


def is_integrated(env: Mapping[str, str]) -> bool:
    """Whether an app was integrated before: its ``.env`` has credentials and not only what an example names."""
    return {"client_id", "client_secret"} <= in_env(env).keys()


def application_options(given: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """Client id and secret of the app's application in the LMS, as options of its row."""
    chosen = some(client_id=given.get("mit_app_client_id"), client_secret=given.get("mit_app_client_secret"))
    if chosen:
        return {**chosen, "update_secret": "always"}
    known = {name: value for name, value in in_env(env).items() if name != "token"}
    return {**known, "update_secret": "on_create"}


def token_options(given: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """The service worker's API token, as options of its row."""
    if given.get("mit_app_api_token"):
        return {"token": given["mit_app_api_token"], "update_secret": "always"}
    known = in_env(env).get("token")
    return {"token": known, "update_secret": "on_create"} if known else {}


def provider_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The client of the LMS in the app, as options of the provider's row."""
    return some(client_id=given.get("mit_app_edx_client_id"), client_secret=given.get("mit_app_edx_client_secret"))


def some(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def of_rows(objects: Iterable[Mapping[str, Any]], app: Mapping[str, Any]) -> Credentials:
    """What the rows of the LMS say for one app.

    :param objects: the result of ``django_objects`` with ``return_secrets``.
    :param app: the app's facts.
    """
    rows = list(objects)

    def row(kind: str, field: str, value: str) -> Mapping[str, Any]:
        return next(entry for entry in rows if entry["kind"] == kind and entry["key"].get(field) == value)

    application = row("oauth_application", "name", app["lms_application"])
    token = row("oauth_access_token", "user", app["service_worker"])["secrets"]["token"] if app["api"] else ""
    provider = row("third_party_auth_provider", "backend_name", app["backend_name"])
    return Credentials(
        client_id=application["fields"]["client_id"],
        client_secret=application["secrets"]["client_secret"],
        api_token=token,
        app_client_id=provider["fields"]["client_id"],
        app_client_secret=provider["secrets"]["client_secret"],
    )
