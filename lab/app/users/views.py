# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who somebody is, as Open edX asks it with the token that it was given."""

from __future__ import annotations

from django.conf import settings
from django.forms import model_to_dict
from oauth2_provider.contrib.rest_framework import IsAuthenticatedOrTokenHasScope
from rest_framework import status
from rest_framework.generics import RetrieveAPIView
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from users.models import User

PROFILE = [
    "gender",
    "company",
    "company_size",
    "industry",
    "job_title",
    "job_function",
    "years_experience",
    "leadership_level",
]


def of_mitxpro(user) -> dict:
    who = {
        "id": user.pk,
        "username": user.username,
        "email": getattr(user, "email", None),
        "legal_address": None,
        "profile": None,
    }
    if user.is_authenticated:
        address = user.legal_address
        fields = ["first_name", "last_name", "city", "state_or_territory", "country", "postal_code", "vat_id"]
        who |= {"name": user.name, "created_on": user.created_on, "updated_on": user.updated_on}
        who["legal_address"] = {**model_to_dict(address, fields), "street_address": address.street_address}
        who["profile"] = model_to_dict(user.profile, ["birth_year", *PROFILE, "highest_education"])
    return who | {"is_anonymous": user.is_anonymous, "is_authenticated": user.is_authenticated, "unused_coupons": []}


def of_mitxonline(user) -> dict:
    flags = ["is_anonymous", "is_authenticated", "is_active", "is_staff", "is_superuser"]
    nothing = ["username", "email", "legal_address", "user_profile", "global_id"]
    who = {"id": user.pk, **dict.fromkeys(nothing)}
    who |= {flag: getattr(user, flag) for flag in flags}
    who |= {"grants": user.get_all_permissions(), "b2b_organizations": [], "compliance_missing_fields": []}
    if user.is_authenticated:
        who |= {name: getattr(user, name) for name in ("name", "email", "global_id", "created_on", "updated_on")}
        who |= {"username": user.edx_username, "is_editor": user.is_superuser or user.is_staff}
        who["legal_address"] = model_to_dict(user.legal_address, ["first_name", "last_name", "country", "state"])
        who["user_profile"] = model_to_dict(user.user_profile, ["year_of_birth", *PROFILE, "highest_education"])
    return who


describe = of_mitxonline if settings.LAB_APP_MODE == "mitxonline" else of_mitxpro


class CurrentUser(APIView):
    """Anybody may ask; a bad or missing token makes an anonymous person, not a refusal."""

    permission_classes = []

    def get(self, request):
        return Response(describe(request.user))


class UserInfo(CurrentUser):
    """The endpoint of the discovery document, which insists on a name that Open edX can use."""

    def get(self, request):
        if request.user.is_authenticated and request.user.edx_username:
            return super().get(request)
        return Response({"error": "User has no edx_username."}, status=status.HTTP_409_CONFLICT)


class PublicUserSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "name", "created_on", "updated_on"]


class OneUser(RetrieveAPIView):
    """A person's own public data, by number. `/api/users/me/`, with a slash, ends here: 403."""

    serializer_class = PublicUserSerializer
    permission_classes = [IsAuthenticatedOrTokenHasScope]
    required_scopes = ["user"]

    def get_queryset(self):
        return User.objects.filter(pk=self.request.user.pk)
