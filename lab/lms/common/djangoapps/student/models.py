# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People beyond Django's own user: a profile for each, and who takes which course."""

from django.conf import settings
from django.db import models
from django_countries.fields import CountryField

USERNAME_MIN_LENGTH, USERNAME_MAX_LENGTH = 2, 30


class UserProfile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, unique=True, related_name="profile", on_delete=models.CASCADE)
    name = models.CharField(blank=True, max_length=255, db_index=True)
    country = CountryField(blank=True, null=True)
    year_of_birth = models.IntegerField(blank=True, null=True)
    level_of_education = models.CharField(blank=True, null=True, max_length=6)

    class Meta:
        db_table = "auth_userprofile"

    def __str__(self) -> str:
        return self.name


class CourseEnrollment(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course = models.ForeignKey("course_overviews.CourseOverview", db_constraint=False, on_delete=models.DO_NOTHING)
    mode = models.CharField(default="audit", max_length=100)
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        unique_together = [("user", "course")]

    def __str__(self) -> str:
        return f"{self.user}: {self.course_id} ({self.mode})"
