# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of docs/guide.md from the actions of the manual guide; --check only compares.

What stands above the marker is written by hand and kept.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/guide.md"
SOURCE = "plugins/plugin_utils/_integration/guide.py"
MARKER = f"<!-- Below this line: written by tools/guide_table.py from {SOURCE} -->"


def actions() -> tuple[Any, ...]:
    sys.path.insert(0, str(ROOT / ".ansible/collections"))
    return runpy.run_path(str(ROOT / SOURCE))["ACTIONS"]


def known(action: Any) -> str:
    """How the state of an action is known, in a cell of the table."""
    if action.superseded:
        return f"not applicable: {action.superseded}"
    parts = [f"{thing.where}: {thing.name}" for thing in action.things]
    parts += [f"hop `{hop}`" for hop in action.hops]
    unless = f"; not applicable where {action.when.otherwise}" if action.when else ""
    return ", ".join(parts) + unless


def page() -> str:
    lines = [PAGE.read_text().partition(MARKER)[0].rstrip(), "", MARKER, ""]
    lines += [
        "| | What a person does | What does it here | What decides it | Known by |",
        "| --- | --- | --- | --- | --- |",
    ]
    for number, action in enumerate(actions(), 1):
        role = f"[{action.role}](../roles/{action.role}/README.md)" if action.role else ""
        variables = ", ".join(f"`{name}`" for name in action.variables)
        lines.append(f"| {number} | {action.title} | {role} | {variables} | {known(action)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text)
    elif PAGE.read_text() != text:
        sys.exit("docs/guide.md is stale: run tools/guide_table.py")


if __name__ == "__main__":
    main()
