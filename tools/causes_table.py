# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tables of docs/causes.md from the causes that the tests make and the hops; --check only compares.

What stands above the marker is written by hand and kept.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / ".ansible/collections")]
CATALOGUE = importlib.import_module(
    "ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue"
).CATALOGUE
causes = importlib.import_module("causes")
EXAMPLE, LISTS = causes.EXAMPLE, causes.LISTS

PAGE = ROOT / "docs/causes.md"
MARKER = "<!-- Below this line: written by tools/causes_table.py from tests/causes.py and the hops -->"


def row(cause) -> str:
    mark = "" if cause.status == "failed" else f" ({cause.status})"
    cells = [
        f"`{cause.id}`",
        cause.broken,
        f"`{cause.hop}`{mark}",
        cause.fact.format(**EXAMPLE),
        cause.fix.format(**EXAMPLE),
        cause.healed,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"


def page() -> str:
    head = PAGE.read_text().partition(MARKER)[0]
    parts = [head.rstrip(), "", MARKER, ""]
    for title, causes in LISTS.items():
        parts += [f"## {title}", ""]
        parts += ["| Cause | What is broken | Hop | The doctor's fact | Its fix | Healed in the test by |"]
        parts += ["| --- | --- | --- | --- | --- | --- |", *map(row, causes), ""]
    parts += ["## The hops", "", "| Hop | What is known when it is ok |", "| --- | --- |"]
    parts += [f"| `{hop.id}` | {' '.join(hop.proves.split())} |" for hop in CATALOGUE]
    return "\n".join([*parts, ""])


def main() -> None:
    text = page()
    if PAGE.read_text() == text:
        return
    if "--check" in sys.argv:
        sys.exit("Out of date: docs/causes.md. Run tools/causes_table.py.")
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
