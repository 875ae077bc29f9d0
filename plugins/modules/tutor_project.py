#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tutor_project
short_description: Ensure that Tutor is configured and its LMS answers
description:
  - Finds Tutor or installs it in a virtual environment, saves what differs in its configuration, builds the image of
    the LMS where packages are lacking and that is allowed, launches a new installation, starts an LMS that does not
    answer, restarts one whose configuration changed, and waits until it answers.
  - Steps that take long have a log each and lines of progress, as those of M(mitodl.openedx.long_command). They go on
    when Ansible is interrupted, and the next run follows them.
  - An LMS that Tutor does not run is started by O(start_argv).
options:
  start_argv:
    description:
      - The command that starts the LMS. Needed where Tutor does not run it.
    type: list
    elements: str
    default: []
  restart_argv:
    description:
      - The command that restarts the LMS, for what changes its settings later. It is not run here, but its program has
        to be there.
    type: list
    elements: str
    default: []
  version:
    description:
      - The version of Tutor to install where there is none. A Tutor that is there is never upgraded.
    type: str
    default: 21.0.9
  venv:
    description:
      - The virtual environment to install Tutor in where C(target.tutor), which has to be its C(bin/tutor), is missing.
        Nothing is installed when it is empty.
    type: path
  config:
    description:
      - Values of Tutor's configuration to set besides C(LMS_HOST) and C(ENABLE_HTTPS), which follow O(lms_base_url).
        What is not named here stays, except hosts below C(LMS_HOST), which go along with it.
      - Where C(LMS_HOST), C(ENABLE_HTTPS) or, with another C(LMS_HOST), C(CMS_HOST) is set to something that is neither
        Tutor's default nor right, nothing is changed and that is an error, unless it is named here. So it is where the
        host of O(lms_base_url) is among O(expected_names) and C(LMS_HOST) is what Tutor proposes for a laptop.
      - The values are written into C(config.yml), whose owner and mode stay, and are on no command line.
    type: dict
    default: {}
  pip_requirements:
    description:
      - Python packages to have in the image of the LMS, added to C(OPENEDX_EXTRA_PIP_REQUIREMENTS).
    type: list
    elements: str
    default: []
  build_images:
    description:
      - Whether to build the image of the LMS when that list changed or the image lacks one of the packages. Otherwise
        it is said what lacks and how to build.
      - Not for O(target.type=tutor_k8s), whose image comes from a registry.
    type: bool
    default: false
  launch:
    description:
      - Whether to launch an installation that is new, or whose launch was cut off.
    type: bool
    default: false
  launch_options:
    description:
      - Further options of C(tutor dev launch), C(tutor local launch) or C(tutor k8s launch).
    type: list
    elements: str
    default: []
  log_dir:
    description:
      - Where the logs of the steps that take long are, in a directory for each of Tutor's project roots.
    type: path
    default: ~/.local/state/mitodl_openedx
  period:
    description:
      - The seconds from one line of progress to the next during those steps, and while the LMS is waited for.
    type: int
    default: 10
  wait:
    description:
      - How many seconds the LMS may take until it answers after a start.
    type: int
    default: 600
  envs_dir:
    description:
      - A directory that has to be there when the LMS answers, such as C(lms/envs) of the strategy V(private_py).
    type: path
  apps:
    description:
      - The hosts of the apps whose settings later tasks write. A file of another app that would break the LMS is an
        error before anything is written.
    type: list
    elements: str
    default: []
  extra_hosts:
    description:
      - Whether the names of these apps are to lead to the host in the LMS's container, for which Tutor needs a file
        that nobody else has.
    type: bool
    default: true
  plugins_root:
    description:
      - Whether to return the directory of Tutor's plugins too.
    type: bool
    default: false
  courses:
    description:
      - Courses to ask the LMS for; see RV(missing_courses).
    type: list
    elements: dict
    default: []
  preflight:
    description:
      - Whether to look only for what would stop a run - Tutor, its configuration, Docker, files that cannot be written,
        a certificate - and to write and start nothing. An LMS that does not answer is none of that.
    type: bool
    default: false
  mapped_hosts:
    description:
      - Filled in by the action plugin, whatever a task gives. The lines of C(extra_hosts), by the inventory host of
        the app.
    type: dict
    default: {}
  progress:
    description:
      - Filled in by the action plugin, whatever a task gives. What earlier looks of the same task found.
    type: dict
    default: {}
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.lms
  - mitodl.openedx.lms.names
  - mitodl.openedx.lms.courses
  - mitodl.openedx.target
  - mitodl.openedx.tls
  - mitodl.openedx.action
  - mitodl.openedx.action.not_async
attributes:
  check_mode:
    support: full
    details:
      - Says which of the long steps would be run. Where the LMS does not run and would be started, RV(lms_answers) is
        false.
  diff_mode:
    support: full
    details:
      - The values of Tutor's configuration that are set; those whose names sound like secrets are hidden.
  idempotent:
    support: full
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Ensure the LMS is running
  mitodl.openedx.tutor_project:
    target:
      type: tutor_dev
    lms_base_url: http://local.openedx.io:8000
    launch: true
  register: project

- name: End the dry run where the LMS does not run
  ansible.builtin.meta: end_host
  when: not project.lms_answers
"""

RETURN = r"""
lms_answers:
  description: Whether the LMS answers. It does not only in check mode, where a run would start it.
  type: bool
  returned: success
status:
  description: The HTTP status with which it answers a stranger at C(/api/user/v1/me).
  type: int
  returned: success
boots:
  description: The starts of Django of ended sessions that no task had counted.
  type: int
  returned: success
root:
  description: Tutor's root.
  type: str
  returned: where Tutor runs the LMS
env:
  description: The directory of what Tutor renders.
  type: str
  returned: where Tutor runs the LMS
plugins_root:
  description: The directory of Tutor's plugins.
  type: str
  returned: with O(plugins_root), where Tutor runs the LMS
image_lacks:
  description: The packages that the image lacks.
  type: list
  elements: str
  returned: with O(pip_requirements)
missing_courses:
  description: The keys of those of O(courses) that the LMS does not have.
  type: list
  elements: str
  returned: when the LMS answers
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._files import FileError
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import expected
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor_project import ARGUMENT_SPEC, Project


def main():
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    project = Project(module)
    try:
        with expected(module.params["expected_names"] if module.check_mode else ()):
            module.exit_json(**project.look())
    except FileError as error:
        module.fail_json(msg=f"{error} Nothing was changed.")


if __name__ == "__main__":
    main()
