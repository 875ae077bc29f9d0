# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/browser.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import browser
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import SETTINGS_ROLE
from chain import APP, LMS, LOGIN_STEPS, by_id, cases, healthy, hops_of, named, put, step, walked

NO_NAME = "the name does not resolve"
CIRCLE = [
    LOGIN_STEPS[0],
    step(f"{APP}/oauth2/authorize/", 302, f"{APP}/login/"),
    step(f"{APP}/login/", 302, f"{APP}/oauth2/authorize/"),
    step(f"{APP}/oauth2/authorize/", 302, f"{APP}/login/"),
]

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "browser.lms",
        "failed",
        "takes local.openedx.io:8000 for no host of its own",
        "Add local.openedx.io to ALLOWED_HOSTS",
        {"browser/lms_answer": {"url": f"{LMS}/api/user/v1/me", "status": 400, "text": "Bad Request (400)"}},
    ),
    (
        "browser.app",
        "failed",
        "leads to https",
        "SECURE_SSL_REDIRECT",
        {
            "browser/app_answer": {
                "url": f"{APP}/me",
                "status": 301,
                "text": "",
                "field": "username",
                "location": f"{APP}/me".replace("http:", "https:"),
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
        {"browser/admin": walked(step(f"{LMS}/admin/login/", 302, f"{LMS}/auth/login/ol-oauth2/"))},
    ),
    (
        "browser.admin",
        "warning",
        "/admin/login/ leads to http://apps.local.openedx.io:1999/authn/login: connection refused",
        f"mfe). Until then local administrators log in at {LMS}/login?skip_authn_mfe=true.",
        {
            "browser/admin": walked(
                step(f"{LMS}/admin/login/", 302, f"{LMS}/login"),
                step(f"{LMS}/login", 302, "http://apps.local.openedx.io:1999/authn/login"),
                step("http://apps.local.openedx.io:1999/authn/login", 0, error="connection refused", kind="refused"),
            )
        },
    ),
    (
        "browser.entrance",
        "failed",
        "turns round for ever: http://xpro.odl.local:8053/oauth2/authorize/ and http://xpro.odl.local:8053/login/ lead",
        "LOGIN_URL",
        {"browser/entrance": walked(*CIRCLE)},
    ),
    (
        "browser.entrance",
        "failed",
        "http://kc.odl.local:7080/auth: the name does not resolve",
        "127.0.0.1 kc.odl.local",
        {"browser/entrance/requests/2": step("http://kc.odl.local:7080/auth", 0, error=NO_NAME, kind="name")},
    ),
    ("browser.entrance", "failed", "ends with", "log", {"browser/entrance/requests/2": step("u", 500, text="no")}),
    (
        "browser.entrance",
        "failed",
        "where nobody can",
        "log",
        {"browser/entrance/requests/2": step(f"{APP}/", 200, asks=False)},
    ),
    (
        "browser.entrance",
        "failed",
        "where nobody can",
        "log",
        {"browser/entrance/requests/2": step(f"{LMS}/login", 200, asks=True)},
    ),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(browser) == {cause[0] for cause in CAUSES}


def entrance(**declared):
    seen = healthy(**declared)
    put(seen, "browser/entrance/requests", CIRCLE)
    return by_id(seen)["browser.entrance"]


def test_an_app_without_its_gateway_says_how_people_log_in():
    found = entrance(api_gateway_port=9080)
    assert (found["status"], "its gateway asks people in, and is not used here" in found["fact"]) == ("warning", True)
    assert found["fix"].startswith(f"Log in at {APP}/admin/login/ first")


def test_a_gateway_that_asks_nobody_in_is_broken():
    found = entrance(api_gateway_port=9080, api_gateway=True)
    assert (found["status"], "is not the app's gateway" in found["fact"]) == ("failed", True)
    assert found["fix"].endswith("Start the app (docker compose up -d).")


def test_an_identity_provider_that_is_down_is_started_with_the_app():
    seen = healthy(api_gateway=True, api_gateway_port=9080)
    seen.browser["entrance"]["requests"][-1] = step("https://kc.odl.local:7443/x", 0, error="refused", kind="refused")
    found = by_id(seen)["browser.entrance"]
    assert (found["status"], found["fix"]) == ("failed", "Start the app (docker compose up -d).")


def test_a_certificate_that_is_not_trusted_is_noted():
    seen = healthy()
    seen.browser["entrance"]["requests"][-1]["untrusted"] = True
    found = by_id(seen)["browser.entrance"]
    assert (found["status"], found["note"]) == ("ok", True)


def test_a_server_without_the_backend_is_told_from_settings_without_it():
    seen = healthy()
    seen.browser["authorize"] = step("u", 404, text="")
    assert by_id(seen)["browser.authorize"]["fix"] == "Restart the LMS (tutor dev restart lms)."
    seen.silent["lms"] = "It could not be asked."
    seen.lms.clear()
    assert by_id(seen)["browser.authorize"]["fix"] == SETTINGS_ROLE
