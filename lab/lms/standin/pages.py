# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few pages of the lab, so that a person can see who is logged in and how."""

from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.third_party_auth.models import OAuth2ProviderConfig
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django_ratelimit.exceptions import Ratelimited
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from social_django.models import UserSocialAuth
from waffle import flag_is_active


def index(request):
    return render(
        request, "standin/index.html", {"courses": CourseOverview.objects.filter(visible_to_staff_only=False)}
    )


@login_required
def dashboard(request):
    if flag_is_active(request, "learner_home_mfe.enabled"):
        return redirect(settings.LEARNER_HOME_MICROFRONTEND_URL)
    backend = request.session.get("social_auth_last_login_backend")
    context = {
        "backend": backend,
        "provider": OAuth2ProviderConfig.current(backend).name if backend else "",
        "links": UserSocialAuth.objects.filter(user=request.user),
        "enrollments": CourseEnrollment.objects.select_related("course").filter(user=request.user, is_active=True),
    }
    return render(request, "standin/dashboard.html", context)


def heartbeat(request):
    connection.ensure_connection()
    return JsonResponse({"sql": {"status": True, "message": "OK"}})


def forbidden(request, exception=None):
    """A limit that was passed has a status of its own; so has one that cannot be counted, as without a cache."""
    if isinstance(exception, Ratelimited):
        return HttpResponse("Too Many Requests", status=429)
    return HttpResponse("<h1>403 Forbidden</h1>", status=403)
