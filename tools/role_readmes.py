# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tables of variables in the roles' READMEs from their argument_specs; --check only compares.

What stands above the marker in a README is written by hand and kept.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parent.parent / "roles"
MARKER = "<!-- Below this line: written by tools/role_readmes.py from meta/argument_specs.yml -->"


def as_markdown(text: str) -> str:
    """Ansible's markup for names, values and files as Markdown's one for code."""
    return re.sub(r"\b[CEMOPV]\(([^()]*)\)", r"`\1`", text)


def table(options: dict[str, Any]) -> list[str]:
    lines = ["| Variable | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    for name, option in options.items():
        default = (
            f"`{json.dumps(option['default'])}`"
            if "default" in option
            else "required"
            if option.get("required")
            else ""
        )
        text = as_markdown(" ".join(option["description"])).replace("|", "\\|")
        if "choices" in option:
            text += " Choices: " + ", ".join(f"`{choice}`" for choice in option["choices"]) + "."
        kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
        lines.append(f"| `{name}` | {kind} | {default} | {text} |")
    return lines


def readme(role: Path) -> str:
    """The whole README of a role."""
    path, specs = role / "README.md", yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    head = path.read_text().partition(MARKER)[0] if path.exists() else f"# {role.name}\n"
    parts = [head.rstrip(), "", MARKER, "", "## Variables", ""]
    main = specs["main"]["options"]
    for name, spec in specs.items():
        if name == "main":
            parts += [*table(main), ""]
            continue
        parts += [
            f"### Entry point `{name}`",
            "",
            as_markdown(f"{spec['short_description']}. " + " ".join(spec["description"])),
            "",
        ]
        own = {option: value for option, value in spec["options"].items() if option not in main}
        parts += [*table(own), ""] if own else ["The same variables.", ""]
    return "\n".join(parts)


def main() -> None:
    stale = []
    for role in sorted(path.parent.parent for path in ROLES.glob("*/meta/argument_specs.yml")):
        text = readme(role)
        path = role / "README.md"
        if not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(ROLES.parent).as_posix())
            if "--check" not in sys.argv:
                path.write_text(text)
    if "--check" in sys.argv and stale:
        sys.exit(f"Out of date: {', '.join(stale)}. Run tools/role_readmes.py.")


if __name__ == "__main__":
    main()
