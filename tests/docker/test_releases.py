# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other supported releases of Tutor on the same project: what they render of our plugin, and a login with it."""

from __future__ import annotations

import os

import pytest

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not os.environ.get("LAB_FULL"), reason="the other releases of Tutor: LAB_FULL=1 runs it"),
]


@pytest.mark.parametrize("version", ["19.0.5", "20.0.5", "22.0.3"])
def test_a_release_of_tutor(lab, version):
    try:
        lab.ctl("up", LAB_TUTOR=version)
        assert version in lab.tutor("--version")
        lab.tutor("config", "save")
        lab.tutor("dev", "start", "--detach", "lms")
        lab.playbook("--limit", "xpro", doctor=True).well()
        for mode in ("development", "production"):
            settings = lab.state / f"root/env/apps/openedx/settings/lms/{mode}.py"
            assert settings.read_text().count("mit_apps.configure(globals())") == 1
        assert lab.playbook("--limit", "xpro").well().changed == 0
    finally:
        lab.ctl("up")
        lab.tutor("dev", "start", "--detach", "lms")
