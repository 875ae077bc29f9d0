# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The rows of an LMS: what it has to know of its apps, what goes with them, and what a rotation does in between.

Every function returns objects as the module ``django_objects`` takes them, in the order in which they depend on each
other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.claims import ROTATED_OUT
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import credentials

Row = dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """One app of an LMS: its facts, the credentials that the inventory gives, and what its ``.env`` says."""

    app: Mapping[str, Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


def row(kind: str, **options: Any) -> Row:
    return {"kind": kind, "options": options}


def present(
    lms: Mapping[str, Any], apps: Iterable[Declared], *, token_days: int, renew_days: int, further: Sequence[Row] = ()
) -> list[Row]:
    """What an LMS has to have for its apps.

    :param token_days: how many days a new or renewed API token lives.
    :param renew_days: renew a token that has fewer days left.
    :param further: objects that the inventory adds.
    """
    rows = [row("django_site", domain=lms["site"])]
    first = {"is_staff": True, "is_superuser": True, "update_password": "on_create"}
    rows += [row("django_user", **{**first, **user}) for user in lms["superusers"]]
    workers: set[str] = set()
    for declared in apps:
        app = declared.app
        # Apps that were integrated by hand may share the worker of the guide.
        if app["api"] and app["service_worker"] not in workers:
            workers.add(app["service_worker"])
            rows.append(service_worker(app))
        rows += [
            row(
                "oauth_application",
                name=app["lms_application"],
                redirect_uris=app["redirect_uris"],
                client_type="confidential",
                authorization_grant_type="authorization-code",
                skip_authorization=True,
                **credentials.application_options(declared.given, declared.env),
            ),
            *([api_token(declared, token_days, renew_days)] if app["api"] else []),
            provider(lms, app, declared.given),
            # After it: the row of a new Site takes its credentials from the old one's.
            *(
                row("third_party_auth_provider", site=site, backend_name=app["backend_name"], state="absent")
                for site in lms.get("former_sites") or []
                if site != lms["site"]
            ),
        ]
    return [*rows, *further]


def owners(apps: Sequence[Declared], key: Mapping[str, Any]) -> list[str]:
    """The apps, by their names, to which a row with this key belongs."""
    values = {str(value).removesuffix(ROTATED_OUT) for value in key.values()}
    names = ("lms_application", "backend_name", "service_worker")
    return [one.app["name"] for one in apps if values & {one.app[name] for name in names}]


def service_worker(app: Mapping[str, Any]) -> Row:
    return row(
        "django_user",
        username=app["service_worker"],
        email=app["service_worker_email"],
        name=f"{app['name']} service worker",
        is_active=True,
        is_staff=True,
        usable_password=True,
    )


def api_token(declared: Declared, token_days: int, renew_days: int) -> Row:
    return row(
        "oauth_access_token",
        user=declared.app["service_worker"],
        application=declared.app["lms_application"],
        scope=["read", "write"],
        expires_in_days=token_days,
        renew_before_days=renew_days,
        **credentials.token_options(declared.given, declared.env),
    )


def provider(lms: Mapping[str, Any], app: Mapping[str, Any], given: Mapping[str, Any]) -> Row:
    addresses = {
        "AUTHORIZATION_URL": app["authorization_url"],
        "ACCESS_TOKEN_URL": app["access_token_url"],
        "API_ROOT": app["api_root"],
        **credentials.some(DISCOVERY_URL=app["discovery_url"]),
        **app["provider_settings"],
    }
    return row(
        "third_party_auth_provider",
        site=lms["site"],
        backend_name=app["backend_name"],
        slug=app["backend_name"],
        name=app["display_name"],
        enabled=True,
        visible=app["visible"],
        skip_hinted_login_dialog=True,
        skip_registration_form=True,
        skip_email_verification=True,
        sync_learner_profile_data=True,
        enable_sso_id_verification=True,
        other_settings=addresses,
        refuse_takeover=lms.get("refuse_takeover", False),
        **credentials.provider_options(given),
    )


def absent(lms: Mapping[str, Any], apps: Sequence[Declared], others: Iterable[Mapping[str, str]]) -> list[Row]:
    """What goes from an LMS with its apps.

    :param others: what the ``.env`` of each other app of this LMS says: apps that were integrated by hand may share a
        service worker and its token.
    """
    used = {
        env.get(key, "")
        for env in others
        for key in ("OPENEDX_SERVICE_WORKER_USERNAME", "OPENEDX_SERVICE_WORKER_API_TOKEN")
    }
    rows: list[Row] = []
    tokens: set[str] = set()
    for declared in apps:
        app, token = declared.app, declared.env.get("OPENEDX_SERVICE_WORKER_API_TOKEN", "")
        rows.append(
            row("third_party_auth_provider", site=lms["site"], backend_name=app["backend_name"], state="absent")
        )
        # A token that a person made by logging in belongs to no application of ours, and two apps may have been given
        # the same.
        if token and token not in used | tokens:
            tokens.add(token)
            rows.append(row("oauth_access_token", user=app["service_worker"], token=token, state="absent"))
        # The second is what a rotation leaves that was cut off.
        names = (app["lms_application"], app["lms_application"] + ROTATED_OUT)
        rows += [row("oauth_application", name=name, state="absent") for name in names]
    workers = dict.fromkeys(declared.app["service_worker"] for declared in apps if declared.app["api"])
    rows += [
        row("django_user", username=worker, state="absent", on_absent="deactivate")
        for worker in workers
        if worker not in used
    ]
    return rows
