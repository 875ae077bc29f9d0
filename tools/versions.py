# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the ansible-core versions to test, each with the newest Python that it supports, for the matrix of a workflow.

The lower bound is that of meta/runtime.yml. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

RUNTIME = Path(__file__).resolve().parent.parent / "meta" / "runtime.yml"
PYTHONS = {"2.17": "3.12", "2.18": "3.13", "2.19": "3.13", "2.20": "3.14", "2.21": "3.14"}


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main() -> None:
    bound = re.search(r"""requires_ansible: ["']?>=([\d.]+)""", RUNTIME.read_text())
    if bound is None:
        raise SystemExit(f"{RUNTIME} has no requires_ansible with a lower bound")
    lowest = number(bound[1])[:2]
    chosen = [{"core": core, "python": python} for core, python in PYTHONS.items() if number(core) >= lowest]
    print(f"matrix={json.dumps(chosen)}")


if __name__ == "__main__":
    main()
