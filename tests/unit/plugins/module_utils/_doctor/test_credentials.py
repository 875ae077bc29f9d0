# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/credentials.py say: one change to a healthy chain per cause."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import credentials
from chain import APP, INVALID_GRANT, cases, hops_of, named, reached

DOCUMENT = f"{APP}/.well-known/openid-configuration"


def discovered(**facts):
    """The facts of a chain with a discovery document."""
    return {
        "declared/discovery_url": DOCUMENT,
        "lms/provider/other_settings/DISCOVERY_URL": DOCUMENT,
        "lms/discovery": {"url": DOCUMENT, "status": 200, "urls": {}, **facts},
    }


# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "app.client",
        "failed",
        "http://it/oauth2/access_token answered 429",
        "Wait a few minutes",
        {"app/client": {"url": "http://it/oauth2/access_token", "status": 429, "text": "Too Many Requests"}},
    ),
    (
        "lms.secret",
        "failed",
        "http://it/token answered 500",
        "Look at the app's log (docker compose logs web).",
        {"lms/secret": {**INVALID_GRANT, "status": 500, "answer": None, "hashed": False, "source": "x"}},
    ),
    (
        "app.proxy",
        "failed",
        "The app asks local.openedx.io through the proxy squid:3128, and gets nowhere: it answers 503.",
        "Add local.openedx.io to NO_PROXY (and no_proxy) in the environment of the app, then recreate",
        {"app/proxy": {"proxy": "//squid:3128", "host": "local.openedx.io", "error": "it answers 503"}},
    ),
    (
        "app.proxy",
        "ok",
        "The app asks through the proxy squid:3128",
        "",
        {"app/proxy": {"proxy": "//squid:3128", "host": "local.openedx.io"}},
    ),
    (
        "lms.proxy",
        "failed",
        "The LMS asks xpro.odl.local through the proxy squid:3128",
        "recreate the LMS's container (tutor dev start -d)",
        {"lms/proxy": {"proxy": "//squid:3128", "host": "xpro.odl.local", "error": "connection refused"}},
    ),
    (
        "lms.secret",
        "failed",
        "http://it/token leads to https",
        "SECURE_SSL_REDIRECT",
        {
            "lms/secret": {
                "url": "http://it/token",
                "status": 301,
                "location": "https://it/token",
                "hashed": False,
                "source": "x",
            }
        },
    ),
    (
        "lms.user_info",
        "failed",
        "leads to https",
        "SECURE_SSL_REDIRECT",
        {"lms/user_info": {"url": "http://it/me", "status": 301, "text": "", "location": "https://it/me"}},
    ),
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
        "lms.discovery",
        "failed",
        "from inside the LMS: xpro.odl.local: the name does not resolve.",
        'extra_hosts: ["xpro.odl.local:host-gateway"]',
        discovered(status=0, kind="name", error="the name does not resolve"),
    ),
    (
        "lms.discovery",
        "failed",
        "xpro.odl.local:8053 (xpro.odl.local): connection refused",
        "0.0.0.0",
        discovered(status=0, kind="refused", error="connection refused"),
    ),
    (
        "lms.discovery",
        "failed",
        "its certificate is not trusted",
        "mit_app_ca_path",
        discovered(status=0, kind="tls", error="its certificate is not trusted (self-signed certificate)"),
    ),
    (
        "lms.discovery",
        "failed",
        f"The LMS finds no discovery document at {DOCUMENT}: it answered 404.",
        "Correct mit_app_discovery_url",
        discovered(status=404),
    ),
    (
        "lms.discovery",
        "failed",
        f"What answers the LMS at {DOCUMENT} names no token_endpoint and no userinfo_endpoint.",
        "Without it the paths of the profile count.",
        discovered(urls={"authorization": f"{APP}/a", "token": None}),
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
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(credentials) == {cause[0] for cause in CAUSES}


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        ({"seconds": 0.0}, "http://app/token"),
        ({"url": DOCUMENT, "status": 200, "urls": {"token": "http://found/token"}}, "http://found/token"),
        ({"url": DOCUMENT, "status": 0, "error": "refused", "urls": {"token": None}}, None),
        ({"broken": "KeyError: 'x'", "seconds": 0.1}, None),
    ],
)
def test_where_the_lms_looks_for_an_endpoint(facts, url):
    """What a probe found has its seconds too; a document that cannot be read leaves no address to try."""
    row = {"other_settings": {"ACCESS_TOKEN_URL": "http://app/token"}}
    look = SimpleNamespace(found={"provider": row, "discovery": facts}, declared={"user_info_path": "/me"})
    assert credentials.url_of_app(look, "token") == url
