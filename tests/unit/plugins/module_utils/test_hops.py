# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every hop is judged on evidence alone: a healthy chain, and one change to it per cause."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _hops

LMS, APP = "http://local.openedx.io:8000", "http://xpro.odl.local:8053"
DECLARED = {
    "name": "xpro",
    "base_url": APP,
    "lms_base_url": LMS,
    "lms_site": "local.openedx.io:8000",
    "backend_name": "ol-oauth2",
    "lms_application": "xpro-oauth-app",
    "edx_application": "edx-oauth-app",
    "service_worker": "worker",
    "service_worker_email": "worker@example.com",
    "redirect_uris": [f"{APP}/login/_private/complete"],
    "complete_uris": [f"{LMS}/auth/complete/ol-oauth2/"],
    "authorization_url": f"{APP}/oauth2/authorize/",
    "access_token_url": f"{APP}/oauth2/token/",
    "api_root": f"{APP}/",
    "user_info_path": "/api/users/me",
    "discovery_url": "",
    "api_module": "courseware.api",
    "sync_command": ["sync_courseruns"],
    "repair_command": ["repair_missing_courseware_records"],
    "dotenv": "/home/me/mitxpro/.env",
}


def reached(url, host, port):
    return {"url": url, "host": host, "port": port, "addresses": ["172.17.0.1"]}


def row(**fields):
    defaults = {
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "skip_authorization": True,
    }
    return {"id": 1, **defaults, **fields}


PERSON, LMS_ADDRESS, APP_ADDRESS = "sso-check-aaaa-6746f000-0001", ("local.openedx.io", 8000), ("xpro.odl.local", 8053)
NONE, TWO = {"count": 0, "names": []}, {"count": 5, "names": ["ann", "bob"]}
INVALID_GRANT = {"url": "http://it/token", "status": 400, "answer": "invalid_grant", "text": ""}
NOBODY = {"url": f"{APP}/api/users/me", "status": 200, "text": "", "keys": ["id", "username"], "username": ""}
LOGIN_STEPS = [
    {"method": "GET", "url": f"{LMS}/auth/login/ol-oauth2/", "status": 302, "location": f"{APP}/oauth2/authorize/"},
    {"method": "GET", "url": f"{APP}/oauth2/authorize/", "status": 302, "location": f"{LMS}/auth/complete/ol-oauth2/"},
    {"method": "GET", "url": f"{LMS}/auth/complete/ol-oauth2/", "status": 302, "location": f"{LMS}/dashboard"},
    {"method": "GET", "url": f"{LMS}/dashboard", "status": 200},
]
REGISTRATION = {"method": "POST", "url": f"{LMS}/user_api/v1/account/registration/", "status": 200}
HEALTHY = {
    "app": {
        "settings": {
            "values": {
                "OPENEDX_API_BASE_URL": LMS,
                "OPENEDX_API_CLIENT_ID": "lms-side",
                "OPENEDX_OAUTH_APP_NAME": "edx-oauth-app",
                "OPENEDX_OAUTH_PROVIDER": "ol-oauth2",
                "OPENEDX_SERVICE_WORKER_USERNAME": "worker",
                "OPENEDX_SOCIAL_LOGIN_PATH": "/auth/login/ol-oauth2/?auth_entry=login",
                "SITE_BASE_URL": APP,
            },
            "seconds": 0.0,
        },
        "self": reached(APP, *APP_ADDRESS),
        "lms": reached(LMS, *LMS_ADDRESS),
        "application": {
            "name": "edx-oauth-app",
            "rows": [row(client_id="app-side", redirect_uris=[f"{LMS}/auth/complete/ol-oauth2/"])],
        },
        "client": {**INVALID_GRANT, "hashed": False},
        "cookie": {"name": "sessionid", "domain": None},
        "env": {"there": True, "differs": []},
        "me": {"url": f"{LMS}/api/user/v1/me", "status": 200, "json": {"username": "worker"}},
        "accounts": {"url": f"{LMS}/api/user/v1/accounts", "status": 200, "json": []},
        "person": {"username": PERSON, "authorized": True, "failure": None, "requests": [REGISTRATION, *LOGIN_STEPS]},
        "sync": {
            "command": "sync_courseruns",
            "output": "Sync complete: 2 updated, 0 failures, 1 unchanged.\n",
            "errors": "",
        },
        "repair": {
            "command": "repair",
            "output": "Repairing 0 users\nRepair Complete: 0 repaired, 0 failures\n",
            "errors": "",
        },
        "removal": {"removed": [f"{PERSON}@example.com"], "left": []},
    },
    "lms": {
        "addresses": {
            "root": LMS,
            "name": "sessionid",
            "domain": "local.openedx.io",
            "secure": False,
            "samesite": "Lax",
        },
        "settings": {"package": "lms.envs.tutor.mit_apps", "differs": {}},
        "people": {"locked": NONE, "bare": NONE},
        "privileged": {"has": NONE, "could": NONE},
        "site": {"id": 3, "domains": ["example.com", "local.openedx.io:8000"], "default": 2},
        "backend": {"names": [None, "ol-oauth2"], "errors": []},
        "provider": {
            "exists": True,
            "enabled": True,
            "client_id": "app-side",
            "slug": "ol-oauth2",
            "changed": "2026-11-23T00:00:00",
            "source": "the provider row",
            "others": [],
            "other_settings": {
                "AUTHORIZATION_URL": f"{APP}/oauth2/authorize/",
                "ACCESS_TOKEN_URL": f"{APP}/oauth2/token/",
                "API_ROOT": f"{APP}/",
            },
        },
        "registry": {"names": ["ol-oauth2"], "row": True},
        "application": {
            "name": "xpro-oauth-app",
            "rows": [row(client_id="lms-side", redirect_uris=[f"{APP}/login/_private/complete"])],
        },
        "worker": {"exists": True, "is_active": True, "is_staff": True, "usable_password": True, "profile": True},
        "token": {"rows": 1, "same": True, "days_left": 3650.0},
        "token_url": reached(f"{APP}/oauth2/token/", *APP_ADDRESS),
        "secret": {**INVALID_GRANT, "source": "the provider row", "hashed": False},
        "user_info_url": reached(f"{APP}/api/users/me", *APP_ADDRESS),
        "user_info": {**NOBODY},
        "linked": {"exists": True, "linked": True},
        "removal": {"removed": [f"{PERSON}@example.com"], "left": []},
    },
    "browser": {
        "lms": reached(LMS, *LMS_ADDRESS),
        "app": reached(APP, *APP_ADDRESS),
        "lms_answer": {"url": f"{LMS}/api/user/v1/me", "status": 401, "text": ""},
        "app_answer": NOBODY,
        "admin": {"url": f"{LMS}/admin/login/", "status": 200, "text": ""},
        "authorize": {
            "url": f"{LMS}/auth/login/ol-oauth2/",
            "status": 302,
            "text": "",
            "location": f"{APP}/oauth2/authorize/",
            "client_id": "app-side",
            "redirect_uri": f"{LMS}/auth/complete/ol-oauth2/",
        },
        "login": {"requests": LOGIN_STEPS, "username": PERSON},
    },
}


def healthy(**declared):
    return _hops.Seen({**DECLARED, **declared}, token_digest="00ff", **copy.deepcopy(HEALTHY))


def put(seen, place, value):
    """Change one fact, named as side.probe.name..., or remove a probe's facts (None)."""
    side, *names = place.split("/")
    facts = getattr(seen, side)
    for name in names[:-1]:
        facts = facts[int(name)] if isinstance(facts, list) else facts[name]
    if value is None and len(names) == 1:
        del facts[names[0]]
    elif isinstance(facts, list):
        facts[int(names[-1])] = value
    else:
        facts[names[-1]] = value


def by_id(seen):
    return {entry["id"]: entry for entry in _hops.diagnose(seen)}


def test_a_healthy_chain_has_only_good_hops():
    hops = _hops.diagnose(healthy())
    assert {entry["id"]: entry["fact"] for entry in hops if entry["status"] != "ok"} == {}
    assert all(entry["proves"] and entry["title"] and not entry["fix"] for entry in hops)
    assert len({entry["id"] for entry in hops}) == len(hops)
    assert {entry["side"] for entry in hops} == {"app", "lms", "browser", "network"}


def step(url, status, location=None, **more):
    return {"method": "GET", "url": url, "status": status, **({"location": location} if location else {}), **more}


def registration(status, text):
    return {
        "authorized": False,
        "failure": "CoursewareUserCreateError: no",
        "username": PERSON,
        "requests": [step(f"{LMS}/user_api/v1/account/registration/", status, text=text)],
    }


def walked(*steps, username=None):
    return {"requests": list(steps), "username": username}


def dance(*steps, failure="HTTPError: no"):
    return {"authorized": False, "failure": failure, "username": PERSON, "requests": [REGISTRATION, *steps]}


ENABLED_ELSEWHERE = {"exists": False, "others": ["example.com"]}
WORKER = HEALTHY["lms"]["worker"]

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "browser.reaches_lms",
        "failed",
        "does not resolve",
        "Add this line to /etc/hosts of this machine: 127.0.0.1 local.openedx.io (the app's playbook does it with",
        {"browser/lms/kind": "name", "browser/lms/error": "the name does not resolve"},
    ),
    (
        "browser.reaches_app",
        "failed",
        "does not resolve",
        "Add this line to /etc/hosts of this machine: 127.0.0.1 xpro.odl.local (the app's playbook does it with",
        {"browser/app/kind": "name", "browser/app/error": "the name does not resolve"},
    ),
    (
        "browser.reaches_app",
        "failed",
        "refused",
        "Start the app",
        {"browser/app/kind": "refused", "browser/app/error": "connection refused"},
    ),
    (
        "app.reaches_lms",
        "failed",
        "does not resolve",
        "host-gateway",
        {"app/lms/kind": "name", "app/lms/error": "the name does not resolve"},
    ),
    (
        "app.reaches_lms",
        "failed",
        "firewall",
        "ufw allow",
        {"app/lms/kind": "timeout", "app/lms/error": "no answer (timed out)"},
    ),
    (
        "app.reaches_lms",
        "failed",
        "firewall",
        "ufw allow",
        {"app/lms/kind": "unreachable", "app/lms/error": "no route to it", "app/lms/here": True},
    ),
    (
        "app.reaches_lms",
        "failed",
        "That address is gone",
        "host-gateway",
        {"app/lms/kind": "timeout", "app/lms/error": "no answer (timed out)", "app/lms/here": False},
    ),
    (
        "browser.reaches_app",
        "failed",
        "accepts nobody",
        "docker compose restart",
        {"browser/app/kind": "timeout", "browser/app/error": "no answer (timed out)", "browser/app/here": True},
    ),
    (
        "app.env",
        "failed",
        "OPENEDX_API_BASE_URL, OPENEDX_API_CLIENT_SECRET",
        "environment: of a compose file",
        {"app/env/differs": ["OPENEDX_API_BASE_URL", "OPENEDX_API_CLIENT_SECRET"]},
    ),
    ("app.env", "skipped", "/home/me/mitxpro/.env cannot be read", "", {"app/env": {"there": False, "differs": []}}),
    (
        "lms.host",
        "failed",
        "takes http://www.myopenedx.com:8000 for its own",
        "LMS_HOST=local.openedx.io",
        {"lms/addresses/root": "http://www.myopenedx.com:8000"},
    ),
    (
        "lms.host",
        "failed",
        "cookie is for www.myopenedx.com",
        "edx_lms_base_url",
        {"lms/addresses/domain": "www.myopenedx.com"},
    ),
    ("lms.cookies", "failed", "begins with http:", "SESSION_COOKIE_SECURE = False", {"lms/addresses/secure": True}),
    ("lms.cookies", "failed", "SameSite=None", '"Lax"', {"lms/addresses/samesite": "None"}),
    (
        "lms.cookies",
        "warning",
        "AuthStateMissing",
        "SESSION_COOKIE_NAME",
        {
            "lms/addresses/domain": ".openedx.io",
            "declared/base_url": "http://xpro.openedx.io:8053",
            "app/settings/values/SITE_BASE_URL": "http://xpro.openedx.io:8053",
        },
    ),
    (
        "lms.cookies",
        "warning",
        "cookie domain .openedx.io) both",
        "SESSION_COOKIE_NAME",
        {"lms/addresses/domain": None, "app/cookie/domain": ".openedx.io"},
    ),
    (
        "lms.cookies",
        "warning",
        "AuthStateMissing",
        "SESSION_COOKIE_NAME",
        {
            "lms/addresses/domain": None,
            "declared/base_url": "http://local.openedx.io:8053",
            "app/settings/values/SITE_BASE_URL": "http://local.openedx.io:8053",
        },
    ),
    (
        "lms.settings",
        "failed",
        "AUTHENTICATION_BACKENDS lacks x.Y",
        "Take AUTHENTICATION_BACKENDS out",
        {"lms/settings/differs": {"AUTHENTICATION_BACKENDS": "AUTHENTICATION_BACKENDS lacks x.Y"}},
    ),
    (
        "lms.settings",
        "warning",
        "REGISTRATION_RATELIMIT is 60/7d",
        "another Tutor plugin",
        {"lms/settings/differs": {"REGISTRATION_RATELIMIT": "REGISTRATION_RATELIMIT is 60/7d, not 1000/7d"}},
    ),
    ("lms.settings", "skipped", "does not use", "", {"lms/settings": {"package": None, "differs": {}}}),
    ("lms.people", "warning", "ann, bob and 3 more: no usable", "Set a password", {"lms/people/locked": TWO}),
    ("lms.people", "warning", "ann, bob and 3 more: no profile", "Add a user profile", {"lms/people/bare": TWO}),
    ("lms.privileged", "warning", "Somebody in the app has", "log in through the app", {"lms/privileged/has": TWO}),
    ("lms.privileged", "warning", "Whoever registers", "log in through the app", {"lms/privileged/could": TWO}),
    (
        "app.reaches_itself",
        "failed",
        "refused",
        "Start the app's web server",
        {"app/self/kind": "refused", "app/self/error": "connection refused"},
    ),
    (
        "app.settings",
        "failed",
        "OPENEDX_OAUTH_PROVIDER is mitxpro-oauth2, not ol-oauth2",
        "/home/me/mitxpro/.env",
        {"app/settings/values/OPENEDX_OAUTH_PROVIDER": "mitxpro-oauth2"},
    ),
    (
        "app.settings",
        "failed",
        "OPENEDX_SOCIAL_LOGIN_PATH is None",
        "docker compose up -d",
        {"app/settings/values/OPENEDX_SOCIAL_LOGIN_PATH": None},
    ),
    (
        "app.settings",
        "failed",
        "not the client id of xpro-oauth-app",
        "mit_app_env",
        {"app/settings/values/OPENEDX_API_CLIENT_ID": "placeholder"},
    ),
    (
        "app.settings",
        "failed",
        "the base URL is http://other:8053",
        "mit_app_env",
        {"app/settings/values/SITE_BASE_URL": "http://other:8053"},
    ),
    (
        "app.cookie_domain",
        "failed",
        "in its host (local.openedx.io, not 172.17.0.1)",
        f"OPENEDX_API_BASE_URL={LMS}",
        {"app/settings/values/OPENEDX_API_BASE_URL": "http://172.17.0.1:8000"},
    ),
    (
        "app.cookie_domain",
        "failed",
        "without a dot",
        "name with a dot",
        {"app/settings/values/SITE_BASE_URL": "http://web:8053", "declared/base_url": "http://web:8053"},
    ),
    (
        "app.application",
        "failed",
        "There is no OAuth2 application edx-oauth-app",
        "mit_app_env",
        {"app/application/rows": []},
    ),
    (
        "app.application",
        "failed",
        "2 OAuth2 applications",
        "Delete the others",
        {"app/application/rows": [row(), row(id=2)]},
    ),
    (
        "app.application",
        "failed",
        "by the slash at its end",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": [f"{LMS}/auth/complete/ol-oauth2"]},
    ),
    (
        "app.application",
        "failed",
        "port (8000, not 18000)",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": ["http://local.openedx.io:18000/auth/complete/ol-oauth2/"]},
    ),
    (
        "app.application",
        "failed",
        "scheme (http, not https)",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": ["https://local.openedx.io:8000/auth/complete/ol-oauth2/"]},
    ),
    ("app.application", "failed", "is missing", "mit_app_env", {"app/application/rows/0/redirect_uris": []}),
    (
        "app.application",
        "failed",
        "skip_authorization is False",
        "mit_app_env",
        {"app/application/rows/0/skip_authorization": False},
    ),
    (
        "app.application",
        "failed",
        "not the one of the provider row",
        "same one",
        {"app/application/rows/0/client_id": "other"},
    ),
    ("lms.site", "failed", "No Site has the domain local.openedx.io:8000", "edx_oauth_provider", {"lms/site/id": None}),
    (
        "lms.application",
        "failed",
        "path (/login/_private/complete, not /_/auth/complete)",
        "edx_oauth_provider",
        {"lms/application/rows/0/redirect_uris": [f"{APP}/_/auth/complete"]},
    ),
    (
        "lms.backend",
        "failed",
        "has the name ol-oauth2",
        "ol_social_auth.backends.OLOAuth2",
        {"lms/backend/names": ["google-oauth2"], "browser/authorize/status": 404},
    ),
    (
        "lms.backend",
        "failed",
        "has the name ol-oauth2",
        "a job's container",
        {"lms/backend/names": ["google-oauth2"]},
    ),
    (
        "lms.backend",
        "failed",
        "No module named",
        "ol-social-auth",
        {
            "lms/backend": {
                "names": [],
                "errors": ["ol_social_auth.backends.OLOAuth2: No module named ol_social_auth"],
            },
            "browser/authorize/status": 404,
        },
    ),
    ("lms.provider", "failed", "enabled row on example.com", "edx_oauth_provider", {"lms/provider": ENABLED_ELSEWHERE}),
    ("lms.provider", "failed", "is disabled", "edx_oauth_provider", {"lms/provider/enabled": False}),
    (
        "lms.provider",
        "warning",
        "serves only that Site",
        "Disable the other row",
        {"lms/provider/others": ["example.com"]},
    ),
    (
        "lms.provider_settings",
        "failed",
        "host (xpro.odl.local, not 172.19.0.1)",
        "edx_oauth_provider",
        {"lms/provider/other_settings/API_ROOT": "http://172.19.0.1:8053/"},
    ),
    (
        "lms.provider_settings",
        "failed",
        "no JSON",
        "edx_oauth_provider",
        {"lms/provider/unreadable": "Expecting value"},
    ),
    (
        "lms.provider_settings",
        "failed",
        "wins over",
        "edx_oauth_provider",
        {"lms/provider/other_settings/DISCOVERY_URL": f"{APP}/x"},
    ),
    ("lms.provider_settings", "failed", "client id is empty", "edx_oauth_provider", {"lms/provider/client_id": ""}),
    ("lms.provider_settings", "warning", "slug", "edx_oauth_provider", {"lms/provider/slug": "other"}),
    ("lms.registry", "failed", "is stale", "10 minutes", {"lms/registry/names": []}),
    ("lms.registry", "failed", "older provider row", "10 minutes", {"lms/registry/row": False}),
    ("lms.worker", "failed", "has no user worker", "edx_oauth_provider", {"lms/worker": {"exists": False}}),
    (
        "lms.worker",
        "failed",
        "not active and not staff",
        "edx_oauth_provider",
        {"lms/worker": {**WORKER, "is_active": False, "is_staff": False}},
    ),
    ("lms.worker", "failed", "usable password", "edx_oauth_provider", {"lms/worker/usable_password": False}),
    ("lms.worker", "warning", "no profile", "edx_oauth_provider", {"lms/worker/profile": False}),
    (
        "lms.token",
        "failed",
        "has no access token",
        "edx_oauth_provider",
        {"lms/token": {"rows": 0, "same": False, "days_left": None}},
    ),
    ("lms.token", "failed", "none of the 1", "mit_app_env", {"lms/token/same": False}),
    (
        "lms.token",
        "failed",
        "is that of edx, not of worker",
        "mit_app_env",
        {"lms/token/same": False, "app/me/json": {"username": "edx"}},
    ),
    ("lms.token", "failed", "expired 2.0 days ago", "edx_oauth_provider", {"lms/token/days_left": -2.0}),
    ("lms.token", "warning", "expires in 4.5 days", "edx_oauth_provider", {"lms/token/days_left": 4.5}),
    (
        "app.client",
        "failed",
        "OPENEDX_API_CLIENT_SECRET",
        "/home/me/mitxpro/.env",
        {"app/client": {**INVALID_GRANT, "status": 401, "answer": "invalid_client", "hashed": False}},
    ),
    (
        "app.client",
        "failed",
        "is a password hash",
        "/home/me/mitxpro/.env",
        {"app/client": {**INVALID_GRANT, "status": 401, "answer": "invalid_client", "hashed": True}},
    ),
    (
        "app.client",
        "failed",
        "answered 404",
        "token endpoint",
        {"app/client": {**INVALID_GRANT, "status": 404, "answer": None}},
    ),
    (
        "app.token",
        "failed",
        "does not know the token",
        "mit_app_env",
        {"app/me": {"url": "u", "status": 401, "text": "", "json": {"error_code": "token_nonexistent"}}},
    ),
    (
        "app.token",
        "failed",
        "is expired",
        "edx_oauth_provider",
        {"app/me": {"url": "u", "status": 401, "text": "", "json": {"error_code": "token_expired"}}},
    ),
    (
        "app.token",
        "failed",
        "is not active",
        "edx_oauth_provider",
        {
            "app/me": {
                "url": "u",
                "status": 401,
                "text": "",
                "json": {"developer_message": {"error_code": "user_not_active"}},
            }
        },
    ),
    (
        "app.token",
        "failed",
        "disabled by admin",
        "edx_oauth_provider",
        {"app/me": {"url": "u", "status": 401, "text": "", "json": {"error_code": "user_is_disabled"}}},
    ),
    (
        "app.token",
        "failed",
        "Authorization header",
        "proxy",
        {
            "app/me": {
                "url": "u",
                "status": 401,
                "text": "",
                "json": {"detail": "Authentication credentials were not provided."},
            }
        },
    ),
    ("app.token", "failed", "is that of edx, not of worker", "mit_app_env", {"app/me/json": {"username": "edx"}}),
    (
        "app.token_staff",
        "failed",
        "is no staff",
        "edx_oauth_provider",
        {"app/accounts": {"url": "u", "status": 403, "text": ""}},
    ),
    (
        "lms.reaches_app",
        "failed",
        "does not resolve",
        "host-gateway",
        {"lms/token_url/kind": "name", "lms/token_url/error": "the name does not resolve"},
    ),
    (
        "lms.reaches_user_info",
        "failed",
        "firewall",
        "ufw allow",
        {"lms/user_info_url/kind": "timeout", "lms/user_info_url/error": "no answer"},
    ),
    (
        "lms.reaches_app",
        "failed",
        "does not resolve",
        "MITXONLINE_DOCKER_BASE_URL",
        {
            "declared/discovery_url": f"{APP}/.well-known/openid-configuration",
            "lms/provider/other_settings/DISCOVERY_URL": f"{APP}/.well-known/openid-configuration",
            "lms/token_url": {
                **reached("http://host.docker.internal:9080/oauth2/token/", "host.docker.internal", 9080),
                "kind": "name",
                "error": "the name does not resolve",
            },
        },
    ),
    (
        "lms.secret",
        "failed",
        "is a password hash",
        "same secret",
        {
            "lms/secret": {
                **INVALID_GRANT,
                "status": 401,
                "answer": "invalid_client",
                "source": "the provider row",
                "hashed": True,
            }
        },
    ),
    (
        "lms.secret",
        "failed",
        "from SOCIAL_AUTH_OAUTH_SECRETS",
        "same secret",
        {
            "lms/secret": {
                **INVALID_GRANT,
                "status": 401,
                "answer": "invalid_client",
                "source": "SOCIAL_AUTH_OAUTH_SECRETS",
                "hashed": False,
            }
        },
    ),
    (
        "lms.secret",
        "failed",
        "has no client secret",
        "same secret",
        {"lms/secret": {**INVALID_GRANT, "status": 401, "answer": "invalid_client", "source": None, "hashed": False}},
    ),
    (
        "lms.secret",
        "failed",
        "answered 405",
        "slash",
        {"lms/secret": {**INVALID_GRANT, "status": 405, "answer": None, "source": "the provider row", "hashed": False}},
    ),
    ("lms.user_info", "failed", "about nobody", "API_ROOT", {"lms/user_info/keys": None}),
    ("lms.user_info", "failed", "answered 409", "API_ROOT", {"lms/user_info/status": 409}),
    (
        "lms.user_info",
        "ok",
        "wants somebody",
        "",
        {
            "lms/user_info": {
                "url": f"{APP}/api/v0/userinfo/",
                "status": 409,
                "text": '{"error":"User has no edx_username."}',
                "keys": ["error"],
                "username": None,
            }
        },
    ),
    ("browser.lms", "failed", "answered 404", "edx_lms_base_url", {"browser/lms_answer/status": 404}),
    (
        "browser.lms",
        "failed",
        "is redirected",
        "MITX_REDIRECT_ALLOW_RE_LIST",
        {"browser/lms_answer": step("u", 302, f"{LMS}/auth/login/ol-oauth2/")},
    ),
    ("browser.app", "failed", "about nobody", "mit_app_port", {"browser/app_answer/status": 502}),
    (
        "browser.authorize",
        "failed",
        "does not know the backend ol-oauth2 (404)",
        "Restart the LMS",
        {"browser/authorize": step("u", 404, text="")},
    ),
    (
        "browser.authorize",
        "failed",
        "no enabled provider row",
        "a cache is stale",
        {"browser/authorize": step("u", 500, text="Can't fetch setting of a disabled backend/provider.")},
    ),
    (
        "browser.authorize",
        "failed",
        "sends people elsewhere",
        "edx_oauth_provider",
        {"browser/authorize/location": "http://172.19.0.1:8053/oauth2/authorize/"},
    ),
    (
        "browser.authorize",
        "failed",
        "The redirect URI of the LMS",
        "edx_lms_base_url",
        {"browser/authorize/redirect_uri": "http://lms:8000/auth/complete/ol-oauth2/"},
    ),
    (
        "browser.authorize",
        "failed",
        "presents the client id other",
        "edx_oauth_provider",
        {"browser/authorize/client_id": "other"},
    ),
    (
        "browser.admin",
        "failed",
        "cannot log in",
        "MITX_REDIRECT_ENABLED",
        {"browser/admin": step(f"{LMS}/admin/login/", 302, f"{LMS}/auth/login/ol-oauth2/", text="")},
    ),
    (
        "login.app",
        "failed",
        "could not ask the app",
        "lms.user_info",
        {"app/person": registration(400, "tpa-invalid-access-token")},
    ),
    (
        "login.app",
        "failed",
        "registrations per address are limited",
        "REGISTRATION_RATELIMIT",
        {"app/person": registration(403, "rate")},
    ),
    ("login.app", "failed", "answered 409", "log", {"app/person": registration(409, "duplicate-username")}),
    (
        "login.app",
        "failed",
        "refuses to redeem the code",
        "app.client",
        {"app/person": dance(step(f"{LMS}/oauth2/access_token", 401, text="invalid_client"), failure=None)},
    ),
    (
        "login.app",
        "failed",
        "apps.local.openedx.io:1996",
        "next=/robots.txt",
        {"app/person": dance(step("http://apps.local.openedx.io:1996/x", 0, error="ConnectionError"))},
    ),
    (
        "login.app",
        "failed",
        "does not know the person who comes",
        "session cookie",
        {"app/person": dance(step(f"{APP}/oauth2/authorize/", 302, f"{APP}/signin"))},
    ),
    (
        "login.app",
        "failed",
        "got the code but not the person",
        "lms.secret",
        {"app/person": dance(step(f"{LMS}/auth/complete/ol-oauth2/", 302, f"{LMS}/login"))},
    ),
    (
        "login.app",
        "failed",
        "After the login the LMS does not know",
        "app.cookie_domain",
        {"app/person": dance(step(f"{LMS}/oauth2/authorize", 302, f"{LMS}/login"))},
    ),
    (
        "login.app",
        "failed",
        "the LMS refused the registration: {'email'",
        "log",
        {"app/person": {**dance(failure=None), "refused": {"email": "no"}}},
    ),
    (
        "login.browser",
        "failed",
        "The app refuses the request",
        "redirect URI",
        {
            "browser/login": walked(
                LOGIN_STEPS[0], step(f"{APP}/oauth2/authorize/", 400, text="Mismatching redirect URI.")
            )
        },
    ),
    ("login.browser", "failed", "takes the person", "backend name of its own", {"browser/login/username": "alice"}),
    ("login.browser", "failed", "nobody is logged in", "log", {"browser/login/username": None}),
    (
        "login.browser",
        "failed",
        "Your account is disabled",
        "usable password",
        {"browser/login": walked(step(f"{LMS}/auth/complete/ol-oauth2/", 403, text="Your account is disabled"))},
    ),
    (
        "login.browser",
        "warning",
        "the way ended with",
        "does not answer",
        {"browser/login/requests/3": step("http://apps.local.openedx.io:1996/", 0, error="refused")},
    ),
    ("login.linked", "failed", "is not tied to ol-oauth2", "Restart the LMS", {"lms/linked/linked": False}),
    (
        "commands.sync",
        "failed",
        "0 updated, 30 failures",
        "app.token",
        {"app/sync/output": "Sync complete: 0 updated, 30 failures, 0 unchanged.\n"},
    ),
    (
        "commands.sync",
        "failed",
        "unrecognized arguments",
        "by hand",
        {
            "app/sync": {
                "command": "sync",
                "output": "",
                "errors": "",
                "failure": "CommandError: unrecognized arguments: --all",
            }
        },
    ),
    (
        "commands.repair",
        "warning",
        "known upstream defect",
        "not at fault",
        {
            "app/repair": {
                "command": "repair",
                "output": "Repairing 3 users\n",
                "errors": "",
                "failure": "ValueError: chunk_size must be provided when using iterator()",
            }
        },
    ),
    (
        "commands.repair",
        "warning",
        "a new person works",
        "one by one",
        {
            "app/repair": {
                "command": "repair",
                "output": "Repair Complete: 0 repaired, 1 failures",
                "errors": "old (old@x): no",
            }
        },
    ),
    ("lms.removal", "failed", "ProtectedError", "Django admin", {"lms/removal/left": ["x (ProtectedError: y)"]}),
    ("app.removal", "failed", "ProtectedError", "Django admin", {"app/removal/left": ["x (ProtectedError: y)"]}),
]


@pytest.mark.parametrize(
    ("hop", "status", "fact", "fix", "changes"),
    CAUSES,
    ids=[f"{cause[0]}-{index}" for index, cause in enumerate(CAUSES)],
)
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    seen = healthy()
    for place, value in changes.items():
        put(seen, place, value)
    hops = _hops.diagnose(seen)
    found = next(entry for entry in hops if entry["id"] == hop)
    first = next((entry["id"] for entry in hops if entry["status"] == "failed"), None)
    assert first == (hop if status == "failed" else None)
    assert (found["status"], fact in found["fact"], fix in found["fix"]) == (status, True, True), found


def test_every_hop_has_a_cause_that_breaks_it():
    always = {"app.starts", "lms.starts"}  # tested below: no evidence at all
    assert {entry.id for entry in _hops.CATALOGUE} - always == {cause[0] for cause in CAUSES}


def test_a_backend_that_cannot_be_imported_is_told_from_an_lms_that_is_not_running():
    seen = healthy()
    seen.silent["lms"] = "The target did not start Django. ModuleNotFoundError: No module named 'ol_social'"
    seen.lms = {}
    found = by_id(seen)["lms.starts"]
    assert "AUTHENTICATION_BACKENDS" in found["fix"]
    assert found["fact"].endswith("No module named 'ol_social'")


def test_a_server_without_the_backend_is_told_from_settings_without_it():
    seen = healthy()
    seen.browser["authorize"] = step("u", 404, text="")
    assert by_id(seen)["browser.authorize"]["fix"] == _hops.RESTART_LMS
    seen.lms["backend"]["names"] = []
    assert by_id(seen)["browser.authorize"]["fix"] == _hops.SETTINGS_ROLE


@pytest.mark.parametrize("side", ["app", "lms"])
def test_a_silent_side_is_the_root_and_its_hops_are_not_judged(side):
    seen = healthy()
    seen.silent[side] = "The compose target gave no answer (exit status 1)."
    setattr(seen, side, {})
    found = by_id(seen)
    assert found[f"{side}.starts"]["status"] == "failed"
    assert "no answer" in found[f"{side}.starts"]["fact"]
    seen.silent[side] += " It said: no such service.\nFix: check target.service."
    assert by_id(seen)[f"{side}.starts"]["fix"] == "check target.service."
    others = [
        entry for entry in found.values() if entry["id"].startswith(side + ".") and not entry["id"].endswith(".starts")
    ]
    assert {entry["status"] for entry in others} == {"skipped"}


def test_a_hop_behind_a_broken_one_is_skipped_and_says_why():
    seen = healthy()
    put(seen, "app/lms/kind", "refused")
    put(seen, "app/lms/error", "connection refused")
    for probe in ("client", "me", "accounts", "person", "sync", "repair"):
        put(seen, f"app/{probe}", None)
    found = by_id(seen)
    for hop in ("app.client", "app.token", "app.token_staff", "login.app", "commands.sync"):
        assert (found[hop]["status"], found[hop]["fact"]) == ("skipped", "not judged, because app.reaches_lms failed")


def test_what_was_not_wanted_is_skipped_with_the_reason():
    seen = healthy()
    seen.unwanted = {"login": "not done: login is false", "commands": "not done: check mode"}
    found = by_id(seen)
    assert {hop: entry["fact"] for hop, entry in found.items() if entry["status"] == "skipped"} == {
        "login.app": "not done: login is false",
        "login.browser": "not done: login is false",
        "login.linked": "not done: login is false",
        "lms.removal": "not done: login is false",
        "app.removal": "not done: login is false",
        "commands.sync": "not done: check mode",
        "commands.repair": "not done: check mode",
    }


def test_a_probe_that_breaks_is_a_failed_hop_and_not_a_crash():
    seen = healthy()
    seen.app["person"] = {"broken": "it did not end within 60 seconds (the option timeout)", "seconds": 60.0}
    found = by_id(seen)["login.app"]
    assert (found["status"], found["seconds"]) == ("failed", 60.0)
    assert "60 seconds" in found["fact"]


def test_an_app_without_registration_of_its_own_ends_at_the_form():
    seen = healthy(api_module="")
    seen.app["person"] = {"username": PERSON, "requests": []}
    seen.browser["login"] = walked(*LOGIN_STEPS[:3], step(f"{LMS}/register", 200))
    found = by_id(seen)
    assert found["login.app"]["status"] == "skipped"
    assert found["login.browser"]["fact"].endswith("asks the new person to register")


def test_the_table_fits_a_terminal_and_names_fact_and_fix():
    seen = healthy()
    put(seen, "lms/provider", ENABLED_ELSEWHERE)
    put(seen, "app/sync/output", "Sync complete: 0 updated, 30 failures, 0 unchanged.\n")
    lines = _hops.table(_hops.diagnose(seen), {"app": 2, "lms": 1}, 3.21)
    assert max(map(len, lines)) <= 100
    broken = next(index for index, line in enumerate(lines) if line.startswith("[FAIL] lms.provider "))
    assert lines[broken + 1].lstrip().startswith("fact: There is no provider row")
    assert any(line.lstrip().startswith("fix:  Run the app's playbook again") for line in lines[broken:])
    assert "starts: app 2, LMS 1; 3.2 s" in lines[-1]
