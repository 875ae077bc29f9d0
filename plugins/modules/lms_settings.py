#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lms_settings
short_description: Converge the settings of an LMS for its MIT applications
description:
  - Writes the settings package C(mit_apps) with a data file for each app, and what makes the LMS use it, which is a
    Tutor plugin or a block in C(private.py). Removes what is no longer to be there. Other apps are left alone.
  - Enables the plugin and lets Tutor render its environment where that is needed.
  - Restarts the LMS when something was written, or when it does not know the backend of an app, waits until it answers,
    and checks that it knows the backends then.
options:
  state:
    description:
      - Whether the settings of O(apps) are there. With the last app the plugin, or the block in C(private.py), goes
        too.
    type: str
    choices: [present, absent]
    default: present
  strategy:
    description:
      - V(tutor_plugin) renders the settings by a Tutor plugin, for targets of type V(tutor_dev), V(tutor_local) and
        V(tutor_k8s).
      - V(private_py) writes them into O(envs_dir).
    type: str
    choices: [tutor_plugin, private_py]
    default: tutor_plugin
  apps:
    description:
      - The apps, each as C(mit_app_facts.app) describes it. Used are C(host), C(name), C(backend_name), C(base_url),
        C(server_base_url), C(domain) and C(logout_uri).
    type: list
    elements: dict
    required: true
  envs_dir:
    description:
      - For V(private_py), the directory C(lms/envs) of the edx-platform that is mounted into the LMS. It has to be
        there.
    type: path
  tutor_root:
    description:
      - For V(tutor_plugin), Tutor's root as M(mitodl.openedx.tutor_project) returns it. Tutor is asked when it is not
        given.
    type: path
  plugins_root:
    description:
      - For V(tutor_plugin), the directory of Tutor's plugins as M(mitodl.openedx.tutor_project) returns it. Tutor is
        asked when it is not given.
    type: path
  restart_argv:
    description:
      - The command that restarts the LMS. Needed where Tutor does not run it.
    type: list
    elements: str
    default: []
  extra_hosts:
    description:
      - For V(tutor_plugin), whether the names of the apps are to mean the host inside the LMS container, by a compose
        override that Tutor renders.
    type: bool
    default: true
  settings:
    description:
      - What holds for the whole LMS, such as V(hide_country). The names are those of the variables of the role
        C(mitodl.openedx.edx_private_settings), without C(edx_private_settings_).
      - What is not given has the value of that variable; or its default, where it is not set.
    type: dict
    default: {}
  companion_auth:
    description:
      - The inventory host of the app that openedx-companion-auth sends anonymous pages to; off when empty.
      - When it is not given, nothing of it changes. So it is where that app is not among O(apps).
    type: str
  wait:
    description:
      - How many seconds the LMS may take until it answers after a restart.
    type: int
    default: 600
  period:
    description:
      - The seconds from one line of progress to the next meanwhile.
    type: int
    default: 15
  progress:
    description:
      - Filled in by the action plugin, whatever a task gives. How long an earlier look has waited.
    type: dict
    default: {}
  mapped_hosts:
    description:
      - Filled in by the action plugin, whatever a task gives. The lines of C(extra_hosts), by the inventory host of
        the app.
    type: dict
    default: {}
  files:
    description:
      - Filled in by the action plugin, whatever a task gives. The texts of the files.
    type: dict
    default: {}
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.lms
  - mitodl.openedx.lms.names
  - mitodl.openedx.target
  - mitodl.openedx.tls
  - mitodl.openedx.action
  - mitodl.openedx.action.not_async
attributes:
  check_mode:
    support: full
    details:
      - Says whether the LMS would be restarted, and for which of the apps something would be written.
  diff_mode:
    support: full
    details:
      - Every file; of C(private.py), which may hold secrets of yours, only the block of this collection.
  idempotent:
    support: full
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Converge the settings of the LMS
  mitodl.openedx.lms_settings:
    target:
      type: tutor_dev
    lms_base_url: http://local.openedx.io:8000
    apps: "{{ mit_app_facts.lms.apps | map('extract', hostvars, ['mit_app_facts', 'app']) }}"
    settings:
      hide_country: false
"""

RETURN = r"""
restarted:
  description: Whether the LMS was restarted, or would be in check mode.
  type: bool
  returned: success
msg:
  description: Why it was restarted.
  type: str
  returned: when it was restarted
written:
  description: The files that were written.
  type: list
  elements: str
  returned: success
removed:
  description: The files and directories that were removed.
  type: list
  elements: str
  returned: success
backends:
  description:
    - The status that the login of each backend has at the end, by the name of the backend. V(404) is one that the LMS
      does not know, V(-1) no answer.
  type: dict
  returned: success
  sample: {ol-oauth2: 302}
companion_auth:
  description: Whether openedx-companion-auth is on at the end.
  type: bool
  returned: success
boots:
  description: How many starts of the LMS's Django, in a session that ended with the restart, nobody else has counted.
  type: int
  returned: when not in check mode
apps:
  description: What concerns one app, by its inventory host.
  type: dict
  returned: success
  contains:
    changed:
      description: Whether settings that this app needs were written. What only other apps lacked does not count.
      type: bool
    backend_status:
      description: The status that the login of its backend had before; V(0) where it was not asked for.
      type: int
  sample:
    xpro:
      changed: false
      backend_status: 302
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._files import FileError
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import expected
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import ARGUMENT_SPEC, Settings


def main():
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        with expected(module.params["expected_names"] if module.check_mode else ()):
            module.exit_json(**Settings(module).converge())
    except FileError as error:
        module.fail_json(msg=f"{error} No setting of the LMS was changed.")


if __name__ == "__main__":
    main()
