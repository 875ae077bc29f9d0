# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The Python programs that a target is given on stdin: sources of the agent and of a job, followed by one call."""

from __future__ import annotations

import inspect
import json
import re
import sys
from types import ModuleType
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import agent, loader

# Reads a program of a given length from stdin, where `python -` would wait for the end of stdin.
BOOTSTRAP = """
import os, sys
sys.argv[0] = '-'
def take(length):
    found = b''
    while len(found) < length:
        part = os.read(0, length - len(found))
        if not part:
            sys.exit(1)
        found += part
    return found
exec(compile(take(int(take(10))), 'session', 'exec'))
"""

Jobs = dict[str, tuple[ModuleType, str]]
# An import of something of the collection. (To take every file to pieces with ast costs more than the request.)
IMPORT = re.compile(
    rf"^ *from ({re.escape(__name__.split('plugins.', 1)[0])}[\w.]+) import (\([^)]*\)|.*)$", re.MULTILINE
)


def sources(*modules: ModuleType) -> dict[str, str]:
    """The sources of modules, and of those of the collection that they import, by their full names.

    >>> [name.rpartition(".")[2] for name in sources(agent)]
    ['agent']
    """
    found: dict[str, str] = {}
    waiting = [module.__name__ for module in modules]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = inspect.getsource(sys.modules[name])
        except (OSError, TypeError):
            # An empty package; the target makes one by itself.
            continue
        for module, names in IMPORT.findall(found[name]):
            imported = [module, *(f"{module}.{each}" for each in re.findall(r"\w+", names))]
            waiting += [other for other in imported if other in sys.modules]
    return found


def program(request: dict[str, Any], jobs: Jobs, attended: bool = False) -> str:
    """The whole text for stdin where a target is started for one request: what is sent along, and the one call.

    :param attended: whether stdin stays open as long as somebody waits for the reply.
    """
    module, function = jobs[request["job"]]
    # As a text: a literal of thousands of objects would take hundreds of megabytes to compile.
    call = f"agent.main(agent.json.loads({json.dumps(request)!a}), {(module.__name__, function)!a}, {attended})"
    return text(sources(agent, module), call)


def prefixed(program: bytes) -> bytes:
    """A program as the bootstrap takes it."""
    return b"%010d" % len(program) + program


def session_program(mark: str, settings: str | None, seconds: int) -> str:
    """The text with which a session begins."""
    return text(sources(agent), f"agent.serve(sent, {mark!a}, {settings!a}, {seconds})")


def session_request(request: dict[str, Any], jobs: Jobs) -> dict[str, Any]:
    """One request as a session takes it."""
    module, function = jobs[request["job"]]
    return {"sources": sources(module), "job": [module.__name__, function], "request": request}


def text(sources: dict[str, str], call: str) -> str:
    lines = [
        inspect.getsource(loader),
        "if os.environ.get('MITODL_OPENEDX_KEEP_COMPILED'):",
        "    keep_compiled('/tmp/mitodl-openedx-pycache-%d' % os.geteuid())",
        f"sent = Sent({sources!a})",
        "sys.meta_path.insert(0, sent)",
        f"import {agent.__name__} as agent",
        call,
    ]
    return "\n".join(lines) + "\n"
