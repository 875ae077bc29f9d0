#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: app_restart
short_description: Restart an app by its own command and wait until it answers
description:
  - For an app that no compose project runs. Its Django session from before the restart is ended, since it has the
    environment from before.
options:
  argv:
    description: The command that restarts the app.
    type: list
    elements: str
    required: true
  url:
    description: The address of the app.
    type: str
    required: true
  wait_seconds:
    description: How long to wait for an answer; V(0) leaves it to who comes next.
    type: int
    default: 600
  restart_due:
    description: The note of M(mitodl.openedx.dotenv) that a restart is due, which is removed after it.
    type: path
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.target
  - mitodl.openedx.tls
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - It restarts the app each time.
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Restart the app
  mitodl.openedx.app_restart:
    argv: [systemctl, --user, restart, mitxpro]
    url: http://xpro.odl.local:8053
    target:
      argv: [/srv/mitxpro/venv/bin/python, "-"]
      chdir: /srv/mitxpro
"""

RETURN = r"""
status:
  description: The HTTP status of the first answer.
  type: int
  returned: with O(wait_seconds), not in check mode
boots:
  description: The starts of Django of the ended session that no task had counted.
  type: int
  returned: success
"""

import contextlib
import os
import shlex

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _http
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import TARGET_SPEC
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import ended


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "argv": {"type": "list", "elements": "str", "required": True},
            "url": {"type": "str", "required": True},
            "wait_seconds": {"type": "int", "default": 600},
            "restart_due": {"type": "path"},
            "target": TARGET_SPEC,
            **_http.TLS_SPEC,
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=True, boots=0)
    argv, url = module.params["argv"], module.params["url"]
    try:
        code, out, err = module.run_command(argv, expand_user_and_vars=False, handle_exceptions=False)
    except OSError as error:
        code, out, err = 127, "", f"{argv[0]}: {error.strerror}"
    if code:
        said = ended((err or out).strip()[-800:])
        module.fail_json(
            msg=f"`{shlex.join(argv)}` ended with status {code}: {said} Correct mit_app_restart_argv (the option argv) "
            "or what it starts, and run this again: the restart is made up for.",
            rc=code,
        )
    with contextlib.suppress(FileNotFoundError):
        os.unlink(module.params["restart_due"] or "")
    # After the restart: what it still answers meanwhile is answered, and what is asked from now on starts anew.
    boots = session.drop(module.params["target"])
    if not module.params["wait_seconds"]:
        module.exit_json(changed=True, boots=boots)
    answer = _http.wait(_http.sign_of_life(url), module.params["wait_seconds"], **_http.trust_of(module.params))
    if answer.is_silent:
        read = f"Read {Side('the app', module.params['target']).log}."
        silent = f"{url} does not answer {module.params['wait_seconds']} s after {' '.join(argv)}. {read}"
        module.fail_json(msg=answer.tls_problem(url, "mit_app") or silent)
    module.exit_json(changed=True, status=answer.status, boots=boots)


if __name__ == "__main__":
    main()
