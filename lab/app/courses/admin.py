# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Courseware in the admin site."""

from django.contrib import admin

from courses.models import Course, CourseRun, Program


@admin.register(Program)
class ProgramAdmin(admin.ModelAdmin):
    list_display = ["readable_id", "title", "live"]


@admin.register(Course)
class CourseAdmin(admin.ModelAdmin):
    list_display = ["readable_id", "title", "program", "live", "is_external"]


@admin.register(CourseRun)
class CourseRunAdmin(admin.ModelAdmin):
    list_display = ["courseware_id", "title", "start_date", "end_date", "live", "updated_on"]
    search_fields = ["courseware_id", "title"]
