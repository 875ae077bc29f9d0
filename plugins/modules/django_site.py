#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: django_site
short_description: Manage rows of Django's sites framework
description:
  - Creates, renames and removes rows of C(django.contrib.sites), found by their domain.
  - The LMS picks the row whose domain equals the Host header of a request, port included. A fresh Open edX has no row
    for C(local.openedx.io:8000).
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.target.objects
options:
  domain: &domain
    description:
      - The domain, with the port where it is not the default one. The natural key.
    type: str
  name: &name
    description:
      - The name shown in the admin. A new row is called like its domain when it is not given.
    type: str
  state: &state
    description:
      - Whether the row exists. One that others point at, which Django would remove with it, is not removed; the error
        names them.
    type: str
    choices: [present, absent]
    default: present
  sites:
    description:
      - Several objects in one start of the target, instead of one by the options beside this one.
      - All are planned before the first is written, and all are written in one transaction.
    type: list
    elements: dict
    suboptions:
      domain: *domain
      name: *name
      state: *state
"""

EXAMPLES = r"""
- name: The Site of an LMS under tutor dev
  mitodl.openedx.django_site:
    target:
      type: tutor_dev
    domain: local.openedx.io:8000
    name: local.openedx.io

- name: Remove it again
  mitodl.openedx.django_site:
    target:
      type: tutor_dev
    domain: local.openedx.io:8000
    state: absent
"""

RETURN = r"""
objects:
  description: One entry per declared object, in the order of the declaration.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Where the object was declared, and its key; error messages use it too.
      type: str
      returned: success
    kind:
      description: The kind of the object, which is the name of its module.
      type: str
      returned: success
    key:
      description: The natural key.
      type: dict
      returned: success
    operation:
      description: What was done, or would be done in check mode.
      type: str
      returned: success
      sample: created, updated, removed or unchanged
    changes:
      description: The differing fields with their values C(before) and C(after); secrets as markers.
      type: list
      elements: dict
      returned: success
    fields:
      description: The fields as they are now (in check mode, as they would be), without secrets.
      type: dict
      returned: success
      sample: {"domain": "local.openedx.io:8000", "name": "local.openedx.io"}
    unseen:
      description: Why nobody could look whether the object is there, in check mode with O(assume_absent=true).
      type: str
      returned: when it could not be asked
    secrets:
      description: Secret fields in clear, as far as they are known.
      type: dict
      returned: when O(return_secrets=true)
boots:
  description: How often the target was started for this task, 0 where its session had been counted before.
  type: int
  returned: always
  sample: 1
seconds:
  description: How long the target took to answer, in seconds, a start included.
  type: float
  returned: success
versions:
  description: Versions of Python, Django and django-oauth-toolkit in the target.
  type: dict
  returned: success
"""

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.module import run_kind


def main() -> None:
    run_kind("django_site")


if __name__ == "__main__":
    main()
