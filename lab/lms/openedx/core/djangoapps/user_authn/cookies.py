# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser login leaves behind: a cookie there, and here an access token of the login service."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken, get_application_model

LOGGED_IN_COOKIE = "edxloggedin"
SCOPES = "user_id email profile"


def are_logged_in_cookies_set(request) -> bool:
    return LOGGED_IN_COOKIE in request.COOKIES


def create_dot_access_token(user) -> AccessToken:
    """A new pair of rows every time; nothing removes them before they expire."""
    client = get_application_model().objects.get(client_id=settings.JWT_AUTH["JWT_LOGIN_CLIENT_ID"])
    token = AccessToken.objects.create(
        user=user,
        application=client,
        token=secrets.token_urlsafe(22),
        scope=SCOPES,
        expires=timezone.now() + timedelta(seconds=settings.JWT_AUTH["JWT_IN_COOKIE_EXPIRATION"]),
    )
    RefreshToken.objects.create(user=user, application=client, token=secrets.token_urlsafe(22), access_token=token)
    return token


def set_logged_in_cookies(response, user):
    create_dot_access_token(user)
    response.set_cookie(LOGGED_IN_COOKIE, "true", domain=settings.SESSION_COOKIE_DOMAIN, httponly=True, samesite="Lax")
    return response


def delete_logged_in_cookies(response):
    response.delete_cookie(LOGGED_IN_COOKIE, domain=settings.SESSION_COOKIE_DOMAIN)
    return response
