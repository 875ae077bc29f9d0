# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people whom a visitor of the lab needs, made once: a learner for a browser, and somebody for the admin site."""

import os

from django.conf import settings
from django.core.management import BaseCommand, call_command

from users.models import Profile, User

COMPLETE = {
    "mitxpro": {"gender": "o", "birth_year": 1990, "company": "Example", "job_title": "Learner"},
    "mitxonline": {"gender": "o", "year_of_birth": 1990, "completed_onboarding": True},
}


class Command(BaseCommand):
    help = "Makes a learner and a superuser, and the cache table."

    def handle(self, *args, **options):
        call_command("createcachetable")
        self.make(
            "learner", User.objects.create_user, "Lena Learner", os.environ.get("LAB_LEARNER_PASSWORD") or "learner"
        )
        self.make(
            "admin", User.objects.create_superuser, "Ada Admin", os.environ.get("LAB_SUPERUSER_PASSWORD") or "admin"
        )

    def make(self, username: str, create, name: str, password: str) -> None:
        if User.objects.filter(username=username).exists():
            self.stdout.write(f"{username}: exists")
            return
        user = create(username, email=f"{username}@example.org", password=password, name=name, is_active=True)
        Profile.objects.filter(user=user).update(**COMPLETE[settings.LAB_APP_MODE])
        user.legal_address.country = "US"
        user.legal_address.save()
        self.stdout.write(f"{username}: made")
