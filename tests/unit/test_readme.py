# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README has people type is what works."""

from __future__ import annotations

import re

import yaml
from runs import ROOT


def test_the_inventory_of_the_readme_is_the_one_that_is_shipped_for_laptops():
    """Who has only the installed collection copies it from there."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (inventory,) = [found for block in blocks if "mit_apps" in (found := yaml.safe_load(block))]
    assert inventory == yaml.safe_load((ROOT / "inventories/local/hosts.yml").read_text())
