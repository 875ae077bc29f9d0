#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: long_command
short_description: Run a command that takes long, with a log and a word on its progress
description:
  - Shows where the log of a command is before the command begins, and while it runs every few seconds the time it took
    and the last line of its log. When it fails, the last lines of the log are in the error.
  - Where Ansible's output is no terminal, Python keeps these lines back until the end, unless C(PYTHONUNBUFFERED) is
    set in Ansible's environment.
  - The command goes on when Ansible is interrupted. The next task with the same log follows it then and does not begin
    it a second time.
options:
  argv:
    description:
      - The command and its arguments. They are written into the log, so none of them may be a secret.
      - C(~) and variables of the environment are expanded, as by M(ansible.builtin.command).
    type: list
    elements: path
    required: true
  log:
    description:
      - The file for what the command prints, readable for nobody else. What an earlier run left there is replaced.
      - Beside it, with C(.json) added to the name, stays when the command began and how it ended.
    type: path
    required: true
  label:
    description:
      - What to call the command in the lines of progress; its first two words when not given.
    type: str
  hide_values_of:
    description:
      - A YAML file on the target, such as C(config.yml) of Tutor. Its values whose names sound like secrets are not
        written into the log. Ignored where it does not exist.
    type: path
  period:
    description:
      - The seconds from one line of progress to the next.
    type: int
    default: 10
  follow:
    description:
      - Only look at the command that was begun with this O(log).
    type: bool
    default: false
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.action
  - mitodl.openedx.action.not_async
attributes:
  check_mode:
    support: full
    details:
      - Says what would be run, and does not run it.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - It runs the command each time.
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Build the image of the LMS
  mitodl.openedx.long_command:
    argv: [tutor, images, build, openedx-dev]
    log: ~/.local/state/mitodl_openedx/build.log
    hide_values_of: ~/.local/share/tutor/config.yml
"""

RETURN = r"""
log:
  description: The log.
  type: str
  returned: always
rc:
  description: The status that the command ended with; V(null) where it was killed together with what looked after it.
  type: int
  returned: when it ran
elapsed:
  description: How long it took, in seconds.
  type: int
  returned: when it ran
tail:
  description: The last lines of the log.
  type: list
  elements: str
  returned: when it ran
begun:
  description: Whether this task began the command, and did not follow what an earlier one had begun.
  type: bool
  returned: when it ran
"""


from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._long_command import Job, secrets_of


def main():
    module = AnsibleModule(
        argument_spec={
            "argv": {"type": "list", "elements": "path", "required": True},
            "log": {"type": "path", "required": True},
            "label": {"type": "str"},
            "hide_values_of": {"type": "path"},
            "period": {"type": "int", "default": 10},
            "follow": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=True, log=params["log"])
    job, begun = Job(params["log"]), False
    try:
        if not params["follow"]:
            secrets = []
            if params["hide_values_of"]:
                try:
                    with open(params["hide_values_of"], encoding="utf-8", errors="replace") as file:
                        secrets = secrets_of(file.read())
                except FileNotFoundError:
                    pass
            begun = job.start(params["argv"], secrets)
        module.exit_json(changed=True, log=params["log"], begun=begun, **job.look(params["period"]))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or params['log']}: {error.strerror}")


if __name__ == "__main__":
    main()
