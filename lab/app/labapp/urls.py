# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that both modes have."""

from django.contrib import admin
from django.urls import path, re_path
from django.urls.conf import include

from labapp import views
from users.views import CurrentUser, OneUser

urlpatterns = [
    path("", views.home, name="home"),
    path("catalog/", views.catalog, name="catalog"),
    path("dashboard/", views.home, name="user-dashboard"),
    path("admin/", admin.site.urls),
    path("robots.txt", views.robots),
    re_path(r"^health/(?P<probe>startup|liveness|readiness|full)/?$", views.health),
    path("api/users/me", CurrentUser.as_view(), name="users_api-me"),
    path("api/users/<str:pk>/", OneUser.as_view(), name="users_api-detail"),
    path("login/_private/complete", views.private_complete, name="openedx-private-oauth-complete"),
]


def provider(urls):
    """The toolkit's own views; applications are made only in the admin site."""
    return path("oauth2/", include((urls, "oauth2_provider"), namespace="oauth2_provider"))
