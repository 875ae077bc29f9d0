# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that are printed as they are, whatever the stdout callback, and without a module process."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mitodl.openedx.plugins.action.show_lines import printable
from runs import ansible

TABLE = ["| hop   | state |", "  indented", "", "a \x1b[31mred\x07 word", 7]


def test_printable():
    assert printable(["a\tb", "", "two\nlines  ", "\x1b[2Jé\x00"]) == "a       b\n\ntwo\nlines\n[2Jé"


@pytest.fixture
def play(tmp_path):
    def run(callback, *tasks):
        # A module would need this interpreter.
        variables = {"ansible_connection": "local", "ansible_python_interpreter": "/nowhere/python"}
        book = tmp_path / "play.json"
        book.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks}]))
        return ansible("ansible-playbook", "-i", "one,two", book, env={"ANSIBLE_STDOUT_CALLBACK": callback})

    return run


@pytest.mark.parametrize("callback", ["ansible.builtin.default", "ansible.builtin.minimal"])
def test_every_callback_shows_them_once(play, callback):
    run = play(callback, {"mitodl.openedx.show_lines": {"lines": TABLE}}).well()
    assert run.out.count("| hop   | state |\n  indented\n\na [31mred word\n7\n") == 2, run.out
    assert run.out.count("indented") == 2
    assert "changed=1" not in run.out


def test_no_log_and_no_lines_print_nothing_and_no_list_is_an_error(play):
    hidden = {"mitodl.openedx.show_lines": {"lines": ["hidden-line"]}, "no_log": True}
    empty = {"mitodl.openedx.show_lines": {"lines": []}}
    run = play("ansible.builtin.default", hidden, empty).well()
    assert "hidden-line" not in run.out
    wrong = play("ansible.builtin.default", {"mitodl.openedx.show_lines": {}})
    assert wrong.code == 2
    assert "missing required arguments: lines" in wrong.out
