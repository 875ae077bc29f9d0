# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides of a lab with their Django started once, for modules that run in this process: milliseconds for each."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import owner, session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import complete
from modules import Result, run_apart, run_here
from runs import ROOT
from states import SIDES, names_of, reader


def module(name: str):
    return importlib.import_module(f"ansible_collections.mitodl.openedx.plugins.modules.{name}")


def target(side: str, named: str | None = None) -> dict[str, Any]:
    """How a side of the lab is reached, with the name of its session."""
    argv = [sys.executable, str(ROOT / "lab/ctl.py"), "exec", side, "--", "python", "-"]
    return {"argv": argv, "session": named}


class Warm:
    """The sessions of this process, which others begin for a run of Ansible, and modules that use them."""

    def __init__(self, state: Path, env: dict[str, str]):
        self.state, self.env = state, env
        self.name = owner.name(os.getpid())
        #: What each side had read when it was started.
        self.read: dict[str, set[tuple[str, int, int]]] = {}

    def target(self, side: str) -> dict[str, Any]:
        """The target of a side that is started, as a new start would be."""
        found = [(name, (self.state / name).stat()) for name in names_of(self.state) if reader(name) == side]
        read = {(name, stat.st_mtime_ns, stat.st_size) for name, stat in found}
        if read != self.read.get(side):
            self.drop(side)
            self.read[side] = read
        return target(side, self.name)

    def drop(self, *sides: str) -> None:
        """End sessions, because a new start would be another, or because nobody needs them any more."""
        with mock.patch.dict(os.environ, self.env):
            for side in sides or SIDES:
                session.drop(complete(target(side, self.name)))

    def run(self, side: str, name: str, check: bool = False, /, **options: Any) -> Result:
        """A module about a side, whose Django is running."""
        arguments = {**plain(check), "target": self.target(side), **options}
        with mock.patch.dict(os.environ, self.env):
            return run_here(module(name), arguments)

    def start(self, side: str, name: str, check: bool = False, /, **options: Any) -> Result:
        """The same in a process of its own, which starts Django for itself."""
        return run_apart(module(name), {**plain(check), "target": target(side), **options}, self.env)


def plain(check: bool) -> dict[str, Any]:
    return {"_ansible_check_mode": check, "_ansible_diff": True}
