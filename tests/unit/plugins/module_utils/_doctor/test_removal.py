# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/removal.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import removal
from chain import cases, hops_of, named

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    ("lms.removal", "failed", "ProtectedError", "Django admin", {"lms/removal/left": ["x (ProtectedError: y)"]}),
    ("app.removal", "failed", "ProtectedError", "Django admin", {"app/removal/left": ["x (ProtectedError: y)"]}),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(removal) == {cause[0] for cause in CAUSES}
