# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests a run leaves: by tests/sets.py what only `make test-all` runs, and without Docker what needs it.

Also what tests in a browser need.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from runs import ROOT
from sets import is_full


def has_engine():
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pytest_collection_modifyitems(items):
    for item in items:
        if is_full(item.nodeid.removeprefix("tests/")):
            item.add_marker(pytest.mark.full)
    docker = [item for item in items if item.get_closest_marker("docker")]
    if docker and not has_engine():
        for item in docker:
            item.add_marker(pytest.mark.skip(reason="no Docker Engine answers (`docker info`)"))


def pytest_deselected(items):
    """How many tests are left, for the table of tools/test.py. (The processes of pytest-xdist do not say it.)"""
    if path := os.environ.get("TESTS_LEFT"):
        Path(path).write_text(str(len(items)))


@pytest.fixture(scope="session")
def browser_modules():
    """The npm packages of tests/browser, where this machine has what they need."""
    for commands in (("chromium", "chromium-browser", "google-chrome"), ("node",), ("npm",)):
        if not any(map(shutil.which, commands)):
            pytest.skip(f"what a browser shows was NOT checked: {commands[0]} is not installed")
    home = ROOT / ".cache/browser"
    home.mkdir(parents=True, exist_ok=True)
    wanted = (ROOT / "tests/browser/package.json").read_text()
    if not (home / ".installed").exists() or (home / ".installed").read_text() != wanted:
        (home / "package.json").write_text(wanted)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"]
        done = subprocess.run(command, cwd=home, text=True, capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"what a browser shows was NOT checked: npm install failed: {done.stderr[-300:]}")
        (home / ".installed").write_text(wanted)
    return home
