# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proof of identity that a trusted provider stands for."""

from django.conf import settings
from django.db import models


class SSOVerification(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=True, on_delete=models.CASCADE)
    status = models.CharField(max_length=100, default="created")
    name = models.CharField(max_length=255, blank=True)
    identity_provider_type = models.CharField(max_length=100)
    identity_provider_slug = models.SlugField(max_length=30, db_index=True, default="default")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.identity_provider_slug} ({self.status})"
