# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as Ansible runs it: a process of its own, the arguments on its stdin, JSON on its stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from runs import ROOT


def module(name, /, *, check=False, env=None, **options):
    """What a module of this collection answers."""
    arguments = {"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": check, "_ansible_diff": True, **options}}
    done = subprocess.run(
        [sys.executable, ROOT / f"plugins/modules/{name}.py"],
        input=json.dumps(arguments, default=str),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **(env or {})},
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)
