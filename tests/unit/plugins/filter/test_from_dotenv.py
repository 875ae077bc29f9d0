# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mitodl.openedx.plugins.filter.from_dotenv import FilterModule

from_dotenv = FilterModule().filters()["from_dotenv"]


def test_reads_the_text():
    assert from_dotenv("# app\nA='1 2'\nA=3\nB=$A\nC\n") == {"A": "3", "B": "3"}
    assert from_dotenv("") == {}


@pytest.mark.parametrize("value", [None, {"A": "1"}, 1])
def test_refuses_what_is_no_text(value):
    with pytest.raises(AnsibleFilterError, match="needs the text"):
        from_dotenv(value)
