# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every address with and without a slash: a client may not follow a redirect of a POST."""

from django.conf import settings
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt
from django_ratelimit.decorators import ratelimit
from oauth2_provider import views

app_name = "oauth2_provider"
token = ratelimit(key="ip", rate=settings.RATELIMIT_RATE, block=True)(views.TokenView.as_view())
urlpatterns = [
    re_path(r"^authorize/?$", csrf_exempt(views.AuthorizationView.as_view()), name="authorize"),
    re_path(r"^access_token/?$", token, name="access_token"),
    re_path(r"^token/?$", token, name="token"),
    re_path(r"^revoke_token/?$", views.RevokeTokenView.as_view(), name="revoke-token"),
]
