# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who am I, and who is that."""

from django.contrib.auth import get_user_model
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from openedx.core.lib.api.authentication import API_AUTHENTICATION


class CanGetAccountInfo(BasePermission):
    """By user name: everybody. By e-mail: staff only, even for one's own address."""

    def has_permission(self, request, view) -> bool:
        return not request.GET.get("email") or request.user.is_staff


def account(user, full: bool) -> dict:
    profile = getattr(user, "profile", None)
    shared = {"username": user.username, "account_privacy": "private", "profile_image": {"has_image": False}}
    if not full:
        return shared
    return shared | {
        "id": user.id,
        "email": user.email,
        "name": profile.name if profile else "",
        "country": str(profile.country or "") or None if profile else None,
        "is_active": user.is_active,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
    }


class MeView(APIView):
    authentication_classes = API_AUTHENTICATION
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"username": request.user.username})


class AccountsView(APIView):
    authentication_classes = API_AUTHENTICATION
    permission_classes = [IsAuthenticated, CanGetAccountInfo]

    def get(self, request, username: str = ""):
        users = get_user_model().objects.select_related("profile")
        if username:
            found = users.filter(username=username)
        elif request.GET.get("email"):
            found = users.filter(email=request.GET["email"])
        elif request.GET.get("username"):
            found = users.filter(username__in=request.GET["username"].strip(",").split(","))
        else:
            found = users.filter(pk=request.user.pk)
        accounts = [account(user, full=request.user.is_staff or user == request.user) for user in found]
        if not accounts:
            return Response(status=404)
        return Response(accounts[0] if username else accounts)
