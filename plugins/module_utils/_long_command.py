# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""A command that outlives the task which began it: one process looks after it, writes its log and notes how it ended.

That process holds a lock as long as the command runs, so a later run finds it and follows it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shlex
import subprocess
import threading
import time

from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import SHORTEST, is_secret, masked


def secrets_of(text):
    """The values of a YAML file whose names sound like secrets, by their lines."""
    found: set[str] = set()
    hidden = False
    for line in text.splitlines():
        named = re.match(r"(\w+):\s*(.*)", line)
        if named:
            hidden = is_secret(named[1])
        value = (named[2] if named else line).strip()
        value = value[2:] if value.startswith("- ") else value
        if value.startswith('"'):
            # YAML's escapes are Python's, but for the rarest.
            with contextlib.suppress(UnicodeDecodeError):
                value = value.encode("latin-1", "backslashreplace").decode("unicode_escape")
        # A quoted text may begin on one line and end on another.
        value = value.strip("'\"").replace("''", "'")
        if hidden and value not in ("true", "false", "null"):
            found.update(part for part in value.splitlines() if len(part) >= SHORTEST)
    return found


class Job:
    """What is known of a command by its log file and the file beside it, which carries the lock."""

    def __init__(self, log):
        self.log, self.state = log, log + ".json"

    def start(self, argv, secrets):
        """Begin the command and say true; false where it runs already."""
        os.makedirs(os.path.dirname(self.log), mode=0o700, exist_ok=True)
        lock = os.open(self.state, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Who only looks holds the lock for a moment.
            for attempt in range(5):
                if self._locks(lock, fcntl.LOCK_EX):
                    break
                if attempt == 4:
                    return False
                time.sleep(0.1)
            note = {"began": time.time()}
            os.ftruncate(lock, 0)
            self._note(lock, note)
            os.close(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            child = os.fork()
            if child:
                os.waitpid(child, 0)
                return True
            self._leave(lock, note, argv, secrets)
        finally:
            os.close(lock)

    def look(self, seconds):
        """How it stands, as soon as the command ended or after some seconds."""
        until = time.monotonic() + seconds
        with open(self.state) as lock:
            while not self._locks(lock.fileno(), fcntl.LOCK_SH):
                if time.monotonic() >= until:
                    break
                time.sleep(0.2)
            else:
                until = None
            note = json.load(lock)
        running = until is not None
        ended = time.time() if running else note.get("ended", note["began"])
        return {
            "running": running,
            "rc": None if running else note.get("rc"),
            "elapsed": int(ended - note["began"]),
            "tail": self._tail(),
        }

    def _tail(self):
        with open(self.log, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - 8192))
            lines = log.read().decode("utf-8", "replace").splitlines()
        return [printable(line.rstrip()) for line in lines if line.strip()][-20:]

    @staticmethod
    def _locks(lock, kind):
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @staticmethod
    def _note(lock, note):
        os.pwrite(lock, json.dumps(note).encode(), 0)

    def _leave(self, lock, note, argv, secrets):
        """The rest of the forked process: it leaves its parent and its terminal, and never returns."""
        try:
            os.setsid()
            if os.fork():
                return
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
            note["rc"] = self._run(argv, secrets)
            note["ended"] = time.time()
            self._note(lock, note)
        finally:
            os._exit(0)

    def _run(self, argv, secrets):
        with open(self.log, "w", encoding="utf-8", buffering=1) as log:

            def copy(lines):
                for line in lines:
                    log.write(masked(line, secrets))

            copy([f"$ {shlex.join(argv)}\n"])
            try:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                    errors="replace",
                )
            except OSError as error:
                copy([f"{error}\n"])
                return 127
            reader = threading.Thread(target=copy, args=(process.stdout,), daemon=True)
            reader.start()
            status = process.wait()
            # A server that the command left behind may keep its output open for ever.
            reader.join(2)
            return status
