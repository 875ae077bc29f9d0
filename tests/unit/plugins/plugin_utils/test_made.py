# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That nothing was changed is said where that is so, for the whole run."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._made import truthful

SAID = "xpro: there is no directory. Nothing was changed."


def variables(check=False, **noted):
    hosts = {"xpro": noted, "mitxonline": {}}
    return {"hostvars": hosts, "ansible_play_hosts_all": list(hosts), "ansible_check_mode": check}


def test_before_the_first_step_nothing_was_changed():
    assert truthful(SAID, variables()) == SAID
    assert truthful(SAID, variables(mit_app_clone={"changed": False}, mit_app_gateway={"skipped": True})) == SAID
    assert truthful(SAID, variables(check=True, mit_app_clone={"changed": True})) == SAID


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("mit_app_hosts_lines", "the hosts file got the lines for xpro"),
        ("mit_app_clone", "xpro was cloned"),
        ("mit_app_gateway", "the Docker network of xpro was made"),
        ("tutor_bootstrap_result", "the LMS was configured or started"),
        ("edx_private_settings_result", "the settings of the LMS were changed"),
    ],
)
def test_what_was_made_before_is_said_instead(step, said):
    assert (
        truthful(SAID, variables(**{step: {"changed": True}})) == f"xpro: there is no directory. Before that, {said}."
    )
    assert truthful("It failed.", variables(**{step: {"changed": True}})) == "It failed."


def test_all_that_was_made_is_said_in_its_order():
    done = {"changed": True}
    found = truthful(SAID, variables(mit_app_clone=done, mit_app_hosts_lines=done))
    assert found.endswith("Before that, the hosts file got the lines for xpro and xpro was cloned.")
