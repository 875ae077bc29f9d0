# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login chain as data: the evidence of a healthy one, and how a test changes it. No system is needed for that."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen, diagnose
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side

APP_SIDE, LMS_SIDE = Side("the app", {"type": "compose"}), Side("the LMS", {"type": "tutor_dev"})
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
    "api": True,
    "user_info_fields": {},
    "provider_settings": {},
    "api_module": "courseware.api",
    "sync_command": ["sync_courseruns"],
    "repair_command": ["repair_missing_courseware_records"],
    "dotenv": "/home/me/mitxpro/.env",
    "links": {"OPENEDX_COURSE_BASE_URL": f"{LMS}/learn/course/"},
    "api_gateway": False,
    "api_gateway_port": 0,
    "former": [],
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


USER, LMS_ADDRESS, APP_ADDRESS = "sso-check-aaaa-6746f000-0001", ("local.openedx.io", 8000), ("xpro.odl.local", 8053)
NONE, TWO = {"count": 0, "names": []}, {"count": 5, "names": ["ann", "bob"]}
INVALID_GRANT = {"url": "http://it/token", "status": 400, "answer": "invalid_grant", "text": ""}
NOBODY = {
    "url": f"{APP}/api/users/me",
    "status": 200,
    "text": "",
    "keys": ["id", "username"],
    "field": "username",
    "username": "",
}
LOGIN_STEPS = [
    {"method": "GET", "url": f"{LMS}/auth/login/ol-oauth2/", "status": 302, "location": f"{APP}/oauth2/authorize/"},
    {"method": "GET", "url": f"{APP}/oauth2/authorize/", "status": 302, "location": f"{LMS}/auth/complete/ol-oauth2/"},
    {"method": "GET", "url": f"{LMS}/auth/complete/ol-oauth2/", "status": 302, "location": f"{LMS}/dashboard"},
    {"method": "GET", "url": f"{LMS}/dashboard", "status": 200},
]
STRANGERS_STEPS = [
    LOGIN_STEPS[0],
    {"method": "GET", "url": f"{APP}/oauth2/authorize/", "status": 302, "location": f"{APP}/signin/"},
    {"method": "GET", "url": f"{APP}/signin/", "status": 200, "asks": True},
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
                "OPENEDX_SOCIAL_LOGIN_PATH": "/auth/login/ol-oauth2/?auth_entry=login&next=/api/user/v1/me",
                "SITE_BASE_URL": APP,
            },
            "seconds": 0.0,
        },
        "links": {"values": {"OPENEDX_COURSE_BASE_URL": f"{LMS}/learn/course/"}},
        "self": reached(APP, *APP_ADDRESS),
        "lms": reached(LMS, *LMS_ADDRESS),
        "application": {
            "name": "edx-oauth-app",
            "rows": [row(client_id="app-side", redirect_uris=[f"{LMS}/auth/complete/ol-oauth2/"])],
        },
        "proxy": {"proxy": None},
        "client": {**INVALID_GRANT, "hashed": False},
        "cookie": {"name": "sessionid", "domain": None},
        "database": {"vendor": "PostgreSQL", "host": "db", "where": "db:5432"},
        "me": {"url": f"{LMS}/api/user/v1/me", "status": 200, "json": {"username": "worker"}},
        "accounts": {"url": f"{LMS}/api/user/v1/accounts", "status": 200, "json": []},
        "user": {
            "username": USER,
            "authorized": True,
            "failure": None,
            "requests": [REGISTRATION, *LOGIN_STEPS],
            "used": {"url": f"{LMS}/api/user/v1/me", "status": 200, "text": "", "username": USER, "code": None},
        },
        "sync": {
            "command": "sync_courseruns",
            "output": "Sync complete: 2 updated, 0 failures, 1 unchanged.\n",
            "errors": "",
            "courses": 3,
        },
        "repair": {
            "command": "repair",
            "output": "Repairing 0 users\nRepair Complete: 0 repaired, 0 failures\n",
            "errors": "",
        },
        "removal": {"removed": [f"{USER}@example.com"], "left": [], "traces": {}, "sessions": 0},
    },
    "lms": {
        "discovery": {},
        "addresses": {
            "root": LMS,
            "name": "sessionid",
            "domain": "local.openedx.io",
            "secure": False,
            "samesite": "Lax",
            "path": "/",
            "redirect_is_https": False,
            "reads_scheme": False,
        },
        "settings": {"package": "lms.envs.tutor.mit_apps", "differs": {}},
        "database": {"vendor": "MySQL", "host": "mysql", "where": "mysql:3306"},
        "cache": {"where": "redis://redis:6379/1", "host": "redis", "kept": True},
        "third_party_auth": {"flat": None, "features": True},
        "site_configuration": {"values": {}},
        "registration": {"patterns": None},
        "whitelists": {"refusing": {}},
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
            "restricted": False,
        },
        "worker": {
            "exists": True,
            "is_active": True,
            "is_staff": True,
            "is_superuser": False,
            "usable_password": True,
            "profile": True,
        },
        "token": {"rows": 1, "same": True, "days_left": 3650.0},
        "rotation": {"by": None, "idle": None, "previous": False, "tokens": 0},
        "token_url": reached(f"{APP}/oauth2/token/", *APP_ADDRESS),
        "secret": {**INVALID_GRANT, "source": "the provider row", "hashed": False},
        "user_info_url": reached(f"{APP}/api/users/me", *APP_ADDRESS),
        "proxy": {"proxy": None},
        "user_info": {**NOBODY},
        "linked": {"exists": True, "linked": True},
        "removal": {"removed": [f"{USER}@example.com"], "left": [], "traces": {}, "sessions": 0},
    },
    "machine": {
        "env": {"there": True, "differs": [], "has": True, "integrated": True, "client_id": "lms-side"},
        "services": {
            "services": {
                "web": {"state": "running", "differs": []},
                "celery": {"state": "running", "differs": []},
            }
        },
    },
    "browser": {
        "lms": reached(LMS, *LMS_ADDRESS),
        "app": reached(APP, *APP_ADDRESS),
        "lms_answer": {"url": f"{LMS}/api/user/v1/me", "status": 401, "text": ""},
        "app_answer": NOBODY,
        "admin": {
            "requests": [
                {"method": "GET", "url": f"{LMS}/admin/login/", "status": 302, "location": f"{LMS}/login"},
                {"method": "GET", "url": f"{LMS}/login", "status": 200, "asks": True},
            ]
        },
        "entrance": {"requests": STRANGERS_STEPS},
        "former": {"answers": {}},
        "authorize": {
            "url": f"{LMS}/auth/login/ol-oauth2/",
            "status": 302,
            "text": "",
            "location": f"{APP}/oauth2/authorize/",
            "client_id": "app-side",
            "redirect_uri": f"{LMS}/auth/complete/ol-oauth2/",
        },
        "login": {"requests": LOGIN_STEPS, "username": USER},
    },
}


def healthy(**declared):
    """What a chain shows in which nothing is wrong."""
    return Seen({**DECLARED, **declared}, APP_SIDE, LMS_SIDE, token_digest="00ff", **copy.deepcopy(HEALTHY))


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
    return {entry["id"]: entry for entry in diagnose(seen)}


def step(url, status, location=None, **more):
    return {"method": "GET", "url": url, "status": status, **({"location": location} if location else {}), **more}


def registration(status, text):
    return {
        "authorized": False,
        "failure": "CoursewareUserCreateError: no",
        "username": USER,
        "requests": [step(f"{LMS}/user_api/v1/account/registration/", status, text=text)],
    }


def walked(*steps, username=None):
    return {"requests": list(steps), "username": username}


def dance(*steps, failure="HTTPError: no"):
    return {"authorized": False, "failure": failure, "username": USER, "requests": [REGISTRATION, *steps]}


ENABLED_ELSEWHERE = {"exists": False, "others": ["example.com"]}
WORKER = HEALTHY["lms"]["worker"]


# -- tests of judges ---------------------------------------------------------------------------------------------------


def cases(causes):
    """The arguments of a parametrized test of such causes."""
    names = [f"{cause[0]}-{index}" for index, cause in enumerate(causes)]
    return ("hop", "status", "fact", "fix", "changes"), [
        pytest.param(*cause, id=name) for cause, name in zip(causes, names, strict=True)
    ]


def named(hop, status, fact, fix, changes):
    """The hop says so of the chain with these changes, and is the first that failed, or none failed."""
    seen = healthy()
    for place, value in changes.items():
        put(seen, place, value)
    hops = diagnose(seen)
    found = next(entry for entry in hops if entry["id"] == hop)
    first = next((entry["id"] for entry in hops if entry["status"] == "failed"), None)
    assert first == (hop if status == "failed" else None)
    assert (found["status"], fact in found["fact"], fix in found["fix"]) == (status, True, True), found


def hops_of(room):
    """The hops of one file."""
    return {hop.id for hop in CATALOGUE if hop.judge.__module__ == room.__name__}
