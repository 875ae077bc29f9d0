# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of what `make test` leaves to `make test-all` name tests that exist."""

from __future__ import annotations

import re

import pytest
from runs import ROOT
from sets import FULL, SAMPLES, named


@pytest.mark.parametrize("name", [*FULL, *SAMPLES])
def test_every_name_is_that_of_a_test(name):
    file, _, function = name.partition("[")[0].partition("::")
    place = ROOT / "tests" / file
    assert place.exists()
    assert not function or re.search(rf"^def {function}\(", place.read_text(), re.MULTILINE)


def test_samples_are_of_what_is_left():
    assert [name for name in SAMPLES if not named(name, FULL)] == []
