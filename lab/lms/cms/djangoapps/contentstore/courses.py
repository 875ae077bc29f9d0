# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new course is a new overview row; the dates of one without dates are the platform's far-away default."""

from datetime import UTC, datetime

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

DEFAULT_START = datetime(2030, 1, 1, tzinfo=UTC)


def create(org: str, number: str, run: str, **fields) -> tuple[CourseOverview, bool]:
    return CourseOverview.objects.get_or_create(
        pk=f"course-v1:{org}+{number}+{run}", defaults={"org": org, "start": DEFAULT_START, **fields}
    )
