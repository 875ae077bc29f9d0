# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The app as a client of Open edX: its service account, and the login that it performs for a person."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from edx_api.client import EdxApi
from oauth2_provider.models import AccessToken, Application
from oauthlib.common import generate_token

from authentication.api import create_user_session

REGISTRATION_PATH = "/user_api/v1/account/registration/"
ACCOUNTS_PATH = "/api/user/v1/accounts"
ME_PATH = "/api/user/v1/me"
AUTHORIZE_PATH = "/oauth2/authorize"
ACCESS_TOKEN_PATH = "/oauth2/access_token"
EXPIRY_MARGIN = timedelta(seconds=10)


class OpenEdXOAuth2Error(Exception):
    """Open edX did not hand out what the app needs to act for a person."""


def edx_url(path: str) -> str:
    return urljoin(settings.OPENEDX_API_BASE_URL, path)


def summary(response: requests.Response) -> str:
    """What an error answer says, without pages of HTML."""
    html = "text/html" in response.headers.get("Content-Type", "")
    content = f"url: {response.url}, content: (HTML body ignored)" if html else f"content: {response.text}"
    return f"Response - code: {response.status_code}, {content}"


def service_token() -> str:
    if settings.OPENEDX_SERVICE_WORKER_API_TOKEN is None:
        raise ImproperlyConfigured("OPENEDX_SERVICE_WORKER_API_TOKEN is not set")
    return settings.OPENEDX_SERVICE_WORKER_API_TOKEN


def service_client() -> EdxApi:
    credentials = {"access_token": service_token()}
    return EdxApi(credentials, settings.OPENEDX_API_BASE_URL, timeout=settings.EDX_API_CLIENT_TIMEOUT)


def token_for_open_edx(user) -> str:
    """By this token Open edX asks who the person is that the app wants registered."""
    application = Application.objects.get(name=settings.OPENEDX_OAUTH_APP_NAME)
    expires = timezone.now() + timedelta(hours=settings.OPENEDX_TOKEN_EXPIRES_HOURS)
    return AccessToken.objects.create(user=user, application=application, token=generate_token(), expires=expires).token


def register(**person) -> requests.Response:
    """Ask Open edX for an account; 200 is the only good answer."""
    headers = (
        {"X-Access-Token": settings.REGISTRATION_ACCESS_TOKEN} if settings.REGISTRATION_ACCESS_TOKEN is not None else {}
    )
    form = {**person, "provider": settings.OPENEDX_OAUTH_PROVIDER, "honor_code": True}
    return requests.post(edx_url(REGISTRATION_PATH), data=form, headers=headers)


def authorization_code(user, redirect_uri: str) -> list[str]:
    """Log the person in to Open edX through this app, then let Open edX authorize this app: as a browser would."""
    with requests.Session() as browser:
        # A host name without a dot never gets this cookie back: that is how cookie jars are.
        cookie = requests.cookies.create_cookie(
            name=settings.SESSION_COOKIE_NAME,
            domain=urlsplit(settings.SITE_BASE_URL).hostname,
            path=settings.SESSION_COOKIE_PATH,
            value=create_user_session(user).session_key,
        )
        browser.cookies.set_cookie(cookie)
        browser.get(edx_url(settings.OPENEDX_SOCIAL_LOGIN_PATH)).raise_for_status()
        question = {
            "client_id": settings.OPENEDX_API_CLIENT_ID,
            "scope": "read write",
            "redirect_uri": redirect_uri,
            "response_type": "code",
        }
        response = browser.get(edx_url(AUTHORIZE_PATH), params=question)
        response.raise_for_status()
    if not response.url.startswith(redirect_uri):
        raise OpenEdXOAuth2Error(f"Redirected to '{response.url}', expected: '{redirect_uri}'")
    code = parse_qs(urlsplit(response.url).query).get("code")
    if not code:
        raise OpenEdXOAuth2Error("Did not receive access_token from Open edX")
    return code


def redeem(code: list[str], redirect_uri: str) -> requests.Response:
    form = {
        "code": code,
        "grant_type": "authorization_code",
        "client_id": settings.OPENEDX_API_CLIENT_ID,
        "client_secret": settings.OPENEDX_API_CLIENT_SECRET,
        "redirect_uri": redirect_uri,
    }
    return requests.post(edx_url(ACCESS_TOKEN_PATH), data=form)


def store(model, user, answer: dict):
    """The tokens as the person's row. The dance before it holds no transaction open: SQLite has one writer."""
    expires = timezone.now() + timedelta(seconds=answer["expires_in"]) - EXPIRY_MARGIN
    tokens = {
        "refresh_token": answer["refresh_token"],
        "access_token": answer["access_token"],
        "access_token_expires_on": expires,
    }
    auth, _created = model.objects.update_or_create(user=user, defaults=tokens)
    return auth
