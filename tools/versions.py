# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ansible-core versions to test, and their Pythons; as a command, the matrix of a workflow with the newest of each.

The lower bound is that of meta/runtime.yml. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

RUNTIME = Path(__file__).resolve().parent.parent / "meta" / "runtime.yml"
#: The Pythons of the controller, the newest first.
SUPPORTED = {
    "2.17": ("3.12", "3.11", "3.10"),
    "2.18": ("3.13", "3.12", "3.11"),
    "2.19": ("3.13", "3.12", "3.11"),
    "2.20": ("3.14", "3.13", "3.12"),
    "2.21": ("3.14", "3.13", "3.12"),
}


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def promised() -> dict[str, tuple[str, ...]]:
    bound = re.search(r"""requires_ansible: ["']?>=([\d.]+)""", RUNTIME.read_text())
    if bound is None:
        raise SystemExit(f"{RUNTIME} has no requires_ansible with a lower bound")
    return {core: pythons for core, pythons in SUPPORTED.items() if number(core) >= number(bound[1])[:2]}


#: The lowest first.
PYTHONS = promised()


def candidates(python: str) -> Iterator[Path]:
    """Where a Python may be. (A shim of pyenv on PATH may not start; what it stands for does.)"""
    if found := shutil.which(f"python{python}"):
        yield Path(found)
    yield from Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv").glob(f"versions/{python}.*/bin/python3")
    yield from (Path.home() / ".local/share/uv/python").glob(f"cpython-{python}.*/bin/python3")


def find(core: str) -> Path | None:
    """The newest Python of this machine that a version of ansible-core supports."""
    for python in PYTHONS[core]:
        for path in candidates(python):
            if subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                return path
    return None


def main() -> None:
    print(f"matrix={json.dumps([{'core': core, 'python': pythons[0]} for core, pythons in PYTHONS.items()])}")


if __name__ == "__main__":
    main()
