# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that the files which run on other machines can be read by the oldest Python that they promise.

The promise of modules is in tests/config.yml too; the agent goes further back: it runs inside the target's own Python.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).resolve().parent.parent / "plugins"
INSIDE = [PLUGINS / "module_utils" / name for name in ("_agent.py", "_probes.py")]
MODULES = sorted({*PLUGINS.glob("modules/*.py"), *PLUGINS.glob("module_utils/*.py")} - {*INSIDE})
COMPILE = "import sys\nfor path in sys.argv[1:]: compile(open(path, encoding='utf-8').read(), path, 'exec')"


def check(version: tuple[int, int], files: list[Path]) -> bool:
    """By that very Python where it is installed, else by the grammar that ours knows of it."""
    python = f"python{version[0]}.{version[1]}"
    names = [str(path) for path in files]
    try:
        real = subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        real = False
    try:
        if real:
            subprocess.run([python, "-c", COMPILE, *names], check=True)
        else:
            for path in files:
                ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=version)
    except (SyntaxError, subprocess.CalledProcessError) as error:
        print(f"{python}: {error}")
        return False
    print(
        f"{python}: {len(files)} files, {'compiled by it' if real else 'parsed by its grammar, as it is not installed'}"
    )
    return True


if __name__ == "__main__":
    results = [check((3, 8), INSIDE), check((3, 9), MODULES)]
    sys.exit(0 if all(results) else 1)
