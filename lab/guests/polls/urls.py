# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib import admin
from django.http import JsonResponse
from django.urls import include, path
from oauth2_provider.views.generic import ProtectedResourceView


class Me(ProtectedResourceView):
    """Who a token belongs to."""

    def get(self, request):
        user = request.resource_owner
        return JsonResponse(
            {"id": user.pk, "username": user.username, "email": user.email, "name": user.get_full_name()}
        )


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("api/users/me", Me.as_view()),
    path("admin/", admin.site.urls),
]
