# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the checkout in which a test may write."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copied(home: Path) -> Path:
    """The files of the collection and its tests, with the Pythons of the checkout itself."""
    for name in ("plugins", "meta", "tests", "tools", "lab"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "pyproject.toml", "galaxy.yml", "ansible.cfg"):
        shutil.copy(ROOT / name, home / name)
    place = home / ".ansible/collections/ansible_collections/mitodl"
    place.mkdir(parents=True)
    (place / "openedx").symlink_to(home)
    (home / ".lab").symlink_to(ROOT / ".lab")
    return home
