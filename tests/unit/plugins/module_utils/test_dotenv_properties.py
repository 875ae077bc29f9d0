# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every .env file and every edit of it."""

from __future__ import annotations

import io
import json

import dotenv as python_dotenv
from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import DotenvError, edit, parse, read, restore
from hypothesis import given
from hypothesis import strategies as st

KEYS = ("A", "B", "C", "D")
PIECES = [
    *KEYS,
    *(f"{key}=" for key in (*KEYS, "É", "A.b")),
    *("export ", "=", ":", " ", "\t", "\u3000", "\ufeff", "\udce9", "\n", "\n", "\r", "\r\n"),
    *("'", '"', "\\", "#", " #", "x", "1", "$", "${A}", "${", "}", "${B:-", "A=\"1\" B='2'"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
values = st.text(st.characters(codec="utf-8"), max_size=12)
edits = st.fixed_dictionaries(
    {
        "values": st.dictionaries(st.sampled_from(("A", "B", "NEW")), values, max_size=3),
        "absent": st.lists(st.sampled_from(("C", "D")), max_size=2, unique=True),
    }
)


@given(text=texts, planned=st.lists(edits, min_size=1, max_size=3))
def test_edits_do_what_they_say_and_are_taken_back_to_the_byte(text, planned):
    assert "".join(line.text for line in parse(text)) == text
    now, record = text, {}
    for options in planned:
        named = [*options["values"], *options["absent"]]
        try:
            result = edit(now, **options)
        except DotenvError:
            continue
        found = read(result.text)
        assert {key: found.get(key) for key in named} == {**dict.fromkeys(named), **options["values"]}
        assert edit(result.text, **options).text == result.text
        if result.changes:
            record = json.loads(json.dumps(_dotenv.recorded(now, named, record)))
            assert _dotenv.is_record(record)
        now = result.text
    assert restore(now, [key for key in record if key], record).text == text


@given(value=values)
def test_a_value_is_read_back_by_every_reader_or_refused(value):
    try:
        text = edit("", values={"A": value}).text
    except DotenvError:
        return
    assert read(text) == {"A": value}
    assert python_dotenv.dotenv_values(stream=io.StringIO(text)) == {"A": value}
