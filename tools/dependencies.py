# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the collections that we depend on into `.ansible/collections`, from the Python index instead of Galaxy.

The wheel of the `ansible` package holds them all; only the few that are needed are taken out of it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / ".ansible" / "collections"
PIN = ROOT / "requirements" / "collections.txt"
STAMP = TARGET / "ansible_collections" / "community" / ".from"
WANTED = (
    "ansible_collections/community/docker/",
    "ansible_collections/community/library_inventory_filtering_v1/",
)


def main() -> None:
    if STAMP.exists() and STAMP.read_text() == PIN.read_text():
        return
    print("setup: community.docker out of the ansible package")
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--only-binary=:all:", "--dest", scratch, "-r", str(PIN)], check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(TARGET, [name for name in archive.namelist() if name.startswith(WANTED)])
    STAMP.write_text(PIN.read_text())


if __name__ == "__main__":
    main()
