# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beginning anew: everything of the LMS and of both apps goes, nothing of others, and one run builds it again.

This is the run that launches Tutor itself. (It is moved to the end.)
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.docker
KINDS = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))


def found(lab, project):
    """Containers, volumes and networks of a compose project."""
    label = f"label=com.docker.compose.project={project}"
    return [lab.docker(*words, "--quiet", "--filter", label).split() for words in KINDS]


def test_everything_goes_after_it_was_listed_and_confirmed(lab):
    name = lab.state.name
    projects = [f"{name}-dev", f"{name}-xpro", f"{name}-mitxonline"]
    before = [found(lab, project) for project in projects]
    refused = lab.playbook(book="reset")
    assert refused.code != 0
    assert "-e reset_confirm=yes" in refused.out
    for thing in (f"container {name}-dev-lms-1", f"network {name}-xpro_default", f"the folder {lab.state}/root"):
        assert thing in refused.out
    assert [found(lab, project) for project in projects] == before

    lab.docker("volume", "create", f"{name}-of-somebody-else")
    try:
        lab.playbook("-e", "reset_confirm=yes", book="reset").well()
        assert lab.docker("volume", "ls", "--quiet", "--filter", f"name={name}-of-somebody-else")
    finally:
        lab.docker("volume", "rm", f"{name}-of-somebody-else")
    assert [found(lab, project) for project in projects] == [[[], [], []]] * 3
    assert not (lab.state / "root").exists()
    assert "OPENEDX_SERVICE_WORKER_API_TOKEN" not in (lab.checkout("xpro") / ".env").read_text()
    assert lab.playbook("-e", "reset_confirm=yes", book="reset").well().changed == 0


def test_one_run_builds_it_again(lab):
    lab.ctl("up")
    run = lab.playbook(doctor=True).well()
    assert run.out.count(", 0 failed,") == 2, run.out
