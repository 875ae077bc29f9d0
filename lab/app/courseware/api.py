# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro's people at Open edX: an account, and tokens to act for them."""

from __future__ import annotations

import logging
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from courseware.exceptions import CoursewareUserCreateError
from courseware.models import PLATFORM_EDX, CoursewareUser, OpenEdxApiAuth
from labapp import edx

log = logging.getLogger(__name__)


def create_user(user) -> None:
    create_edx_user(user)
    create_edx_auth_token(user)


def create_edx_user(user) -> None:
    """An account at Open edX, once per person, and then the note of it: no account, no note.

    The real app writes the note first and rolls it back. In SQLite that transaction would lock the whole database, and
    Open edX may wait for this app meanwhile, with the login of somebody else.
    """
    token = edx.token_for_open_edx(user)
    if CoursewareUser.objects.filter(user=user, platform=PLATFORM_EDX).exists():
        return
    person = {"username": user.username, "email": user.email, "name": user.name, "country": "US"}
    response = edx.register(**person, access_token=token)
    if response.status_code != requests.codes.ok and not adopt(user):
        raise CoursewareUserCreateError(f"Error creating Open edX user. {edx.summary(response)}")
    CoursewareUser.objects.get_or_create(user=user, platform=PLATFORM_EDX)


def adopt(user) -> bool:
    """Take the account that Open edX already has for this e-mail. Its name wins: the app's person is renamed."""
    headers = {"Authorization": f"Bearer {edx.service_token()}"}
    response = requests.get(edx.edx_url(edx.ACCOUNTS_PATH), params={"email": user.email}, headers=headers)
    is_json = response.headers.get("Content-Type") == "application/json"
    accounts = response.json() if response.status_code == requests.codes.ok and is_json else []
    if not accounts:
        return False
    if accounts[0].get("username") != user.username:
        user.username = accounts[0]["username"]
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            return False
    return True


def create_edx_auth_token(user) -> OpenEdxApiAuth | None:
    """Tokens for the person. A refused code is logged and gives None; everything before it raises."""
    auth = OpenEdxApiAuth.objects.filter(user=user).first()
    if auth and auth.refresh_token and auth.access_token:
        return auth
    redirect_uri = urljoin(settings.SITE_BASE_URL, reverse("openedx-private-oauth-complete"))
    response = edx.redeem(edx.authorization_code(user, redirect_uri), redirect_uri)
    if response.status_code != requests.codes.ok:
        log.info("Auth token for user %s failed, creating a new one", user.username)
        OpenEdxApiAuth.objects.filter(user=user).delete()
        return None
    return edx.store(OpenEdxApiAuth, user, response.json())


def repair_faulty_edx_user(user) -> tuple[bool, bool]:
    """Make what is missing, and say whether that was the account and whether the tokens."""
    created_user = created_auth_token = False
    if all(note.platform != PLATFORM_EDX for note in user.courseware_users.all()):
        create_edx_user(user)
        created_user = True
    if not hasattr(user, "openedx_api_auth"):
        created_auth_token = create_edx_auth_token(user) is not None
    return created_user, created_auth_token
