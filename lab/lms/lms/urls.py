# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every address of the lab LMS."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from openedx.core.djangoapps.enrollments.views import EnrollmentListView, EnrollmentView
from openedx.core.djangoapps.user_api.views import AccountsView, MeView
from openedx.core.djangoapps.user_authn.views.login import login_refresh, login_view
from openedx.core.djangoapps.user_authn.views.logout import logout_view
from openedx.core.djangoapps.user_authn.views.register import RegistrationView, register_page
from standin import pages

from lms.djangoapps.course_api.views import CourseDetailView, CourseListView

COURSE = r"(?P<course_key>course-v1:[^/]+)"

urlpatterns = [
    path("", pages.index),
    path("dashboard", pages.dashboard, name="dashboard"),
    path("heartbeat", pages.heartbeat),
    # The admin's own form is never shown.
    path("admin/login/", RedirectView.as_view(url="/login?next=/admin")),
    path("admin/", admin.site.urls),
    path("login", login_view, name="signin_user"),
    path("login_refresh", login_refresh),
    path("logout", logout_view, name="logout"),
    path("register", register_page, name="register_user"),
    path("oauth2/", include("openedx.core.djangoapps.oauth_dispatch.urls")),
    path("api/user/v1/me", MeView.as_view()),
    path("api/user/v1/accounts", AccountsView.as_view()),
    path("api/user/v1/accounts/<str:username>", AccountsView.as_view()),
    re_path(
        r"^(?:user_api/v1|api/user/v[12])/account/registration/$",
        RegistrationView.as_view(),
        name="user_api_registration",
    ),
    path("api/courses/v1/courses/", CourseListView.as_view()),
    re_path(rf"^api/courses/v1/courses/{COURSE}/?$", CourseDetailView.as_view()),
    path("api/enrollment/v1/enrollment", EnrollmentView.as_view()),
    re_path(rf"^api/enrollment/v1/enrollment/(?P<username>[\w.@+-]+),{COURSE}$", EnrollmentView.as_view()),
    re_path(r"^api/enrollment/v1/enrollments/?$", EnrollmentListView.as_view()),
]

handler403 = pages.forbidden

# Decided when the server starts: without it, every address of a login through a provider is a 404.
if settings.FEATURES.get("ENABLE_THIRD_PARTY_AUTH"):
    urlpatterns += [
        path("auth/inactive", RedirectView.as_view(url="/dashboard")),
        path("auth/", include("social_django.urls", namespace="social")),
    ]
