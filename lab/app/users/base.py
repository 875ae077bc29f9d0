# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the people of both apps have in common."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction

from labapp.models import TimestampedModel


class UserManager(BaseUserManager):
    use_in_migrations = True

    @transaction.atomic
    def create_user(self, username, email=None, password=None, **fields):
        """A person, with the rows that the app expects to hang on everybody."""
        user = self.model(username=username, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        user.complete()
        return user

    def create_superuser(self, username, email, password, **fields):
        return self.create_user(
            username, email, password, **{"is_staff": True, "is_superuser": True, "is_active": True, **fields}
        )


class BaseUser(AbstractBaseUser, TimestampedModel, PermissionsMixin):
    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["email", "name"]

    name = models.CharField(max_length=255, blank=True, default="")
    is_staff = models.BooleanField(default=False, help_text="The user can access the admin site")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"User username={self.username} email={self.email}"

    def get_full_name(self) -> str:
        return self.name

    def complete(self) -> None:
        """Make the rows that belong to every new person."""
        raise NotImplementedError  # Each app's own model has it; Django's models cannot be ABCs as well.


class BaseProfile(TimestampedModel):
    company = models.CharField(max_length=128, blank=True, default="")
    job_title = models.CharField(max_length=128, blank=True, default="")
    industry = models.CharField(max_length=60, blank=True, default="")
    job_function = models.CharField(max_length=60, blank=True, default="")
    company_size = models.IntegerField(null=True, blank=True)
    years_experience = models.IntegerField(null=True, blank=True)
    leadership_level = models.CharField(max_length=60, blank=True, default="")
    highest_education = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Profile for {self.user}"


class BaseLegalAddress(TimestampedModel):
    first_name = models.CharField(max_length=60, blank=True)
    last_name = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=2, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Legal address for {self.user}"
