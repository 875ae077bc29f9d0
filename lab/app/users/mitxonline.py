# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of MITx Online: active from the start, with an Open edX user name of their own."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils import timezone

from users.base import BaseLegalAddress, BaseProfile, BaseUser, BaseUserManager, UserManager

OPENEDX_USERNAME_MAX_LEN = 30
REPAIR_GRACE_PERIOD = timedelta(minutes=5)


class FaultyOpenEdxUserManager(BaseUserManager):
    """People who have logged in and lack something at Open edX, unless Open edX refused them."""

    def get_queryset(self):
        counted = super().get_queryset().annotate(accounts=Count("openedx_users"), tokens=Count("openedx_api_auth"))
        faulty = Q(accounts=0) | Q(tokens=0) | Q(openedx_users__has_been_synced=False)
        known = counted.filter(faulty, is_active=True, last_login__isnull=False)
        return known.exclude(openedx_users__has_sync_error=True).distinct()

    def past_grace_period(self):
        return self.filter(created_on__lt=timezone.now() - REPAIR_GRACE_PERIOD)


class User(BaseUser):
    username = models.CharField(max_length=500, unique=True)
    email = models.EmailField()
    is_active = models.BooleanField(default=True, help_text="The user account is active")
    global_id = models.CharField(
        max_length=36, null=True, blank=True, default=None, unique=True, help_text="The SSO ID for the user."
    )

    objects = UserManager()
    faulty_openedx_users = FaultyOpenEdxUserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def complete(self) -> None:
        LegalAddress.objects.create(user=self)
        UserProfile.objects.create(user=self)
        name = self.username[:OPENEDX_USERNAME_MAX_LEN]
        self.openedx_users.create(edx_username=name, desired_edx_username=name)

    @cached_property
    def openedx_user(self):
        return self.openedx_users.first()

    @property
    def edx_username(self) -> str | None:
        return getattr(self.openedx_user, "edx_username", None)


class LegalAddress(BaseLegalAddress):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="legal_address")
    state = models.CharField(max_length=10, null=True, blank=True)

    @property
    def us_state(self) -> str | None:
        """The state as Open edX writes it: without the country."""
        return self.state.removeprefix("US-") if self.country == "US" and self.state else None


class UserProfile(BaseProfile):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="user_profile")
    gender = models.CharField(max_length=128, null=True, blank=True)
    year_of_birth = models.IntegerField(null=True, blank=True)
    completed_onboarding = models.BooleanField(default=False)
