# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as Ansible runs them, without Ansible around them: in a process of their own, or in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.common import warnings

Result = dict[str, Any]


def run_here(module: ModuleType, arguments: Mapping[str, Any]) -> Result:
    """In this process: a start of Python and Ansible for each of many runs would take minutes."""
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, default=str).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    # A module begins without those of another one.
    warnings._global_warnings.clear()
    warnings._global_deprecations.clear()
    # Where Ansible's controller was loaded too, it would print the warnings (since ansible-core 2.19).
    internal = sys.modules.get("ansible.module_utils._internal", ModuleType("none"))
    as_module = mock.patch.object(internal, "is_controller", False, create=True)
    said = io.StringIO()
    with as_module, contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        module.main()
    return json.loads(said.getvalue())


def run_apart(module: ModuleType, arguments: Mapping[str, Any], env: Mapping[str, str], *around: str) -> Result:
    """In a process of its own, with its arguments on stdin.

    :param around: a command that runs it.
    """
    done = subprocess.run(
        [*around, sys.executable, str(module.__file__)],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        capture_output=True,
        text=True,
        env={**env, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)
