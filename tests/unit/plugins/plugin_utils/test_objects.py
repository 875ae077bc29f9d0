# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of an LMS, and where each credential in them comes from."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env, credentials, objects
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import Credentials
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import read_app, read_lms
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import read_profile

LMS = read_lms(
    "lms", {"edx_target": {"type": "tutor_dev"}, "edx_superusers": [{"username": "edx", "email": "e@x.org"}]}
).facts()
LONG = "0123456789abcdefghijklmn"
ENV = {
    "OPENEDX_API_CLIENT_ID": LONG + "-id",
    "OPENEDX_API_CLIENT_SECRET": LONG + "-secret",
    "OPENEDX_SERVICE_WORKER_API_TOKEN": LONG + "-token",
}


def app(host="xpro", profile="mitxpro", **given):
    lms = read_lms("lms", {"edx_target": {"type": "tutor_dev"}})
    return read_app(
        host, {"mit_app_dir": f"/src/{host}", **given}, read_profile(profile, {}, {}), lms, backend_name=f"b-{host}"
    ).facts()


def present(*apps, **more):
    return objects.present(LMS, apps, token_days=3650, renew_days=30, **more)


def options(rows, kind):
    return [row["options"] for row in rows if row["kind"] == kind]


def test_the_order_is_that_of_dependence():
    rows = present(Declared(app()), Declared(app("mitxonline", "mitxonline")), further=[{"kind": "model"}])
    one = ["django_user", "oauth_application", "oauth_access_token", "third_party_auth_provider"]
    assert [row["kind"] for row in rows] == ["django_site", "django_user", *one, *one, "model"]


def test_a_row_on_a_former_site_is_disabled_after_its_credentials_were_taken():
    given = {"edx_target": {"type": "tutor_dev"}, "edx_former_sites": ["example.com", LMS["site"]]}
    lms = read_lms("lms", given).facts()
    rows = objects.present(lms, [Declared(app())], token_days=3650, renew_days=30)
    assert [(row["site"], row.get("state")) for row in options(rows, "third_party_auth_provider")] == [
        (LMS["site"], None),
        ("example.com", "absent"),
    ]


def test_what_a_service_worker_and_its_token_may_do():
    """Staff and no superuser, two scopes, and as long as the role says: what SECURITY.md promises."""
    rows = present(Declared(app()))
    worker, token, client = (
        options(rows, kind)[-1] for kind in ("django_user", "oauth_access_token", "oauth_application")
    )
    assert (worker["username"], worker["is_staff"]) == ("xpro_serviceworker", True)
    # Nobody is given what an option does not say: a new account is no superuser, and has a password that is random.
    assert {"is_superuser", "password"}.isdisjoint(worker)
    assert (token["user"], token["scope"], token["expires_in_days"]) == (worker["username"], ["read", "write"], 3650)
    rights = (client["client_type"], client["authorization_grant_type"], client["redirect_uris"])
    assert rights == ("confidential", "authorization-code", app()["redirect_uris"])


def test_a_superuser_keeps_the_password_that_it_has():
    user = options(present(), "django_user")[0]
    assert user == {
        "username": "edx",
        "email": "e@x.org",
        "is_staff": True,
        "is_superuser": True,
        "update_password": "on_create",
    }


def test_apps_that_share_a_worker_get_it_once():
    shared = {"mit_app_service_worker": "shared"}
    assert len(options(present(Declared(app(**shared)), Declared(app("other", **shared))), "django_user")) == 2


@pytest.mark.parametrize(
    ("given", "env", "wanted"),
    [
        ({}, {}, {"update_secret": "on_create"}),
        ({}, ENV, {"client_id": LONG + "-id", "client_secret": LONG + "-secret", "update_secret": "on_create"}),
        ({"mit_app_client_secret": "mine"}, ENV, {"client_secret": "mine", "update_secret": "always"}),
        (
            {"mit_app_client_id": "me", "mit_app_client_secret": "mine"},
            {},
            {"client_id": "me", "client_secret": "mine", "update_secret": "always"},
        ),
    ],
)
def test_where_the_client_comes_from(given, env, wanted):
    (found,) = options(present(Declared(app(), given, env)), "oauth_application")
    assert {name: found[name] for name in ("client_id", "client_secret", "update_secret") if name in found} == wanted


@pytest.mark.parametrize(
    ("given", "env", "wanted"),
    [
        ({}, {}, {}),
        ({}, ENV, {"token": LONG + "-token", "update_secret": "on_create"}),
        ({"mit_app_api_token": "mine"}, ENV, {"token": "mine", "update_secret": "always"}),
    ],
)
def test_where_the_token_comes_from(given, env, wanted):
    (found,) = options(present(Declared(app(), given, env)), "oauth_access_token")
    assert {name: found[name] for name in ("token", "update_secret") if name in found} == wanted
    assert (found["expires_in_days"], found["renew_before_days"]) == (3650, 30)


@pytest.mark.parametrize(
    "value", ["", "removed", "1", "pbkdf2_sha256$1000$salt$aGFzaA==aGFzaA==", "argon2$argon2id$v=19$m=102400"]
)
def test_placeholders_and_hashes_are_no_credentials(value):
    assert not credentials.is_credential(value)
    assert credentials.in_env({"OPENEDX_API_CLIENT_SECRET": value}) == {}


def test_an_app_is_integrated_when_its_env_has_client_and_secret():
    assert credentials.is_integrated(ENV)
    assert not credentials.is_integrated({**ENV, "OPENEDX_API_CLIENT_SECRET": "1"})
    assert not credentials.is_integrated({})


def test_the_provider_names_the_addresses_of_the_app():
    (found,) = options(present(Declared(app(), {"mit_app_edx_client_id": "c"})), "third_party_auth_provider")
    assert found["other_settings"] == {
        "AUTHORIZATION_URL": "http://xpro.odl.local:8053/oauth2/authorize/",
        "ACCESS_TOKEN_URL": "http://xpro.odl.local:8053/oauth2/token/",
        "API_ROOT": "http://xpro.odl.local:8053/",
    }
    assert (found["backend_name"], found["slug"], found["client_id"]) == ("b-xpro", "b-xpro", "c")
    assert "client_secret" not in found
    (other,) = options(present(Declared(app(mit_app_discovery_url="http://d"))), "third_party_auth_provider")
    assert other["other_settings"]["DISCOVERY_URL"] == "http://d"


def test_a_login_asks_nobody_for_what_the_app_knows():
    (found,) = options(present(Declared(app())), "third_party_auth_provider")
    assert found.pop("refuse_takeover") is False
    assert {name: value for name, value in found.items() if isinstance(value, bool)} == dict.fromkeys(
        (
            "enabled",
            "visible",
            "skip_hinted_login_dialog",
            "skip_registration_form",
            "skip_email_verification",
            "sync_learner_profile_data",
            "enable_sso_id_verification",
        ),
        True,
    )


def test_what_goes_with_an_app():
    rows = objects.absent(LMS, [Declared(app(), {}, ENV)], [])
    assert [(row["kind"], row["options"]["state"]) for row in rows] == [
        ("third_party_auth_provider", "absent"),
        ("oauth_access_token", "absent"),
        ("oauth_application", "absent"),
        ("oauth_application", "absent"),
        ("django_user", "absent"),
    ]
    assert [row["options"].get("name") for row in rows[2:4]] == ["xpro-oauth-app", "xpro-oauth-app (rotated out)"]
    assert rows[-1]["options"] == {"username": "xpro_serviceworker", "state": "absent", "on_absent": "deactivate"}


def test_what_another_app_uses_as_well_stays():
    other = {
        "OPENEDX_SERVICE_WORKER_USERNAME": "xpro_serviceworker",
        "OPENEDX_SERVICE_WORKER_API_TOKEN": LONG + "-token",
    }
    rows = objects.absent(LMS, [Declared(app(), {}, ENV)], [other])
    assert {row["kind"] for row in rows} == {"third_party_auth_provider", "oauth_application"}


def test_a_token_of_two_apps_goes_once():
    rows = objects.absent(LMS, [Declared(app(), {}, ENV), Declared(app("other"), {}, ENV)], [])
    assert len(options(rows, "oauth_access_token")) == 1


ROWS = [
    {"kind": "oauth_application", "key": {"name": "other"}, "fields": {"client_id": "x"}, "secrets": {}},
    {
        "kind": "oauth_application",
        "key": {"name": "xpro-oauth-app"},
        "fields": {"client_id": "id"},
        "secrets": {"client_secret": "s"},
    },
    {"kind": "oauth_access_token", "key": {"user": "xpro_serviceworker"}, "fields": {}, "secrets": {"token": "t"}},
    {
        "kind": "third_party_auth_provider",
        "key": {"backend_name": "b-xpro", "site": "s"},
        "fields": {"client_id": "pid"},
        "secrets": {"client_secret": "ps"},
    },
]
FOUND = Credentials("id", "s", "t", "pid", "ps")


def test_the_credentials_of_an_app_are_read_from_the_rows():
    assert credentials.of_rows(ROWS, app()) == FOUND


def test_the_keys_of_the_env():
    values = app_env.plain_values(app(), "id")
    assert values["OPENEDX_SOCIAL_LOGIN_PATH"] == "/auth/login/b-xpro/?auth_entry=login&next=/api/user/v1/me"
    assert values["MITXPRO_BASE_URL"] == "http://xpro.odl.local:8053"
    assert not set(values.values()) & {"s", "t", "ps"}
    assert app_env.secret_values(app(), FOUND) == {
        "OPENEDX_API_CLIENT_SECRET": "s",
        "OPENEDX_SERVICE_WORKER_API_TOKEN": "t",
    }
    assert set(app_env.keys(app(), {"EXTRA": 1})) == {
        *values,
        "OPENEDX_API_CLIENT_SECRET",
        "OPENEDX_SERVICE_WORKER_API_TOKEN",
        "EXTRA",
    }
    assert len(values) + 2 == 12


def test_an_app_that_only_logs_people_in_has_no_worker_and_no_token():
    only = {**app(), "api": False}
    assert "OPENEDX_SERVICE_WORKER_USERNAME" not in app_env.plain_values(only)
    assert app_env.secret_values(only, FOUND) == {"OPENEDX_API_CLIENT_SECRET": "s"}
    kinds = [
        one["kind"]
        for one in objects.present({"site": "it", "superusers": []}, [Declared(only)], token_days=1, renew_days=1)
    ]
    assert kinds == ["django_site", "oauth_application", "third_party_auth_provider"]


def test_an_app_in_which_nothing_runs_finds_its_client_in_its_env():
    outside = {**app(), "target": {"type": "none"}}
    values = app_env.plain_values(outside, "id", "pid")
    assert (values["OPENEDX_SSO_CLIENT_ID"], values["OPENEDX_SSO_REDIRECT_URI"]) == ("pid", outside["complete_uris"][0])
    assert app_env.secret_values(outside, FOUND)["OPENEDX_SSO_CLIENT_SECRET"] == "ps"
    assert set(values) | {"OPENEDX_SSO_CLIENT_SECRET"} <= set(app_env.keys(outside, {}))
    said = "\n".join(app_env.to_register(outside, FOUND))
    assert "pid" in said
    assert "ps" not in said.split()
    assert outside["dotenv"] in said
    assert app_env.to_register(app(), FOUND) == []


def test_the_application_of_the_lms_in_the_app():
    found = app_env.application(app(), FOUND)
    assert (found["name"], found["client_id"], found["client_secret"]) == ("edx-oauth-app", "pid", "ps")
    assert found["redirect_uris"] == ["http://local.openedx.io:8000/auth/complete/b-xpro/"]
