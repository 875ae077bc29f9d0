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


IMAGES = ("full", "large", "medium", "small")
# In the order of the real answer; what the lab has nothing of is null there too.
FULL = (
    "account_privacy",
    "profile_image",
    "username",
    "bio",
    "course_certificates",
    "country",
    "date_joined",
    "language_proficiencies",
    "level_of_education",
    "social_links",
    "time_zone",
    "name",
    "email",
    "id",
    "verified_name",
    "extended_profile",
    "gender",
    "state",
    "goals",
    "is_active",
    "last_login",
    "mailing_address",
    "requires_parental_consent",
    "secondary_email",
    "secondary_email_enabled",
    "year_of_birth",
    "phone_number",
    "activation_key",
    "pending_name_change",
)


def account(user, full: bool, root: str) -> dict:
    profile = getattr(user, "profile", None)
    image = {"has_image": False}
    image |= {f"image_url_{size}": f"{root}static/images/profiles/default_{size}.png" for size in IMAGES}
    shared = {"account_privacy": "private", "profile_image": image, "username": user.username}
    if not full:
        return shared
    known = shared | {
        "country": str(profile.country or "") or None if profile else None,
        "date_joined": user.date_joined,
        "name": profile.name if profile else "",
        "email": user.email,
        "id": user.id,
        "is_active": user.is_active,
        "last_login": user.last_login,
    }
    return {name: known.get(name) for name in FULL}


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
        root, viewer = request.build_absolute_uri("/"), request.user
        accounts = [account(user, viewer.is_staff or user == viewer, root) for user in found]
        if not accounts:
            return Response(status=404)
        return Response(accounts[0] if username else accounts)
