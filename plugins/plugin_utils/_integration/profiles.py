# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What is known of each kind of app.

Sources: mitxpro 92a8dcb, mitxonline b3c9730 (settings, urls, management commands).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._meant import strangers

# Where every backend of the LMS looks for it that is told nothing else.
USER_INFO_PATH = "/api/users/me"
USER_INFO_FIELDS = ("username", "email", "name")


class ProfileError(ValueError):
    """A profile that is not known, or that says something which no profile can."""


@dataclass(frozen=True)
class Profile:
    """One kind of app. The inventory variable ``mit_app_<field>`` overrides a field for one host.

    :ivar domain: the host name under which the browser reaches the app.
    :ivar port: its published port.
    :ivar settings: its Django settings module.
    :ivar base_url_env: the key of the ``.env`` with the app's own address; empty where it has none.
    :ivar server_base_url_env: the key with the addresses of its discovery document that servers call.
    :ivar redirect_paths: where the LMS may redirect to after it authorized somebody.
    :ivar extra_ports: further published ports with the same redirect paths.
    :ivar authorize_path: the path at which the app lets somebody in who comes from the LMS.
    :ivar token_path: the path at which the LMS redeems its code.
    :ivar logout_path: the path that logs somebody out of the app; empty where it has none.
    :ivar user_info_path: the path at which the app says who a token belongs to.
    :ivar user_info_fields: what the app calls there what the LMS knows as ``username``, ``email`` and ``name``, where
        that is something else; a dot leads into an object.
    :ivar scopes: what the LMS asks for; where there are none, ``user:read``, as the apps of MIT have it.
    :ivar api: whether the app itself calls the LMS, as its service worker and for its users, or only logs people in.
        None for an app that does so where the profile names what does.
    :ivar api_module: the module whose ``create_user`` registers a user of the app in the LMS.
    :ivar sync_command: the management command, with arguments, that reads courses from the LMS.
    :ivar repair_command: the one that repairs users who are not registered in the LMS.
    :ivar migrated_application: whether a migration of the app makes the application of the LMS, once.
    :ivar dotenv_values: further keys of the ``.env`` and the values that they have to have.
    :ivar dotenv_defaults: keys without which the app does not start, and what they are where nobody set them.
    :ivar dotenv_addresses: further keys with addresses; ``{app}``, ``{lms}`` and ``{studio}`` stand for those of the
        app, the LMS and its Studio.
    :ivar api_gateway_port: the port of the gateway in front of the app that has people log in; 0 where it needs none.
    :ivar api_gateway_hosts: further host names that a browser needs with it, such as the identity provider's.
    :ivar api_gateway_values: further keys of the ``.env`` with it, and the values that they have to have.
    :ivar api_gateway_defaults: further keys with it, and what they are where nobody set them.
    """

    domain: str = ""
    port: int = 0
    settings: str = ""
    base_url_env: str = ""
    server_base_url_env: str = ""
    redirect_paths: tuple[str, ...] = ("/login/_private/complete",)
    extra_ports: tuple[int, ...] = ()
    authorize_path: str = "/oauth2/authorize/"
    token_path: str = "/oauth2/token/"
    logout_path: str = "/logout"
    user_info_path: str = USER_INFO_PATH
    user_info_fields: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    api: bool | None = None
    api_module: str = ""
    sync_command: tuple[str, ...] = ()
    repair_command: tuple[str, ...] = ()
    migrated_application: bool = False
    dotenv_values: Mapping[str, Any] = field(default_factory=dict)
    dotenv_defaults: Mapping[str, Any] = field(default_factory=dict)
    dotenv_addresses: Mapping[str, str] = field(default_factory=dict)
    api_gateway_port: int = 0
    api_gateway_hosts: tuple[str, ...] = ()
    api_gateway_values: Mapping[str, Any] = field(default_factory=dict)
    api_gateway_defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def calls_the_lms(self) -> bool:
        return bool(self.api_module or self.sync_command or self.repair_command) if self.api is None else self.api


FIELDS = tuple(entry.name for entry in fields(Profile))

PROFILES = {
    "mitxpro": Profile(
        domain="xpro.odl.local",
        port=8053,
        settings="mitxpro.settings",
        base_url_env="MITXPRO_BASE_URL",
        api_module="courseware.api",
        sync_command=("sync_courseruns",),
        repair_command=("repair_missing_courseware_records",),
        dotenv_defaults={
            "EXTERNAL_COURSE_SYNC_API_KEY": "development",
            # Stock .env.example leaves it empty, and an empty number stops the app before it names what else is
            # missing.
            "VOUCHER_COMPANY_ID": "1",
            "MAILGUN_KEY": "development",
            "MAILGUN_SENDER_DOMAIN": "localhost",
        },
    ),
    "mitxonline": Profile(
        domain="mitxonline.odl.local",
        port=8013,
        settings="main.settings",
        base_url_env="MITX_ONLINE_BASE_URL",
        # Stock .env.example sets it to APISIX, which is not there unless it was started.
        server_base_url_env="MITXONLINE_DOCKER_BASE_URL",
        # The app uses /_/auth/complete since July 2025; older checkouts use the other path.
        redirect_paths=("/_/auth/complete", "/login/_private/complete"),
        api_module="openedx.api",
        sync_command=("sync_courserun", "--all", "ALL"),
        repair_command=("repair_missing_courseware_records",),
        migrated_application=True,
        dotenv_defaults={"MAILGUN_KEY": "development", "MAILGUN_SENDER_DOMAIN": "localhost"},
        dotenv_addresses={
            "MITXONLINE_NEW_USER_LOGIN_URL": "{app}/create-profile",
            "OPENEDX_COURSE_BASE_URL": "{lms}/learn/course/",
            "OPENEDX_STUDIO_API_BASE_URL": "{studio}",
        },
        # APISIX, which has people log in at Keycloak: services of the app's compose file in profiles of their own. Its
        # configuration has no other port, and its realm these names.
        api_gateway_port=9080,
        api_gateway_hosts=("kc.odl.local",),
        api_gateway_values={
            "COMPOSE_PROFILES": "keycloak,apisix",
            "MITOL_APIGATEWAY_DISABLE_MIDDLEWARE": "False",
            "MITOL_APIGATEWAY_USERINFO_CREATE": "True",
            "MITOL_APIGATEWAY_USERINFO_UPDATE": "True",
        },
        api_gateway_defaults={
            "APISIX_SESSION_SECRET_KEY": "must_be_at_least_16_chars",
            "KEYCLOAK_BASE_URL": "https://kc.odl.local:7443",
            "KEYCLOAK_CLIENT_ID": "apisix",
            "KEYCLOAK_DISCOVERY_URL": "https://kc.odl.local:7443/realms/ol-local/.well-known/openid-configuration",
            "KEYCLOAK_REALM": "ol-local",
            "KEYCLOAK_REALM_NAME": "ol-local",
        },
    ),
    "generic": Profile(),
}


def check_own(own: Mapping[str, Any]) -> None:
    """Refuse profiles of the inventory that cannot be.

    :raises ProfileError: one is no table of fields, or has a field that no profile has.
    """
    for name, given in own.items():
        if not isinstance(given, Mapping):
            raise ProfileError(f"mit_app_profiles.{name} is '{given}'. Give its fields, such as domain and port.")
        if unknown := strangers("field", given, FIELDS, "A profile"):
            raise ProfileError(f"mit_app_profiles.{name}: {unknown}")


def read_profile(name: str, own: Mapping[str, Mapping[str, Any]], overrides: Mapping[str, Any]) -> Profile:
    """The profile of a host.

    :param own: the inventory's own profiles (``mit_app_profiles``): name to fields. One may change a built-in profile.
    :param overrides: fields that the host gives itself.
    :raises ProfileError: there is no such profile.
    """
    known = [*PROFILES, *(entry for entry in own if entry not in PROFILES)]
    if name not in known:
        raise ProfileError(
            f"mit_app_profile is '{name}'. Give one of {', '.join(known)}, or describe it in mit_app_profiles."
        )
    return replace(PROFILES.get(name, Profile()), **{**own.get(name, {}), **overrides})
