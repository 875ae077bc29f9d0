# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What an app is to have: the keys of Open edX in its ``.env``, and the application of the LMS among its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import REMOVED
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import is_secret
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import Credentials
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import PROFILES

# Without these no app starts, so a removal leaves words that are shorter than any credential.
PLACEHOLDERS = {"OPENEDX_API_CLIENT_ID": REMOVED, "OPENEDX_API_CLIENT_SECRET": REMOVED}
# What the profiles of this collection have of keys without which an app does not start: whoever reads them knows it.
PUBLISHED = [
    pair
    for profile in PROFILES.values()
    for pair in (*profile.dotenv_defaults.items(), *profile.api_gateway_defaults.items())
]
# With this secret a gateway of the Keycloak kind comes to the identity provider.
GATEWAY_ID, GATEWAY_SECRET = "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET"
# Where an app into which nothing is written but its .env finds how the LMS comes to it.
CLIENT_ID, CLIENT_SECRET, REDIRECT_URI = (
    "OPENEDX_SSO_CLIENT_ID",
    "OPENEDX_SSO_CLIENT_SECRET",
    "OPENEDX_SSO_REDIRECT_URI",
)
SECRET_KEYS = ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")


def plain_values(app: Mapping[str, Any], client_id: str = "", app_client_id: str = "") -> dict[str, Any]:
    """The keys that are no secrets: those of the manual guide, those of the profile, and the app's own address."""
    backend, lms = app["backend_name"], app["lms_base_url"]
    worker = {"OPENEDX_SERVICE_WORKER_USERNAME": app["service_worker"]} if app["api"] else {}
    own_client = {CLIENT_ID: app_client_id, REDIRECT_URI: app["complete_uris"][0]} if is_outside(app) else {}
    own_address = {app["base_url_env"]: app["base_url"]} if app["base_url_env"] else {}
    return {
        "OPENEDX_IP": app["openedx_ip"],
        "OPENEDX_API_BASE_URL": lms,
        "OPENEDX_BASE_REDIRECT_URL": lms,
        **worker,
        "OPENEDX_OAUTH_PROVIDER": backend,
        "OPENEDX_OAUTH_APP_NAME": app["edx_application"],
        "OPENEDX_SOCIAL_LOGIN_PATH": social_login_path(backend),
        "OPENEDX_API_CLIENT_ID": client_id,
        "LOGOUT_REDIRECT_URL": f"{lms}/logout",
        **own_client,
        **own_address,
        **app["env"],
    }


def is_outside(app: Mapping[str, Any]) -> bool:
    """Whether nothing is run in the app, so that a person registers the LMS there."""
    return bool(app["target"].get("type") == "none")


def told_apart(values: Mapping[str, Any], hidden: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be shown, and what not: what was said to be hidden, and what has a name that sounds like a secret."""
    secret = {key for key in values if key in hidden or is_secret(key)}
    plain = {key: value for key, value in values.items() if key not in secret}
    return plain, {key: value for key, value in values.items() if key in secret}


def social_login_path(backend_name: str) -> str:
    """Where the app's server logs a person in at the LMS; no browser goes there.

    It ends at an address that every LMS answers by itself. The dashboard, where it would end otherwise, may be a
    micro-frontend, which a container of the app does not reach.
    """
    return f"/auth/login/{backend_name}/?auth_entry=login&next=/api/user/v1/me"


def gateway_problem(app: Mapping[str, Any], given: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """Why the app's gateway could have nobody log in; empty where it can."""
    if not app["api_gateway"] or GATEWAY_ID not in app["env_required"]:
        return ""
    if given.get("mit_app_api_gateway_client_secret") or env.get(GATEWAY_SECRET):
        return ""
    return (
        f"{GATEWAY_SECRET} is empty in {app['dotenv']}, without which the gateway cannot log anybody in. Give it in "
        "mit_app_api_gateway_client_secret: the secret of the client in Keycloak, which the realm in the app's "
        "config/keycloak/realms has under clients."
    )


def secret_values(app: Mapping[str, Any], found: Credentials) -> dict[str, str]:
    return {
        "OPENEDX_API_CLIENT_SECRET": found.client_secret,
        **({"OPENEDX_SERVICE_WORKER_API_TOKEN": found.api_token} if app["api"] else {}),
        **({CLIENT_SECRET: found.app_client_secret} if is_outside(app) else {}),
    }


def defaults(app: Mapping[str, Any], *given: Collection[str]) -> dict[str, Any]:
    """The keys without which the app does not start, besides those that are given values anyway."""
    return {key: value for key, value in app["env_required"].items() if not any(key in keys for keys in given)}


def placeholders(app: Mapping[str, Any]) -> dict[str, Any]:
    """What keys are after a removal without which the app does not start, where they were not there before."""
    return {**PLACEHOLDERS, **app["env_required"]}


def public(app: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are no secrets, whatever their keys are called; what an inventory gives in their place may be one."""
    return {**PLACEHOLDERS, **{key: value for key, value in app["env_required"].items() if (key, value) in PUBLISHED}}


def to_register(app: Mapping[str, Any], found: Credentials) -> list[str]:
    """What a person registers in an app in which nothing is run; the secret is named and not shown."""
    if not is_outside(app):
        return []
    return [
        f"{app['name']}: register Open edX in it as an OAuth2 client (confidential, authorization code):",
        f"  client id      {found.app_client_id}",
        f"  client secret  {CLIENT_SECRET} in {app['dotenv']}",
        *(f"  redirect URI   {uri}" for uri in app["complete_uris"]),
    ]


def keys(app: Mapping[str, Any], extra: Mapping[str, Any]) -> list[str]:
    """Every key that an integration sets, which a removal brings back to what it was."""
    own_client = (CLIENT_SECRET,) if is_outside(app) else ()
    return [*dict.fromkeys((*plain_values(app), *SECRET_KEYS, *own_client, *extra))]


def application(app: Mapping[str, Any], found: Credentials, gone: Sequence[str] = ()) -> dict[str, Any]:
    """The LMS's application among the app's rows, as options of ``oauth_application``.

    :param gone: redirect URIs of LMSs that the app left.
    """
    return {
        **({"redirect_uris_absent": list(gone)} if gone else {}),
        "name": app["edx_application"],
        "client_id": found.app_client_id,
        "client_secret": found.app_client_secret,
        "redirect_uris": app["complete_uris"],
        "redirect_uris_behavior": "add",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "skip_authorization": True,
    }


def no_application(app: Mapping[str, Any]) -> dict[str, Any]:
    """The same where it goes. One that a migration made stays, because the app has no other way to it."""
    gone = {"name": app["edx_application"], "state": "absent"}
    if app["migrated_application"]:
        gone.update(on_absent="withdraw", redirect_uris=app["complete_uris"])
    return gone
