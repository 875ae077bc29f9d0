# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences that end, also where others wrote them."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import message
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Problem
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import ended, with_fix


@pytest.mark.parametrize(("said", "end"), [("a", "a."), ("a.", "a."), ("a?", "a?"), ("a: b \n", "a: b."), ("", "")])
def test_a_text_of_others_ends_as_a_sentence(said, end):
    assert ended(said) == end


def test_a_quotation_and_its_fix_do_not_run_into_each_other():
    assert with_fix("It said: no such service", "start it.") == "It said: no such service. Fix: start it."
    assert with_fix("It said: no", "") == "It said: no"
    assert str(Problem("it is none", "give one.")) == "it is none. Fix: give one."
    hop = {"id": "app.starts", "status": "failed", "fact": "It said: no such service", "fix": "Start it."}
    assert message([hop]) == "app.starts: It said: no such service. Fix: Start it."
