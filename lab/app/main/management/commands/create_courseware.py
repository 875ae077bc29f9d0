# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online: a program, or a course with a run. Not repeatable: what exists ends the command."""

from __future__ import annotations

import sys
from datetime import datetime

from django.core.management import BaseCommand
from django.utils import timezone

from courses.models import Course, CourseRun, Program


def date(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


class Command(BaseCommand):
    help = "Creates a courseware object (a program or course, with or without a courserun)."

    def add_arguments(self, parser):
        parser.add_argument("type", choices=["program", "course"], help="The courseware object to create.")
        parser.add_argument("courseware_id", help="The readable ID for the courseware object.")
        parser.add_argument("title", help="The title of the object.")
        parser.add_argument("--live", action="store_true", help="Make the object live (defaults to not).")
        parser.add_argument(
            "--create-run", "--run-tag", nargs="?", metavar="create_run", help="Create a run with this tag."
        )
        parser.add_argument("--start", nargs="?", type=date, help="Start date for the course run.")
        parser.add_argument("--end", nargs="?", type=date, help="End date for the course run.")
        parser.add_argument("--program", nargs="?", help="Add the course to this program (readable ID).")
        parser.add_argument(
            "-d", "--dept", "--department", action="append", dest="depts", help="Departments of the object."
        )
        parser.add_argument("--create-depts", action="store_true", help="Make departments that do not exist.")

    def handle(self, *args, **options):
        if not options["depts"]:
            self.refuse("Departments must be defined when creating a course or program.")
        model = Program if options["type"] == "program" else Course
        key, values = {"readable_id": options["courseware_id"]}, {"title": options["title"], "live": options["live"]}
        if model.objects.filter(**key).exists():
            self.refuse(f"{model.__name__} with ID {options['courseware_id']} already exists.")
        if options["program"]:
            values["program"] = Program.objects.get(readable_id=options["program"])
        row = model.objects.create(**key, **values)
        self.say(f"Created {model.__name__} {row.pk}: {row.title} ({row.readable_id}).")
        if options["create_run"]:
            run = CourseRun.objects.create(
                course=row,
                title=row.title,
                run_tag=options["create_run"],
                courseware_id=f"{row.readable_id}+{options['create_run']}",
                live=row.live,
                start_date=options["start"],
                end_date=options["end"],
            )
            self.say(f"Created course run {run.pk}: {run}")

    def refuse(self, text: str) -> None:
        self.stderr.write(self.style.ERROR(text))
        sys.exit(-1)

    def say(self, text: str) -> None:
        self.stdout.write(self.style.SUCCESS(text))
