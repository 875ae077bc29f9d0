# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How packages are installed, and what is said meanwhile."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys

import pytest
from runs import ROOT

TOOL = ROOT / "tools/packages.py"
SAID = ["Collecting ansible-core", "Using cached it", "Collecting jinja2>=3 (from ansible-core)", "Using cached it"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "asking the package index"),
        (["Resolved 8 packages in 55ms"], "downloading 8 packages"),
        (["Resolved 8 packages in 55ms", "   Building it==1.0", "Prepared 1 package in 2s"], "installing 1 packages"),
        (SAID, "collecting jinja2, number 2"),
        ([*SAID, "Building wheel for pyyaml (setup.py): started"], "building pyyaml"),
        ([*SAID, "Installing collected packages: a, b, c"], "installing 3 packages"),
    ],
)
def test_what_they_are_at(lines, said):
    assert runpy.run_path(str(TOOL))["doing"](lines) == said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Resolved 8 packages in 5ms", "Installed 8 packages in 9ms", " + a==1"], "8 packages installed"),
        ([*SAID, "Successfully installed a-1 b-2"], "2 packages installed"),
        (["Checked 8 packages in 2ms"], "everything was there"),
    ],
)
def test_what_was_done(lines, said):
    assert runpy.run_path(str(TOOL))["done"](lines) == said


@pytest.fixture
def run(tmp_path):
    """The tool in a checkout of its own, where uv and the environment's Python note what they are asked."""
    root = tmp_path / "checkout"
    for name in ("tools/packages.py", "requirements/uv.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    folder, noted = tmp_path / "bin", tmp_path / "noted"

    def run(uv="exit 0", pip="exit 0"):
        for path, name, body in (folder / "uv", "uv", uv), (tmp_path / "venv/bin/python", "pip", pip):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{noted}"\n{body}\n')
            path.chmod(0o755)
        done = subprocess.run(
            [sys.executable, root / "tools/packages.py", "setup", tmp_path / "venv", "-r", "it.txt"],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(tmp_path)},
        )
        return done, noted.read_text().splitlines()

    return run


def said(done):
    """What it printed, without the seconds that each line begins with: a busy machine takes longer."""
    return re.sub(r"(?m)^(\w+: )\d+ s: ", r"\1", done.stdout)


def test_uv_installs_into_the_environment_that_is_there(run, tmp_path):
    done, noted = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert noted[-1] == f"uv pip install --python {tmp_path}/venv/bin/python -r it.txt"
    assert said(done) == "setup: everything was there\n"


def test_pip_installs_where_uv_fails(run):
    done, noted = run(uv="echo no such index; exit 2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert noted[-1] == "pip -m pip --disable-pip-version-check install --progress-bar off -r it.txt"
    assert "setup: uv failed; it said:\nno such index\n" in said(done)


def test_a_failure_of_both_is_shown_and_is_that_of_the_tool(run):
    done, _noted = run(uv="exit 2", pip='[ "$1" = -c ] || { echo no it.txt; exit 1; }')
    assert done.returncode == 1
    assert "setup: pip failed; it said:\nno it.txt\n" in said(done)
