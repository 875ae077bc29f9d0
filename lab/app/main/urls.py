# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of MITx Online."""

from django.urls import path, re_path
from oauth2_provider.urls import base_urlpatterns, oidc_urlpatterns

from labapp.urls import provider
from labapp.urls import urlpatterns as common
from labapp.views import home, private_complete
from main import views
from users.views import CurrentUser, UserInfo

urlpatterns = [
    *common,
    provider([*base_urlpatterns, *oidc_urlpatterns]),
    path("login/", views.GatewayLogin.as_view(), name="gateway-login"),
    re_path(r"^logout/?$", views.Logout.as_view(), name="logout"),
    path("create-profile/", home, name="profile-details"),
    path("logout/complete", views.LogoutComplete.as_view(), name="logout-complete"),
    path("_/auth/complete", private_complete, name="openedx-private-oauth-complete-no-apisix"),
    path("api/v0/users/me", CurrentUser.as_view(), name="users_api-me-v0"),
    path("api/v0/userinfo/", UserInfo.as_view(), name="userinfo_api"),
    path(
        ".well-known/openid-configuration", views.OpenIdConfiguration.as_view(), name="well-known-openid-configuration"
    ),
]
