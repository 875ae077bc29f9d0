# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs with the rights of another user: two tasks, each where nothing else would do, as SECURITY.md says."""

from __future__ import annotations

import yaml
from runs import ROOT

KEYS = ("become", "become_user", "become_method", "become_flags", "remote_user")


def entries(found):
    """All tasks, blocks and plays of a file, also those within others."""
    for entry in found if isinstance(found, list) else []:
        yield entry
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            yield from entries(entry.get(part))


def test_become_is_for_named_tasks_only():
    files = [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("roles/*/handlers/*.yml"), *ROOT.glob("playbooks/*.yml")]
    assert len(files) > 30
    found = {
        entry["name"]: {key: entry[key] for key in KEYS if key in entry}
        for file in files
        for entry in entries(yaml.safe_load(file.read_text()))
        if any(key in entry for key in KEYS)
    }
    assert found == {
        "Add the lines that the hosts file lacks": {"become": "{{ not mit_app_facts.found.names.writable }}"},
        "Remove it with what its containers have written as other users": {"become": True},
    }
    said = (ROOT / "SECURITY.md").read_text()
    assert "`become` | only for `mit_app_manage_hosts`" in said
    assert "and for `mitodl.openedx.reset`" in said


def test_no_variable_of_a_role_or_inventory_switches_it_on():
    files = [*ROOT.glob("roles/*/defaults/*.yml"), *ROOT.glob("roles/*/vars/*.yml"), *ROOT.glob("playbooks/vars/*.yml")]
    assert [file for file in files if "ansible_become" in file.read_text()] == []
    assert "become" not in (ROOT / "ansible.cfg").read_text()
