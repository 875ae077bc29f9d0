# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said to somebody whose command leaves nothing to do."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import way_in

GROUPS = {"all": ["lms", "xpro", "pro.odl.local"], "edx": ["lms"], "mit_apps": ["xpro", "pro.odl.local"]}


@pytest.mark.parametrize(
    ("groups", "pattern", "matching", "limit", "left", "said"),
    [
        ({"all": []}, "mit_apps", [], None, [], "There is no host in the inventory. Give an inventory with -i"),
        ({"all": ["lms"]}, "mit_apps", [], None, [], "no host in the group mit_apps. Declare the app there"),
        (
            GROUPS,
            "mitxpro",
            [],
            None,
            [],
            "No host of the inventory is called mitxpro. Declare it in the group mit_apps, whose hosts are xpro",
        ),
        (
            GROUPS,
            "mit_apps",
            GROUPS["mit_apps"],
            "lms",
            [],
            "--limit lms leaves no app. The work on an LMS is done by way of its apps: give one of xpro, pro.odl.local",
        ),
        (GROUPS, "lms", ["lms"], None, ["lms"], "lms is an LMS (group edx). The work on it is done by way of its apps"),
        (GROUPS, "mit_apps", GROUPS["mit_apps"], "xpro", ["xpro"], ""),
        # A playbook may be about a host that is in no group.
        ({"all": ["lms", "mitxonline"]}, "mitxonline", ["mitxonline"], None, ["mitxonline"], ""),
    ],
)
def test_a_play_without_hosts(groups, pattern, matching, limit, left, said):
    found = way_in.no_hosts(groups, pattern, matching, limit, left)
    assert said in found if said else found == ""


def test_tags_that_no_task_has():
    said = way_in.no_tasks(["doktor"], ["doctor", "hops"])
    assert said == ("No task of this playbook has the tag doktor. It has doctor, hops; without --tags all of it runs.")
    assert "It has none" in way_in.no_tasks(["doctor"], [])


@pytest.mark.parametrize(
    ("strategy", "hosts", "refused"),
    [
        ("free", ["xpro", "mitxonline"], True),
        ("ansible.builtin.host_pinned", ["xpro", "mitxonline"], True),
        ("free", ["xpro"], False),
        ("linear", ["xpro", "mitxonline"], False),
        ("ansible.builtin.debug", ["xpro", "mitxonline"], False),
    ],
)
def test_hosts_that_wait_for_nobody(strategy, hosts, refused):
    assert bool(way_in.lonely_hosts(strategy, hosts)) is refused
