# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Sessions: one start of a target's Django for many requests.

A session is a process of this machine (``keeper.py``) that takes requests on a socket. There is one for each name of a
session, command and user. It ends with the run that named it, when it is idle, with its container, and when whoever
asks goes away in the middle of a request: what that request had not committed goes with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import select
import shutil
import socket
import time
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import caller
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.channel import (
    SessionError,
    directory,
    locked,
    receive,
    send,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TargetError, argv_of, attended_argv
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.keeper import ENDING, SENDING, Keeper, leave
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.program import BOOTSTRAP, session_program

__all__ = ["Session", "SessionError", "drop", "start"]

KILLED = 137
# What a session is for depends on these too.
ENVIRONMENT = ("DOCKER_", "COMPOSE_", "KUBE", "TUTOR_")


class Session:
    """The session of a target, whether it runs already or not."""

    def __init__(self, target: dict[str, Any], argv: list[str]):
        self.name, self.argv, self.seconds = target["session"], argv, target["timeout"]
        self.chdir, self.settings = target.get("chdir") or os.getcwd(), target.get("settings")
        self.mark = os.urandom(8).hex()
        self.folder = directory()
        meant = [self.name, argv, self.chdir, self.settings, os.geteuid(), session_program("", None, 0)]
        meant += sorted(pair for pair in os.environ.items() if pair[0].startswith(ENVIRONMENT))
        digest = hashlib.sha256(json.dumps(meant).encode()).hexdigest()[:24]
        self.path = os.path.join(self.folder, digest)

    @classmethod
    def of(cls, target: dict[str, Any]) -> Session | None:
        """None where the target has no session: none is named, or its argv does not end with ``python -``.

        Nor has one that cannot be run at all. The start without a session says so.

        :raises SessionError: there is no safe place for its socket.
        """
        if not target.get("session"):
            return None
        try:
            argv = argv_of(target)
        except TargetError:
            return None
        chdir = target.get("chdir") or "."
        # A path is looked up where the command is run; a name is looked for in PATH.
        program = os.path.join(chdir, argv[0]) if os.path.dirname(argv[0]) else argv[0]
        if argv[-1] != "-" or not shutil.which(program) or not os.path.isdir(chdir):
            return None
        return cls(target, attended_argv(argv, BOOTSTRAP))

    def _connect(self) -> socket.socket | None:
        stream = socket.socket(socket.AF_UNIX)
        try:
            stream.connect(self.path)
        except OSError:
            stream.close()
            return None
        return stream

    def connect(self) -> tuple[socket.socket, bool]:
        """A connection to the session, and whether it was begun for it.

        :raises SessionError: it cannot be begun.
        """
        with locked(self.folder):
            stream = self._connect()
            if stream is not None:
                return stream, False
            try:
                self._begin()
            except OSError as error:
                raise SessionError(f"the process that keeps it cannot be started: {error}") from None
            stream = self._connect()
        if stream is None:
            raise SessionError(f"the process that keeps it did not answer at {self.path}")
        return stream, True

    def _begin(self) -> None:
        """Fork the keeper. Its socket is there before it is, so nobody has to wait for it."""
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if name != "lock" and not self._answers(path):
                with contextlib.suppress(OSError):
                    os.unlink(path)
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(self.path)
            listener.listen(64)
            keeper = Keeper(self, listener)
            child = os.fork()
            if child:
                os.waitpid(child, 0)
            else:
                leave(listener, keeper.run)
        finally:
            listener.close()

    @staticmethod
    def _answers(path: str) -> bool:
        with socket.socket(socket.AF_UNIX) as stream:
            try:
                stream.connect(path)
            except OSError:
                return False
        return True

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """What came of a request: ``{"began", "starts", "code", "out", "err"}``.

        ``began`` is false where the target's Python did not even run; ``starts`` are those that nobody has counted yet.

        :raises SessionError: nothing takes the request. It may be asked in another way.
        :raises TargetError: nobody waits for this process any more. With its connection the request ends.
        """
        wait = self.seconds + SENDING + ENDING
        for _attempt in range(3):
            stream, is_new = self.connect()
            with stream:
                # Other requests may be before this one, or the process may be stopped.
                stream.settimeout(wait)
                until, taken = time.monotonic() + wait, None
                with contextlib.suppress(OSError):
                    send(stream, {"ask": request, "seconds": self.seconds})
                    taken = self._receive(stream, until)
                if taken is None and time.monotonic() >= until:
                    raise SessionError(f"the process that keeps it took no request within {wait} seconds")
                if taken is None:
                    # It was ending; the request was not taken.
                    continue
                lost = {"began": True, "starts": int(is_new), "code": KILLED, "out": "", "err": ""}
                return self._receive(stream, time.monotonic() + wait) or lost
        raise SessionError("the process that keeps it ends again and again before it takes a request")

    @staticmethod
    def _receive(stream: socket.socket, until: float) -> dict[str, Any] | None:
        """What comes within its time, as long as somebody waits for this process."""
        while (left := until - time.monotonic()) > 0:
            caller.must_wait()
            if select.select([stream], [], [], min(left, caller.OFTEN))[0]:
                return receive(stream)
        return None

    def drop(self) -> int:
        """End it, and say how many starts nobody has counted."""
        with locked(self.folder):
            stream = self._connect()
            with contextlib.suppress(OSError):
                # Nobody comes to it any more.
                os.unlink(self.path)
        if stream is None:
            return 0
        with stream:
            stream.settimeout(self.seconds + ENDING)
            with contextlib.suppress(OSError):
                send(stream, {"end": True})
            return (receive(stream) or {"starts": 0})["starts"]


def start(target: dict[str, Any]) -> bool:
    """Begin a target's session in the background, and say whether it has one.

    :raises SessionError: there can be none here. It raises nothing else.
    """
    session = Session.of(target)
    if session is None:
        return False
    session.connect()[0].close()
    return True


def drop(target: dict[str, Any]) -> int:
    """End a target's session, because what it has started is not what a new start would be.

    :returns: how many of its starts nobody has counted.
    """
    try:
        session = Session.of(target)
        return session.drop() if session else 0
    except SessionError:
        return 0
