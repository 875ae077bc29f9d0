# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide takes for granted: a superuser and the two courses. Safe to run again."""

import os
from datetime import timedelta

from common.djangoapps.student.accounts import create_person
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

COURSES = {
    "course-v1:edX+DemoX+Demo_Course": "Demonstration Course",
    "course-v1:edX+E2E-101+course": "E2E Test Course",
}


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        if not get_user_model().objects.filter(username="edx").exists():
            password = os.environ.get("LAB_SUPERUSER_PASSWORD", "edx")
            user = create_person("edx", "edx@example.org", password=password, name="Lab Admin")
            user.is_staff = user.is_superuser = True
            user.save()
        today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        dates = {
            "start": today - timedelta(days=30),
            "enrollment_start": today - timedelta(days=60),
            "end": today + timedelta(days=365),
            "enrollment_end": today + timedelta(days=300),
        }
        for key, name in COURSES.items():
            CourseOverview.objects.get_or_create(pk=key, defaults={"org": "edX", "display_name": name, **dates})
