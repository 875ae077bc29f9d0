# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both modes share. Each mode's own settings module adds what differs; only the environment is read."""

from pathlib import Path

import dj_database_url
from django.conf import global_settings

from labapp import logs
from labapp.envs import get_bool, get_int, get_string

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = get_string("SECRET_KEY", required=True)
DEBUG = get_bool("DEBUG", default=False)
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": dj_database_url.parse(get_string("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}", required=True))
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # The server and a management command write at the same time: wait for each other, as PostgreSQL would. Each
    # transaction takes the write lock at once: one that reads first and writes later is refused beside another writer.
    DATABASES["default"]["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Mail is never sent here; the real apps do not start without these.
MAILGUN_SENDER_DOMAIN = get_string("MAILGUN_SENDER_DOMAIN", required=True)
MAILGUN_KEY = get_string("MAILGUN_KEY", required=True)
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

OPENEDX_OAUTH_APP_NAME = get_string("OPENEDX_OAUTH_APP_NAME", "edx-oauth-app", required=True)
OPENEDX_API_CLIENT_ID = get_string("OPENEDX_API_CLIENT_ID", required=True)
OPENEDX_API_CLIENT_SECRET = get_string("OPENEDX_API_CLIENT_SECRET", required=True)
OPENEDX_TOKEN_EXPIRES_HOURS = get_int("OPENEDX_TOKEN_EXPIRES_HOURS", 1000)
OPENEDX_SERVICE_WORKER_API_TOKEN = get_string("OPENEDX_SERVICE_WORKER_API_TOKEN")
OPENEDX_SERVICE_WORKER_USERNAME = get_string("OPENEDX_SERVICE_WORKER_USERNAME")
EDX_API_CLIENT_TIMEOUT = get_int("EDX_API_CLIENT_TIMEOUT", 60)
LOGOUT_REDIRECT_URL = get_string("LOGOUT_REDIRECT_URL", "/")
LOGIN_REDIRECT_URL = "/"

AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = ["labapp.hashers.Cheap", *global_settings.PASSWORD_HASHERS[1:]]
AUTHENTICATION_BACKENDS = ["oauth2_provider.backends.OAuth2Backend", "django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"

INSTALLED_APPS = [
    "labapp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "rest_framework",
    "users",
    "authentication",
    "courses",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "oauth2_provider.middleware.OAuth2TokenMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "durable": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "durable_cache"},
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "PKCE_REQUIRED": False,
    "SCOPES": {"read": "Read scope", "write": "Write scope", "user:read": "Can read user and profile data"},
    "DEFAULT_SCOPES": ["user:read"],
    "ERROR_RESPONSE_WITH_SCOPES": DEBUG,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
    "REFRESH_TOKEN_EXPIRE_SECONDS": get_int("REFRESH_TOKEN_EXPIRE_SECONDS", 60 * 60 * 24 * 30),
}

STATIC_URL = "/static/"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = logs.configuration(debug=DEBUG, level=get_string("DJANGO_LOG_LEVEL", "INFO"))
