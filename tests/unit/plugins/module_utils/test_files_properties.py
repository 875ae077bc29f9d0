# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every file that we write into: what was in it stays, and what we write is read back as given."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import yaml
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read
from ansible_collections.mitodl.openedx.plugins.module_utils._files import with_block
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import plain_values, with_values
from ansible_collections.mitodl.openedx.plugins.modules import dotenv
from hypothesis import assume, given
from hypothesis import strategies as st
from modules import run_here

BEGIN, END = "# BEGIN ours", "# END ours"
LINES = [BEGIN, END, "a = 1", "", " ", "\t", "é", "\udce9", "# The file was made with these lines.", "\u2028", "\x0c"]
files = st.none() | st.lists(st.sampled_from([*LINES, "\n", "\n", "\r\n", "\r"]), max_size=14).map("".join)
blocks = (
    st.lists(st.sampled_from(["x = 1", "", "# note", "y = 'é'"]), min_size=1, max_size=4).map("\n".join).filter(bool)
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
numbers = st.integers() | st.floats(allow_nan=False)
plain = st.none() | st.booleans() | numbers | texts
data = st.recursive(
    plain, lambda part: st.lists(part, max_size=3) | st.dictionaries(texts, part, max_size=3), max_leaves=4
)
names = st.from_regex("[A-Z][A-Z0-9_]{0,6}", fullmatch=True)
configs = st.dictionaries(names, data, max_size=3)
# The module's options, as a playbook may give them; None and objects are refused.
keys = st.sampled_from(["A", "B_SECRET", "_c", "É", "2", "A B", ""])
given_values = texts | st.integers() | st.booleans() | st.none() | st.just(["x"])


@given(text=files, block=blocks, other=blocks)
def test_a_block_comes_is_replaced_and_goes_and_the_rest_stays_to_the_byte(text, block, other):
    lines = [line.rstrip("\r\n") for line in (text or "").splitlines(keepends=True)]
    # A block of ours that is there already is another matter.
    assume(BEGIN not in lines or END not in lines)
    first = with_block(text, BEGIN, END, block)
    assert with_block(first, BEGIN, END, block) == first
    second = with_block(first, BEGIN, END, other)
    ours = "".join(f"{line}\n" for line in [*other.splitlines(), END])
    assert f"\n{ours}" in second
    assert with_block(second, BEGIN, END, block) == first
    assert with_block(second, BEGIN, END, None) == text


@given(before=configs, values=configs, letters=st.booleans())
def test_tutors_configuration_keeps_what_is_there_and_gets_what_is_given(before, values, letters):
    text = yaml.safe_dump(before, default_flow_style=False, allow_unicode=letters) if before else ""
    # YAML itself does not give everything back: a next line (U+0085) in a text, say.
    there = yaml.safe_load(text) or {}
    assert (yaml.safe_load(with_values(text, values)) or {}) == {**there, **values}
    plain_ones = plain_values(text)
    assert {name: there[name] for name in plain_ones} == plain_ones


@given(
    start=st.none() | texts,
    options=st.fixed_dictionaries(
        {
            "values": st.dictionaries(keys, given_values, max_size=2),
            "secrets": st.dictionaries(keys, given_values, max_size=2),
            "defaults": st.dictionaries(keys, given_values, max_size=2),
            "absent": st.lists(keys, max_size=2),
            "backup": st.booleans(),
        }
    ),
    mode=st.sampled_from([0o600, 0o640, 0o644]),
)
def test_the_module_does_what_it_says_or_refuses_and_leaves_nothing(start, options, mode):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, ".env")
        if start is not None:
            path.write_bytes(start.encode())
            path.chmod(mode)
        there = sorted(os.listdir(folder))
        arguments = {"path": str(path), **options}
        foretold = run_here(dotenv, {**arguments, "_ansible_check_mode": True, "_ansible_diff": True})
        assert sorted(os.listdir(folder)) == there
        done = run_here(dotenv, {**arguments, "_ansible_diff": True})
        assert (done.get("failed"), done.get("changed")) == (foretold.get("failed"), foretold.get("changed"))
        if done.get("failed"):
            assert sorted(os.listdir(folder)) == there
            assert start is None or path.read_bytes() == start.encode()
            return
        found = read(path.read_text("utf-8")) if path.exists() else {}
        for name, value in {**options["values"], **options["secrets"]}.items():
            assert found[name] == str(value)
        assert not set(options["absent"]) & set(found)
        assert not done["changed"] or stat.S_IMODE(path.stat().st_mode) == (0o600 if start is None else mode)
        assert [name for name in os.listdir(folder) if name not in (".env", *there)] == (
            [Path(done["backup_file"]).name] if "backup_file" in done else []
        )
        assert printable(done["diff"]) == done["diff"]
        assert run_here(dotenv, {**arguments})["changed"] is False
