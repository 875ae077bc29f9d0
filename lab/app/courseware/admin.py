# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and tokens at Open edX in the admin site."""

from django.contrib import admin

from courseware.models import CoursewareUser, OpenEdxApiAuth


@admin.register(CoursewareUser)
class CoursewareUserAdmin(admin.ModelAdmin):
    list_display = ["user", "platform", "has_been_synced", "created_on"]


@admin.register(OpenEdxApiAuth)
class OpenEdxApiAuthAdmin(admin.ModelAdmin):
    list_display = ["user", "access_token_expires_on", "updated_on"]
