# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documented in drift.yml, beside this file."""

from __future__ import annotations


def drift(findings):
    """What is not as declared: an entry for every field, and for everything that is missing."""
    entries = []
    for thing in findings:
        changes = thing["changes"]
        if thing["state"] == "missing":
            changes = [{"field": "state", "before": "missing", "after": "there"}]
        entries += [
            {
                "object": f"{thing['where']}: {thing['name']}",
                "field": difference["field"],
                "old": difference["before"],
                "new": difference["after"],
                "by": thing["by"],
                "at": thing["at"],
            }
            for difference in changes
        ]
    return entries


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        return {"drift": drift}
