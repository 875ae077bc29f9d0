# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/lms.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import lms
from chain import APP, cases, hops_of, named


def of_site(**values):
    return {"id": 7, "site": "local.openedx.io:8000", "values": values}


HTTPS = "https://local.openedx.io:8000"
BY_HTTPS = {
    "declared/lms_base_url": HTTPS,
    "app/settings/values/OPENEDX_API_BASE_URL": HTTPS,
    "lms/addresses/root": HTTPS,
}
# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
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
    (
        "lms.host",
        "failed",
        "people come to it by https, as when a proxy in front of it ends TLS",
        "ENABLE_HTTPS=true), and have the proxy send X-Forwarded-Proto: https.",
        {**BY_HTTPS, "lms/addresses/root": "http://local.openedx.io:8000"},
    ),
    (
        "lms.host",
        "failed",
        "people come to it by http:",
        "ENABLE_HTTPS=false).",
        {"lms/addresses/root": "https://local.openedx.io:8000"},
    ),
    (
        "lms.host",
        "failed",
        "SECURE_PROXY_SSL_HEADER is not set",
        'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")',
        BY_HTTPS,
    ),
    (
        "lms.host",
        "warning",
        "in its port (8000, not 80)",
        "LMS_ROOT_URL to http://local.openedx.io:8000",
        {"lms/addresses/root": "http://local.openedx.io"},
    ),
    ("lms.cookies", "failed", "begins with http:", "SESSION_COOKIE_SECURE = False", {"lms/addresses/secure": True}),
    (
        "lms.host",
        "failed",
        "come back from a login by https",
        "SOCIAL_AUTH_REDIRECT_IS_HTTPS = False",
        {"lms/addresses/redirect_is_https": True},
    ),
    ("lms.cookies", "failed", "path /courses only", 'SESSION_COOKIE_PATH = "/"', {"lms/addresses/path": "/courses"}),
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
    (
        "lms.third_party_auth",
        "failed",
        "every login through another system is a 404",
        "lms-env-features",
        {"lms/third_party_auth": {"flat": None, "features": False}},
    ),
    (
        "lms.third_party_auth",
        "failed",
        "is off in the LMS's settings",
        "edx_private_settings",
        {"lms/third_party_auth": {"flat": True, "features": False}, "browser/authorize/status": 404},
    ),
    (
        "lms.site_configuration",
        "failed",
        "of local.openedx.io:8000 wins over the settings: ALLOW_PUBLIC_ACCOUNT_CREATION is false: the LMS makes no",
        "http://local.openedx.io:8000/admin/site_configuration/siteconfiguration/7/change/",
        {"lms/site_configuration": of_site(ALLOW_PUBLIC_ACCOUNT_CREATION=False)},
    ),
    (
        "lms.site_configuration",
        "failed",
        "ENABLE_THIRD_PARTY_AUTH is false: the LMS takes nobody's word",
        "Take ENABLE_THIRD_PARTY_AUTH out",
        {"lms/site_configuration": of_site(ENABLE_THIRD_PARTY_AUTH=False)},
    ),
    (
        "lms.site_configuration",
        "failed",
        "the app does not send city",
        "REGISTRATION_EXTRA_FIELDS",
        {"lms/site_configuration": of_site(REGISTRATION_EXTRA_FIELDS={"city": "required", "country": "required"})},
    ),
    (
        "lms.site_configuration",
        "failed",
        'SESSION_COOKIE_DOMAIN is "other.org": browsers drop the session cookie at local.openedx.io; LMS_ROOT_URL is',
        "Take SESSION_COOKIE_DOMAIN, LMS_ROOT_URL out",
        {"lms/site_configuration": of_site(SESSION_COOKIE_DOMAIN="other.org", LMS_ROOT_URL="http://other.org")},
    ),
    (
        "lms.site_configuration",
        "ok",
        "No site configuration is in the way",
        "",
        {
            "lms/site_configuration": of_site(
                ALLOW_PUBLIC_ACCOUNT_CREATION=True,
                SESSION_COOKIE_DOMAIN=".openedx.io",
                LMS_ROOT_URL="http://local.openedx.io:8000",
                REGISTRATION_EXTRA_FIELDS={"honor_code": "required", "city": "optional"},
            )
        },
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
        "lms.application",
        "failed",
        "every token that the LMS makes for it has expired at birth",
        "/admin/oauth_dispatch/restrictedapplication/",
        {"lms/application/restricted": True},
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
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(lms) == {cause[0] for cause in CAUSES}
