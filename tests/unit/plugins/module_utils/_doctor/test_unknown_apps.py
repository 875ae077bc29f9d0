# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges say of apps that are no copies of MITxPro: other answers are right, and less is asked for."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import FAILED
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import OUTSIDE, Side
from chain import APP, LMS, by_id, healthy, put, step

NO_SETTINGS = ("OPENEDX_API_BASE_URL", "OPENEDX_API_CLIENT_ID", "OPENEDX_OAUTH_APP_NAME", "OPENEDX_OAUTH_PROVIDER")
NOTHING = dict.fromkeys((*NO_SETTINGS, "OPENEDX_SERVICE_WORKER_USERNAME", "OPENEDX_SOCIAL_LOGIN_PATH", "SITE_BASE_URL"))


@pytest.mark.parametrize("status", [401, 403])
def test_a_user_info_that_wants_a_token_is_right(status):
    seen = healthy()
    for place in ("browser/app_answer", "lms/user_info"):
        put(seen, f"{place}/status", status)
        put(seen, f"{place}/keys", ["detail"])
    found = by_id(seen)
    for name in ("browser.app", "lms.user_info"):
        assert (found[name]["status"], "wants a token" in found[name]["fact"]) == ("ok", True)


def test_nothing_of_the_api_is_asked_of_an_app_that_only_logs_people_in():
    seen = healthy(api=False, api_module="", sync_command=[], repair_command=[])
    seen.token_digest = None
    put(seen, "app/settings/values", NOTHING)
    put(seen, "app/lms", {})
    put(seen, "app/self", {})
    put(seen, "lms/worker", {})
    put(seen, "machine/env", {"there": True, "differs": ["OPENEDX_OAUTH_PROVIDER"], "has": False})
    found = by_id(seen)
    assert [name for name, entry in found.items() if entry["status"] == FAILED] == []
    assert {found[name]["status"] for name in ("app.env", "app.settings", "app.reaches_lms", "lms.token")} == {
        "skipped"
    }


def test_an_old_environment_is_named_of_an_app_that_only_logs_people_in_too():
    seen = healthy(api=False, api_module="")
    put(seen, "machine/env", {"there": True, "differs": ["OPENEDX_OAUTH_PROVIDER"], "has": True})
    assert by_id(seen)["app.env"]["status"] == FAILED


def test_into_an_app_of_the_target_none_nobody_looks():
    seen = healthy(api=False, api_module="")
    seen.app_side, seen.app, seen.machine = Side("the app", {"type": "none"}), {}, {}
    seen.unwanted = dict.fromkeys(("login", "commands"), OUTSIDE)
    put(seen, "lms/secret", {"url": "u", "status": 401, "answer": "invalid_client", "hashed": False, "source": "it"})
    found = by_id(seen)
    assert {name for name, entry in found.items() if entry["status"] == FAILED} == {"lms.secret"}
    assert found["app.application"]["fact"] == OUTSIDE
    assert "OPENEDX_SSO_CLIENT_SECRET" in found["lms.secret"]["fix"]


def test_the_addresses_of_a_discovery_document_count():
    seen = healthy(discovery_url=f"{APP}/.well-known/openid-configuration")
    urls = {"authorization": f"{APP}/sso/authorize", "token": f"{APP}/sso/token", "user_info": f"{APP}/sso/me"}
    put(seen, "lms/provider/other_settings/DISCOVERY_URL", seen.declared["discovery_url"])
    put(seen, "lms/discovery", {"url": seen.declared["discovery_url"], "status": 200, "urls": urls})
    put(seen, "browser/authorize/location", f"{APP}/sso/authorize")
    put(seen, "browser/app_answer/keys", ["authorization_endpoint"])
    found = by_id(seen)
    assert {found[name]["status"] for name in ("lms.discovery", "browser.authorize", "browser.app")} == {"ok"}
    put(seen, "browser/app_answer/status", 404)
    assert "mit_app_discovery_url" in by_id(seen)["browser.app"]["fact"]


def test_what_the_row_says_besides_is_held_against_what_is_declared():
    seen = healthy(provider_settings={"SCOPE": ["read"]})
    assert "SCOPE is None, not ['read']" in by_id(seen)["lms.provider_settings"]["fact"]


@pytest.mark.parametrize(
    ("error", "fix"),
    [("invalid_scope", "mit_app_scopes"), ("invalid_request: Code challenge required.", "PKCE_REQUIRED")],
)
def test_an_app_that_lets_nobody_in_says_why(error, fix):
    seen = healthy(authorization_url=f"{APP}/o/authorize/", api_module="")
    refused = step(f"{APP}/o/authorize/", 302, f"{LMS}/auth/complete/ol-oauth2/", refused=error)
    put(seen, "browser/authorize/location", f"{APP}/o/authorize/")
    put(seen, "lms/provider/other_settings/AUTHORIZATION_URL", f"{APP}/o/authorize/")
    put(seen, "browser/login", {"requests": [refused, step(f"{LMS}/login", 200)], "username": None})
    found = by_id(seen)["login.browser"]
    assert (found["status"], error in found["fact"], fix in found["fix"]) == (FAILED, True, True), found
