# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the collections that we depend on into `.ansible/collections`, from the Python index instead of Galaxy.

The wheel of the `ansible` package holds them all; only the few that are needed are kept.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / ".ansible" / "collections" / "ansible_collections" / "community"
PIN = ROOT / "requirements" / "collections.txt"
STAMP = TARGET / ".from"
WANTED = ("docker", "library_inventory_filtering_v1")


def main() -> int:
    if STAMP.exists() and STAMP.read_text() == PIN.read_text():
        return 0
    print("setup: community.docker out of the ansible package", flush=True)
    # Below the checkout: what lies on one disk can be linked and moved instead of copied.
    with tempfile.TemporaryDirectory(dir=ROOT / ".ansible") as scratch:
        install = [sys.executable, "tools/packages.py", "setup", ".venv", "--no-deps", "--target", scratch]
        if code := subprocess.run([*install, "-r", PIN], cwd=ROOT, check=False).returncode:
            return code
        TARGET.mkdir(parents=True, exist_ok=True)
        for name in WANTED:
            shutil.rmtree(TARGET / name, ignore_errors=True)
            shutil.move(Path(scratch) / "ansible_collections" / "community" / name, TARGET / name)
    STAMP.write_text(PIN.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
