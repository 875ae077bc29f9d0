# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online: who is who at Open edX, and the tokens to act for them there."""

from django.conf import settings
from django.db import models

from labapp.models import TimestampedModel

PLATFORM_EDX = "edx"
OPENEDX_USERNAME_MAX_LEN = 30


class OpenEdxUser(TimestampedModel):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openedx_users")
    platform = models.CharField(max_length=20, choices=[(PLATFORM_EDX, PLATFORM_EDX)], default=PLATFORM_EDX)
    edx_username = models.CharField(null=True, unique=True, max_length=OPENEDX_USERNAME_MAX_LEN)
    desired_edx_username = models.CharField(null=True, max_length=OPENEDX_USERNAME_MAX_LEN)
    has_been_synced = models.BooleanField(default=False)
    has_sync_error = models.BooleanField(default=False)
    sync_error_data = models.JSONField(null=True, default=None)

    class Meta:
        unique_together = ["user", "platform"]

    def __str__(self) -> str:
        return f"OpenEdxUser for {self.user} in {self.platform}"


class OpenEdxApiAuth(TimestampedModel):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openedx_api_auth")
    refresh_token = models.CharField(max_length=128)
    access_token = models.CharField(null=True, max_length=128)
    access_token_expires_on = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"OpenEdxApiAuth for {self.user}"
