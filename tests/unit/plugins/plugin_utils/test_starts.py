# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often Django was started, by what the tasks say."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import starts

LEADER = {
    "mit_app_providers": {"boots": 1},
    "tutor_bootstrap_result": {"boots": 128},
    "edx_oauth_provider_result": {"boots": 2},
    "edx_private_settings_result": {"boots": 4},
    "mit_app_env_result": {"boots": 8},
    "sso_doctor_result": {"boots": {"lms": 16, "app": 32}},
}
OTHER = {
    "mit_app_env_restarted": {"boots": 1},
    "mit_app_env_result": {},
    "sso_doctor_result": {"boots": {"lms": 64, "app": 2}},
}


def test_the_starts_of_an_lms_are_those_of_all_its_apps():
    assert starts.of_lms([LEADER, OTHER]) == 1 + 2 + 4 + 16 + 64 + 128


def test_the_starts_of_an_app_are_its_own():
    assert starts.of_app(LEADER) == 8 + 32
    assert starts.of_app(OTHER) == 1 + 2
    assert starts.of_app({"mit_app_env_result": {"skipped": True}}) == 0
