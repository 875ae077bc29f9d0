# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enrollments, as the apps make and read them. A person may enroll themselves; staff anybody."""

from common.djangoapps.student.models import CourseEnrollment
from django.contrib.auth import get_user_model
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.lib.api.authentication import API_AUTHENTICATION

# Courses of the lab have no other modes, as courses of a fresh LMS have not.
MODES = ["audit", "honor"]


def details(course: CourseOverview) -> dict:
    return {
        "course_id": course.id,
        "course_name": course.display_name,
        "course_start": course.start,
        "course_end": course.end,
        "enrollment_start": course.enrollment_start,
        "enrollment_end": course.enrollment_end,
        "invite_only": False,
        "course_modes": [{"slug": "audit", "name": "Audit", "min_price": 0, "currency": "usd"}],
    }


def shown(enrollment: CourseEnrollment) -> dict:
    return {
        "created": enrollment.created,
        "mode": enrollment.mode,
        "is_active": enrollment.is_active,
        "user": enrollment.user.username,
        "course_details": details(enrollment.course),
    }


def problem(status: int, message: str) -> Response:
    return Response({"message": message}, status=status)


class EnrollmentView(APIView):
    authentication_classes = API_AUTHENTICATION
    permission_classes = [IsAuthenticated]

    def find_user(self, username: str | None):
        """The person asked for, or None where the caller may not ask."""
        if not username or username == self.request.user.username:
            return self.request.user
        return get_user_model().objects.filter(username=username).first() if self.request.user.is_staff else None

    def get(self, request, username: str = "", course_key: str = ""):
        user = self.find_user(username or request.GET.get("user"))
        if user is None:
            return Response(status=404)
        found = CourseEnrollment.objects.select_related("user", "course").filter(user=user)
        if course_key:
            one = found.filter(course_id=course_key).first()
            return Response(shown(one) if one else None)
        return Response([shown(enrollment) for enrollment in found.filter(is_active=True)])

    def post(self, request):
        course_key = (request.data.get("course_details") or {}).get("course_id")
        if not course_key:
            return problem(400, "Course ID must be specified to create a new enrollment.")
        user = self.find_user(request.data.get("user"))
        if user is None:
            return Response(status=404)
        course = CourseOverview.objects.filter(pk=course_key).first()
        if course is None:
            return problem(400, f"No course '{course_key}' found for enrollment")
        enrollment = CourseEnrollment.objects.filter(user=user, course=course).first()
        mode = request.data.get("mode") or (enrollment.mode if enrollment else "audit")
        if mode not in MODES:
            return problem(
                400, f"The [{mode}] course mode is expired or otherwise unavailable for course run [{course_key}]."
            )
        active = request.data.get("is_active")
        enrollment, _created = CourseEnrollment.objects.update_or_create(
            user=user, course=course, defaults={"mode": mode, "is_active": True if active is None else bool(active)}
        )
        return Response(shown(enrollment))


class Pagination(CursorPagination):
    page_size = 100
    ordering = "created"


class EnrollmentListView(APIView):
    """Everybody's enrollments, for staff."""

    authentication_classes = API_AUTHENTICATION
    permission_classes = [IsAdminUser]

    def get(self, request):
        found = CourseEnrollment.objects.select_related("user", "course")
        if request.GET.get("course_id"):
            found = found.filter(course_id=request.GET["course_id"])
        if request.GET.get("username"):
            found = found.filter(user__username__in=request.GET["username"].split(","))
        pages = Pagination()
        page = pages.paginate_queryset(found, request)
        return pages.get_paginated_response(
            [shown(enrollment) | {"course_id": enrollment.course_id} for enrollment in page]
        )
