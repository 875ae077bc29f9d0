# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/browser.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import browser
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import SETTINGS_ROLE
from chain import LMS, by_id, cases, healthy, hops_of, named, step

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
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
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(browser) == {cause[0] for cause in CAUSES}


def test_a_server_without_the_backend_is_told_from_settings_without_it():
    seen = healthy()
    seen.browser["authorize"] = step("u", 404, text="")
    assert by_id(seen)["browser.authorize"]["fix"] == "Restart the LMS (tutor dev restart lms)."
    # Where the LMS itself could not be asked.
    del seen.lms["backend"]
    assert by_id(seen)["browser.authorize"]["fix"] == SETTINGS_ROLE
