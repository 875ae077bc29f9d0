# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online: titles and dates from Open edX. The exit status says nothing, the last line does."""

from django.core.management import BaseCommand, CommandError

from courses.models import CourseRun
from courses.sync import sync_course_runs


class Command(BaseCommand):
    help = "Sync dates and title for all or a specific course run from edX."

    def add_arguments(self, parser):
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("--run", help="The 'courseware_id' value for a CourseRun to sync")
        # bool() of any word is true, so "--all False" means all as well.
        group.add_argument("--all", type=bool, help="Sync all CourseRuns")

    def handle(self, *args, **options):
        runs = CourseRun.objects.live().unexpired() if options["all"] else CourseRun.objects.none()
        if options["run"]:
            runs = CourseRun.objects.filter(courseware_id=options["run"])
            if not runs:
                raise CommandError(f"Could not find run with courseware_id={options['run']}")
        result = sync_course_runs(runs, failures_of_a_broken_list=lambda _runs: 1)
        self.stdout.write(self.style.SUCCESS(f"Sync complete: {result.updated} updated, {result.failures} failures"))
