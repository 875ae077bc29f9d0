# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The process of a session: it has started a target's Python once, and hands it one request after another."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import selectors
import signal
import socket
import subprocess
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import owner
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.channel import SessionError, locked, receive, send
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.output import LINE, Output
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.program import prefixed, session_program

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._engine.session import Session

# Seconds without a request; the longer one where the run that named the session is seen to go on.
IDLE, IDLE_BESIDE_ITS_RUN = 50, 1800
# Seconds for a target to end by itself, for the outputs of an ended one to arrive, and for a request to be sent.
ENDING, ARRIVING, SENDING = 2, 0.3, 10
TIMED_OUT = 124


def leave(listener: socket.socket, work) -> None:
    """The rest of a forked process: it leaves its parent, all that it has open, and never returns."""
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        known = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
        for number in [int(name) for name in os.listdir(known)]:
            if number > 2 and number != listener.fileno():
                with contextlib.suppress(OSError):
                    os.close(number)
        os.chdir("/")
        work()
    finally:
        os._exit(0)


class Keeper:
    """The process of a session. It keeps the target's Python running and takes the requests one after another."""

    def __init__(self, session: Session, listener: socket.socket):
        self.session, self.listener = session, listener
        self.inode = os.stat(session.path).st_ino
        self.with_its_run = owner.is_here(session.name)
        self.waiting: deque[tuple[socket.socket, dict[str, Any]]] = deque()
        self.asking: socket.socket | None = None
        self.dropping: list[socket.socket] = []
        self.unsent, self.heard = bytearray(), bytearray()
        self.out, self.err = Output(), Output()
        self.said: set[str] = set()
        self.counted = self.over = False
        self.since = time.monotonic()
        self.deadline: float | None = self.since + session.seconds
        self.notes = re.compile(rb"\n<<%s (\w+) ?(\d*)>>\n" % session.mark.encode())
        program = session_program(session.mark, session.settings, session.seconds).encode()
        self.unsent += prefixed(program)

    def run(self) -> None:
        self.events = selectors.DefaultSelector()
        try:
            self.target = subprocess.Popen(
                self.session.argv,
                cwd=self.session.chdir,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError:
            self.close()
            return
        pipes: Any = (self.target.stdin, self.target.stdout, self.target.stderr)
        self.stdin, self.stdout, self.stderr = pipes
        try:
            self.events.register(self.listener, selectors.EVENT_READ, self.accept)
            for stream, event, do in (
                (self.stdin, selectors.EVENT_WRITE, self.write),
                (self.stdout, selectors.EVENT_READ, self.read),
                (self.stderr, selectors.EVENT_READ, self.read),
            ):
                os.set_blocking(stream.fileno(), False)
                self.events.register(stream, event, do)
            while not self.over:
                for key, _events in self.events.select(1):
                    key.data(key.fileobj)
                self.look()
        finally:
            self.end()

    # -- what may happen -----------------------------------------------------------------------------------------------

    def accept(self, listener) -> None:
        stream = listener.accept()[0]
        stream.settimeout(SENDING)
        message = receive(stream)
        if message is None:
            # Somebody who only made sure that there is a session.
            stream.close()
        elif "end" in message:
            self.dropping.append(stream)
        else:
            self.waiting.append((stream, message))

    def write(self, stream) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                del self.unsent[: os.write(stream.fileno(), self.unsent[:65536])]
            except BrokenPipeError:
                # Why will be seen where it is waited for.
                self.unsent.clear()
        if not self.unsent:
            self.events.unregister(stream)

    def feed(self, data: bytes) -> None:
        if not self.unsent:
            self.events.register(self.stdin, selectors.EVENT_WRITE, self.write)
        self.unsent += data

    def read(self, stream) -> bool:
        """Take what the target says, and whether it will say more."""
        try:
            data = os.read(stream.fileno(), 65536)
        except BlockingIOError:
            return False
        if not data:
            self.events.unregister(stream)
        elif stream is self.stderr:
            self.err.add(data)
        else:
            self.heard += data
            self.note()
        return bool(data)

    def note(self) -> None:
        """Take out of the target's output what the agent says of itself."""
        while found := self.notes.search(self.heard):
            word, status = found[1].decode(), found[2]
            start, end = found.start(), None if word == "ended" else found.end()
            self.said.add(word)
            self.out.add(self.heard[:start])
            del self.heard[:end]
            if word == "ended":
                self.answer(int(status))
        # The end of it may be the beginning of a note.
        self.out.add(self.heard[:-LINE])
        del self.heard[:-LINE]
        if "ready" in self.said and self.asking is None:
            self.deadline = None
            # Nobody asked for it.
            self.heard.clear()
            self.out.clear()
            self.err.clear()

    def gone(self, stream) -> None:
        """Nobody waits for the request that is open."""
        self.over = True

    def look(self) -> None:
        """What no event tells."""
        now = time.monotonic()
        code = self.target.poll()
        if code is not None:
            self.hide()
            # Whoever found it before asks now: of one that failed at once, the first is told why.
            while select.select([self.listener], [], [], 0)[0]:
                self.accept(self.listener)
            if "began" not in self.said and self.asking is None and self.waiting:
                self.take(*self.waiting.popleft())
            self.rest()
            self.answer(code if code >= 0 else 128 - code)
            self.over = True
        elif self.deadline is not None and now > self.deadline:
            self.answer(TIMED_OUT)
            self.over = True
        elif self.with_its_run and not owner.is_here(self.session.name):
            self.over = True
        elif self.asking is not None:
            self.since = now
        elif self.dropping:
            self.over = True
        elif self.waiting:
            self.take(*self.waiting.popleft())
        elif "failed" in self.said or now > self.since + (IDLE_BESIDE_ITS_RUN if self.with_its_run else IDLE):
            self.over = True

    def take(self, stream: socket.socket, message: dict[str, Any]) -> None:
        try:
            # Who left meanwhile is not served.
            stream.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                stream.recv(1)
                return
            stream.settimeout(SENDING)
            send(stream, {"taken": True})
        except OSError:
            return
        self.asking, self.deadline = stream, time.monotonic() + message["seconds"]
        self.events.register(stream, selectors.EVENT_READ, self.gone)
        for output in (self.out, self.err):
            output.expect(message["ask"]["request"]["nonce"])
        data = json.dumps(message["ask"]).encode()
        self.feed(b"%d\n" % len(data) + data)

    def rest(self) -> None:
        """The last words of a target that has ended. Others that it started may keep its outputs open."""
        until = time.monotonic() + ARRIVING
        streams = [stream for stream in (self.stdout, self.stderr) if stream in self.events.get_map()]
        while streams and time.monotonic() < until:
            streams = [stream for stream in streams if stream in self.events.get_map()]
            if not any(list(map(self.read, streams))):
                time.sleep(0.02)

    def answer(self, code: int) -> None:
        if self.asking is None:
            return
        if code and code != TIMED_OUT:
            self.rest_of_errors()
        self.out.add(self.heard)
        self.heard.clear()
        reply = {
            "began": "began" in self.said,
            "starts": self.starts(),
            "code": code,
            "out": str(self.out),
            "err": str(self.err),
        }
        self.events.unregister(self.asking)
        with contextlib.suppress(OSError):
            send(self.asking, reply)
        self.asking.close()
        self.asking, self.deadline, self.since = None, None, time.monotonic()

    def rest_of_errors(self) -> None:
        """A request that failed without a reply has said why on the other stream, which may come later."""
        until = time.monotonic() + ARRIVING
        while self.stderr in self.events.get_map() and time.monotonic() < until:
            if not self.read(self.stderr):
                time.sleep(0.02)

    def starts(self) -> int:
        """The start of Django, told to the first who asks."""
        counted, self.counted = self.counted, self.counted or "began" in self.said
        return int(self.counted and not counted)

    # -- the end -------------------------------------------------------------------------------------------------------

    def hide(self) -> None:
        """Nobody finds it any more. Who began it has connected by then, for he held the lock until he had."""
        with contextlib.suppress(OSError, SessionError), locked(self.session.folder):
            if os.stat(self.session.path).st_ino == self.inode:
                os.unlink(self.session.path)

    def close(self) -> None:
        self.hide()
        self.listener.close()

    def end(self) -> None:
        self.close()
        # With its stdin the target's Python ends, and kills what it is at.
        self.stdin.close()
        try:
            self.target.wait(ENDING)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self.target.pid, signal.SIGKILL)
        for stream in self.dropping:
            with contextlib.suppress(OSError):
                send(stream, {"starts": self.starts()})
