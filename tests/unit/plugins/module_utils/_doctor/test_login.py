# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/login.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import login
from chain import APP, LMS, LOGIN_STEPS, USER, by_id, cases, dance, healthy, hops_of, named, registration, step, walked

MIT_ONLY = {"SOCIAL_AUTH_OL_OAUTH2_WHITELISTED_DOMAINS": ["mit.edu"]}
MFE = "http://apps.local.openedx.io:1999"
# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "login.app",
        "failed",
        "could not ask the app for them, or a step of its login pipeline refused them",
        "lms.user_info",
        {"app/user": registration(400, "tpa-invalid-access-token")},
    ),
    (
        "login.app",
        "failed",
        "lets only some e-mail addresses of the app log in: SOCIAL_AUTH_OL_OAUTH2_WHITELISTED_DOMAINS (mit.edu).",
        "Or take SOCIAL_AUTH_OL_OAUTH2_WHITELISTED_DOMAINS out of the LMS's settings. Restart the LMS (tutor",
        {"app/user": registration(400, "tpa-invalid-access-token"), "lms/whitelists/refusing": MIT_ONLY},
    ),
    (
        "login.browser",
        "failed",
        "lets only some e-mail addresses of the app log in",
        'sso_doctor_email: "{user}@',
        {
            "browser/login": walked(step(f"{LMS}/auth/complete/ol-oauth2/", 302, f"{LMS}/login")),
            "lms/whitelists/refusing": MIT_ONLY,
        },
    ),
    (
        "login.app",
        "failed",
        "registrations per address are limited",
        "REGISTRATION_RATELIMIT",
        {"app/user": registration(403, '{"error_code": "forbidden-request"}')},
    ),
    ("login.app", "failed", "answered 429", "Wait a few minutes", {"app/user": registration(429, "Too Many Requests")}),
    (
        "login.app",
        "failed",
        "it allows no new accounts",
        "lms.site_configuration",
        {"app/user": registration(403, "Account creation not allowed.")},
    ),
    (
        "login.app",
        "failed",
        "ENABLE_REQUIRE_THIRD_PARTY_AUTH",
        "= False",
        {"app/user": registration(403, "Third party authentication is required to register. Username and password")},
    ),
    (
        "login.app",
        "failed",
        "cache keeps nothing",
        "lms.cache",
        {
            "app/user": registration(
                403, "RuntimeError at / Unable to create a new session key. It is likely that the cache is unavailable."
            )
        },
    ),
    (
        "login.app",
        "failed",
        "REGISTRATION_EMAIL_PATTERNS_ALLOWED",
        'sso_doctor_email: "{user}@',
        {"app/user": registration(400, '{"email": [{"user_message": "Unauthorized email address."}]}')},
    ),
    (
        "login.app",
        "failed",
        "ENABLE_THIRD_PARTY_AUTH is off",
        "lms.site_configuration",
        {"app/user": registration(400, '{"password": [{"user_message": "This field is required."}]}')},
    ),
    (
        "login.app",
        "failed",
        "(400): city: A city is required; goals: A description of your goals is required.",
        "REGISTRATION_EXTRA_FIELDS",
        {
            "app/user": registration(
                400,
                '{"city": [{"user_message": "A city is required"}], "goals": [{"user_message": "A description of your '
                'goals is required"}], "error_code": "validation-error"}',
            )
        },
    ),
    (
        "login.app",
        "failed",
        "The app gives the LMS no code: invalid_scope",
        "Take SCOPE out",
        {
            "app/user": dance(
                step(f"{APP}/oauth2/authorize/", 302, f"{LMS}/auth/complete/ol-oauth2/", refused="invalid_scope")
            )
        },
    ),
    (
        "login.browser",
        "failed",
        "The app gives the LMS no code: invalid_request: Code challenge required.",
        "PKCE_REQUIRED",
        {
            "browser/login": walked(
                step(
                    f"{APP}/oauth2/authorize/",
                    302,
                    f"{LMS}/auth/complete/ol-oauth2/",
                    refused="invalid_request: Code challenge required.",
                )
            )
        },
    ),
    (
        "login.browser",
        "failed",
        "no code: access_denied",
        "mit_app_env",
        {
            "browser/login": walked(
                step(f"{APP}/oauth2/authorize/", 302, f"{LMS}/auth/complete/ol-oauth2/", refused="access_denied")
            )
        },
    ),
    ("login.app", "failed", "answered 403", "log", {"app/user": registration(403, "<h1>Forbidden</h1>")}),
    ("login.app", "failed", "answered 409", "log", {"app/user": registration(409, "duplicate-username")}),
    (
        "login.app",
        "failed",
        "refuses to redeem the code",
        "app.client",
        {"app/user": dance(step(f"{LMS}/oauth2/access_token", 401, text="invalid_client"), failure=None)},
    ),
    (
        "login.app",
        "failed",
        "apps.local.openedx.io:1996",
        "The app's login then ends at the LMS itself",
        {
            "app/user": dance(step("http://apps.local.openedx.io:1996/x", 0, error="ConnectionError")),
            "app/settings/values/OPENEDX_SOCIAL_LOGIN_PATH": "/auth/login/ol-oauth2/?auth_entry=login",
        },
    ),
    (
        "login.app",
        "failed",
        "does not know the user who comes",
        "session cookie",
        {"app/user": dance(step(f"{APP}/oauth2/authorize/", 302, f"{APP}/signin"))},
    ),
    (
        "login.app",
        "failed",
        "got the code but not the user",
        "lms.secret",
        {"app/user": dance(step(f"{LMS}/auth/complete/ol-oauth2/", 302, f"{LMS}/login"))},
    ),
    (
        "login.app",
        "failed",
        "After the login the LMS does not know",
        "app.cookie_domain",
        {"app/user": dance(step(f"{LMS}/oauth2/authorize", 302, f"{LMS}/login"))},
    ),
    (
        "login.app",
        "failed",
        "the LMS refused the registration: {'email'",
        "log",
        {"app/user": {**dance(failure=None), "refused": {"email": "no"}}},
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
    ("login.browser", "failed", "takes the user", "backend name of its own", {"browser/login/username": "alice"}),
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
        "failed",
        f"The login leads to {MFE}/authn/login: no name.",
        "add this line to /etc/hosts of this machine: 127.0.0.1 apps.local.openedx.io",
        {"browser/login": walked(step(f"{MFE}/authn/login", 0, error="no name", kind="name"))},
    ),
    (
        "login.browser",
        "failed",
        f"The way ended at {MFE}/authn/register: no name, and nobody is logged in",
        "log",
        {"browser/login": walked(step(f"{MFE}/authn/register", 0, error="no name", kind="name"))},
    ),
    (
        "login.browser",
        "warning",
        "dashboard answered 500",
        "Read the LMS's log (tutor dev logs lms).",
        {"browser/login/requests/3": step(f"{LMS}/dashboard", 500, text="no")},
    ),
    (
        "login.browser",
        "warning",
        "the way ended with",
        "Start the LMS's micro-frontends (tutor dev start -d mfe).",
        {"browser/login/requests/3": step("http://apps.local.openedx.io:1996/", 0, error="refused", kind="refused")},
    ),
    (
        "login.browser",
        "warning",
        "the way ended with",
        "Start the LMS's micro-frontends (tutor dev start -d mfe). Before that, add this line",
        {"browser/login/requests/3": step("http://apps.local.openedx.io:1996/", 0, error="no name", kind="name")},
    ),
    (
        "login.token",
        "failed",
        "had expired at its birth",
        "lms.application",
        {"app/user/used": {"url": "u", "status": 401, "text": "", "username": None, "code": "token_expired"}},
    ),
    (
        "login.token",
        "failed",
        "does not take the token",
        "log",
        {"app/user/used": {"url": "u", "status": 403, "text": "", "username": None, "code": None}},
    ),
    ("login.linked", "failed", "is not linked to ol-oauth2", "Restart the LMS", {"lms/linked/linked": False}),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(login) == {cause[0] for cause in CAUSES}


def test_an_app_without_registration_of_its_own_ends_at_the_form():
    seen = healthy(api_module="")
    seen.app["user"] = {"username": USER, "requests": []}
    seen.browser["login"] = walked(*LOGIN_STEPS[:3], step(f"{LMS}/register", 200))
    found = by_id(seen)
    assert found["login.app"]["status"] == "skipped"
    assert found["login.browser"]["fact"].endswith("asks the new user to register")


@pytest.mark.parametrize(
    ("kind", "fix"), [("name", "add this line to /etc/hosts"), ("refused", "Start the LMS's micro-")]
)
def test_a_form_of_a_micro_frontend_that_is_not_there_is_the_next_thing_to_do(kind, fix):
    seen = healthy(api_module="")
    seen.app["user"] = {"username": USER, "requests": []}
    seen.browser["login"] = walked(step(f"{MFE}/authn/register", 0, error="nobody", kind=kind))
    found = by_id(seen)["login.browser"]
    assert (found["status"], found["fact"]) == (
        "warning",
        f"The LMS accepts the login and asks the new user to register at {MFE}/authn/register: nobody.",
    )
    assert fix in found["fix"]


@pytest.mark.parametrize(
    "page", [step(f"{LMS}/register", 200), step(f"{MFE}/authn/register", 0, error="no", kind="name")]
)
def test_who_was_refused_is_asked_to_register_which_is_no_finding_of_its_own(page):
    seen = healthy()
    seen.app["user"] = registration(403, "Account creation not allowed.")
    seen.browser["login"] = walked(page)
    found = by_id(seen)
    assert [hop for hop, entry in found.items() if entry["status"] in ("failed", "warning")] == ["login.app"]
    assert found["login.browser"]["fact"] == "not judged, because login.app failed"
