# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions, with as little of Django as the agent asks for: who starts, who waits, and what is left when somebody goes.

What Django itself keeps is looked at with the lab, in tests/integration/test_sessions.py.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import channel, keeper, owner, session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import target as engine
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.program import BOOTSTRAP
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import Target, TargetError
from ansible_collections.mitodl.openedx.plugins.plugin_utils._session_id import session_id

from . import session_jobs
from .test_target import DEFAULTS

JOBS = {name: (session_jobs, name) for name in ("look", "note", "hang", "end", "shout", "spoil")}
DJANGO = {
    "__init__.py": """
import os, sys, time
from . import apps
def setup():
    with open(os.environ["STARTS"], "a") as starts:
        starts.write("%d %s\\n" % (os.getpid(), sys.argv[0]))
    print("noise of a start")
    for _again in range(int(os.environ.get("START_MEGABYTES", 0))):
        for stream in (sys.stdout, sys.stderr):
            stream.write("noise of it" * 100000)
    time.sleep(float(os.environ.get("START_SECONDS", 0)))
    if os.environ.get("START_FAILS"):
        raise RuntimeError("settings are missing: MAILGUN_KEY")
    apps.apps.ready = True
def get_version():
    return "5.2"
""",
    "apps.py": "class apps:\n    ready = False\n    is_installed = staticmethod(lambda name: False)\n",
    "core/__init__.py": "",
    "core/cache/__init__.py": "class caches:\n    settings = {}\n",
    "core/cache/backends/__init__.py": "",
    "core/cache/backends/locmem.py": "_caches, _expire_info = {'default': {}}, {'default': {}}\n",
    "db.py": "class connections:\n    close_all = staticmethod(lambda: None)\n",
}


class Teller:
    """As much of a module as a target needs: it keeps its warnings."""

    def __init__(self):
        self.warnings = []

    def warn(self, text):
        self.warnings.append(text)


class Place:
    """A temporary directory as the only one there is, a Django in it, and the log of its starts."""

    def __init__(self, home: Path, monkeypatch):
        self.home, self.monkeypatch, self.started = home, monkeypatch, home / "starts"
        for name, text in DJANGO.items():
            path = home / "site" / "django" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        monkeypatch.setenv("PYTHONPATH", str(home / "site"))
        monkeypatch.setenv("STARTS", str(self.started))
        monkeypatch.setattr(channel.tempfile, "gettempdir", lambda: str(home))
        # Where the path of the test is too long for a socket, its directory is another one.
        monkeypatch.setattr(channel, "PATH_LENGTH", 1000)

    @property
    def folder(self) -> Path:
        return self.home / f"mitodl-openedx-{os.geteuid()}"

    def target(self, **options):
        argv = [sys.executable, "-"]
        return {**DEFAULTS, "type": "command", "argv": argv, "session": "test", **options}

    def ask(self, job="look", jobs=None, module=None, target=None, **more):
        asked = Target(module or Teller(), self.target(**(target or {})))
        reply = asked.ask({"job": job, "home": str(self.home), **more}, jobs or JOBS)
        return {**reply, "boots": asked.boots}

    def starts(self) -> list[str]:
        return self.started.read_text().splitlines() if self.started.exists() else []

    def processes(self) -> list[int]:
        """Everything that runs with this place in its environment, and is not the test itself."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                state = (path / "stat").read_text().rpartition(")")[2].split()[0]
                if state not in "ZX" and f"STARTS={self.started}\0" in (path / "environ").read_text():
                    found.append(int(path.name))
        return found

    def agent(self) -> int:
        return int(self.starts()[-1].split()[0])

    def keeper(self) -> int:
        """The process that has started the agent's."""
        return int(Path(f"/proc/{self.agent()}/stat").read_text().rpartition(")")[2].split()[1])


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return found


def alive(pid):
    return owner.began(pid) != ""


@pytest.fixture
def place(monkeypatch):
    # Not pytest's own: its path is too long for a socket.
    import tempfile

    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as home:
        made = Place(Path(home), monkeypatch)
        yield made
        session.drop(made.target())
        until(lambda: not made.processes())


# -- many requests, one start ------------------------------------------------------------------------------------------


def test_what_the_target_writes_can_be_read_by_whom_a_start_lets_read_it(place):
    """Its logs, say, and its server's."""
    before = os.umask(0o027)
    try:
        assert [place.ask(target={"session": name})["umask"] for name in ("test", None)] == [0o027, 0o027]
    finally:
        os.umask(before)


def test_many_requests_cost_one_start_and_a_process_each(place):
    first, second = place.ask(), place.ask()
    assert [first["boots"], second["boots"]] == [1, 0]
    assert len(place.starts()) == 1
    assert len({place.agent(), first["pid"], second["pid"]}) == 3
    assert place.starts()[0].endswith(" -")


def test_without_a_name_or_with_another_one_there_is_another_start(place):
    assert place.ask()["boots"] == 1
    assert place.ask(target={"session": None})["boots"] == 1
    assert place.ask(target={"session": ""})["boots"] == 1
    assert place.ask(target={"session": "other"})["boots"] == 1
    assert place.ask(target={"settings": "other.settings"})["boots"] == 1
    assert len(place.starts()) == 5
    session.drop(place.target(session="other"))
    session.drop(place.target(settings="other.settings"))


def test_what_one_request_spoils_the_next_does_not_see(place):
    place.ask("spoil")
    assert place.ask()["spoilt"] is False
    with pytest.raises(TargetError, match=r"exit status 3\)\. It said: last words"):
        place.ask("end")
    assert place.ask()["boots"] == 0


def test_more_than_a_pipe_holds_goes_both_ways(place):
    assert place.ask("shout", text="x" * 3_000_000)["text"] == "x" * 3_000_000
    assert place.ask()["boots"] == 0


def test_a_start_that_logs_without_end_is_waited_for_and_no_more_is_kept(place):
    place.monkeypatch.setenv("START_MEGABYTES", "200")
    assert place.ask(target={"timeout": 60})["boots"] == 1
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{place.keeper()}/status").read_text())[1]
    # It was forked off this process.
    mine = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
    assert int(peak) < int(mine) + 60_000


def test_a_session_that_was_begun_ahead_is_counted_by_the_first_who_uses_it(place):
    place.monkeypatch.setenv("START_SECONDS", "1")
    begin = time.monotonic()
    assert session.start(place.target()) is True
    assert session.start(place.target()) is True
    assert time.monotonic() - begin < 0.9
    assert place.ask()["boots"] == 1
    assert place.ask()["boots"] == 0
    assert len(place.starts()) == 1


def test_a_start_that_nobody_used_is_counted_by_who_ends_it(place):
    session.start(place.target())
    until(place.starts)
    assert [session.drop(place.target()), session.drop(place.target())] == [1, 0]
    place.ask()
    assert session.drop(place.target()) == 0


def test_requests_at_the_same_time_are_answered_one_after_another(place):
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _number: place.ask("note"), range(6)))
    assert sum(reply["boots"] for reply in replies) == 1 == len(place.starts())
    lines = (place.home / "notes").read_text().splitlines()
    assert len(lines) == 12
    assert all(begin.replace("begin", "end") == end for begin, end in zip(lines[::2], lines[1::2], strict=True))


# -- the end -----------------------------------------------------------------------------------------------------------


def test_after_the_end_of_a_session_there_is_a_new_start(place):
    place.ask()
    old = place.agent()
    session.drop(place.target())
    assert not alive(old)
    assert place.ask()["boots"] == 1
    assert place.agent() != old


def test_what_a_session_is_at_is_answered_before_it_ends(place):
    place.ask()
    old = place.agent()
    with ThreadPoolExecutor(2) as pool:
        open_request = pool.submit(place.ask, "hang", seconds=1)
        until(lambda: (place.home / "hanging").exists())
        ended = pool.submit(session.drop, place.target())
        until(lambda: [name for name in os.listdir(place.folder) if name != "lock"] == [])
        assert place.ask()["boots"] == 1
        assert open_request.result()["ok"]
        ended.result()
    assert not alive(old)


def test_an_idle_session_ends(place, monkeypatch):
    monkeypatch.setattr(keeper, "IDLE", 1)
    place.ask()
    old = place.agent()
    until(lambda: not place.processes() and not alive(old), 10)
    assert os.listdir(place.folder) == ["lock"]


def test_a_session_waits_for_its_run_and_ends_with_it(place, monkeypatch):
    monkeypatch.setattr(keeper, "IDLE", 0.2)
    with subprocess.Popen(["sleep", "60"]) as run:
        name = until(lambda: owner.name(run.pid))
        place.ask(target={"session": name})
        time.sleep(2.5)
        assert place.ask(target={"session": name})["boots"] == 0
        run.kill()
    until(lambda: not place.processes(), 4)


def test_a_session_beside_its_run_does_not_wait_for_ever(place, monkeypatch):
    monkeypatch.setattr(keeper, "IDLE_BESIDE_ITS_RUN", 1)
    place.ask(target={"session": owner.name(os.getpid())})
    until(lambda: not place.processes(), 6)


def caller(place, **options):
    """Somebody who asks for what takes long, and the process that does it."""
    asking = multiprocessing.get_context("fork").Process(target=place.ask, args=("hang",), kwargs=options)
    asking.start()
    hanging = place.home / "hanging"
    return asking, int(until(lambda: hanging.exists() and hanging.read_text()))


def test_a_run_that_ends_takes_its_open_request_along(place):
    with subprocess.Popen(["sleep", "60"]) as run:
        asking, pid = caller(place, seconds=30, target={"session": owner.name(run.pid)})
        os.kill(asking.pid, signal.SIGSTOP)
        run.kill()
        until(lambda: not alive(pid), 4)
    asking.kill()
    asking.join()


# -- somebody is killed ------------------------------------------------------------------------------------------------


def test_nothing_goes_on_for_a_caller_who_is_gone(place):
    asking, pid = caller(place, seconds=30)
    asking.kill()
    asking.join()
    until(lambda: not alive(pid), 4)
    until(lambda: not place.processes(), 4)
    assert place.ask()["boots"] == 1


def test_nothing_goes_on_for_a_run_whose_module_lives_on(place):
    """Its stdout, which the run has read, is closed at the other end."""
    inside, outside = os.pipe()

    def module():
        os.close(inside)
        os.dup2(outside, 1)
        os.close(outside)
        with pytest.raises(TargetError, match="Nobody waits"):
            place.ask("hang", seconds=30)

    asking = multiprocessing.get_context("fork").Process(target=module)
    asking.start()
    os.close(outside)
    hanging = place.home / "hanging"
    pid = int(until(lambda: hanging.exists() and hanging.read_text()))
    os.close(inside)
    until(lambda: not alive(pid), 4)
    asking.join(4)
    assert asking.exitcode == 0
    until(lambda: not place.processes(), 4)


def test_with_the_keeper_everything_ends_and_the_next_begins_anew(place):
    place.ask()
    old = place.agent()
    os.kill(place.keeper(), signal.SIGKILL)
    until(lambda: not alive(old), 4)
    assert place.ask()["boots"] == 1
    assert len(os.listdir(place.folder)) == 2


@pytest.mark.parametrize("who", ["keeper", "agent", "child"])
def test_a_request_whose_session_is_killed_is_asked_afresh(place, monkeypatch, who):
    """As with a container that is replaced: exit status 137 without a reply, and then it answers again."""
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    place.ask()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(place.ask, "hang", seconds=30, once=True)
        pid = int(until(lambda: (place.home / "hanging").exists() and (place.home / "hanging").read_text()))
        os.kill({"keeper": place.keeper, "agent": place.agent, "child": lambda: pid}[who](), signal.SIGKILL)
        assert asked.result()["boots"] == (0 if who == "child" else 1)
    assert not alive(pid)


def test_a_keeper_that_is_stopped_holds_nobody_for_ever(place, monkeypatch):
    monkeypatch.setattr(session, "SENDING", 0)
    place.ask()
    stopped, module = place.keeper(), Teller()
    os.kill(stopped, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        # Also with more than the socket takes.
        for text in ("", "x" * 1_000_000):
            assert place.ask(module=module, text=text, target={"timeout": 1})["boots"] == 1
        assert time.monotonic() - begin < 12
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert len(module.warnings) == 2
    assert "took no request within 3 seconds" in module.warnings[0]
    # What it would have been asked for then is not done a second time.
    assert place.ask()["boots"] == 0


def test_a_start_that_is_killed_by_itself_is_seen_by_the_next(place):
    place.ask()
    os.kill(place.agent(), signal.SIGKILL)
    until(lambda: not place.processes(), 4)
    assert place.ask()["boots"] == 1


def test_a_request_that_takes_too_long(place):
    with pytest.raises(TargetError, match=r"did not answer within 1 seconds \(target.timeout\)"):
        place.ask("hang", seconds=30, target={"timeout": 1})
    pid = int((place.home / "hanging").read_text())
    until(lambda: not alive(pid) and not place.processes(), 4)


def test_a_start_that_takes_too_long(place):
    place.monkeypatch.setenv("START_SECONDS", "30")
    with pytest.raises(TargetError, match=r"did not answer within 1 seconds"):
        place.ask(target={"timeout": 1})
    until(lambda: not place.processes(), 6)
    session.start(place.target(timeout=1))
    until(lambda: not place.processes(), 6)


# -- through a client that only passes on what it gets, as `docker exec` does ------------------------------------------

CLIENT = """
import subprocess, sys, threading
pipe = subprocess.PIPE
inside = subprocess.Popen(sys.argv[1:], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True)
def copy(source, sink, last):
    while data := source.read(65536):
        sink.write(data)
    last()
for source, sink, last in (
    (open(0, "rb", buffering=0), inside.stdin, inside.stdin.close),
    (inside.stdout, open(1, "wb", buffering=0), lambda: None),
    (inside.stderr, open(2, "wb", buffering=0), lambda: None),
):
    threading.Thread(target=copy, args=(source, sink, last), daemon=source.fileno() == 0).start()
sys.exit(inside.wait())
"""


@pytest.fixture
def through(place):
    """A target whose Python nobody here can signal: it ends with its stdin or not at all."""
    (place.home / "client.py").write_text(CLIENT)
    target = {"argv": [sys.executable, str(place.home / "client.py"), sys.executable, "-"]}
    yield target
    session.drop(place.target(**target))


def client(place):
    """The process between the keeper and the agent."""
    return place.keeper()


def test_through_a_client_many_requests_cost_one_start(place, through):
    assert [place.ask(target=through)["boots"] for _again in (1, 2)] == [1, 0]
    assert place.ask("shout", text="x" * 300_000, target=through)["text"] == "x" * 300_000
    inside = place.agent()
    session.drop(place.target(**through))
    until(lambda: not alive(inside), 4)


@pytest.mark.parametrize("signalled", [signal.SIGKILL, signal.SIGTERM])
def test_with_its_client_the_inside_ends_and_the_request_is_asked_afresh(place, through, monkeypatch, signalled):
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    place.ask(target=through)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(place.ask, "hang", seconds=30, once=True, target=through)
        pid = int(until(lambda: (place.home / "hanging").exists() and (place.home / "hanging").read_text()))
        inside = place.agent()
        os.kill(client(place), signalled)
        if signalled == signal.SIGKILL:
            assert asked.result()["boots"] == 1
        else:
            with pytest.raises(TargetError, match="exit status 143"):
                asked.result()
    until(lambda: not alive(inside) and not alive(pid), 4)


def test_a_timeout_reaches_the_inside(place, through):
    with pytest.raises(TargetError, match="did not answer within 2 seconds"):
        place.ask("hang", seconds=30, target={**through, "timeout": 2})
    pid = int((place.home / "hanging").read_text())
    until(lambda: not alive(pid) and not place.processes(), 4)


# -- there is nothing to keep ------------------------------------------------------------------------------------------


def message_of(place, **target):
    with pytest.raises(TargetError) as error:
        place.ask(target=target)
    return re.sub(r"-c \n.*?\n\)", "-)", str(error.value))


@pytest.mark.parametrize("ahead", [False, True])
def test_a_start_that_fails_is_told_as_without_a_session(place, ahead):
    place.monkeypatch.setenv("START_FAILS", "1")
    plain = message_of(place, session=None)
    assert "did not start Django. RuntimeError: settings are missing: MAILGUN_KEY.\nFix: set them" in plain
    if ahead:
        # Nobody asked: what was wrong then may be mended by now.
        session.start(place.target())
        until(lambda: len(place.starts()) == 2 and not place.processes())
        place.started.unlink()
    else:
        place.started.unlink()
    assert message_of(place) == plain
    assert len(place.starts()) == 1
    until(lambda: not place.processes())
    place.monkeypatch.delenv("START_FAILS")
    assert place.ask()["boots"] == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["/nonexistent/python", "-"],
        [sys.executable, "-S", "-E", "-"],
        ["sh", "-c", 'cat >/dev/null; echo service \\"lms\\" is not running >&2; exit 3'],
        ["sh", "-c", 'echo service \\"lms\\" is not running >&2; exit 3', "-"],
        ["sh", "-c", "exit 126", "-"],
    ],
)
def test_a_target_that_cannot_be_started_is_told_as_without_a_session(place, argv):
    module = Teller()
    plain = message_of(place, argv=argv, session=None)
    with pytest.raises(TargetError) as error:
        place.ask(module=module, target={"argv": argv})
    assert (str(error.value), module.warnings) == (plain, [])
    until(lambda: not place.processes())


def test_a_target_that_ends_before_it_is_asked_is_told_as_without_a_session(place):
    """As on a machine so busy that whoever began it comes to it when it has long failed."""

    def late(self):
        time.sleep(0.3)
        return connect(self)

    argv = ["sh", "-c", "exit 126", "-"]
    plain, module = message_of(place, argv=argv, session=None), Teller()
    connect = session.Session._connect
    place.monkeypatch.setattr(session.Session, "_connect", late)
    with pytest.raises(TargetError) as error:
        place.ask(module=module, target={"argv": argv})
    assert (str(error.value), module.warnings) == (plain, [])


def test_an_argv_that_a_session_cannot_use_is_started_for_each_request(place):
    """Whoever takes the command line to pieces, or does not end it with a dash, gets what he got without a session."""
    split = place.home / "split"
    split.write_text("#!/bin/sh\nexec $*\n")
    split.chmod(0o755)
    for argv in ([sys.executable], [str(split), sys.executable, "-"]):
        assert [place.ask(target={"argv": argv})["boots"] for _again in (1, 2)] == [1, 1]


def test_over_ssh_the_program_comes_through_the_shell(place):
    fake = place.home / "ssh"
    fake.write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n')
    fake.chmod(0o755)
    target = {"argv": [str(fake), "host", sys.executable, "-"]}
    assert [place.ask(target=target)["boots"] for _again in (1, 2)] == [1, 0]
    session.drop(place.target(**target))
    assert shlex.quote(BOOTSTRAP) != BOOTSTRAP


def test_ssh_is_seen_behind_what_runs_it(place):
    fake = place.home / "ssh"
    fake.write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n')
    fake.chmod(0o755)
    target = {"argv": ["env", "X=1", str(fake), "host", sys.executable, "-"]}
    assert [place.ask(target=target)["boots"] for _again in (1, 2)] == [1, 0]
    session.drop(place.target(**target))


def test_a_relative_program_is_looked_up_where_it_is_run(place, monkeypatch):
    elsewhere = place.home / "app" / "bin"
    elsewhere.mkdir(parents=True)
    (elsewhere / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (elsewhere / "python").chmod(0o755)
    target = {"argv": ["bin/python", "-"], "chdir": str(elsewhere.parent)}
    assert session.start(place.target(**target)) is True
    session.drop(place.target(**target))
    monkeypatch.chdir(elsewhere.parent)
    assert session.start(place.target(argv=["bin/python", "-"], chdir=str(place.home))) is False


# -- the directory -----------------------------------------------------------------------------------------------------


def test_the_directory_is_closed_to_others(place):
    place.ask()
    assert stat.S_IMODE(place.folder.lstat().st_mode) == 0o700


def spoilt(folder, how):
    if how == "link":
        (folder.parent / "elsewhere").mkdir(0o700)
        folder.symlink_to(folder.parent / "elsewhere")
    elif how == "file":
        folder.touch(0o600)
    else:
        folder.mkdir()
        folder.chmod(0o755)


@pytest.mark.parametrize("how", ["link", "file", "mode"])
def test_a_directory_that_is_not_ours_alone_is_not_used(place, how):
    spoilt(place.folder, how)
    module = Teller()
    assert [place.ask(module=module)["boots"] for _again in (1, 2)] == [1, 1]
    assert str(place.folder) in module.warnings[0]
    assert "There is no session of the target" in module.warnings[0]
    with pytest.raises(channel.SessionError, match="mitodl-openedx"):
        session.start(place.target())
    assert session.drop(place.target()) == 0
    assert os.listdir(place.folder) == [] if place.folder.is_dir() else True


def test_the_directory_of_another_user_is_not_used(place, monkeypatch):
    me = os.geteuid()
    monkeypatch.setattr(channel.os, "geteuid", lambda: me + 1)
    (place.home / f"mitodl-openedx-{me + 1}").mkdir(0o700)
    with pytest.raises(channel.SessionError, match="belongs to another user"):
        channel.directory()


def test_the_runtime_directory_is_preferred_where_it_is_ours(place, monkeypatch):
    runtime = place.home / "run"
    runtime.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert Path(channel.directory()).parent == runtime
    monkeypatch.setattr(channel, "PATH_LENGTH", 50 + len(str(place.home)) + 1)
    assert Path(channel.directory()).parent == place.home
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")
    assert Path(channel.directory()).parent == place.home


def test_what_dead_sessions_left_is_swept(place):
    place.ask(target={"session": "one"})
    os.kill(place.keeper(), signal.SIGKILL)
    until(lambda: not place.processes())
    assert len(os.listdir(place.folder)) == 2
    place.ask()
    assert len(os.listdir(place.folder)) == 2


def no_space(*_words, **_options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(("what", "name"), [(channel.fcntl, "flock"), (session.os, "listdir")])
def test_without_space_for_a_session_there_is_a_start_for_each_request(place, monkeypatch, what, name):
    module = Teller()
    with monkeypatch.context() as full:
        full.setattr(what, name, no_space)
        assert place.ask(module=module)["boots"] == 1
        with pytest.raises(channel.SessionError, match="No space left"):
            session.start(place.target())
        assert session.drop(place.target()) == 0
    assert "There is no session of the target" in module.warnings[0]
    assert "No space left" in module.warnings[0]


def test_a_lock_that_cannot_be_opened_is_no_error_of_the_module(place):
    channel.directory()
    (place.folder / "lock").symlink_to(place.home / "starts")
    with pytest.raises(channel.SessionError, match="lock cannot be locked"):
        session.start(place.target())
    assert session.drop(place.target()) == 0
    assert place.ask()["boots"] == 1


def test_a_target_without_a_command_has_no_session(place):
    assert session.start(place.target(argv=None)) is False
    assert session.drop(place.target(argv=None)) == 0
    with pytest.raises(TargetError, match="needs argv"):
        place.ask(target={"argv": None})


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_a_secret_is_in_no_command_line_no_environment_and_no_file(place):
    seen, ended = set(), threading.Event()

    def look():
        while not ended.wait(0.01):
            for path in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    with suppress(OSError):
                        seen.add((path / name).read_text(errors="replace"))
            for path in place.home.rglob("*"):
                with suppress(OSError):
                    seen.add(path.read_text(errors="replace"))

    watch = threading.Thread(target=look)
    watch.start()
    for _again in (1, 2):
        assert place.ask("hang", seconds=0.3, text="canary-7f3a")["ok"]
    ended.set()
    watch.join()
    assert any("session" in text and "take(int(take(10)))" in text for text in seen)
    assert not [text for text in seen if "canary-7f3a" in text]


# -- the name of a run -------------------------------------------------------------------------------------------------


def test_a_run_has_one_name_in_all_its_workers(monkeypatch):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        names = set(pool.starmap(session_id, [()] * 4))
    assert names == {session_id()}
    assert owner.is_here(session_id())


def test_a_name_is_never_that_of_another_run():
    with subprocess.Popen(["sleep", "60"]) as one, subprocess.Popen(["sleep", "60"]) as other:
        first, second = owner.name(one.pid), owner.name(other.pid)
        one.kill()
        other.kill()
    assert first != second
    assert not owner.is_here(first)
    digest, pid, since, here = owner.name(os.getpid()).split(".")
    for name in (f"{digest}.{pid}.{int(since) + 1}.{here}", f"{digest}.{pid}.{since}.0", "my-playbook", "a.b.c.d", ""):
        assert not owner.is_here(name), name


def test_a_process_that_waits_to_be_reaped_runs_no_more():
    with subprocess.Popen(["true"]) as done:
        until(lambda: owner.began(done.pid) == "")
