# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said while packages are installed."""

from __future__ import annotations

import runpy
import subprocess
import sys

import pytest
from runs import ROOT

TOOL = ROOT / "tools/packages.py"
SAID = ["Collecting ansible-core", "Using cached it", "Collecting jinja2>=3 (from ansible-core)", "Using cached it"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "starting pip"),
        (SAID, "collecting jinja2, number 2"),
        ([*SAID, "Building wheel for pyyaml (setup.py): started"], "building pyyaml"),
        ([*SAID, "Installing collected packages: a, b, c"], "installing 3 packages"),
    ],
)
def test_what_pip_is_at(lines, said):
    assert runpy.run_path(str(TOOL))["doing"](lines) == said


def test_a_failure_of_pip_is_shown_and_is_that_of_the_tool(tmp_path):
    command = [sys.executable, TOOL, "setup", sys.executable, "--no-index", "--requirement", tmp_path / "none.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "setup: " in done.stdout
    assert "pip failed; it said:" in done.stdout
    assert "none.txt" in done.stdout
