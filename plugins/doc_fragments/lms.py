# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of the modules that have to do with an LMS as a whole."""

    DOCUMENTATION = r"""
options:
  lms_base_url:
    description:
      - The address of the LMS.
    type: str
    required: true
"""

    # Of those that ask it in a run that may have to write its name into the hosts file first.
    NAMES = r"""
options:
  expected_names:
    description:
      - Names that get a line in the hosts file of this machine during the run. A dry run takes those that do not
        resolve yet for V(127.0.0.1).
    type: list
    elements: str
    default: []
"""

    # What a course is.
    COURSES = r"""
options:
  courses:
    type: list
    elements: dict
    suboptions:
      key:
        description: The key of the course, such as V(course-v1:edX+DemoX+Demo_Course).
        type: str
        required: true
      title:
        description: The name of the course.
        type: str
        required: true
      start:
        description: When the course begins, in ISO 8601.
        type: str
        default: "2024-01-01T00:00:00Z"
      end:
        description: When the course ends, in ISO 8601.
        type: str
        default: "2034-01-01T00:00:00Z"
"""
