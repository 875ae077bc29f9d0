# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one course."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from ...courses import create


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("modulestore", choices=["split"])
        parser.add_argument("user", help="user name or e-mail of the instructor")
        parser.add_argument("org")
        parser.add_argument("number")
        parser.add_argument("run")
        parser.add_argument("name", nargs="?")
        parser.add_argument("start_date", nargs="?")

    def handle(
        self, *args, user: str, org: str, number: str, run: str, name: str | None, start_date: str | None, **options
    ) -> None:
        if not get_user_model().objects.filter(Q(username=user) | Q(email=user)).exists():
            raise CommandError(f"No user {user} found")
        dates = {"start": parse_datetime(start_date)} if start_date else {}
        course, created = create(org, number, run, display_name=name or run, **dates)
        self.stdout.write(f"Created {course.id}" if created else "Course already exists")
