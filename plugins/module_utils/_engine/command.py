# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The command that reaches a target: how it is declared, and the argv that comes of it."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mitodl.openedx.plugins.module_utils import _kubectl
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine, compose_of
from ansible_collections.mitodl.openedx.plugins.module_utils._meant import strangers
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable

TARGET_SPEC: dict[str, Any] = {
    "type": "dict",
    "required": True,
    "options": {
        "type": {
            "type": "str",
            "choices": ["command", "compose", "tutor_dev", "tutor_local", "tutor_k8s", "kubernetes"],
            "default": "command",
        },
        "argv": {"type": "list", "elements": "str"},
        "chdir": {"type": "path"},
        "settings": {"type": "str"},
        "service": {"type": "str"},
        "project": {"type": "str"},
        "docker_host": {"type": "str"},
        "docker_context": {"type": "str"},
        "root": {"type": "path"},
        "tutor": {"type": "str", "default": "tutor"},
        "namespace": {"type": "str", "default": "openedx"},
        "kubeconfig": {"type": "path"},
        "context": {"type": "str"},
        "container": {"type": "str"},
        "timeout": {"type": "int", "default": 300},
        "session": {"type": "str"},
    },
}

# Stock app images forbid Python to keep compiled files, which doubles the price of every start; see loader.py.
KEEP_COMPILED = "MITODL_OPENEDX_KEEP_COMPILED=1"


class TargetError(Exception):
    """The target gave no usable reply. ``msg`` says what was run, what came of it, and what to do."""

    def __init__(self, msg: str, **details: Any):
        super().__init__(printable(msg))
        self.details = details


def start_of(target: dict[str, Any]) -> list[str]:
    """The command that starts what a target runs in; none for a target of type ``command``.

    >>> start_of({"type": "tutor_dev", "tutor": "tutor", "root": None})
    ['tutor', 'dev', 'start', '--detach']
    """
    kind = target["type"]
    if kind == "compose":
        return [*compose_of(target), "up", "--detach"]
    if not kind.startswith("tutor_"):
        return []
    root = ["--root", target["root"]] if target.get("root") else []
    detached = [] if kind == "tutor_k8s" else ["--detach"]
    return at_engine(target, [target["tutor"], *root, kind.replace("tutor_", "", 1), "start", *detached])


def complete(target: dict[str, Any]) -> dict[str, Any]:
    """A target with everything that a module's own option would have; for modules whose caller is an action of ours.

    >>> complete({"argv": ["python", "-"]})["timeout"]
    300

    :raises TargetError: it says something that no target has.
    """
    if unknown := strangers("key", target, TARGET_SPEC["options"], "A target"):
        raise TargetError(f"target: {unknown}")
    result = ArgumentSpecValidator(TARGET_SPEC["options"]).validate(target)
    if result.error_messages:
        raise TargetError(f"target: {'; '.join(result.error_messages)}.")
    return result.validated_parameters


def attended_argv(argv: list[str], bootstrap: str) -> list[str]:
    """The command with a Python that takes as much of stdin as it is told, and leaves the rest for later.

    >>> attended_argv(["ssh", "host", "python", "-"], "pass; pass")
    ['ssh', 'host', 'python', '-c', "'pass; pass'"]
    """
    # ssh hands its words to a shell, whatever runs ssh.
    over_ssh = any(os.path.basename(word) == "ssh" for word in argv)
    return [*argv[:-1], "-c", shlex.quote(bootstrap) if over_ssh else bootstrap]


def missing_program(commands: dict[str, list[str]]) -> str:
    """Why one of these commands cannot be begun on this machine; empty where all can, or where that depends on their
    directory.

    :param commands: by the variable of the inventory that gives each.

    >>> missing_program({"edx_start_argv": ["/no/lms", "up"]})
    'edx_start_argv begins with /no/lms, which is no program on the machine that runs it. Correct edx_start_argv.'
    """
    for variable, argv in commands.items():
        program = argv[0] if argv else ""
        depends = "/" in program and not os.path.isabs(program)
        if program and not depends and not shutil.which(program):
            return (
                f"{variable} begins with {program}, which is no program on the machine that runs it. Correct "
                f"{variable}."
            )
    return ""


def argv_of(target: dict[str, Any]) -> list[str]:
    """The command that runs a Python program from stdin inside the target.

    >>> argv_of({"type": "compose", "project": "mitxpro", "service": None})[:6]
    ['docker', 'compose', '--project-name', 'mitxpro', 'exec', '-T']
    """
    kind, python = target["type"], target.get("argv") or ["python", "-"]
    container = ["-T", "-e", KEEP_COMPILED]
    if kind == "command":
        if not target.get("argv"):
            raise TargetError(
                "target: type=command needs argv, the command that runs Python code from its stdin in the target."
            )
        return python
    if kind == "compose":
        project = ["--project-name", target["project"]] if target.get("project") else []
        exec_ = ["exec", *container, target.get("service") or "web"]
        return at_engine(target, ["docker", "compose", *project, *exec_, *python])
    if kind in _kubectl.KINDS:
        return _kubectl.exec_argv(target, python)
    root = ["--root", target["root"]] if target.get("root") else []
    exec_ = [kind.replace("tutor_", "", 1), "exec", *container, target.get("service") or "lms"]
    return at_engine(target, [target["tutor"], *root, *exec_, *python])
