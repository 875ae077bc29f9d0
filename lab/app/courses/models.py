# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs, courses and their runs, as far as synchronizing them with Open edX needs."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from labapp.models import TimestampedModel


class Titled(TimestampedModel):
    title = models.CharField(max_length=255)
    live = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Program(Titled):
    readable_id = models.CharField(max_length=255, unique=True)

    def __str__(self) -> str:
        return f"{self.readable_id} | {self.title}"


class Course(Titled):
    program = models.ForeignKey(Program, on_delete=models.CASCADE, null=True, blank=True, related_name="courses")
    position_in_program = models.PositiveSmallIntegerField(null=True, blank=True)
    readable_id = models.CharField(max_length=255, unique=True)
    is_external = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.readable_id} | {self.title}"


class CourseRunQuerySet(models.QuerySet):
    def live(self):
        return self.filter(live=True)

    def unexpired(self):
        return self.filter(Q(expiration_date__isnull=True) | Q(expiration_date__gt=timezone.now()))


class CourseRun(Titled):
    objects = CourseRunQuerySet.as_manager()

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="courseruns")
    courseware_id = models.CharField(max_length=255, unique=True)
    run_tag = models.CharField(max_length=100)
    courseware_url_path = models.CharField(max_length=500, null=True, blank=True)
    start_date = models.DateTimeField(null=True, blank=True, db_index=True)
    end_date = models.DateTimeField(null=True, blank=True, db_index=True)
    enrollment_start = models.DateTimeField(null=True, blank=True, db_index=True)
    enrollment_end = models.DateTimeField(null=True, blank=True, db_index=True)
    expiration_date = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        unique_together = ["course", "run_tag"]

    def __str__(self) -> str:
        return f"{self.courseware_id} | {self.title}"
