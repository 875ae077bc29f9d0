# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Titles and dates of course runs, taken over from Open edX's course list."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from django.conf import settings
from requests.exceptions import HTTPError

from labapp.edx import service_client

log = logging.getLogger(__name__)

COURSE_KEY = re.compile(r"course-v1:[^+]+\+[^+]+\+[^+]+")
FIELDS = {
    "name": "title",
    "start": "start_date",
    "end": "end_date",
    "enrollment_start": "enrollment_start",
    "enrollment_end": "enrollment_end",
}


@dataclass
class Result:
    updated: int = 0
    failures: int = 0
    unchanged: int = 0


def sync_course_runs(runs, *, failures_of_a_broken_list=len) -> Result:
    """One question for all runs. Whatever goes wrong with it is logged and counted, never raised."""
    courses = service_client().course_list
    wanted = {run.courseware_id: run for run in runs if COURSE_KEY.fullmatch(run.courseware_id)}
    if not wanted:
        log.warning("No valid course keys found to sync")
        return Result(failures=len(runs))
    result, received = Result(), set()
    try:
        for course in courses.get_courses(course_keys=list(wanted), username=settings.OPENEDX_SERVICE_WORKER_USERNAME):
            received.add(course.course_id)
            if course.course_id not in wanted:
                log.warning("Course detail received for unrequested course: %s", course.course_id)
            elif take_over(wanted[course.course_id], course):
                result.updated += 1
            else:
                result.unchanged += 1
        if missing := sorted(set(wanted) - received):
            log.warning("No data received for requested courses: %s", missing)
    except HTTPError as error:
        result.failures = failures_of_a_broken_list(wanted)
        log.error("Bulk sync failed with HTTP error: %s", error)
    except Exception as error:
        result.failures = failures_of_a_broken_list(wanted)
        log.error("Bulk sync failed with unexpected error: %s", error)
    return result


def take_over(run, course) -> bool:
    """Whether something of the run had to change."""
    changes = {
        ours: getattr(course, theirs)
        for theirs, ours in FIELDS.items()
        if getattr(course, theirs) != getattr(run, ours)
    }
    if not changes:
        return False
    for name, value in changes.items():
        setattr(run, name, value)
    if "start_date" in changes or "end_date" in changes:
        run.expiration_date = None
    run.save()
    log.info("Updated course run: %s", run.courseware_id)
    return True
