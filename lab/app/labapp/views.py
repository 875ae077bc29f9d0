# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages and answers that both modes give alike."""

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from rest_framework.response import Response
from rest_framework.views import APIView

from courses.models import CourseRun


def home(request):
    return render(request, "home.html", {"settings": settings})


def catalog(request):
    return render(
        request, "catalog.html", {"runs": CourseRun.objects.live().order_by("courseware_id"), "settings": settings}
    )


def private_complete(request):
    """Where the dance ends: the code is read from the URL by the side that followed the redirect."""
    return HttpResponse()


def health(request, probe: str):
    """`full` asks for a background worker, of which there is none, as on a laptop that runs only the web server."""
    connection.ensure_connection()
    return HttpResponse(status=500 if probe == "full" else 200)


def robots(request):
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


class AppContext(APIView):
    permission_classes = []

    def get(self, request):
        return Response(
            {
                "public_path": settings.STATIC_URL,
                "gtm_tracking_id": "",
                "ga_tracking_id": "",
                "environment": settings.ENVIRONMENT,
                "release_version": "lab",
                "features": {},
            }
        )
