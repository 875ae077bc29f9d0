# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of what `make test` leaves to `make test-all` name tests that exist, and leave nothing unnamed."""

from __future__ import annotations

import subprocess

import pytest
from runs import BIN, ROOT
from sets import FULL, FULL_SCENARIOS, SAMPLES, is_full, named


def collected(*options):
    done = subprocess.run(
        [BIN / "pytest", "--collect-only", "-q", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {line.removeprefix("tests/") for line in done.stdout.splitlines() if "::" in line}


@pytest.fixture(scope="module")
def tests():
    return collected()


def test_every_name_is_that_of_a_test(tests):
    assert [name for name in (*FULL, *SAMPLES) if not any(named(test, [name]) for test in tests)] == []
    assert [name for name in SAMPLES if not named(name, FULL)] == []
    assert [name for name in FULL_SCENARIOS if not (ROOT / f"molecule/{name}/molecule.yml").exists()] == []


def test_both_sets_together_are_all(tests):
    full = collected("-m", "full")
    assert full == {test for test in tests if is_full(test)}
    assert full | collected("-m", "not full") == tests
