# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests a run leaves: by tests/sets.py what only `make test-all` runs, and without Docker what needs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
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
