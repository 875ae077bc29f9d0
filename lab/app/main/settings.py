# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online: the settings that are its own, with the defaults of its years beside the Open edX devstack."""

from labapp.envs import get_bool, get_string
from labapp.settings import *
from labapp.settings import AUTHENTICATION_BACKENDS, INSTALLED_APPS, MIDDLEWARE, OAUTH2_PROVIDER

LAB_APP_MODE = "mitxonline"
ENVIRONMENT = get_string("MITX_ONLINE_ENVIRONMENT", "dev", required=True)
SITE_NAME = get_string("SITE_NAME", "MITx Online")
SITE_BASE_URL = get_string("MITX_ONLINE_BASE_URL", required=True)
# The compose file of the real app sets it; here that value is the default.
ADMIN_EMAIL = get_string("MITX_ONLINE_ADMIN_EMAIL", "admin@localhost", required=True)
MITXONLINE_DOCKER_BASE_URL = get_string("MITXONLINE_DOCKER_BASE_URL")
MITXONLINE_NEW_USER_LOGIN_URL = get_string(
    "MITXONLINE_NEW_USER_LOGIN_URL", "http://mitxonline.odl.local:8013/create-profile"
)

OPENEDX_OAUTH_PROVIDER = get_string("OPENEDX_OAUTH_PROVIDER", "mitxpro-oauth2")
OPENEDX_SOCIAL_LOGIN_PATH = get_string("OPENEDX_SOCIAL_LOGIN_PATH", "/auth/login/mitxpro-oauth2/?auth_entry=login")
OPENEDX_API_BASE_URL = get_string("OPENEDX_API_BASE_URL", "http://edx.odl.local:18000", required=True)
OPENEDX_STUDIO_API_BASE_URL = get_string(
    "OPENEDX_STUDIO_API_BASE_URL", "http://studio.edx.odl.local:18001", required=True
)
OPENEDX_COURSE_BASE_URL = get_string("OPENEDX_COURSE_BASE_URL", "http://edx.odl.local:18000/learn/course/")
OPENEDX_BASE_REDIRECT_URL = get_string("OPENEDX_BASE_REDIRECT_URL", OPENEDX_API_BASE_URL)
REGISTRATION_ACCESS_TOKEN = get_string("MITX_ONLINE_REGISTRATION_ACCESS_TOKEN")

LOGIN_URL = "gateway-login"
MITOL_APIGATEWAY_DISABLE_MIDDLEWARE = get_bool("MITOL_APIGATEWAY_DISABLE_MIDDLEWARE", default=True)
AUTHENTICATION_BACKENDS = ["main.gateway.ApisixRemoteUserBackend", *AUTHENTICATION_BACKENDS]
ROOT_URLCONF = "main.urls"
SESSION_COOKIE_NAME = get_string("SESSION_COOKIE_NAME", "mitxonline_sessionid")
SESSION_COOKIE_DOMAIN = get_string("SESSION_COOKIE_DOMAIN")
CSRF_COOKIE_NAME = "csrf_mitxonline"
INSTALLED_APPS = [*INSTALLED_APPS, "openedx", "main"]
# Last: a token makes somebody out of an anonymous request, after the session had its say.
MIDDLEWARE.insert(
    MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1, "main.gateway.ApisixUserMiddleware"
)
BEARER = "oauth2_provider.middleware.OAuth2TokenMiddleware"
MIDDLEWARE = [*(name for name in MIDDLEWARE if name != BEARER), BEARER]
MIGRATION_MODULES = {"users": "users.migrations.mitxonline"}
OAUTH2_PROVIDER["OIDC_ENABLED"] = True
OAUTH2_PROVIDER["SCOPES"]["openid"] = "OpenID Connect scope"
