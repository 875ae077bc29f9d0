# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Courses, as the apps' course synchronisation reads them."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.lib.api.authentication import API_AUTHENTICATION
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.throttling import UserRateThrottle


class CourseSerializer(ModelSerializer):
    class Meta:
        model = CourseOverview
        fields = ["id", "org", "start", "end", "enrollment_start", "enrollment_end", "short_description"]

    def to_representation(self, course: CourseOverview) -> dict:
        return super().to_representation(course) | {
            "course_id": course.id,
            "name": course.display_name,
            "number": course.number,
            "pacing": "self" if course.self_paced else "instructor",
            "start_type": "timestamp" if course.start else "empty",
            "start_display": course.start and f"{course.start:%b %-d, %Y}",
            "blocks_url": self.context["request"].build_absolute_uri("/api/courses/v2/blocks/"),
            "hidden": False,
            "invitation_only": False,
            "mobile_available": False,
            "media": {},
        }


class Pagination(PageNumberPagination):
    page_size = 10
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_paginated_response(self, data):
        pages = {
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "count": self.page.paginator.count,
            "num_pages": self.page.paginator.num_pages,
        }
        return Response({"results": data, "pagination": pages})


class Throttle(UserRateThrottle):
    """20 requests a minute, 40 for staff."""

    rate = "20/minute"

    def allow_request(self, request, view) -> bool:
        if request.user.is_staff:
            self.num_requests = 40
        return super().allow_request(request, view)


class CourseView:
    authentication_classes = API_AUTHENTICATION
    serializer_class = CourseSerializer

    def effective_user(self):
        """Whose view of the courses is asked for: one's own, another's (staff only), or a visitor's."""
        username, user = self.request.GET.get("username"), self.request.user
        if not username:
            return AnonymousUser()
        if username == user.username:
            return user
        if not user.is_staff:
            raise PermissionDenied()
        try:
            return get_user_model().objects.get(username=username)
        except get_user_model().DoesNotExist:
            raise NotFound() from None

    def get_queryset(self):
        courses = CourseOverview.objects.all()
        return courses if self.effective_user().is_staff else courses.filter(visible_to_staff_only=False)


class CourseListView(CourseView, ListAPIView):
    pagination_class = Pagination
    throttle_classes = [Throttle]

    def get_queryset(self):
        keys = [key for value in self.request.GET.getlist("course_keys") for key in value.split(",") if key]
        courses = super().get_queryset()
        if self.request.GET.get("org"):
            courses = courses.filter(org=self.request.GET["org"])
        return courses.filter(id__in=keys) if keys else courses


class CourseDetailView(CourseView, RetrieveAPIView):
    lookup_field = "id"
    lookup_url_kwarg = "course_key"
