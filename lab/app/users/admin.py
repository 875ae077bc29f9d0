# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People in the admin site, with what hangs on them."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from users.models import LegalAddress, Profile, User


class LegalAddressInline(admin.StackedInline):
    model = LegalAddress
    classes = ["collapse"]


class ProfileInline(admin.StackedInline):
    model = Profile
    classes = ["collapse"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    fieldsets = [
        (None, {"fields": ["username", "password", "last_login", "created_on"]}),
        ("Personal Info", {"fields": ["name", "email"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "email", "name", "password1", "password2"]})]
    list_display = ["username", "email", "name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["username", "name", "email"]
    ordering = ["email"]
    readonly_fields = ["last_login", "created_on"]

    def get_inlines(self, request, obj):
        """Those of a new person are made by its manager, not by the form."""
        return [LegalAddressInline, ProfileInline] if obj else []

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            obj.complete()
