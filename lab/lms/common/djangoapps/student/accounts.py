# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a person comes to be: a user, a profile and a password that is usable but known to nobody."""

import secrets

from django.contrib.auth import get_user_model

from .models import UserProfile


def generate_password(length: int = 25) -> str:
    return secrets.token_urlsafe(length)[:length]


def create_person(username: str, email: str, *, password: str | None = None, active: bool = True, **profile):
    user = get_user_model()(username=username, email=email, is_active=active)
    user.set_password(password or generate_password())
    user.save()
    UserProfile.objects.create(user=user, **profile)
    return user
