# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The ways in which a playbook is called that leave nothing to do, which Ansible takes for a success."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Strategies in which no host waits for another one.
LONELY = ("free", "host_pinned")
EXAMPLE = "the README of mitodl.openedx has one (in a checkout -i inventories/local)"


def no_hosts(
    groups: Mapping[str, Sequence[str]], pattern: str, matching: Sequence[str], limit: str | None, left: Sequence[str]
) -> str:
    """Why a play has no host, and what to give; empty where it has some.

    :param matching: the hosts of the play's pattern.
    :param left: those of them that are within ``--limit``.
    """
    apps, every = list(groups.get("mit_apps", [])), list(groups.get("all", []))
    if lms := [host for host in left if host in groups.get("edx", []) and host not in apps]:
        return (
            f"{', '.join(lms)} is an LMS (group edx). The work on it is done by way of its apps: give one of "
            f"{', '.join(apps)}."
        )
    if left:
        return ""
    if not every:
        return f"There is no host in the inventory. Give an inventory with -i: {EXAMPLE}."
    if not apps and not matching:
        return f"The inventory has no host in the group mit_apps. Declare the app there: {EXAMPLE}."
    if not matching:
        return (
            f"No host of the inventory is called {pattern}. Declare it in the group mit_apps, whose hosts are "
            f"{', '.join(apps)}; or give one of those (-e mit_app_hosts={apps[0]}), or run the playbook site for all."
        )
    return (
        f"--limit {limit} leaves no app. The work on an LMS is done by way of its apps: give one of "
        f"{', '.join(matching)}, or leave --limit out."
    )


def no_tasks(run: Sequence[str], known: Sequence[str]) -> str:
    """Why nothing of a playbook runs with the tags that were asked for."""
    others = f"It has {', '.join(known)}" if known else "It has none"
    return f"No task of this playbook has the tag {' or '.join(run)}. {others}; without --tags all of it runs."


def lonely_hosts(strategy: str, hosts: Sequence[str]) -> str:
    """Why the apps of one LMS cannot be worked on by a play; empty where they can."""
    if strategy.rpartition(".")[2] not in LONELY or len(hosts) < 2:
        return ""
    return (
        f"The strategy of this play is {strategy}, in which no host waits for another, and the work on an LMS is done "
        f"once for all of its apps ({', '.join(hosts)}). Give the play strategy: linear."
    )
