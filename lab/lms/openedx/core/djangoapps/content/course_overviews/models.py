# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the LMS knows of a course without opening it. In the lab this row is all there is of a course."""

from django.core.validators import RegexValidator
from django.db import models

COURSE_KEY = RegexValidator(r"^course-v1:[^/+\s]+\+[^/+\s]+\+[^/+\s]+$", "Not like course-v1:org+number+run.")


class CourseOverview(models.Model):
    id = models.CharField(max_length=255, primary_key=True, db_index=True, validators=[COURSE_KEY])
    org = models.TextField(max_length=255, default="outdated_entry")
    display_name = models.TextField(null=True, blank=True)
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    enrollment_start = models.DateTimeField(null=True, blank=True)
    enrollment_end = models.DateTimeField(null=True, blank=True)
    short_description = models.TextField(null=True, blank=True)
    self_paced = models.BooleanField(default=False)
    visible_to_staff_only = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.id

    @property
    def number(self) -> str:
        return self.id.partition(":")[2].split("+")[1]
