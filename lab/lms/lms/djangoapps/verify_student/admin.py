# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib import admin

from .models import SSOVerification


@admin.register(SSOVerification)
class SSOVerificationAdmin(admin.ModelAdmin):
    list_display = ("user", "identity_provider_slug", "status", "created_at")
    raw_id_fields = ("user",)
