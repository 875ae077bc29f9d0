# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a bill of materials (CycloneDX, JSON) of what the collection depends on: tools/bill.py [FILE] (make bill).

The Python packages of the controller, with their hashes, are those of requirements/locked/demo.txt; the collections are
those of galaxy.yml. The same state of a checkout makes the same file, byte for byte.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parent.parent
TOOL = Path(sys.executable).parent / "cyclonedx-py"
SPEC = "1.6"


def packages() -> dict[str, Any]:
    """The bill of the Python packages alone."""
    words = ("requirements", "requirements/locked/demo.txt", "--output-reproducible", "--spec-version", SPEC)
    return json.loads(subprocess.run([TOOL, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def collection(name: str, version: str, **more: Any) -> dict[str, Any]:
    """A collection of Ansible, which package URLs have no type of their own for."""
    namespace, short = name.split(".")
    found = {"bom-ref": name, "type": "library", "group": namespace, "name": short, **more}
    if version[:1].isdigit():
        return {**found, "version": version}
    wanted = {"name": "ansible:collection:version", "value": version}
    return {**found, "properties": [wanted]}


def bill() -> dict[str, Any]:
    """What the collection is, and what it depends on."""
    described, made = yaml.safe_load((ROOT / "galaxy.yml").read_text()), packages()
    own = f"{described['namespace']}.{described['name']}"
    licences = [{"license": {"id": name}} for name in described["license"]]
    made["metadata"]["component"] = collection(own, described["version"], licenses=licences)
    others = [collection(name, version) for name, version in sorted(described["dependencies"].items())]
    made["components"] += others
    made["dependencies"] = [
        {"ref": own, "dependsOn": sorted(component["bom-ref"] for component in made["components"])},
        *({"ref": component["bom-ref"]} for component in made["components"]),
    ]
    return made


def text(made: dict[str, Any]) -> str:
    """The bill as a file.

    :raises ValueError: it is none by the schema of CycloneDX.
    """
    found = json.dumps(made, indent=2, sort_keys=True) + "\n"
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(found):
        raise ValueError(error)
    return found


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "artifact" / "mitodl-openedx.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = bill()
    path.write_text(text(made))
    print(f"{path}: {len(made['components'])} components")


if __name__ == "__main__":
    main()
