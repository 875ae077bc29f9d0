# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as Galaxy hands it out does the main job, in a directory that has nothing to do with the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from runs import BIN, ROOT


@pytest.fixture
def installed(tmp_path):
    """A directory of collections with the artifact, and with what it depends on."""
    build = [sys.executable, ROOT / "tools/build.py", tmp_path / "artifact"]
    subprocess.run(build, check=True, capture_output=True)
    (artifact,) = (tmp_path / "artifact").iterdir()
    collections = tmp_path / "collections"
    install = [BIN / "ansible-galaxy", "collection", "install", "--offline", "--no-deps", "-p", collections, artifact]
    # Where the checkout's own counts as installed, there is nothing to do.
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    subprocess.run(install, check=True, capture_output=True, env=env, cwd=tmp_path)
    theirs = "ansible_collections/community"
    (collections / theirs).symlink_to(ROOT / ".ansible/collections" / theirs)
    return collections


def test_the_installed_artifact_does_the_main_job(fresh, installed, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    # That of the checkout is not shipped.
    empty = tmp_path / "empty.cfg"
    empty.touch()
    env = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_CONFIG": str(empty)}

    def play(name):
        words = ("-i", ROOT / "inventories/lab", f"mitodl.openedx.{name}", "--limit", "xpro")
        return fresh.ansible("ansible-playbook", *words, cwd=here, **env).well()

    first = play("site")
    assert ", 0 failed," in first.out
    assert json.loads((here / "report/report.json").read_text())["ok"]
    assert play("site").changed == 0
    assert play("doctor").changed == 0
    assert play("remove").changed > 0
    assert play("remove").changed == 0
