#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: demo_courses
short_description: Create demo courses that the LMS lacks
description:
  - Asks the LMS for the courses, creates the missing ones by Studio's command C(generate_courses), and checks that the
    LMS has them then.
  - Where that command is not to be had, which it is where Tutor runs the LMS, or where nobody is named as
    instructor, it only says so.
options:
  courses:
    description:
      - The courses to have.
    type: list
    elements: dict
    required: true
  instructor_email:
    description:
      - The e-mail of the LMS user who becomes the instructor. No course is made when it is empty.
    type: str
    default: ""
  wait:
    description:
      - How many seconds the workers of Studio may take to publish the courses.
    type: int
    default: 30
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.lms
  - mitodl.openedx.lms.courses
  - mitodl.openedx.target
  - mitodl.openedx.tls
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Create the demo course
  mitodl.openedx.demo_courses:
    target:
      type: tutor_dev
    lms_base_url: http://local.openedx.io:8000
    courses:
      - key: course-v1:edX+DemoX+Demo_Course
        title: Demonstration Course
    instructor_email: edx@example.org
"""

RETURN = r"""
created:
  description: The keys of the courses that were created, or would be in check mode.
  type: list
  elements: str
  returned: success
msg:
  description: Why missing courses were not created.
  type: str
  returned: when they were not
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _courses
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TARGET_SPEC
from ansible_collections.mitodl.openedx.plugins.module_utils._http import TLS_SPEC


def main():
    module = AnsibleModule(
        argument_spec={
            "target": TARGET_SPEC,
            "lms_base_url": {"type": "str", "required": True},
            "courses": {"type": "list", "elements": "dict", "required": True, "options": _courses.COURSE_SPEC},
            "instructor_email": {"type": "str", "default": ""},
            "wait": {"type": "int", "default": 30},
            **TLS_SPEC,
        },
        supports_check_mode=True,
    )
    module.exit_json(**_courses.converge(module, module.params["target"]))


if __name__ == "__main__":
    main()
