# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro: who has an account at Open edX, and the tokens to act for them there."""

from django.conf import settings
from django.db import models

from labapp.models import TimestampedModel

PLATFORM_EDX = "edx"


class CoursewareUser(TimestampedModel):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="courseware_users")
    platform = models.CharField(max_length=20, choices=[(PLATFORM_EDX, PLATFORM_EDX)], default=PLATFORM_EDX)
    has_been_synced = models.BooleanField(default=True)

    class Meta:
        unique_together = ["user", "platform"]

    def __str__(self) -> str:
        return f"CoursewareUser for {self.user} in {self.platform}"


class OpenEdxApiAuth(TimestampedModel):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openedx_api_auth")
    refresh_token = models.CharField(max_length=128)
    access_token = models.CharField(null=True, max_length=128)
    access_token_expires_on = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"OpenEdxApiAuth for {self.user}"
