# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online's way in and out, made for a gateway in front of it that does the real work."""

from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.generic.base import RedirectView
from rest_framework.response import Response
from rest_framework.views import APIView


class GatewayLogin(View):
    """No form: behind the gateway everybody who gets here is logged in; without it, a browser goes round in circles."""

    def get(self, request):
        wanted = request.GET.get("next") or request.COOKIES.get("next")
        url = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/dashboard"
        user = request.user
        if (
            user.is_authenticated
            and not user.user_profile.completed_onboarding
            and request.GET.get("skip_onboarding", "0") == "0"
        ):
            url = f"{settings.MITXONLINE_NEW_USER_LOGIN_URL}?{urlencode({'next': url})}"
            user.user_profile.completed_onboarding = True
            user.user_profile.save()
        return redirect(url)


class Logout(RedirectView):
    """First out of Open edX, which calls back with `no_redirect=1`; then out of the gateway at `/logout/oidc`."""

    def get_redirect_url(self):
        if self.request.GET.get("no_redirect", "").startswith("1"):
            return (
                urljoin(settings.SITE_BASE_URL, "/logout/oidc")
                if self.request.user.is_authenticated
                else settings.SITE_BASE_URL
            )
        return f"{settings.LOGOUT_REDIRECT_URL}?{urlencode({'redirect_url': settings.SITE_BASE_URL})}"


class LogoutComplete(APIView):
    permission_classes = []

    def get(self, request):
        return Response({"message": "Logout complete"})


class OpenIdConfiguration(APIView):
    """Where Open edX may look for the addresses; those that its server calls can have a host name of their own."""

    permission_classes = []

    def get(self, request):
        base, inner = settings.SITE_BASE_URL, settings.MITXONLINE_DOCKER_BASE_URL or settings.SITE_BASE_URL
        return Response(
            {
                "issuer": base,
                "authorization_endpoint": urljoin(base, reverse("oauth2_provider:authorize")),
                "token_endpoint": urljoin(inner, reverse("oauth2_provider:token")),
                "userinfo_endpoint": urljoin(inner, reverse("userinfo_api")),
            }
        )
