# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the table of docs/guide.md from the actions in roles/sso_plan/vars/guide.yml; a unit test compares the two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/guide.md"
MARKER = "<!-- Below this line: written by tools/guide_table.py from roles/sso_plan/vars/guide.yml -->"


def actions() -> list[dict[str, Any]]:
    return yaml.safe_load((ROOT / "roles/sso_plan/vars/guide.yml").read_text())["sso_plan_actions"]


def known(action: dict[str, Any]) -> str:
    """How the state of an action is known, in a cell of the table."""
    if "superseded" in action:
        return f"not applicable: {action['superseded']}"
    parts = [f"{thing['where']}: {thing['name']}" for thing in action.get("found", [])]
    parts += [f"hop `{hop}`" for hop in action.get("hops", [])]
    unless = f"; not applicable where {action['otherwise']}" if "otherwise" in action else ""
    return ", ".join(parts) + unless


def document() -> str:
    lines = [DOCUMENT.read_text().partition(MARKER)[0].rstrip(), "", MARKER, ""]
    lines += ["| | What a person does | What does it here | Known by |", "| --- | --- | --- | --- |"]
    for number, action in enumerate(actions(), 1):
        role = f"[{action['role']}](../roles/{action['role']}/README.md)" if action["role"] else ""
        lines.append(f"| {number} | {action['title']} | {role} | {known(action)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
