# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of MITxPro: inactive until they are activated, with a legal address and a profile."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Q

from users.base import BaseLegalAddress, BaseProfile, BaseUser, BaseUserManager, UserManager


class FaultyCoursewareUserManager(BaseUserManager):
    """People who lack their account or their token at Open edX."""

    def get_queryset(self):
        counted = super().get_queryset().annotate(accounts=Count("courseware_users"), tokens=Count("openedx_api_auth"))
        faulty = counted.filter(Q(accounts=0) | Q(tokens=0), is_active=True)
        return faulty.select_related("openedx_api_auth").prefetch_related("courseware_users")


class User(BaseUser):
    username = models.CharField(max_length=50, unique=True)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=False, help_text="The user account is active")

    objects = UserManager()
    faulty_courseware_users = FaultyCoursewareUserManager()

    def complete(self) -> None:
        LegalAddress.objects.create(user=self)
        Profile.objects.create(user=self)


class LegalAddress(BaseLegalAddress):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="legal_address")
    street_address_1 = models.CharField(max_length=60, blank=True)
    street_address_2 = models.CharField(max_length=60, blank=True)
    street_address_3 = models.CharField(max_length=60, blank=True)
    street_address_4 = models.CharField(max_length=60, blank=True)
    street_address_5 = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=50, blank=True)
    state_or_territory = models.CharField(max_length=6, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    vat_id = models.CharField(max_length=30, blank=True)

    @property
    def street_address(self) -> list[str]:
        return [line for line in (getattr(self, f"street_address_{number}") for number in range(1, 6)) if line]


class Profile(BaseProfile):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    gender = models.CharField(max_length=10, blank=True, default="")
    birth_year = models.IntegerField(null=True, blank=True)

    @property
    def is_complete(self) -> bool:
        return all((self.gender, self.birth_year, self.company, self.job_title))
