# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.filter.drift import drift


def finding(name, state, *changes):
    fields = [dict(zip(("field", "before", "after"), change, strict=True)) for change in changes]
    return {"where": "LMS", "name": name, "state": state, "changes": fields, "kept": [], "by": "ann", "at": "2026"}


def test_only_what_differs_and_a_line_for_each_field():
    found = drift(
        [
            finding("a", "kept"),
            finding("b", "corrected", ("x", "1", "2"), ("y", "(secret)", "(another secret)")),
            finding("c", "missing"),
        ]
    )
    last = {"by": "ann", "at": "2026"}
    assert found == [
        {"object": "LMS: b", "field": "x", "old": "1", "new": "2", **last},
        {"object": "LMS: b", "field": "y", "old": "(secret)", "new": "(another secret)", **last},
        {"object": "LMS: c", "field": "state", "old": "missing", "new": "there", **last},
    ]
