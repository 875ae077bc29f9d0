# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks the tests that only `make test-all` runs, by the lists of tests/sets.py."""

from __future__ import annotations

import pytest
from sets import is_full


def pytest_collection_modifyitems(items):
    for item in items:
        if is_full(item.nodeid.removeprefix("tests/")):
            item.add_marker(pytest.mark.full)
