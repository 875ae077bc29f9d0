# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs, courses and runs to play with: made, or brought back to this state."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from django.core.management import BaseCommand

from courses.models import Course, CourseRun, Program

START = datetime(2098, 2, 5, tzinfo=UTC)
PROGRAMS = {"SysEngx": "Systems Engineering", "DgtlLearn": "Digital Learning", "AnlgLearn": "Analog Learning"}
# Course key without its run: (program, title, run tags). The first two are the courses that the guide asks for.
COURSES = {
    "edX+DemoX": (None, "Demonstration Course", ["Demo_Course"]),
    "edX+E2E-101": (None, "E2E Test Course", ["course"]),
    "TestX+SysEngxB1": ("SysEngx", "Architecture of Complex Systems", ["R1"]),
    "TestX+SysEngxB2": ("SysEngx", "Models in Engineering", ["R1"]),
    "MITx+Digital-Learning-100": ("DgtlLearn", "Digital Learning 100", ["R1", "R2"]),
    "MITx+Digital-Learning-200": ("DgtlLearn", "Digital Learning 200", ["R1", "R2"]),
    "MITx+Analog-Learning-100": ("AnlgLearn", "Analog Learning 100", ["R1", "R2"]),
}


class Command(BaseCommand):
    help = "Creates or updates seed data."

    def handle(self, *args, **options):
        created, updated, ignored = Counter(), Counter(), Counter()

        def ensure(model, key: dict, values: dict):
            row, is_new = model.objects.get_or_create(**key, defaults=values)
            changes = {name: value for name, value in values.items() if getattr(row, name) != value}
            if changes:
                model.objects.filter(pk=row.pk).update(**changes)
            (created if is_new else updated if changes else ignored)[model.__name__] += 1
            return row

        programs = {
            name: ensure(Program, {"readable_id": f"program-v1:xPRO+{name}"}, {"title": title, "live": True})
            for name, title in PROGRAMS.items()
        }
        for key, (program, title, tags) in COURSES.items():
            values = {"title": title, "live": True, "program": programs.get(program)}
            course = ensure(Course, {"readable_id": f"course-v1:{key}"}, values)
            for tag in tags:
                run = {"course": course, "run_tag": tag, "title": f"{title} {tag}", "live": True, "start_date": START}
                ensure(CourseRun, {"courseware_id": f"course-v1:{key}+{tag}"}, run)

        self.stdout.write(self.style.SUCCESS("RESULTS"))
        report = {
            "Created": created,
            "Updated": updated,
            "Deleted": {},
            "Ignored (Already Existed)": ignored,
            "Invalid": {},
        }
        for name, found in report.items():
            self.stdout.write(f"{name}: {dict(found)}")
