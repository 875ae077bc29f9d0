# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""show_changes in a run of Ansible, on a host that nobody could reach."""

from __future__ import annotations

import json

from runs import PLAIN, ansible

DIFF = [{"before_header": "a site", "after_header": "a site (updated)", "before": "name: 1\n", "after": "name: 2\n"}]


def run(tmp_path, *words, **options):
    book = tmp_path / "book.json"
    tasks = [{"mitodl.openedx.show_changes": options}]
    book.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    nowhere = ("-i", "nowhere.invalid,", "-e", "ansible_python_interpreter=/nonexistent/python")
    return ansible("ansible-playbook", book, *nowhere, "--diff", *words, env=PLAIN)


def test_the_diff_of_another_task_is_its_own_and_no_process_is_needed_on_the_host(tmp_path):
    for words in ([], ["--check"]):
        done = run(tmp_path, *words, changes=DIFF).well()
        assert done.changed == 1
        assert done.diff == ["-name: 1", "+name: 2"]


def test_nothing_changed(tmp_path):
    done = run(tmp_path, changes=[]).well()
    assert (done.changed, done.diff) == (0, [])


def test_what_is_no_diff_is_refused(tmp_path):
    assert "missing required arguments: changes" in run(tmp_path).out
    assert "is of type str" in run(tmp_path, changes="x").out
