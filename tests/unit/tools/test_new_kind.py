# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tools/new_kind.py writes, in a copy of the checkout; on the lab integration/test_objects.py uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import copied

BIN = Path(sys.executable).parent
FIELDS = "everyone:bool,percent:float,note"


@pytest.fixture
def copy(tmp_path):
    return copied(tmp_path)


def run(copy, *command, good=True):
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(copy / ".ansible/collections"), "ANSIBLE_NOCOLOR": "1"}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(command, cwd=copy, env=env, text=True, capture_output=True, check=False)
    assert (done.returncode == 0) == good, done.stdout + done.stderr
    return done.stdout + done.stderr


def new_kind(copy, *words, good=True):
    return run(copy, sys.executable, copy / "tools/new_kind.py", *words, good=good)


def test_a_new_kind_passes_as_it_is_written(copy):
    written = new_kind(copy, "trial_flag", "waffle.Flag", "--fields", FIELDS).split()
    assert len(written) == 7
    assert "| `trial_flag` | rows of waffle.Flag |" in (copy / "README.md").read_text()
    run(copy, BIN / "ruff", "check", *(name for name in written if name.endswith(".py")))
    run(copy, BIN / "ruff", "format", "--check", *(name for name in written if name.endswith(".py")))
    said = run(copy, BIN / "ansible-doc", "mitodl.openedx.trial_flag")
    assert "rows of the model `waffle.Flag'" in " ".join(said.split())
    assert "return_secrets" in said
    tests = "tests/unit/plugins/module_utils/_engine/test_module.py"
    assert "3 passed" in run(copy, BIN / "pytest", "-q", "-k", "trial_flag", tests)
    thin = (copy / "plugins/modules/trial_flag.py").read_text().split('"""')[-1]
    assert len([line for line in thin.splitlines() if line.strip()]) <= 40


def test_what_is_no_kind_is_refused_and_nothing_is_written(copy):
    before = sorted(path for path in copy.rglob("*.py"))
    for words, message in (
        (("Waffle-Flag", "waffle.Flag", "--fields", FIELDS), "is no name of a module"),
        (("trial_flag", "Flag", "--fields", FIELDS), "is no label of a model"),
        (("trial_flag", "waffle.Flag", "--fields", "note:text"), "is no NAME:TYPE"),
        (("trial_flag", "waffle.Flag", "--fields", "name"), "one more at least"),
        (("trial_flag", "waffle.Flag", "--fields", "state"), "means something else"),
        (("django_site", "sites.Site", "--fields", "domain,name"), "is there already"),
    ):
        assert message in new_kind(copy, *words, good=False)
    assert sorted(path for path in copy.rglob("*.py")) == before
