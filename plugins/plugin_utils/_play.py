# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The play that a task belongs to: which of its tasks the tags of the command line leave, and how its hosts go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.playbook.block import Block
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import way_in

# Tags that mean what Ansible says, and that no task needs to have.
SPECIAL = frozenset({"all", "always", "never", "tagged", "untagged"})


def tasks_of(entries: list[Any]) -> Iterator[Any]:
    for entry in entries:
        if isinstance(entry, Block):
            yield from tasks_of([*entry.block, *entry.rescue, *entry.always])
        else:
            yield entry


def unknown_tags(task: Any, variables: Mapping[str, Any]) -> str:
    """Why nothing is left of the play of a task but what always runs; empty where something is."""
    wanted, skipped = sorted(variables["ansible_run_tags"]), list(variables["ansible_skip_tags"])
    if not SPECIAL.isdisjoint(wanted):
        return ""
    play = task.get_play()
    others = [one for one in tasks_of([*play.pre_tasks, *play.tasks, *play.post_tasks]) if "always" not in one.tags]
    # A play of somebody's own may have our roles in other places than its tasks.
    if not others or any(one.evaluate_tags(wanted, skipped, variables) for one in others):
        return ""
    return way_in.no_tasks(wanted, sorted({tag for one in others for tag in one.tags} - SPECIAL))


def lonely_hosts(task: Any, hosts: list[str]) -> str:
    return way_in.lonely_hosts(str(task.get_play().strategy), hosts)
