# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of Tutor's files instead of asking it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import (
    _AGES,
    in_yaml,
    plain_values,
    printed,
    with_values,
)

CONFIG = {
    "CMS_HOST": "studio.local.openedx.io",
    "ENABLE_HTTPS": False,
    "PLUGINS": ["indigo", "mfe", "mitodl_openedx"],
    "OPENEDX_EXTRA_PIP_REQUIREMENTS": ["mine==1", "ol-social-auth>=0.2"],
    "MYSQL_PORT": 3306,
    "PLATFORM_NAME": "It's mine",
    "VERSION": "1.10",
    "ANSWER": "yes",
    "EMPTY": "",
    "NOTHING": None,
    "NONE": [],
    "RENDERED": "{{ LMS_HOST }}",
    "DEEP": {"a": ["b"]},
    "MOUNTS": [{"a": "b"}],
    "LONG": "a text of many words, longer than what a line of YAML may hold, so that it goes on " * 2,
    "KEY": "-----BEGIN\n\nEND-----",
    "RATIO": 0.5,
    "DATE": "2024-01-01",
}


def test_what_is_read_is_what_a_yaml_parser_reads():
    text = yaml.safe_dump(CONFIG)
    found = plain_values(text)
    assert {name: value for name, value in CONFIG.items() if name in found} == found
    # What a run of the collection asks for again and again.
    assert {"CMS_HOST", "ENABLE_HTTPS", "PLUGINS", "OPENEDX_EXTRA_PIP_REQUIREMENTS", "MYSQL_PORT", "NONE"} <= set(found)
    # What Tutor renders, and what is not plain.
    assert not {"RENDERED", "DEEP", "MOUNTS", "LONG", "KEY", "NOTHING"} & set(found)


@pytest.mark.parametrize(
    "value",
    [
        *("yes", "On", "0x1f", "1e3", "012", "1_000", "~", "null", "2024-01-01", "!!str 1", "&x y", "a # note", "a: b"),
        *("'open", '"\\n"', "[a, b]", "{a: b}", "|", "b\n  c", ""),
    ],
)
def test_what_is_not_plain_is_left_to_tutor(value):
    assert "A" not in plain_values(f"A: {value}\nB: c\n")
    assert plain_values(f"A: {value}\nB: c\n")["B"] == "c"


def test_values_are_compared_as_tutor_prints_them():
    assert [printed(value) for value in (True, None, 5, "x", ["a"])] == ["true", "null", "5", "x", "['a']"]


@pytest.mark.parametrize(
    "value",
    [
        *("", "yes", "no", "null", "1e3", "0x1f", "012", "a: b", "# no", "{{ LMS_HOST }}", "\"'\\", " ", "a\nb\r\t"),
        *(
            "p\u00e9",
            "\U0001f600",
            "\x7f\x85\u2028\ufeff",
            True,
            None,
            5,
            0.5,
            1e-05,
            -1e16,
            float("inf"),
            [1e-07, {"a": 2e22}],
            ["a", 1],
            {"a": {"b": []}},
        ),
    ],
)
def test_a_value_is_read_by_yaml_as_it_was_given(value):
    assert yaml.safe_load(f"A: {in_yaml(value)}\n") == {"A": value}


@pytest.mark.parametrize("dump", [yaml.safe_dump, lambda config: yaml.safe_dump(config, default_style='"')])
@pytest.mark.parametrize("key", CONFIG)
def test_one_value_is_set_and_the_others_stay(key, dump):
    text = f"# mine\n{dump(CONFIG)}"
    assert yaml.safe_load(with_values(text, {key: "new", "MORE": 1})) == {**CONFIG, key: "new", "MORE": 1}
    assert with_values(text, {}) == text


def test_a_comment_within_a_value_stays_and_the_value_goes():
    text = "# mine\nLIST:\n# of two\n- a\n- b\nREST: 1\n"
    assert with_values(text, {"LIST": ["c"]}) == '# mine\n# of two\nREST: 1\nLIST: ["c"]\n'


def test_a_name_that_yaml_takes_for_something_else_stays_a_name():
    text = with_values("", {"NO": None, "On": 1})
    assert yaml.safe_load(text) == {"NO": None, "On": 1}
    assert yaml.safe_load(with_values(text, {"NO": "x"})) == {"NO": "x", "On": 1}
    assert with_values("'NO': 1\n", {"NO": 2}) == '"NO": 2\n'


def test_who_asks_for_the_age_of_a_server_is_none():
    """Though the question, which has the word in it, is on its command line."""

    def ages(pid):
        asked = _AGES.replace('os.listdir("/proc")', f"[str(os.getpid()), '{pid}']")
        done = subprocess.run([sys.executable, "-c", asked], text=True, capture_output=True, check=True)
        return [line.partition("-")[0] for line in done.stdout.splitlines()]

    assert ages(os.getpid()) == ["container"]
    with subprocess.Popen([sys.executable, "-c", "input()", "runserver"], stdin=subprocess.PIPE) as server:
        assert ages(server.pid) == ["container", "server"]
