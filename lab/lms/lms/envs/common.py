# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of every way to run the LMS. Names and defaults are edx-platform's; LAB_* decides where the data lies."""

import os
import tempfile
from pathlib import Path

import dj_database_url
from django.conf import global_settings
from edx_django_utils.plugins import add_plugins, get_plugin_apps
from openedx.core.djangoapps.plugins.constants import ProjectType, SettingsType
from openedx.core.lib.features_setting_proxy import FeaturesProxy

STATE = Path(os.environ.get("LAB_STATE") or f"{tempfile.gettempdir()}/lab-lms")
STATE.mkdir(parents=True, exist_ok=True)
SERVICE_VARIANT = os.environ.get("SERVICE_VARIANT", "lms")
ENV_TOKENS: dict = {}

# -- toggles: flat names, and FEATURES as a view of them -------------------------------------------------------------
FEATURES = FeaturesProxy(globals())
ALLOW_PUBLIC_ACCOUNT_CREATION = True
AUTOMATIC_AUTH_FOR_TESTING = False
ENABLE_COURSEWARE_MICROFRONTEND = True
ENABLE_DISCUSSION_SERVICE = True
ENABLE_THIRD_PARTY_AUTH = True
SKIP_EMAIL_VALIDATION = False

# -- addresses -------------------------------------------------------------------------------------------------------
LMS_BASE = f"{os.environ.get('LAB_LMS_HOST', 'localhost')}:{os.environ.get('LAB_LMS_PORT', '8000')}"
LMS_ROOT_URL = LMS_INTERNAL_ROOT_URL = f"http://{LMS_BASE}"
CMS_BASE = "studio.localhost:8001"
CMS_ROOT_URL = f"http://{CMS_BASE}"
PLATFORM_NAME = "Open edX (lab)"
CONTACT_EMAIL = "contact@example.org"
ALLOWED_HOSTS = ["*"]
# What the plugin mfe of Tutor sets. The flag learner_home_mfe.enabled, which its init turns on, leads to the first.
LEARNER_HOME_MICROFRONTEND_URL = "http://apps.local.openedx.io:1996/learner-dashboard/"
AUTHN_MICROFRONTEND_URL = "http://apps.local.openedx.io:1999/authn"
ENABLE_AUTHN_MICROFRONTEND = False
# Tutor's choice. On a fresh database Django gives this id to example.com, and no Site is made for the LMS itself.
SITE_ID = 2

# -- data: from LAB_*, or where the settings of Tutor say when those do not ------------------------------------------
OWN_DATA = "LAB_DATABASE_URL" in os.environ or "LMS_CFG" not in os.environ
DATABASES = {
    "default": {
        **dj_database_url.parse(os.environ.get("LAB_DATABASE_URL") or f"sqlite:///{STATE / 'lms.sqlite3'}"),
        "ATOMIC_REQUESTS": True,
    }
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # The server and a management command may write at the same time: wait for each other. And a lab's data need not
    # survive a power cut, so no write waits for the disk.
    # A transaction takes the write lock at once: two that read first and write later would refuse each other. A test
    # that looks at the server during an open transaction wants it otherwise.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "init_command": "PRAGMA synchronous = OFF",
        "transaction_mode": os.environ.get("LAB_SQLITE_TRANSACTION") or "IMMEDIATE",
    }
if os.environ.get("LAB_CACHE_URL"):
    LAB_CACHE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["LAB_CACHE_URL"]}
else:
    LAB_CACHE = {
        "BACKEND": "standin.cache.QuietFileCache",
        "LOCATION": str(STATE / "lms-cache"),
        "OPTIONS": {"MAX_ENTRIES": 10000},
    }
CACHES = {"default": {**LAB_CACHE, "KEY_PREFIX": "default"}}
DATABASE_ROUTERS = ["openedx.core.lib.django_courseware_routers.StudentModuleHistoryExtendedRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# The migrations of edx-organizations were made without this index.
SIMPLE_HISTORY_DATE_INDEX = False

# -- Django ----------------------------------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = "lab-only-not-a-secret"
ROOT_URLCONF = "lms.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATIC_ROOT = STATE / "staticfiles"
MEDIA_ROOT = STATE / "media"
LOG_DIR = STATE / "logs"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/dashboard"
LOGIN_REDIRECT_WHITELIST: list[str] = []
PASSWORD_HASHERS = ["standin.hashers.Cheap", *global_settings.PASSWORD_HASHERS[1:]]
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_NAME = "sessionid"
# Host-only, so that `localhost` works in browsers and in requests; Tutor's settings put LMS_HOST here.
SESSION_COOKIE_DOMAIN = None
CSRF_COOKIE_NAME = "csrftoken"
X_FRAME_OPTIONS = "DENY"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

INSTALLED_APPS = [
    "standin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django_countries",
    "django_sites_extensions",
    "waffle",
    "rest_framework",
    "simple_history",
    "config_models",
    "oauth2_provider",
    "organizations",
    "social_django",
    "common.djangoapps.student",
    "common.djangoapps.third_party_auth",
    "lms.djangoapps.coursewarehistoryextended",
    "lms.djangoapps.support",
    "lms.djangoapps.verify_student",
    "openedx.core.djangoapps.content.course_overviews",
    "openedx.core.djangoapps.oauth_dispatch",
    "openedx.core.djangoapps.site_configuration",
    "openedx.core.djangoapps.user_authn",
]
MIDDLEWARE = [
    "crum.CurrentRequestUserMiddleware",
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "edx_django_utils.cache.middleware.TieredCacheMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.sites.middleware.CurrentSiteMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "openedx.core.djangoapps.site_configuration.middleware.SessionCookieDomainOverrideMiddleware",
    "common.djangoapps.third_party_auth.middleware.ExceptionMiddleware",
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
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"standard": {"format": "%(asctime)s %(levelname)s %(process)d [%(name)s] %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "standard"},
        "local": {"class": "logging.NullHandler"},
        "tracking": {"class": "logging.NullHandler"},
    },
    "loggers": {"tracking": {"handlers": ["tracking"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

# -- people and their login ------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
IDA_LOGOUT_URI_LIST: list[str] = []
REGISTRATION_EXTRA_FIELDS = {
    "confirm_email": "hidden",
    "level_of_education": "optional",
    "gender": "optional",
    "year_of_birth": "optional",
    "mailing_address": "optional",
    "goals": "optional",
    "honor_code": "required",
    "terms_of_service": "hidden",
    "city": "hidden",
    "country": "hidden",
}
REGISTRATION_RATELIMIT = "60/7d"
REGISTRATION_EMAIL_PATTERNS_ALLOWED: list[str] | None = None
ENABLE_REQUIRE_THIRD_PARTY_AUTH = False
# Of the token endpoint.
RATELIMIT_RATE = "120/m"

SOCIAL_AUTH_STRATEGY = "common.djangoapps.third_party_auth.strategy.ConfigurationModelStrategy"
SOCIAL_AUTH_LOGIN_REDIRECT_URL = "/dashboard"
SOCIAL_AUTH_LOGIN_ERROR_URL = "/"
SOCIAL_AUTH_INACTIVE_USER_LOGIN = True
SOCIAL_AUTH_INACTIVE_USER_URL = "/auth/inactive"
SOCIAL_AUTH_RAISE_EXCEPTIONS = False
SOCIAL_AUTH_SANITIZE_REDIRECTS = False
SOCIAL_AUTH_PROTECTED_USER_FIELDS = ["email"]
SOCIAL_AUTH_FIELDS_STORED_IN_SESSION = ["auth_entry", "next"]
SOCIAL_AUTH_PIPELINE = [
    "common.djangoapps.third_party_auth.pipeline.parse_query_params",
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "social_core.pipeline.social_auth.social_user",
    "common.djangoapps.third_party_auth.pipeline.associate_by_email_if_oauth",
    "common.djangoapps.third_party_auth.pipeline.get_username",
    "common.djangoapps.third_party_auth.pipeline.ensure_user_information",
    "social_core.pipeline.social_auth.associate_user",
    "social_core.pipeline.social_auth.load_extra_data",
    "social_core.pipeline.user.user_details",
    "common.djangoapps.third_party_auth.pipeline.user_details_force_sync",
    "common.djangoapps.third_party_auth.pipeline.set_id_verification_status",
    "common.djangoapps.third_party_auth.pipeline.set_logged_in_cookies",
    "common.djangoapps.third_party_auth.pipeline.ensure_redirect_url_is_safe",
]

# -- the LMS as an OAuth provider ------------------------------------------------------------------------------------
OAUTH_ENFORCE_SECURE = False
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_DEFAULT_SCOPES = {"read": "Read access", "write": "Write access", "email": "Email", "profile": "User profile"}
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "openedx.core.djangoapps.oauth_dispatch.dot_overrides.EdxOAuth2Validator",
    "SCOPES_BACKEND_CLASS": "openedx.core.djangoapps.oauth_dispatch.scopes.ApplicationModelScopes",
    "SCOPES": {
        **OAUTH2_DEFAULT_SCOPES,
        "user_id": "User id",
        "grades:read": "Grades",
        "certificates:read": "Certificates",
        "tpa:read": "Third-party links",
    },
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 24 * 60 * 60,
    "REQUEST_APPROVAL_PROMPT": "auto_even_if_expired",
    "ERROR_RESPONSE_WITH_SCOPES": True,
}
JWT_AUTH = {"JWT_LOGIN_CLIENT_ID": "login-service-client-id", "JWT_IN_COOKIE_EXPIRATION": 60 * 60}

# -- names that Tutor's settings read or change; nothing in the lab uses them ----------------------------------------
MODULESTORE = {"default": {"OPTIONS": {"stores": [{"NAME": "split", "OPTIONS": {}}]}}}
PROFILE_IMAGE_BACKEND: dict = {"options": {}}
SYSTEM_WIDE_ROLE_CLASSES = ["enterprise.SystemWideEnterpriseUserRoleAssignment"]
VIDEO_IMAGE_SETTINGS: dict = {"STORAGE_KWARGS": {}}
VIDEO_TRANSCRIPTS_SETTINGS: dict = {"STORAGE_KWARGS": {}}

# -- installed plugins (ol-social-auth, openedx-companion-auth) ------------------------------------------------------
INSTALLED_APPS.extend(get_plugin_apps(ProjectType.LMS))
add_plugins(__name__, ProjectType.LMS, SettingsType.COMMON)
