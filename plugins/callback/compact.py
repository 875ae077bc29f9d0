# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person wants to see of a run: what changed, what failed, what was asked for, and meanwhile where it is."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compact
type: stdout
short_description: One line per task and host that changed or failed
description:
  - Prints one line for each task and host that changed or failed, with the diff or the message below it, and at the end
    one line per host.
  - Texts that a playbook prints for people (M(ansible.builtin.debug), M(mitodl.openedx.show_lines)) are printed in
    full, as text.
  - Of all other tasks only the current one is shown, with the seconds since the beginning of the run, on a terminal in
    a line that overwrites itself, elsewhere in a line each time nothing was printed for a while.
  - With C(-v) everything is printed as the callback P(ansible.builtin.default#callback) prints it.
extends_documentation_fragment:
  - ansible.builtin.default_callback
  - ansible.builtin.result_format_callback
options:
  silent_seconds:
    description: After how many seconds without output a run that writes to no terminal says what it is at.
    type: int
    default: 15
    env:
      - name: MITODL_OPENEDX_SILENT_SECONDS
    ini:
      - key: silent_seconds
        section: callback_mitodl_openedx_compact
requirements:
  - Set as C(stdout_callback) in the configuration.
author:
  - MIT Open Learning contributors (@mitodl)
"""

import contextlib
import functools
import os
import shutil
import sys
import threading
import time

from ansible import constants
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default

#: Of what a command said, so many lines are shown where it failed.
TAIL = 20
#: Tasks during which somebody types.
PROMPTS = ("pause", "ansible.builtin.pause", "ansible.legacy.pause")


def lines_of(value):
    """A message as lines: text, or a list of such, without what would steer a terminal."""
    if isinstance(value, (list, tuple)):
        return [line for part in value for line in lines_of(part)]
    lines = str(value).expandtabs().rstrip().splitlines()
    return ["".join(c for c in line if c.isprintable()).rstrip() for line in lines]


def reason_of(data):
    """Why a task failed: its message, and where that says too little, the end of what its command said."""
    if "censored" in data:
        return lines_of(data["censored"])
    lines = lines_of(data.get("msg") or data.get("reason") or [])
    for names in (("module_stderr", "module_stdout"), ("stderr", "stdout")):
        said: list[str] = next((lines_of(data[name]) for name in names if data.get(name)), [])
        lines += [line for line in said[-TAIL:] if line not in lines]
    return lines


def part(result, name):
    """The host, the task or the data of a result, which had other names before ansible-core 2.19."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")


def name_of(result):
    """What a task is called, on one line and without the name of its role, which ansible-core 2.21 puts before it."""
    task = part(result, "task")
    role = getattr(task, "_role", None)
    name = result.task_name or task.get_name()
    return " ".join(lines_of(name.removeprefix(f"{role.get_name()} : ") if role else name))


def unless_verbose(method):
    """The method is for runs of which no more was asked; with -v it is that of the default callback."""

    @functools.wraps(method)
    def chosen(self, *args, **kwargs):
        if self._display.verbosity > 0:
            return getattr(Default, method.__name__)(self, *args, **kwargs)
        return method(self, *args, **kwargs)

    return chosen


@contextlib.contextmanager
def unread():
    """Go on in silence where nobody reads any more (``| head``): a run ends only if the thread that prints lives."""
    try:
        yield
    except BrokenPipeError:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, sys.stdout.fileno())
        os.close(silence)


class Progress:
    """Shows the current task while nothing else is printed, and knows when something was printed."""

    def __init__(self, display, silent_seconds):
        self.display, self.silent_seconds = display, silent_seconds
        self.terminal = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.process = os.getpid()
        # Ansible starts no process of a task while this lock is held.
        self.lock = display._lock
        self.ended = threading.Event()
        self.name, self.shown = "", False
        self.began = self.printed = time.monotonic()
        # All that is printed goes through this method, also what tasks print on their way and what Ansible warns of.
        display.display = self._around(display.display)
        threading.Thread(target=self._tick, daemon=True).start()

    def begin(self, name):
        with self.lock:
            self.name = name
            self._draw()

    def end(self):
        with self.lock:
            self.ended.set()
            self.name = ""
            self._clear()
            del self.display.display
            return self.seconds

    def _around(self, printing):
        @functools.wraps(printing)
        def display(*args, **kwargs):
            # The processes of tasks send theirs to this one.
            if os.getpid() != self.process:
                printing(*args, **kwargs)
                return
            with self.lock, unread():
                self._clear()
                self.printed = time.monotonic()
                printing(*args, **kwargs)

        return display

    def _tick(self):
        while not self.ended.wait(1):
            with self.lock:
                if self.terminal:
                    self._draw()
                elif self.name and time.monotonic() - self.printed >= self.silent_seconds:
                    self.display.display(self._text())

    def _text(self):
        return f"... after {self.seconds:.0f} s: {self.name}"

    @property
    def seconds(self):
        return time.monotonic() - self.began

    def _draw(self):
        if self.terminal and self.name:
            text = self._text()[: shutil.get_terminal_size().columns - 1]
            self._write(f"\r\x1b[2K{text}")
            self.shown = True

    def _clear(self):
        if self.shown:
            self._write("\r\x1b[2K")
            self.shown = False

    @staticmethod
    def _write(text):
        with unread():
            sys.stdout.write(text)
            sys.stdout.flush()


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "mitodl.openedx.compact"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._progress = None
        # Whose line was printed: the task and the host of each, and whether it failed.
        self._told = set()

    # -- the lines -----------------------------------------------------------------------------------------------------

    def _say(self, text, color=None, failed=False):
        self._display.display(text, color=color, stderr=failed and self.get_option("display_failed_stderr"))

    def _line(self, word, result, color, failed=False, item=None):
        """The line of a task and a host, once for both, and for each item that failed."""
        task = part(result, "task")
        key = (task._uuid, part(result, "host").get_name(), failed)
        if item is None and key in self._told:
            return False
        self._told.add(key)
        name = name_of(result)
        which = "" if item is None else f" (item {' '.join(lines_of(item))})"
        self._say(f"{word:<11} {self.host_label(result)}: {name}{which}", color, failed)
        return True

    def _failure(self, word, result, color, item=None):
        data = part(result, "result")
        self._handle_warnings(data)
        if self._line(word, result, color, True, item):
            for line in reason_of(data) or self._dump_results(data).splitlines():
                self._say(f"    {line}".rstrip(), color, True)
            if self.get_option("show_task_path_on_failure"):
                self._print_task_path(part(result, "task"))

    def _changed(self, result):
        word = "to change" if part(result, "task").check_mode else "changed"
        self._line(word, result, constants.COLOR_CHANGED)

    def _debug(self, result):
        """What a playbook says by debug, as text."""
        data = part(result, "result")
        if "censored" in data:
            return
        self._clean_results(data, part(result, "task").action)
        if "msg" in data and isinstance(data["msg"], (str, list, tuple)):
            lines = lines_of(data["msg"])
        else:
            lines = self._dump_results(data).strip("\n").splitlines()
        head = part(result, "host").get_name()
        if len(lines) == 1:
            text = lines[0].strip()
            self._say(text if text.startswith(f"{head}: ") else f"{head}: {text}")
        elif lines:
            name = name_of(result)
            self._say("\n".join([f"{head}: {name}", *(f"    {line}".rstrip() for line in lines)]))

    # -- the events ----------------------------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook):
        super().v2_playbook_on_start(playbook)
        if self._display.verbosity == 0:
            self._progress = Progress(self._display, self.get_option("silent_seconds"))

    @unless_verbose
    def v2_playbook_on_play_start(self, play):
        self._play = play
        name = " ".join(lines_of(play.get_name()))
        self._say(f"{name} (check mode: nothing is written)" if play.check_mode else name)

    @unless_verbose
    def _task_start(self, task, prefix=None):
        # A handler may run again.
        self._told = {key for key in self._told if key[0] != task._uuid}
        if self._progress:
            prompting = task.action in PROMPTS
            # Without the name of the role, which get_name() puts before it.
            self._progress.begin("" if prompting else " ".join(lines_of(task.name or task.get_name())))

    @unless_verbose
    def v2_on_file_diff(self, result):
        data = part(result, "result")
        found = data["results"] if part(result, "task").loop and "results" in data else [data]
        diffs = [one["diff"] for one in found if one.get("changed") and one.get("diff")]
        if text := "".join(self._get_diff(diff) for diff in diffs):
            self._changed(result)
            self._say(text.rstrip("\n"))

    @unless_verbose
    def v2_runner_on_ok(self, result):
        data, task = part(result, "result"), part(result, "task")
        self._handle_warnings(data)
        if isinstance(task, TaskInclude):
            return
        if task.action in constants._ACTION_DEBUG and not task.loop:
            self._debug(result)
        elif data.get("changed"):
            self._changed(result)

    @unless_verbose
    def v2_runner_item_on_ok(self, result):
        self._handle_warnings(part(result, "result"))
        if part(result, "task").action in constants._ACTION_DEBUG:
            self._debug(result)

    @unless_verbose
    def v2_runner_on_failed(self, result, ignore_errors=False):
        if ignore_errors:
            self._failure("ignored", result, constants.COLOR_WARN)
        else:
            self._failure("FAILED", result, constants.COLOR_ERROR)

    @unless_verbose
    def v2_runner_item_on_failed(self, result):
        item = self._get_item_label(part(result, "result"))
        if part(result, "task").ignore_errors:
            self._failure("ignored", result, constants.COLOR_WARN, item)
        else:
            self._failure("FAILED", result, constants.COLOR_ERROR, item)

    @unless_verbose
    def v2_runner_on_unreachable(self, result):
        word = "ignored" if part(result, "task").ignore_unreachable else "UNREACHABLE"
        self._failure(word, result, constants.COLOR_UNREACHABLE)

    @unless_verbose
    def v2_runner_retry(self, result):
        """Nothing: while a task waits for something, the line of progress says so."""

    @unless_verbose
    def v2_runner_on_skipped(self, result):
        self._handle_warnings(part(result, "result"))

    @unless_verbose
    def v2_runner_item_on_skipped(self, result):
        self._handle_warnings(part(result, "result"))

    @unless_verbose
    def v2_playbook_on_include(self, included_file):
        pass

    @unless_verbose
    def v2_playbook_on_no_hosts_remaining(self):
        pass

    @unless_verbose
    def v2_playbook_on_stats(self, stats):
        seconds = self._progress.end() if self._progress else 0
        for host in sorted(stats.processed):
            found = stats.summarize(host)
            counts = [f"{found['changed']} changed", f"{found['failures']} failed"]
            counts += [f"{found[name]} {name}" for name in ("unreachable", "rescued", "ignored") if found[name]]
            color = constants.COLOR_CHANGED if found["changed"] else constants.COLOR_OK
            if found["failures"] or found["unreachable"]:
                color = constants.COLOR_ERROR
            self._say(f"{host}: {', '.join(counts)}, {found['ok']} tasks ok, {seconds:.0f} s", color)
        if stats.custom and self.get_option("show_custom_stats"):
            for name in sorted(stats.custom):
                label = "run" if name == "_run" else name
                self._say(f"{label}: {self._dump_results(stats.custom[name]).strip()}")
