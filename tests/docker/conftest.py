# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab on a real Docker Engine with the real Tutor, both apps integrated once; each test leaves it integrated.

It begins with databases that were made once and kept (lab/docker/ctl.py launched).
"""

from __future__ import annotations

import os

import pytest
from docker_lab import DockerLab


def pytest_collection_modifyitems(items):
    """After a reset there is nothing that another test could begin with."""
    items.sort(key=lambda item: "test_reset" in item.nodeid)


@pytest.fixture(scope="session")
def lab():
    """LAB_TEST_KEEP=1 leaves it for the next run of tests, and begins with what the one before has left."""
    made, keep = DockerLab(), bool(os.environ.get("LAB_TEST_KEEP"))
    if not (keep and made.state.exists()):
        made.ctl("reset")
    try:
        made.ctl("launched")
        made.playbook("-e", "mit_app_manage_hosts=true").well()
        yield made
    finally:
        if not keep:
            made.ctl("reset")
