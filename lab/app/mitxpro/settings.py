# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro: the settings that are its own."""

from labapp.envs import get_bool, get_int, get_string
from labapp.settings import *
from labapp.settings import INSTALLED_APPS, OAUTH2_PROVIDER, TEMPLATES

LAB_APP_MODE = "mitxpro"
ENVIRONMENT = get_string("MITXPRO_ENVIRONMENT", "dev", required=True)
SITE_NAME = get_string("SITE_NAME", "MIT xPRO")
SITE_BASE_URL = get_string("MITXPRO_BASE_URL", required=True)
# On by default in the real app, whose compose file switches it off.
SECURE_SSL_REDIRECT = get_bool("MITXPRO_SECURE_SSL_REDIRECT", default=False)
# The compose file of the real app sets it; here that value is the default.
ADMIN_EMAIL = get_string("MITXPRO_ADMIN_EMAIL", "admin@localhost", required=True)
EXTERNAL_COURSE_SYNC_API_KEY = get_string("EXTERNAL_COURSE_SYNC_API_KEY", required=True)
VOUCHER_COMPANY_ID = get_int("VOUCHER_COMPANY_ID", 1)

OPENEDX_OAUTH_PROVIDER = get_string("OPENEDX_OAUTH_PROVIDER", "ol-oauth2")
OPENEDX_SOCIAL_LOGIN_PATH = get_string("OPENEDX_SOCIAL_LOGIN_PATH", "/auth/login/ol-oauth2/?auth_entry=login")
OPENEDX_API_BASE_URL = get_string("OPENEDX_API_BASE_URL", "http://local.openedx.io:8000", required=True)
OPENEDX_BASE_REDIRECT_URL = get_string("OPENEDX_BASE_REDIRECT_URL", OPENEDX_API_BASE_URL)
REGISTRATION_ACCESS_TOKEN = get_string("MITXPRO_REGISTRATION_ACCESS_TOKEN")

LOGIN_URL = "/signin"
ROOT_URLCONF = "mitxpro.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "courseware", "mitxpro"]
MIGRATION_MODULES = {"users": "users.migrations.mitxpro"}
TEMPLATES[0]["OPTIONS"]["context_processors"].append("mitxpro.context_processors.feature_flags")
OAUTH2_PROVIDER["SCOPES"]["digitalcredentials"] = "Can read and write Digital Credentials data"
