# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the code refuses before the first write has an obstacle, whose run is held against every file."""

from __future__ import annotations

import pytest
from obstacles import ELSEWHERE, EVERY, elsewhere, is_covered, refusals
from runs import ROOT


@pytest.mark.parametrize("said", sorted(set(refusals())))
def test_what_is_refused_has_an_obstacle(said):
    assert is_covered(said) or elsewhere(said)


@pytest.mark.parametrize("said", ELSEWHERE)
def test_what_is_made_elsewhere_is(said):
    assert any(said in refused for refused in refusals())
    file, _, test = ELSEWHERE[said].partition("::")
    assert f"def {test}(" in (ROOT / "tests" / file).read_text()


def test_each_obstacle_has_a_host_of_its_own():
    assert len({each.name for each in EVERY}) == len(EVERY)
