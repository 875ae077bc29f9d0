# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has every task of a run fail before it is done: in as many ways as there are faults that its module can meet.

A task that is failed is a process of its own, which reports what came of it as Ansible reports any failure, and the
run goes on with the task as if nothing had been. The environment says where (FAIL_FIRST, a directory): the file `fault`
in there names the fault of the moment, which the Python of the modules (`python`, see write_python) and the test's
databases go by, and `seen` has a line for each task that ended.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sqlite3
import sys
from pathlib import Path

from ansible import constants
from ansible.executor.task_executor import TaskExecutor
from ansible.executor.task_result import _RawTaskResult
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: fail_first
type: notification
short_description: Has every task of a run fail before it is done
description: For the tests of this collection only.
author: MIT Open Learning contributors (@mitodl)
"""
# From its first system call of these on, all fail, and nobody waits for better times.
HOOK = """
import sys
CALLS, failing = ("subprocess.Popen", "socket.connect", "os.rename"), []
def hook(event, _arguments):
    if event in CALLS or (failing and event == "time.sleep"):
        failing.append(event)
        raise OSError(28, "No space left on device")
sys.addaudithook(hook)
exec(compile(sys.stdin.buffer.read(), "<stdin>", "exec"), {"__name__": "__main__"})
"""
# It has read everything, its secrets too, and dies.
PYTHON = """#!/bin/sh
case $(cat {fault} 2>/dev/null) in
  dies) cat >/dev/null; echo Killed >&2; exit 137 ;;
  calls) exec {python} -c {hook} ;;
esac
exec {python} "$@"
"""
# What writes into a database.
WRITES_ROWS = ("lms_rows", "rotation_step", "django_objects", "oauth_application", "sso_check")


def write_python(folder: Path) -> Path:
    """The Python for the modules of a run."""
    path, words = folder / "python", {"fault": folder / "fault", "python": sys.executable, "hook": HOOK}
    path.write_text(PYTHON.format(**{name: shlex.quote(str(word)) for name, word in words.items()}))
    path.chmod(0o755)
    return path


@contextlib.contextmanager
def fault(folder: Path, name: str):
    """What goes wrong as long as this lasts."""
    path = folder / "fault"
    path.write_text(name)
    try:
        with refusing(folder) if name == "rows" else contextlib.nullcontext():
            yield
    finally:
        path.unlink()


@contextlib.contextmanager
def refusing(folder: Path):
    """No database takes a row, whoever wants to write it."""
    databases = [Path(line) for line in (folder / "databases").read_text().splitlines()]
    try:
        for path in databases:
            with contextlib.closing(sqlite3.connect(path, timeout=60)) as connection, connection:
                for table in tables(connection):
                    for event in ("insert", "update", "delete"):
                        connection.execute(
                            f'create trigger "refused_{event}_{table}" before {event} on "{table}" '
                            "begin select raise(abort, 'the disk of the database is full'); end"
                        )
        yield
    finally:
        for path in databases:
            with contextlib.closing(sqlite3.connect(path, timeout=60)) as connection, connection:
                names = "select name from sqlite_master where type = 'trigger' and name like 'refused_%'"
                for (name,) in connection.execute(names).fetchall():
                    connection.execute(f'drop trigger "{name}"')


def tables(connection: sqlite3.Connection) -> list[str]:
    names = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    return [name for (name,) in connection.execute(names)]


def faults(action: str) -> list[str]:
    name = action.rpartition(".")[2]
    return ["raises", "dies", "calls", *(["rows"] if name in WRITES_ROWS else [])]


def failed_first(executor: TaskExecutor, name: str, original) -> None:
    """The task with a fault, in a process that knows nothing of what comes after it."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    try:
        if name == "raises":
            handler_of = executor._get_action_handler_with_module_context

            def broken(*words, **options):
                handler, context = handler_of(*words, **options)
                handler.run = provoked
                return handler, context

            executor._get_action_handler_with_module_context = broken
        elif name == "calls" and "wait" in executor._task.args:
            executor._task.args.update(wait=1, period=1)
        result = original(executor)
        if result.get("failed") or result.get("unreachable"):
            task = executor._task
            raw = _RawTaskResult(executor._host, task, result, task.dump_attrs())
            executor._final_q.send_callback("v2_runner_on_failed", raw)
    finally:
        os._exit(0)


def provoked(*_words, **_options):
    raise OSError(28, "No space left on device")


def run(executor: TaskExecutor, folder: Path, original):
    if executor._task.action not in constants._ACTION_ALL_INCLUDES:
        for name in faults(executor._task.action):
            with fault(folder, name):
                failed_first(executor, name, original)
    return original(executor)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "fail_first"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self.folder, original = Path(os.environ["FAIL_FIRST"]), TaskExecutor.run
        # The processes of the workers begin with what this one has.
        TaskExecutor.run = lambda executor: run(executor, self.folder, original)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.note("failed", result)

    def v2_runner_on_ok(self, result):
        self.note("ok", result)

    def note(self, word, result):
        if result.task.action in constants._ACTION_ALL_INCLUDES:
            return
        with (self.folder / "seen").open("a") as seen:
            seen.write(f"{word}\t{result.task.action}\t{result.task.get_name()}\n")
