# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tables of variables from the roles' argument_specs; --check only compares.

They go into the roles' READMEs, where what stands above the marker is written by hand and kept, and those that an
inventory sets for its apps and LMSs onto one page, docs/variables.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from antsibull_docs_parser.parser import Context, parse

ROLES = Path(__file__).resolve().parent.parent / "roles"
MARKER = "<!-- Below this line: written by tools/role_readmes.py from meta/argument_specs.yml -->"
PAGE = ROLES.parent / "docs/variables.md"
HEAD = """\
# Variables of the inventory

What an inventory says about its apps and their LMSs. Variables of an app belong to hosts of the group `mit_apps`, those
of an LMS to hosts of the group `edx`. The roles have further variables, on their own pages, which belong to the hosts
of the apps. Variables for all hosts (`all: vars:`) count for both. A variable on a host where nothing reads it stops
the run before anything is written, and so does a name that begins with `mit_app_` or `edx_` and that nothing reads;
`mit_app_site_variables` lists such names of your own.
"""


def markdown(text: str) -> str:
    """Ansible's markup as Markdown: whatever names something, as code."""
    shown = ""
    for part in parse(text, Context(), errors="exception")[0]:
        value = getattr(part, "value", None)
        names = (getattr(part, field) for field in ("text", "name", "fqcn", "plugin") if hasattr(part, field))
        name = next(names, value)
        name = getattr(name, "fqcn", name)
        if part.type.name == "TEXT":
            shown += str(name)
        else:
            shown += f"`{name}={value}`" if value not in (None, name) else f"`{name}`"
    return shown.replace("|", "\\|")


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
        text = markdown(" ".join(option["description"]))
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
        about = " ".join([f"{spec['short_description']}.", *spec["description"]])
        parts += [f"### Entry point `{name}`", "", markdown(about), ""]
        own = {option: value for option, value in spec["options"].items() if option not in main}
        parts += [*table(own), ""] if own else []
    return "\n".join(parts)


def page() -> str:
    """The page of the inventory's variables."""
    specs = yaml.safe_load((ROLES / "mit_app/meta/argument_specs.yml").read_text())["argument_specs"]
    parts = [HEAD]
    titles = {"main": "Of an app: hosts of the group `mit_apps`", "lms": "Of an LMS: hosts of the group `edx`"}
    for entry, title in titles.items():
        parts += [f"## {title}", "", *table(specs[entry]["options"]), ""]
    return "\n".join(parts)


def main() -> None:
    stale = []
    roles = sorted(path.parent.parent for path in ROLES.glob("*/meta/argument_specs.yml"))
    pages = {PAGE: page(), **{role / "README.md": readme(role) for role in roles}}
    for path, text in pages.items():
        if not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(ROLES.parent).as_posix())
            if "--check" not in sys.argv:
                path.write_text(text)
    if "--check" in sys.argv and stale:
        sys.exit(f"Out of date: {', '.join(stale)}. Run tools/role_readmes.py.")


if __name__ == "__main__":
    main()
