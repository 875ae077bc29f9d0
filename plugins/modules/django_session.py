#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: django_session
short_description: Start or end the session of a target
description:
  - A session starts the Django of an LMS or an app once and serves every later task that names the same session in
    O(target.session). Without one each task starts Django for itself.
  - Tasks begin a missing session by themselves. This module begins one ahead of them, in the background, so that other
    work goes on meanwhile, and ends one whose side was restarted or got other settings.
  - A session ends with the run that it was named for, after 50 seconds without a request where that run cannot be
    seen, with its container, and when who asks goes away.
  - Requests travel over a socket in a directory that only the user of the task can enter. Each is answered in a
    process of its own with connections of its own, so it sees what a new start of Django would see.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
options:
  state:
    description:
      - V(started) begins the session where it does not run, and does not wait for it.
      - V(absent) ends it; a request that it is at is answered first. The next task that names it begins a new one.
    type: str
    choices: [started, absent]
    default: started
attributes:
  check_mode:
    support: full
    details:
      - A session changes nothing of the target, so it is begun and ended in check mode as well.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - It never indicates a change.
"""

EXAMPLES = r"""
- name: Start the Django of the LMS in the background
  mitodl.openedx.django_session:
    target:
      type: tutor_dev
      session: my-playbook

- name: End a session after a restart of its side
  mitodl.openedx.django_session:
    target:
      type: tutor_dev
      session: my-playbook
    state: absent
"""

RETURN = r"""
running:
  description:
    - Whether there is a session now. It is V(false) with V(state=started) where O(target.session) is not given, or
      where O(target.argv) does not end with V(-).
  type: bool
  returned: success
boots:
  description: How often a session that ended had been started without a task that counted it, 0 or 1.
  type: int
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.channel import SessionError
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import TARGET_SPEC, TargetError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "target": TARGET_SPEC,
            "state": {"type": "str", "choices": ["started", "absent"], "default": "started"},
        },
        supports_check_mode=True,
    )
    target, running, boots = module.params["target"], False, 0
    try:
        if module.params["state"] == "started":
            running = session.start(target)
        else:
            boots = session.drop(target)
    except SessionError as error:
        module.warn(f"There is no session of the target, which is started for each task instead: {error}")
    except TargetError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, running=running, boots=boots)


if __name__ == "__main__":
    main()
