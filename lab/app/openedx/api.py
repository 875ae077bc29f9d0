# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online's people at Open edX: an account, and tokens to act for them."""

from __future__ import annotations

import logging
import random
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.urls import reverse
from django.utils.text import slugify

from labapp import edx
from openedx.models import OPENEDX_USERNAME_MAX_LEN, PLATFORM_EDX, OpenEdxApiAuth, OpenEdxUser

log = logging.getLogger(__name__)

ATTEMPTS = 4
EDUCATION = {
    "Doctorate": "p",
    "Master's or professional degree": "m",
    "Bachelor's degree": "b",
    "Associate degree": "a",
    "Secondary/high school": "hs",
    "Junior secondary/junior high/middle school": "jhs",
    "Elementary/primary school": "el",
    "No formal education": "none",
    "Other education": "other",
}


def create_user(user, edx_username: str | None = None) -> None:
    create_edx_user(user, edx_username)
    create_edx_auth_token(user)


def create_edx_user(user, edx_username: str | None = None) -> bool:
    """Whether an account was made. A refusal that the person's data explain is noted in the row, not raised."""
    token = edx.token_for_open_edx(user)
    account = named_account(user, edx_username)
    if account.has_been_synced and is_known(user):
        return False
    names, response = [account.edx_username], None
    for _attempt in range(ATTEMPTS):
        # Open edX asks back at once, with the token, for the name: the row must already say what the request says.
        account.edx_username = names.pop(0)
        account.save()
        response = edx.register(**form_of(user, account.edx_username), access_token=token)
        if response.status_code == requests.codes.ok:
            account.has_been_synced = True
            account.save()
            return True
        answer = json_of(response)
        if answer.get("error_code") != "duplicate-username":
            break
        names = (
            names
            or free_names(user, answer.get("username_suggestions", []))
            or [numbered(account.desired_edx_username)]
        )
    if response.status_code in (requests.codes.bad_request, requests.codes.conflict):
        account.has_sync_error, account.sync_error_data = True, answer
        account.save()
        return False
    response.raise_for_status()
    return False


def is_known(user) -> bool:
    """Whether Open edX still has the account, asked with the person's own token."""
    try:
        headers = {"Authorization": f"Bearer {create_edx_auth_token(user).access_token}"}
        return requests.get(edx.edx_url(edx.ME_PATH), headers=headers).ok
    except Exception:
        return False


def named_account(user, wanted: str | None) -> OpenEdxUser:
    """The person's row, with a name that Open edX allows."""
    account, _created = OpenEdxUser.objects.get_or_create(user=user, platform=PLATFORM_EDX)
    if not account.edx_username:
        name = next((name for name in (wanted, user.username) if name and "@" not in name), None)
        name = (name or slugify(user.name) or slugify(user.email.split("@")[0]))[:OPENEDX_USERNAME_MAX_LEN]
        account.edx_username = name if free_names(user, [name]) else numbered(name)
        account.desired_edx_username = account.edx_username
        account.save()
    return account


def form_of(user, edx_username: str) -> dict:
    """What the registration asks for; requests leaves out what is None."""
    address, profile = user.legal_address, user.user_profile
    return {
        "username": edx_username,
        "email": user.email,
        "name": user.name,
        "country": address.country,
        "state": address.us_state,
        "gender": profile.gender,
        "year_of_birth": profile.year_of_birth,
        "level_of_education": EDUCATION.get(profile.highest_education, profile.highest_education or None),
    }


def json_of(response: requests.Response) -> dict:
    try:
        return response.json()
    except ValueError:
        return {}


def free_names(user, names: list[str]) -> list[str]:
    taken = OpenEdxUser.objects.filter(edx_username__in=names).exclude(user=user).values_list("edx_username", flat=True)
    return [name for name in names if name not in set(taken)]


def numbered(name: str) -> str:
    number = f"_{random.randrange(10_000, 100_000)}"
    return name[: OPENEDX_USERNAME_MAX_LEN - len(number)] + number


def create_edx_auth_token(user) -> OpenEdxApiAuth | None:
    """Tokens for a person who has an account at Open edX; without one there is nothing to do."""
    if not user.openedx_users.filter(edx_username__isnull=False, has_been_synced=True).exists():
        return None
    auth = OpenEdxApiAuth.objects.filter(user=user).first()
    if auth and auth.refresh_token and auth.access_token:
        return auth
    redirect_uri = urljoin(settings.SITE_BASE_URL, reverse("openedx-private-oauth-complete-no-apisix"))
    response = edx.redeem(edx.authorization_code(user, redirect_uri), redirect_uri)
    response.raise_for_status()
    return edx.store(OpenEdxApiAuth, user, response.json())


def repair_faulty_edx_user(user) -> tuple[bool, bool]:
    """Make what is missing. The second answer is True whenever tokens were tried for, as in the real app."""
    created_user = create_edx_user(user)
    created_auth_token = not hasattr(user, "openedx_api_auth")
    if created_auth_token:
        create_edx_auth_token(user)
    return created_user, created_auth_token
