#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mit_app_info
short_description: Look at the machine of an MIT application before anything is decided
description:
  - Says in one process what the role P(mitodl.openedx.mit_app#role) notes of an app's machine - what its C(.env) says
    of Open edX, whether its directory is there, whether the app answers, and whether the names of the LMS and the app
    resolve.
  - In a playbook it takes no options - an action of the same name on the controller fills them in from the inventory
    variables of the host. It refuses a declaration that cannot be, and names with the prefixes C(edx_) and C(mit_app_)
    that nothing reads.
  - Where the app runs and is integrated already, its Django is started in the background, so that it is there when it
    is asked; that of its LMS, too, where O(lms) says how.
options:
  dir:
    description: The directory of the app's checkout, where it has one.
    type: path
  dotenv:
    description: The app's C(.env) file.
    type: path
  url:
    description: The address of the app.
    type: str
  names:
    description: Host names that have to resolve on this machine.
    type: list
    elements: str
    default: []
  hosts_file:
    description: The hosts file of this machine.
    type: path
    default: /etc/hosts
  manage_hosts:
    description: Whether names that do not resolve get a line in the hosts file, so that the app is asked as it will be.
    type: bool
    default: false
  target:
    description: How Django code of the app is run, as for M(mitodl.openedx.django_site).
    type: dict
  lms:
    description:
      - The LMS of the app, where it is reached from this machine and no other app of the play does the work on it.
    type: dict
    suboptions:
      url:
        description: The address of the LMS.
        type: str
        required: true
      target:
        description: How Django code of the LMS is run, as for M(mitodl.openedx.django_site).
        type: dict
        required: true
      ca_path:
        description: As for the app.
        type: path
      validate_certs:
        description: As for the app.
        type: bool
        default: true
  starts_by:
    description: What brings the app up; Docker is looked at where that is V(compose).
    type: str
    choices: [compose, command, kubernetes, nothing]
    default: nothing
  restart_argv:
    description: The command that restarts the app, where one does. It is not run; its program has to be there.
    type: list
    elements: str
    default: []
  port:
    description: A port that the compose project has to publish where nobody listens there.
    type: int
    default: 0
  api_gateway:
    description: Whether that port is the one of the app's gateway.
    type: bool
    default: false
  profiles:
    description: Profiles of Compose that will be active besides those of the C(.env), as those of a gateway.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.tls
  - mitodl.openedx.action
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Check the app's machine and read its .env
  mitodl.openedx.mit_app_info:
  register: mit_app_found
"""

RETURN = r"""
env:
  description:
    - The keys of the C(.env) that begin with C(OPENEDX_), C(COMPOSE_FILE), C(COMPOSE_PROFILES), C(COMPOSE_PROJECT_NAME)
      and C(KEYCLOAK_CLIENT_SECRET). They hold secrets, so a success is kept out of the log.
  type: dict
  returned: success
dotenv:
  description:
    - Whether the C(.env) is there, when it was changed last (C(mtime), in seconds since 1970), and why it cannot be
      edited, or is one that Docker Compose refuses (C(problem)); that is empty where nothing is in the way.
  type: dict
  returned: success
checkout:
  description: Whether O(dir) is there.
  type: bool
  returned: success
directory:
  description: Whether the directory of the C(.env) is there.
  type: bool
  returned: success
status:
  description: The HTTP status with which the app answers; C(-1) where it does not.
  type: int
  returned: success
obstacle:
  description:
    - Why the app cannot be brought up or reached, and what to do - Docker, its compose file, its port or its
      certificate. Empty where nothing is in the way.
  type: str
  returned: success
absent_images:
  description: The images that Compose will build or pull first where the app does not answer, in words.
  type: list
  elements: str
  returned: success
cli_context:
  description: The context of the Docker CLI, where it is not the default one; for the modules of community.docker.
  type: str
  returned: success
project:
  description: What Compose calls the project.
  type: str
  returned: success
windows_lines:
  description: The lines that the hosts file of Windows lacks, whose browser is used with WSL; a warning says so.
  type: list
  elements: str
  returned: success
names:
  description: What M(mitodl.openedx.host_names_info) says of the names.
  type: dict
  returned: success
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _compose, _dotenv, _files, _http
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.channel import SessionError
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import (
    TargetError,
    complete,
    missing_program,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import expected, look_up, unknown_to_windows

# Shorter values of these are the placeholders without which an app does not start.
CREDENTIALS = ("OPENEDX_API_CLIENT_ID", "OPENEDX_API_CLIENT_SECRET")
OF_GATEWAYS = ("COMPOSE_PROFILES", "KEYCLOAK_CLIENT_SECRET")
OF_COMPOSE = ("COMPOSE_PROJECT_NAME", "COMPOSE_FILE")
SHORTEST = 20


def problem_of(path, text, is_compose):
    """Why a .env, None where there is none, cannot be used as it is; nothing where it can."""
    if text is None:
        return _files.obstacle(path)
    encoding = _files.unsafe_encoding(text)
    if encoding:
        return f"{path} {encoding}"
    refused = _dotenv.unreadable(text, os.environ) if is_compose else {}
    for number, why in refused.items():
        return f"Docker Compose refuses {path} for line {number} ({why}), so that no container starts; mend that line."
    return _files.obstacle(path)


def obstacle(docker, params, answer, profiles):
    """Why an app cannot be brought up or reached; nothing where it answers."""
    given = os.environ.get("DOCKER_HOST", "")
    if params["starts_by"] == "compose" and given and (params["target"] or {}).get("docker_context"):
        # community.docker, which every run calls, takes both for a mistake.
        return (
            f"DOCKER_HOST is {given} in the environment, and mit_app_docker_context names another engine. Unset the "
            "one, or give mit_app_docker_host instead."
        )
    target = params["target"] or {}
    commands = {
        "mit_app_target.argv": target.get("argv") or [] if target.get("type", "command") == "command" else [],
        "mit_app_restart_argv": params["restart_argv"],
    }
    if problem := missing_program(commands):
        return problem
    folder = params["dir"] or ""
    if not answer.is_silent:
        if params["starts_by"] != "compose" or not os.path.isdir(folder):
            return ""
        # It may run from another directory than the one that is declared.
        has_file = any(os.path.exists(os.path.join(folder, name)) for name in _compose.FILES)
        return docker.other_app(folder, params["port"]) if has_file else _compose.no_compose_file(folder)
    problem = answer.tls_problem(params["url"], "mit_app")
    if problem or params["starts_by"] != "compose":
        return problem
    if os.path.isdir(folder):
        port = params["port"] if answer.status == -1 else 0
        problem = docker.project_problem(folder, target, port, params["api_gateway"], profiles)
    return docker.engine_problem() or problem


def ask(side):
    return _http.ask(_http.sign_of_life(side["url"]), timeout=10, **_http.trust_of(side))


def begin(module, target, answer):
    """Start the Django of a target that answers, in the background."""
    if not target or answer.is_silent:
        return
    try:
        session.start(complete(target))
    except (SessionError, TargetError) as error:
        module.warn(f"Django is started for each question, because it cannot be kept running: {error}")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "dir": {"type": "path"},
            "dotenv": {"type": "path"},
            "url": {"type": "str"},
            "names": {"type": "list", "elements": "str", "default": []},
            "hosts_file": {"type": "path", "default": "/etc/hosts"},
            "manage_hosts": {"type": "bool", "default": False},
            "target": {"type": "dict"},
            "lms": {
                "type": "dict",
                "options": {
                    "url": {"type": "str", "required": True},
                    "target": {"type": "dict", "required": True},
                    **_http.TLS_SPEC,
                },
            },
            "starts_by": {
                "type": "str",
                "choices": ["compose", "command", "kubernetes", "nothing"],
                "default": "nothing",
            },
            "restart_argv": {"type": "list", "elements": "str", "default": []},
            "port": {"type": "int", "default": 0},
            "api_gateway": {"type": "bool", "default": False},
            "profiles": {"type": "list", "elements": "str", "default": []},
            **_http.TLS_SPEC,
        },
        supports_check_mode=True,
    )
    params = module.params
    path = os.path.realpath(params["dotenv"])
    try:
        text = _files.read(path)
        problem = problem_of(path, text, (params["target"] or {}).get("type") == "compose")
        names = look_up(params["names"], params["hosts_file"])
    except _files.FileError as error:
        module.fail_json(msg=f"{error} Nothing was changed.")
    except OSError as error:
        module.fail_json(
            msg=f"{error.filename} cannot be read: {error.strerror}. "
            "Run it as a user who may read it. Nothing was changed."
        )
    env = {
        name: value
        for name, value in _dotenv.read(text or "").items()
        if name.startswith("OPENEDX_") or name in (*OF_GATEWAYS, *OF_COMPOSE)
    }
    # What a run adds to them counts, though it is not in the .env yet.
    active = [*_compose.profiles_in(env.get("COMPOSE_PROFILES")), *params["profiles"]] if params["profiles"] else ()
    integrated = all(len(env.get(name) or "") >= SHORTEST for name in CREDENTIALS)
    with expected(names["unresolved"] if params["manage_hosts"] else ()):
        # The LMS first, whose start takes longest.
        if integrated and (lms := params["lms"]):
            begin(module, lms["target"], ask(lms))
        answer = ask(params)
    lines = unknown_to_windows(params["names"])
    if lines:
        module.warn(
            "The browser of Windows does not know every name. Add to C:\\Windows\\System32\\drivers\\etc\\hosts, as an "
            f"administrator: {'; '.join(lines)}"
        )
    docker = _compose.Docker.of(module, params["target"])
    by_compose = params["starts_by"] == "compose"

    def named():
        return docker.config(params["dir"])[0].get("name", "") if os.path.isdir(params["dir"]) else ""

    if integrated:
        begin(module, params["target"], answer)
    module.exit_json(
        changed=False,
        env=env,
        dotenv={
            "exists": text is not None,
            "mtime": None if text is None else os.stat(path).st_mtime,
            "problem": problem,
        },
        checkout=params["dir"] is None or os.path.isdir(params["dir"]),
        directory=os.path.isdir(os.path.dirname(path)),
        status=answer.status,
        obstacle=obstacle(docker, params, answer, list(dict.fromkeys(active))),
        absent_images=docker.absent,
        cli_context=docker.context() if by_compose else "",
        project=_compose.project_name(params["dir"], env, os.environ, named) if by_compose and params["dir"] else "",
        names=names,
        windows_lines=lines,
    )


if __name__ == "__main__":
    main()
