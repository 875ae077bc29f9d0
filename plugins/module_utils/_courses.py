# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The demo courses: asked for over HTTP, made by a command of Studio."""

from __future__ import annotations

import json
import re
import time

from ansible_collections.mitodl.openedx.plugins.module_utils import _http
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._rollout import Rollout
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import Tutor

COURSE_SPEC = {
    "key": {"type": "str", "required": True, "no_log": False},
    "title": {"type": "str", "required": True},
    "start": {"type": "str", "default": "2024-01-01T00:00:00Z"},
    "end": {"type": "str", "default": "2034-01-01T00:00:00Z"},
}
KEY = re.compile(r"course-v1:([^+\s]+)\+([^+\s]+)\+([^+\s]+)")


def answer(base_url, key, trust):
    """What the LMS says of a course: 200 where it is, 404 where it is not."""
    return _http.ask(f"{base_url}/api/courses/v1/courses/{key}", **trust)


def missing(base_url, courses, trust):
    """The courses that the LMS does not have, as far as it can be seen."""
    return [course for course in courses if answer(base_url, course["key"], trust).status != 200]


def definitions(courses, instructor):
    """What Studio's command generate_courses is to be given.

    :raises ValueError: for a key that is not one of a course.
    """
    found = []
    for course in courses:
        words = KEY.fullmatch(course["key"])
        if not words:
            raise ValueError(
                f"{course['key']} is no key of a course; it has the form course-v1:ORGANIZATION+NUMBER+RUN."
            )
        found.append(
            {
                "store": "split",
                "organization": words[1],
                "number": words[2],
                "run": words[3],
                "user": instructor,
                "fields": {"display_name": course["title"], "start": course["start"], "end": course["end"]},
            }
        )
    return json.dumps({"courses": found})


def why_not(target, instructor):
    """Why no course can be made here; nothing where it can."""
    if not target["type"].startswith("tutor_"):
        return f"Courses are made by commands of Studio, which this target of type {target['type']} does not offer."
    if not instructor:
        return (
            "Name the LMS user who is to be their instructor: the first of edx_superusers, or "
            "tutor_bootstrap_instructor_email."
        )
    return ""


def wait_for(base_url, courses, seconds, trust):
    """The courses that are not there after some seconds; workers publish them in their own time."""
    until = time.monotonic() + seconds
    left = courses
    while left and time.monotonic() < until:
        left = missing(base_url, left, trust)
        if left:
            time.sleep(1)
    return left


def converge(module, target):
    """Create what is missing, and return what the module returns."""
    params = module.params
    base_url, instructor = params["lms_base_url"], params["instructor_email"]
    trust = _http.trust_of(params)
    lacking = []
    for course in params["courses"]:
        said = answer(base_url, course["key"], trust)
        if said.status not in (200, 404):
            module.fail_json(
                msg=f"The LMS answers the question for the course {course['key']} with {said.status} {said.message}. "
                f"Correct edx_lms_base_url ({base_url}), or mend the LMS."
            )
        if said.status == 404:
            lacking.append(course)
    keys = ", ".join(course["key"] for course in lacking)
    why = why_not(target, instructor) if lacking else ""
    if not lacking or why:
        return {"changed": False, "created": [], **({"msg": f"Not created: {keys}. {why}"} if why else {})}
    try:
        definition = definitions(lacking, instructor)
    except ValueError as error:
        module.fail_json(msg=str(error))
    result = {"changed": True, "created": [course["key"] for course in lacking]}
    if module.check_mode:
        return result
    command = ("./manage.py", "cms", "generate_courses", definition)
    if target["type"] == "tutor_k8s":
        # Tutor starts nothing of its own there for a command. Studio has pods of its own, with one container.
        code, out, err = Rollout(module, {**target, "service": "cms", "container": None}).execute(*command)
    else:
        tutor = Tutor(module, target)
        code, out, err = tutor.run(tutor.mode, "run", "cms", *command)
    # The command ends with status 0 when it could not make a course.
    left = lacking if code else wait_for(base_url, lacking, params["wait"], trust)
    if left:
        tail = printable(" / ".join((err.splitlines() + out.splitlines())[-5:]))
        module.fail_json(
            msg=f"Studio's command generate_courses (status {code}) did not create "
            f"{', '.join(course['key'] for course in left)}. Its last words: {tail}"
        )
    return result
