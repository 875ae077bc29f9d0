# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a target may say and do without a secret being shown, and that what is begun ends with its caller."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import tracemalloc
import urllib.parse
from types import SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _secrets
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import agent, caller, owner
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Change, Field, Kind
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.once import once
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.output import KEPT, Output
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.program import BOOTSTRAP, prefixed
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import TargetError, holds_request, parse
from ansible_collections.mitodl.openedx.plugins.modules import django_objects
from hypothesis import example, given, settings
from hypothesis import strategies as st
from modules import run_here

from .test_target import target

SECRET = """canary 'of' "all" \\ sorts & <signs> %/+ $HOME é 😀"""
WAYS = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "Python": repr,
    "Python in ASCII": ascii,
    "bytes": lambda text: repr(text.encode()),
    "an address": urllib.parse.quote,
    "a part of an address": lambda text: urllib.parse.quote(text, safe=""),
    "a form": urllib.parse.quote_plus,
    "an address in an address": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "HTML": html.escape,
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "a shell": shlex.quote,
    "SQL": lambda text: "'" + text.replace("'", "''") + "'",
    "Python of JSON": lambda text: repr(json.dumps(text)),
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=4, max_size=30)


@pytest.mark.parametrize("way", WAYS)
@example(secret=SECRET)
@example(secret="a\\\\b\"'")
@settings(max_examples=40, deadline=None)
@given(secret=TEXTS)
def test_a_secret_is_masked_however_it_was_escaped(way, secret):
    shown = _secrets.masked(WAYS[way](secret), {secret})
    assert re.fullmatch(r"""b?[\\'"]*\*{8}[\\'"]*""", shown), shown


@given(text=st.text(max_size=200), secret=TEXTS)
def test_a_text_without_the_secret_stays_as_it_is(text, secret):
    if _secrets.masked(text, {secret}) != text:
        # Then it is in there, as some way of reading escapes has it.
        assert _secrets.pattern(secret).search(text)


def objects(argv, **options):
    made = {"kind": "oauth_application", "options": {"name": "n", "client_secret": SECRET, **options}}
    return run_here(django_objects, {"target": {"argv": argv}, "objects": [made]})


@pytest.mark.parametrize(
    "argv",
    [
        ["cat"],
        ["sh", "-c", "cat >&2"],
        ["sh", "-c", "fold -w 60; exit 3"],
        ["sh", "-c", "tail -c 300"],
        ["sh", "-c", "tr -d '\\n' >&2; exit 3"],
    ],
)
def test_a_target_that_echoes_what_it_is_given_is_not_quoted(argv):
    result = objects(argv)
    assert result["failed"]
    assert "canary" not in json.dumps(result)
    assert "is not shown" in result["msg"]
    assert "No row was changed." in result["msg"]


def test_one_that_echoes_and_waits_for_more_is_ended():
    made = {"kind": "oauth_application", "options": {"name": "n", "client_secret": SECRET}}
    result = run_here(django_objects, {"target": {"argv": ["sh", "-c", "cat", "-"], "timeout": 1}, "objects": [made]})
    assert "It did not answer within 1 seconds (target.timeout). No row was changed." in result["msg"]


def test_one_that_takes_too_long_is_named_with_how_far_it_came():
    script = r"printf '\nLooked at %s objects.\n' 300 600; cat"
    result = run_here(django_objects, {"target": {"argv": ["sh", "-c", script, "-"], "timeout": 1}, "objects": []})
    assert "(target.timeout). Its last word: Looked at 600 objects. No row was changed." in result["msg"]
    assert "canary" not in json.dumps(result)


def test_what_a_target_says_of_a_secret_is_masked():
    said = json.dumps({"error": f"bad secret {SECRET}"})
    result = objects(["sh", "-c", f"cat >/dev/null; printf %s {shlex.quote(said)}; exit 3"])
    assert 'It said: {"error": "bad secret ********"}' in result["msg"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("database is locked", ["No row was changed.", "another process writes to this SQLite database"]),
        ("writes", []),
    ],
)
def test_a_crash_says_whether_anything_was_changed(reply, words):
    script = f"""
text=$(cat)
nonce=$(printf '%s' "$text" | grep -oE '"nonce": "[0-9a-f]+"' | head -1 | grep -oE '[0-9a-f]{{16}}')
[ {shlex.quote(reply)} != writes ] || printf '\\n<<%s writes>>\\n' "$nonce"
printf '<<%s\\n{{"ok": false, "kind": "crash", "message": "{reply}", "traceback": ""}}\\n%s>>\\n' "$nonce" "$nonce"
"""
    with pytest.raises(TargetError) as error:
        target(argv=["bash", "-c", script]).ask({"job": "converge"})
    assert all(word in str(error.value) for word in words)
    assert ("No row was changed" in str(error.value)) is bool(words)


def test_one_that_was_killed_is_named_with_a_fix():
    with pytest.raises(TargetError, match=r"exit status -9\)\. No row was changed\.\nFix: it was killed") as error:
        target(argv=["sh", "-c", "cat >/dev/null; kill -9 $$"]).ask({"job": "converge"})
    assert error.value.details == {"rc": -9}


def test_one_that_was_killed_when_it_had_written_says_so():
    script = """
nonce=$(cat | grep -oE '"nonce": "[0-9a-f]+"' | head -1 | grep -oE '[0-9a-f]{16}')
printf '\\n<<%s writes>>\\n' "$nonce"
kill -9 $$
"""
    wrote = r"exit status -9\)\. It may have written the rows; run this again\.\nFix: it was killed"
    with pytest.raises(TargetError, match=wrote):
        target(argv=["sh", "-c", script]).ask({"job": "converge"})


# -- what is begun ends with its caller --------------------------------------------------------------------------------

WAITS = """
import os, sys, threading, time
{agent}
open({mark!r}, "w").write(str(os.getpid()))
threading.Thread(target=end_with_stdin, daemon=True).start()
time.sleep(30)
open({mark!r} + ".done", "w").close()
"""


def waiting(mark):
    import inspect

    text = "import contextlib, signal\n" + inspect.getsource(agent.end_with_stdin)
    return WAITS.format(agent=text, mark=str(mark)).encode()


def gone(pid, seconds=5.0):
    end = time.monotonic() + seconds
    while owner.began(pid):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_takes_too_long_is_ended_where_it_runs(tmp_path):
    """As behind docker exec: what runs there is no child of the command, and gets no signal."""
    mark = tmp_path / "pid"
    behind = ["sh", "-c", 'exec 3<&0; setsid "$@" <&3 & exec 3<&-; sleep 30', "sh"]
    argv = [*behind, sys.executable, "-c", BOOTSTRAP]
    code, _out, _err = once(argv, None, prefixed(waiting(mark)), True, 2)
    assert code == 124
    gone(int(mark.read_text()))


def who_asks(mark):
    """A command that waits as a module does."""
    asks = (
        "from ansible_collections.mitodl.openedx.plugins.module_utils._engine.once import once\n"
        f"once([{sys.executable!r}, '-c', {BOOTSTRAP!r}], None, {prefixed(waiting(mark))!r}, True, 60)"
    )
    return ["env", f"PYTHONPATH={os.pathsep.join(sys.path)}", sys.executable, "-c", asks]


def begun(mark):
    end = time.monotonic() + 30
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return int(mark.read_text())


def test_one_whose_caller_was_killed_is_ended(tmp_path):
    mark = tmp_path / "pid"
    with subprocess.Popen(who_asks(mark)) as process:
        agent_pid = begun(mark)
        process.kill()
    gone(agent_pid)


# As Ansible runs a module: the shell waits for it, and nobody ends either of them.
SHELL = ["sh", "-c", '"$@" && sleep 0', "sh"]


def test_one_whose_run_was_killed_is_ended_though_its_module_is_not(tmp_path):
    """The worker of ansible-playbook, which reads what a module says, is killed and nothing else."""
    mark = tmp_path / "pid"
    worker = "import subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)"
    with subprocess.Popen([sys.executable, "-c", worker, *SHELL, *who_asks(mark)]) as process:
        agent_pid = begun(mark)
        process.kill()
    gone(agent_pid)
    assert not (tmp_path / "pid.done").exists()


@pytest.mark.parametrize("way", ["pipe", "socket"])
def test_one_whose_connection_breaks_is_ended_and_so_is_its_module(tmp_path, way):
    """sshd takes a socket for all, where it can, and closes it."""
    mark = tmp_path / "pid"
    ours, theirs = socket.socketpair() if way == "socket" else map(os.fdopen, os.pipe(), "rw")
    with subprocess.Popen([*SHELL, *who_asks(mark)], stdout=theirs, stderr=subprocess.PIPE) as process:
        theirs.close()
        agent_pid = begun(mark)
        ours.close()
        gone(agent_pid)
        said = process.communicate(timeout=10)[1]
    assert process.returncode
    assert b"Nobody waits for the answer of the target any more" in said


def test_nothing_is_begun_for_a_run_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(caller, "is_gone", lambda: True)
    with pytest.raises(TargetError, match="Nobody waits"):
        once(["touch", str(tmp_path / "begun")], None, b"", True, 5)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "terminal", "nothing"])
def test_a_stdout_that_has_no_reader_says_nothing_of_the_run(tmp_path, kind):
    looks = (
        "import os, sys\nfrom ansible_collections.mitodl.openedx.plugins.module_utils._engine import caller\n"
        "if sys.argv[1] == 'nothing': os.close(1)\nsys.exit(caller.is_gone())"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    other, stdout = os.openpty() if kind == "terminal" else (-1, os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT))
    try:
        assert subprocess.run([sys.executable, "-c", looks, kind], stdout=stdout, env=env, check=False).returncode == 0
    finally:
        os.close(stdout)
        if other >= 0:
            os.close(other)


# -- secrets by their names, and keys ----------------------------------------------------------------------------------


def test_a_secret_by_its_name_is_never_shown():
    before, after = {"SECRET": "old", "ACCESS_TOKEN_URL": "a", "n": [{"api_key": "k"}]}, {"SECRET": "new", "n": []}
    assert Change("other_settings", before, after).shown() == {
        "field": "other_settings",
        "before": {"SECRET": "(secret, old)", "ACCESS_TOKEN_URL": "a", "n": [{"api_key": "(secret, old)"}]},
        "after": {"SECRET": "(secret, new)", "n": []},
    }
    assert Change("s", {"TOKEN": "t"}, {"TOKEN": "t"}).shown()["after"] == {"TOKEN": "(secret)"}


def test_what_is_shown_of_a_call_has_no_secret_by_name():
    item = {"model": "a.B", "key": {"token": "canary-1"}, "values": {"password": "canary-2", "name": "n"}}
    provider = {"backend_name": "b", "site": "s", "other_settings": {"SECRET": "canary-3", "A": "shown"}}
    more = {"kind": "third_party_auth_provider", "options": provider}
    for argv in (["false"], ["cat"]):
        result = run_here(django_objects, {"target": {"argv": argv}, "objects": [item, more]})
        assert "canary" not in json.dumps(result)
        assert "shown" in json.dumps(result["invocation"])


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_key_that_every_row_matches_is_refused(state):
    item = {"model": "sites.Site", "key": {}, "state": state}
    result = run_here(django_objects, {"target": {"argv": ["false"]}, "objects": [item]})
    assert result["msg"].startswith("objects[0] sites.Site key: it is empty, which every row matches.")


def test_a_declared_client_id_is_stored_where_a_model_has_just_made_one():
    """Also where it is only meant for a row that has none."""
    kind = Kind.__new__(Kind)
    kind.fields, kind.plan = {"client_id": Field()}, None
    obj = {"values": {"client_id": "declared"}, "options": {"update_secret": "on_create"}}
    made = {}
    for created in (True, False):
        made[created] = SimpleNamespace(client_id="generated")
        kind.compare(obj, made[created], created)
    assert (made[True].client_id, made[False].client_id) == ("declared", "generated")


# -- the reply parser --------------------------------------------------------------------------------------------------

NONCE = "0123456789abcdef"
NOISE = st.text(max_size=60) | st.sampled_from(
    [
        "<<",
        ">>",
        f"<<{NONCE}",
        f"{NONCE}>>",
        f"<<{NONCE} writes>>",
        "<<fedc\n{}\nfedc>>",
        "{}",
        "\n",
    ]
)
REPLIES = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=4)


def said(reply):
    return f"\n<<{NONCE}\n{json.dumps(reply)}\n{NONCE}>>\n"


@given(before=st.lists(NOISE), after=st.lists(NOISE), reply=REPLIES)
def test_a_reply_is_found_in_any_noise(before, after, reply):
    assert parse("".join(before) + said(reply) + "".join(after), NONCE) == reply


def fed(text, length, kept):
    """What is kept of a text that comes in parts of a length."""
    output, data = Output(NONCE, kept), text.encode()
    for start in range(0, len(data), length):
        output.add(data[start : start + length])
    return output


# The agent's own begin with a line break.
LINES = NOISE.filter(lambda text: "writes" not in text) | st.sampled_from(
    [f"\n<<{NONCE} writes>>\n", "\nLooked at 300 objects.\n", "sent = Sent(", "x" * 90, "\n" * 40]
)


@given(
    before=st.lists(LINES), after=st.lists(LINES), reply=REPLIES, kept=st.integers(100, 300), length=st.integers(1, 50)
)
def test_a_reply_is_found_in_what_is_kept_of_any_noise(before, after, reply, kept, length):
    output = fed("".join(before) + said(reply) + "".join(after), length, kept)
    assert parse(str(output), NONCE) == reply
    # A mark of a reply that has not ended yet is kept, with what follows it in its line.
    assert len(output.text) <= 2 * kept + 40 or output.begins >= 0


@given(lines=st.lists(LINES), kept=st.integers(100, 300), length=st.integers(1, 50))
def test_what_is_looked_for_in_an_output_is_in_what_is_kept_of_it(lines, kept, length):
    whole = "".join(lines)
    text = str(fed(whole, length, kept))
    marker, looked = f"<<{NONCE} writes>>", re.compile(r"^Looked at \d+ objects\.$", re.MULTILINE)
    assert (marker in text) is (marker in whole)
    assert looked.findall(text)[-1:] == looked.findall(whole)[-1:]
    assert holds_request(text.replace(marker, ""), NONCE) is holds_request(whole.replace(marker, ""), NONCE)


class Counted(bytearray):
    """A text that counts how much of it is looked at."""

    looked = 0

    def find(self, *words):
        found = super().find(*words)
        self.looked += (found if found >= 0 else words[2] if words[2:] else len(self)) - words[1]
        return found


@pytest.mark.parametrize("noise", [b"noise of a log\n", b"x", b"<<", f"<<{NONCE}\nx\n".encode()])
def test_what_never_ends_is_looked_at_once_and_dropped(noise):
    # A mark in each line is more work, though no more of it than there are lines.
    output, chunk, times, most = Output(NONCE), (noise * 65536)[:65536], 300 if NONCE.encode() in noise else 3000, 0
    output.text = Counted()
    large = said({"ok": True, "text": "x" * 8_000_000}).encode()
    parts = [large[start : start + 65536] for start in range(0, len(large), 65536)]
    for part in [chunk] * times + parts + [chunk] * times:
        output.add(part)
        most = max(most, len(output.text))
    assert parse(str(output), NONCE)["text"] == "x" * 8_000_000
    assert most < 2 * KEPT + len(large) + 200_000
    assert len(output.text) < 2 * KEPT + 200_000
    assert output.text.looked < 5 * (2 * times * 65536 + len(large))


def test_a_reply_that_never_ends_is_none():
    output = Output(NONCE, 1000, longest=100_000)
    for part in (f"\n<<{NONCE}\n{{".encode(), *[b"x" * 1000] * 1000):
        output.add(part)
    assert len(output.text) < 3000
    assert holds_request(str(output), NONCE)


def test_a_target_that_logs_without_end_is_heard_and_no_more_is_kept():
    """200 MB before its reply, and 200 MB after it, on both streams."""
    argv = [
        sys.executable,
        "-c",
        f"""
import os
def noise():
    for _again in range(100):
        for stream in (1, 2):
            os.write(stream, b"noise\\n" * 200_000)
noise()
os.write(1, {said({"ok": True}).encode()!r})
noise()
""",
    ]
    tracemalloc.start()
    try:
        code, out, err = once(argv, None, b"", False, 100, NONCE)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (code, parse(out, NONCE)) == (0, {"ok": True})
    assert len(out) + len(err) < 4 * KEPT + 200_000
    assert most < 40_000_000


@pytest.mark.parametrize("stream", [1, 2])
def test_the_last_words_after_much_noise_are_shown(stream):
    script = f"cat >/dev/null; {{ yes noise | head -c 20000000; echo service lms is not running; }} >&{stream}; exit 3"
    with pytest.raises(
        TargetError, match=r"exit status 3\)\. It said: (no)?service lms is not running\. No row was changed"
    ):
        target(argv=["sh", "-c", script]).ask({"job": "converge", "mode": "check"})


@pytest.mark.parametrize("stream", [1, 2])
def test_one_that_echoes_the_begin_of_its_request_before_much_noise_is_not_quoted(stream):
    result = objects(["sh", "-c", f"{{ head -c 9000; yes noise | head -c 20000000; }} >&{stream}; exit 3"])
    assert "is not shown" in result["msg"]
    assert "No row was changed." in result["msg"]


def test_one_that_was_killed_long_after_it_had_written_says_so():
    script = """
nonce=$(cat | grep -oE '"nonce": "[0-9a-f]+"' | head -1 | grep -oE '[0-9a-f]{16}')
printf '\\n<<%s writes>>\\n' "$nonce"
yes noise | head -c 20000000
kill -9 $$
"""
    with pytest.raises(
        TargetError, match=r"(?s)It said: .*noise.* It may have written the rows; run this again\."
    ) as error:
        target(argv=["sh", "-c", script]).ask({"job": "converge"})
    assert "No row was changed" not in str(error.value)


@given(noise=st.lists(NOISE), reply=REPLIES, data=st.data())
def test_a_reply_that_breaks_off_is_none(noise, reply, data):
    whole = "".join(noise) + said(reply)
    cut = data.draw(st.integers(0, len(whole) - len(f"{NONCE}>>\n") - 1))
    assert parse(whole[:cut], NONCE) in (None, reply)
    assert parse(said(reply)[: data.draw(st.integers(0, len(said(reply)) - 4))], NONCE) is None


@given(forged=st.text(alphabet='<>{}\n:0123456789abcdef"', max_size=200))
def test_what_does_not_know_the_nonce_forges_nothing(forged):
    assert parse(forged.replace(NONCE, ""), NONCE) is None
