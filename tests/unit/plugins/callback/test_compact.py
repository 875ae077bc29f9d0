# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compact output on small plays: what is one line, what is shown in full, and what is not shown."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.callback.compact import lines_of, name_of, part, reason_of
from runs import BIN, PLAIN, ROOT, ansible

COMPACT = {"ANSIBLE_STDOUT_CALLBACK": "mitodl.openedx.compact"}
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
# What is done without a module, which would take most of the time.
LOOK = {"set_fact": {"seen": True}}
CHANGE = {**LOOK, "changed_when": True}


@pytest.fixture
def book(tmp_path):
    """Writes a playbook of one play."""

    def write(*tasks, **play):
        path = tmp_path / "play.json"
        whole = {"name": "A play", "hosts": "all", "gather_facts": False, "vars": LOCAL, "tasks": tasks, **play}
        path.write_text(json.dumps([whole]))
        return path

    return write


def run(book, *words, hosts="one,", **env):
    return ansible("ansible-playbook", "-i", hosts, book, *words, env={**COMPACT, **env})


def lines(out):
    """What was printed, without the seconds."""
    return re.sub(r", \d+ s$", "", out, flags=re.MULTILINE).splitlines()


def test_lines_of():
    assert lines_of(["a\tb", "\x1b[31mred\n\nend  ", 7]) == ["a       b", "[31mred", "", "end", "7"]
    assert lines_of([]) == []


def test_reason_of():
    assert reason_of({"msg": "It is so.\nDo that."}) == ["It is so.", "Do that."]
    command = {"msg": "non-zero return code", "rc": 1, "stderr": "\n".join(map(str, range(50))), "stdout": "unseen"}
    assert reason_of(command) == ["non-zero return code", *map(str, range(30, 50))]
    assert reason_of({"msg": "MODULE FAILURE", "module_stderr": "Traceback"}) == ["MODULE FAILURE", "Traceback"]
    assert reason_of({"censored": "hidden", "msg": "secret"}) == ["hidden"]
    assert reason_of({"reason": "no such file"}) == ["no such file"]


def test_results_of_older_releases():
    assert part(SimpleNamespace(_result={"msg": "old"}), "result") == {"msg": "old"}
    assert part(SimpleNamespace(result={}, _result={"msg": "old"}), "result") == {}


@pytest.mark.parametrize("name", ["Look", "mitodl.openedx.mit_app : Look"])
def test_a_task_is_called_without_its_role(name):
    task = SimpleNamespace(_role=SimpleNamespace(get_name=lambda: "mitodl.openedx.mit_app"))
    assert name_of(SimpleNamespace(task=task, task_name=name)) == "Look"
    assert name_of(SimpleNamespace(task=SimpleNamespace(_role=None), task_name=name)) == name


def test_one_line_for_what_changed_and_text_for_people(book, tmp_path):
    tasks = (
        {"name": "Look", **LOOK},
        {"name": "Leave out", **CHANGE, "when": False},
        {"name": "Write", "copy": {"content": "new\n", "dest": f"{tmp_path}/file", "mode": "0600"}},
        {"name": "Make", **CHANGE, "loop": ["a", "b"]},
        {"name": "Elsewhere", **CHANGE, "delegate_to": "two"},
        {"name": "Say", "debug": {"msg": "just this"}},
        {"name": "Say more", "debug": {"msg": ["first", "  second"]}},
        {"name": "Table", "mitodl.openedx.show_lines": {"lines": ["| a | b |"]}},
        {"name": "Hide", "debug": {"msg": "secret-word"}, "no_log": True},
        {"name": "Say nothing", "mitodl.openedx.show_lines": {"lines": []}, "loop": [1, 2]},
    )
    done = run(book(*tasks)).well()
    assert lines(done.out) == [
        "A play",
        "changed     one: Write",
        "changed     one: Make",
        "changed     one -> two: Elsewhere",
        "one: just this",
        "one: Say more",
        "    first",
        "      second",
        "| a | b |",
        "one: 3 changed, 0 failed, 9 tasks ok",
    ]


def test_diffs_and_check_mode(book, tmp_path):
    written = book({"name": "Write", "copy": {"content": "new\n", "dest": f"{tmp_path}/file", "mode": "0600"}})
    said = lines(run(written, "--check", "--diff").well().out)
    assert said[0] == "A play (check mode: nothing is written)"
    assert said[1] == "to change   one: Write"
    assert said[2] == "--- before"
    assert said[3].startswith("+++ after: ")
    assert said[4:] == ["@@ -0,0 +1 @@", "+new", "one: 1 changed, 0 failed, 1 tasks ok"]
    assert not (tmp_path / "file").exists()


def test_what_failed(book):
    tasks = (
        {"name": "Try", "fail": {"msg": "not so bad"}, "ignore_errors": True},
        {
            "block": [{"name": "Each", "command": "sh -c 'echo said; exit {{ item }}'", "loop": [0, 3]}],
            "rescue": [{"name": "Mend", **CHANGE}],
        },
        {"name": "Hide", "fail": {"msg": "secret-word"}, "no_log": True, "ignore_errors": True},
        {"name": "Ask", "assert": {"that": "inventory_hostname == 'none'", "fail_msg": "First line.\nSecond line."}},
        {"name": "Never", **CHANGE},
    )
    done = run(book(*tasks), hosts="one,two")
    assert done.code == 2
    said = lines(done.out)
    for host in ("one", "two"):
        assert said.count(f"ignored     {host}: Try") == 1
        assert said.count(f"FAILED      {host}: Each (item 3)") == 1
        assert said.count(f"changed     {host}: Mend") == 1
        at = said.index(f"FAILED      {host}: Ask")
        assert said[at + 1 : at + 3] == ["    First line.", "    Second line."]
        assert re.search(rf"^{host}: \d changed, 1 failed, 1 rescued, 2 ignored, \d tasks ok", done.out, re.MULTILINE)
    assert said.count("    not so bad") == 2
    assert said.count("    said") == 2
    assert "secret-word" not in done.out
    assert "no_log" in done.out
    assert "Never" not in done.out


def test_a_handler_that_runs_again_is_told_again(book):
    notify = {**CHANGE, "notify": "Restart"}
    handlers = [{"name": "Restart", **CHANGE}]
    done = run(book({**notify, "name": "a"}, {"meta": "flush_handlers"}, {**notify, "name": "b"}, handlers=handlers))
    assert lines(done.well().out).count("changed     one: Restart") == 2


def test_a_warning_is_shown_once(book):
    warn = {"name": "Warn", **LOOK, "loop": [1, 2]}
    warned = {**warn, "register": "environment"}
    done = run(book(warned, warned), hosts="one,two").well()
    assert done.out.count("WARNING") == 1


def test_silence_is_broken_while_something_takes_long(book):
    slow = {"name": "Wait for it", "command": "sleep 3", "changed_when": False}
    done = run(book(slow), MITODL_OPENEDX_SILENT_SECONDS="1").well()
    seconds = [int(number) for number in re.findall(r"^\.\.\. after (\d+) s: Wait for it$", done.out, re.MULTILINE)]
    assert len(seconds) >= 2
    assert seconds == sorted(set(seconds))


def test_waiting_for_something_is_no_failure(book):
    waits = {"name": "Wait", **LOOK, "register": "w", "until": "w.attempts == 3", "retries": 5, "delay": 0}
    assert lines(run(book(waits)).well().out) == ["A play", "one: 0 changed, 0 failed, 1 tasks ok"]
    assert run(book(waits), "-v").well().out.count("FAILED - RETRYING") == 2
    said = lines(run(book({**waits, "retries": 1})).out)
    assert said[1] == "FAILED      one: Wait"
    assert not [line for line in said if "RETRYING" in line]


def test_verbose_is_the_default_callback(book):
    tasks = [{"name": "Write", **CHANGE}, {"name": "Say", "debug": {"msg": "text"}}]
    default = run(book(*tasks), "-v", ANSIBLE_STDOUT_CALLBACK="ansible.builtin.default").well().out
    compact = run(book(*tasks), "-v").well().out
    assert compact == default
    assert "PLAY RECAP" in compact


def test_on_a_terminal_the_current_task_is_a_line_that_is_overwritten(book):
    tasks = (
        {"name": "Look for it", **LOOK},
        {"name": "Change it", **CHANGE},
        {"name": "Table", "mitodl.openedx.show_lines": {"lines": ["| a | b |"]}},
    )
    ours, theirs = pty.openpty()
    env = {**os.environ, **PLAIN, **COMPACT, "TERM": "xterm", "COLUMNS": "40"}
    process = subprocess.Popen(
        [BIN / "ansible-playbook", "-i", "one,", book(*tasks)], cwd=ROOT, env=env, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    out = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        out += piece
    assert process.wait() == 0
    os.close(ours)
    text = out.decode()
    assert re.search(r"\.\.\. after \d+ s: Look for it", text)
    # What stays on the screen: of each line what was written after it was last wiped.
    screen = [line.rpartition("\x1b[2K")[2] for line in text.replace("\r\n", "\n").split("\n")]
    assert [line for line in lines("\n".join(screen)) if line] == [
        "A play",
        "changed     one: Change it",
        "| a | b |",
        "one: 1 changed, 0 failed, 3 tasks ok",
    ]


def test_a_run_whose_output_nobody_reads_any_more_goes_on_to_its_end(book, tmp_path):
    """As with `| head`: what it has begun is not left half done, and it does not hang."""
    marker = tmp_path / "last"
    # From the process of a task to the thread of results, which must not end.
    talk = [{"mitodl.openedx.show_lines": {"lines": [f"line {number} {'.' * 4000}"]}} for number in range(6)]
    last = {"copy": {"dest": str(marker), "content": "done"}}
    command = [BIN / "ansible-playbook", "-i", "one,", book(*talk, last)]
    env = {**os.environ, **PLAIN, **COMPACT, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        process.stdout.readline()
        process.stdout.close()
        try:
            assert process.wait(timeout=60) == 0, process.stderr.read()
        finally:
            process.kill()
    assert marker.read_text() == "done"
