#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: target_reset
short_description: Destroy the LMS or the app of a development machine
description:
  - Says what an LMS or an app consists of on this machine, and destroys it. In check mode it only says it.
  - Of Tutor and of Docker Compose these are the containers, networks and volumes of the project; what belongs to other
    projects is left alone. The root folder of Tutor's project is named in the result and left to the caller, because
    its removal may need another user. Anything else needs a command of the inventory (C(edx_reset_argv),
    C(mit_app_reset_argv)).
  - In a playbook only O(side) and O(images) are given. An action of the same name on the controller fills in the rest
    from the fact C(mit_app_facts).
options:
  side:
    description: What to destroy, the LMS of the app or the app.
    type: str
    choices: [lms, app]
  images:
    description: Whether the images of the project go too.
    type: bool
    default: false
  target:
    description: How Django code of the side is run, as for M(mitodl.openedx.django_site). Its session is ended.
    type: dict
  label:
    description: What messages call the side.
    type: str
  chdir:
    description: The directory of all commands.
    type: path
  argv:
    description: The command of the inventory that destroys it.
    type: list
    elements: str
    default: []
  project_argv:
    description: The command that prints the name of the compose project, or its definition as JSON.
    type: list
    elements: str
    default: []
  root_argv:
    description: The command that prints the root folder of Tutor's project.
    type: list
    elements: str
    default: []
  down_argv:
    description: The command that destroys the project, where there is anything of it.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - A command of the inventory is run each time.
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: List what of the app would be destroyed
  mitodl.openedx.target_reset:
    side: app
  check_mode: true
  changed_when: false
  register: reset

- name: List it
  mitodl.openedx.show_lines:
    lines: "{{ reset.lines }}"
"""

RETURN = r"""
things:
  description: What is destroyed, for a person.
  type: list
  elements: str
  returned: success
lines:
  description: In check mode RV(things) with a heading, for a person; else how to make it anew.
  type: list
  elements: str
  returned: success
docker:
  description: Containers, volumes and networks of the project.
  type: list
  elements: str
  returned: success
  sample: ["container mitxpro-web-1", "network mitxpro_default"]
root:
  description: The root folder of Tutor's project, where there is one; it is not removed.
  type: str
  returned: success
boots:
  description: The starts of Django of the ended session that no task had counted.
  type: int
  returned: success
restores:
  description: Whether the app's C(.env) stays, so that its keys of Open edX are to be restored.
  type: bool
  returned: success
"""

import json
import os
import shlex

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _compose
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import complete
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import cleaned, path_in

WORDS = {"type": "list", "elements": "str", "default": []}
LISTS = {
    "container": ["ps", "--all", "--format", "{{.Names}}"],
    "volume": ["volume", "ls", "--format", "{{.Name}}"],
    "network": ["network", "ls", "--format", "{{.Name}}"],
}


def run(module, argv):
    """Output of a command that has to succeed."""
    try:
        code, out, err = module.run_command(
            argv, cwd=module.params["chdir"], handle_exceptions=False, expand_user_and_vars=False
        )
    except OSError as error:
        code, out, err = 127, "", f"{argv[0]}: {error.strerror}"
    if code:
        said = cleaned(err or out).strip()[-800:]
        module.fail_json(
            msg=f"{module.params['label']}: `{shlex.join(argv)}` ended with status {code}: {said}", rc=code
        )
    return out.strip()


def project_of(module):
    """The name of the compose project, empty where there is none; and why Compose refuses it.

    Its definition holds secrets and is not shown.
    """
    argv, chdir = module.params["project_argv"], module.params["chdir"]
    # Where the directory is missing, run_command would ask in another one, and find the project of somebody else.
    if not argv or not os.path.isdir(chdir or "."):
        return "", ""
    try:
        code, out, err = module.run_command(argv, cwd=chdir, handle_exceptions=False, expand_user_and_vars=False)
    except OSError:
        return "", ""
    target = module.params["target"] or {}
    if code and target.get("type") == "compose" and "no configuration file provided" not in err:
        # Without the .env that it names, say. What it was started with may be there all the same.
        name = target.get("project") or _compose.project_name(chdir or ".", {}, os.environ, str)
        return name, _compose.reason_of(cleaned(err or out))
    if code:
        return "", ""
    # What is asked for is the last thing that is printed; plugins of Tutor print before it.
    text = cleaned(out).strip()
    return json.loads(text)["name"] if text.startswith("{") else text.rpartition("\n")[2].strip(), ""


def root_of(module):
    """Tutor's project root, which is to be removed: a directory with what Tutor has in one; else empty."""
    if not module.params["root_argv"]:
        return ""
    path, _before = path_in(run(module, module.params["root_argv"]))
    known = path and any(os.path.exists(os.path.join(path, name)) for name in ("config.yml", "env"))
    return path if known else ""


def things_of(module, project):
    """What Docker has of a project."""
    label = f"label=com.docker.compose.project={project}"
    docker = at_engine(module.params["target"] or {}, ["docker"])
    return sorted(
        f"{kind} {name}"
        for kind, words in LISTS.items()
        for name in run(module, [*docker, *words, "--filter", label]).splitlines()
    )


def main():
    module = AnsibleModule(
        argument_spec={
            "side": {"type": "str", "choices": ["lms", "app"]},
            "images": {"type": "bool", "default": False},
            "target": {"type": "dict"},
            "label": {"type": "str"},
            "chdir": {"type": "path"},
            "argv": WORDS,
            "project_argv": WORDS,
            "root_argv": WORDS,
            "down_argv": WORDS,
        },
        supports_check_mode=True,
    )
    params = module.params
    root = root_of(module)
    project, refused = project_of(module)
    docker = things_of(module, project) if project else []
    if docker and refused:
        down = ["docker", "compose", "--project-name", project, "down", "--volumes"]
        module.fail_json(
            msg=f"{params['label']}: Docker has {', '.join(docker)}, and Compose refuses their project: {refused}. Mend"
            f" that; or run `{shlex.join(at_engine(params['target'], down))}` where no compose file is."
        )
    command = params["argv"] or (params["down_argv"] if docker else [])
    boots = 0
    if command and not module.check_mode:
        # In an app that is looked at from outside nothing was started.
        if params["target"] and params["target"].get("type") != "none":
            boots = session.drop(complete(params["target"]))
        run(module, command)
    module.exit_json(changed=bool(command), docker=docker, root=root if os.path.isdir(root) else "", boots=boots)


if __name__ == "__main__":
    main()
