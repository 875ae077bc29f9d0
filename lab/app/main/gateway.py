# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the gateway names is logged in; everybody else keeps a session of Django's own, and loses the gateway's."""

from __future__ import annotations

import base64
import json
import logging

from django.conf import settings
from django.contrib.auth.backends import RemoteUserBackend
from django.contrib.auth.middleware import RemoteUserMiddleware
from django.db import transaction

from users.models import User

log = logging.getLogger(__name__)
HEADER = "HTTP_X_USERINFO"


def person_of(request) -> dict[str, str]:
    return json.loads(base64.b64decode(request.META[HEADER]))


class ApisixUserMiddleware(RemoteUserMiddleware):
    def __call__(self, request):
        return self.get_response(request) if settings.MITOL_APIGATEWAY_DISABLE_MIDDLEWARE else super().__call__(request)

    def process_request(self, request):
        if request.META.get(HEADER):
            request.META[self.header] = person_of(request)["sub"]
        super().process_request(request)


class ApisixRemoteUserBackend(RemoteUserBackend):
    """By the id that the identity provider has for somebody; a new person gets an account."""

    def authenticate(self, request, remote_user):
        if not remote_user:
            return None
        if getattr(request.user, "global_id", None) == remote_user:
            return request.user
        try:
            with transaction.atomic():
                return self.find(person_of(request), remote_user)
        except Exception:
            log.exception("Unable to authenticate api gateway user")
            return None

    def find(self, person: dict[str, str], global_id: str) -> User:
        user = User.objects.filter(global_id=global_id).first()
        if user is None:
            user = User.objects.create_user(person["preferred_username"], person["email"], global_id=global_id)
        user.username, user.email = person["preferred_username"], person["email"]
        user.name = user.name or person["name"]
        user.save()
        return user
