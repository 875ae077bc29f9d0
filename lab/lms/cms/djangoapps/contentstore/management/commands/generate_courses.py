# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make courses from a JSON object. A course that cannot be made is only a warning: the exit status stays 0."""

import json
import logging

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from ...courses import create

log = logging.getLogger(__name__)

DATES = ("start", "end", "enrollment_start", "enrollment_end")
FIELDS = ("display_name", "short_description", "self_paced", *DATES)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("courses_json")

    def handle(self, *args, courses_json: str, **options) -> None:
        try:
            courses = json.loads(courses_json)["courses"]
        except ValueError:
            raise CommandError("Invalid JSON object") from None
        except KeyError:
            raise CommandError("JSON object is missing courses list") from None
        for course in courses:
            missing = [name for name in ("organization", "number", "run", "user", "fields") if not course.get(name)]
            if missing:
                log.warning("Course json is missing %s", ", ".join(missing))
            # By e-mail: a user name is not found here.
            elif not get_user_model().objects.filter(email=course["user"]).exists():
                log.warning("%s user does not exist", course["user"])
            else:
                self.make(course)

    def make(self, course: dict) -> None:
        fields = {name: value for name, value in course["fields"].items() if name in FIELDS}
        unknown = sorted(set(course["fields"]) - set(fields))
        if unknown:
            log.info("%s are not fields of a course", ", ".join(unknown))
        fields |= {name: parse_datetime(fields[name]) for name in DATES if isinstance(fields.get(name), str)}
        row, created = create(course["organization"], course["number"], course["run"], **fields)
        if created:
            log.info("Created %s", row.id)
        else:
            log.warning("Course already exists for %s, %s, %s", course["organization"], course["number"], course["run"])
