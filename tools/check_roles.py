# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that the variables of every role are told the same way in its defaults and in its argument specs.

Each default is documented; each documented option has a default or is required; a default named twice is the same; and
there is a README.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parent.parent / "roles"


# Roles whose module takes the defaults from the argument specs.
FROM_SPECS = ("edx_private_settings",)


def value_of(default: Any) -> Any:
    """A default, or the last resort of one that follows a fact: "{{ fact.name | default('x') }}"."""
    last = re.search(r"\| default\(([^()]*)\) \}\}$", default) if isinstance(default, str) else None
    return yaml.safe_load(last[1]) if last else default


def load(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


def problems(role: Path) -> list[str]:
    specs = load(role / "meta" / "argument_specs.yml").get("argument_specs", {})
    options: dict[str, dict[str, Any]] = {}
    for entry_point in specs.values():
        options |= entry_point.get("options", {})
    if not (role / "defaults").exists():
        # Its variables are the inventory's; what they are when not given follows from others, in Python.
        return [f"roles/{role.name}: has no README.md"] if not (role / "README.md").exists() else []
    defaults = load(role / "defaults" / "main.yml")
    found = [] if specs else ["has no meta/argument_specs.yml"]
    if not (role / "README.md").exists():
        found.append("has no README.md")
    found += [f"{name} has a default but is not in the argument specs" for name in defaults.keys() - options.keys()]
    for name, option in options.items():
        if name in defaults and option.get("required"):
            found.append(f"{name} is required and has a default")
        elif (
            name not in defaults
            and not option.get("required")
            and not (role.name in FROM_SPECS and "default" in option)
        ):
            found.append(f"{name} is in the argument specs but neither has a default nor is required")
        elif "default" in option and name in defaults and option["default"] != value_of(defaults[name]):
            found.append(f"{name} has the default {defaults.get(name)!r} but is documented with {option['default']!r}")
    return [f"roles/{role.name}: {text}" for text in sorted(found)]


def main() -> int:
    roles = sorted(path for path in ROLES.glob("[!.]*") if path.is_dir())
    found = [problem for role in roles for problem in problems(role)]
    print("\n".join(found) or f"{len(roles)} roles agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
