# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of MITxPro."""

from django.urls import path
from oauth2_provider.urls import base_urlpatterns

from authentication import views
from labapp.urls import provider
from labapp.urls import urlpatterns as common
from labapp.views import AppContext

urlpatterns = [
    *common,
    provider(base_urlpatterns),
    path("signin/", views.SignIn.as_view(), name="login"),
    path("create-account/", views.CreateAccount.as_view(), name="signup"),
    path("api/login/email/", views.LoginEmail.as_view(), name="psa-login-email"),
    path("api/login/password/", views.LoginPassword.as_view(), name="psa-login-password"),
    path("api/app_context", AppContext.as_view(), name="api-app_context"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path(
        ".well-known/openid-configuration", views.OpenIdConfiguration.as_view(), name="well-known-openid-configuration"
    ),
]
