# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Where the sockets of sessions are, and what goes over them: a length of ten digits, and JSON."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import stat
import tempfile
from typing import Any

# What the path of a socket may be long; macOS allows the least.
PATH_LENGTH = 100


class SessionError(Exception):
    """There can be no session here. A start for each request does as well."""


def directory() -> str:
    """The directory of this user's sockets, which nobody else can enter.

    :raises SessionError: it is not ours, or not closed to others.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    with contextlib.suppress(OSError):
        if runtime and os.stat(runtime).st_uid != os.geteuid():
            # Kept by sudo.
            runtime = ""
    name = f"mitodl-openedx-{os.geteuid()}"
    bases = [base for base in (runtime, tempfile.gettempdir()) if base and os.path.isdir(base)]
    path = next((os.path.join(base, name) for base in bases if len(base) < PATH_LENGTH - 50), f"/tmp/{name}")
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        found = os.lstat(path)
    except OSError as error:
        raise SessionError(f"{path} cannot be made: {error}") from None
    if not stat.S_ISDIR(found.st_mode):
        raise SessionError(f"{path} is no directory of its own.")
    if found.st_uid != os.geteuid():
        raise SessionError(f"{path} belongs to another user.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise SessionError(f"{path} is open to other users (mode {stat.S_IMODE(found.st_mode):04o}).")
    return path


@contextlib.contextmanager
def locked(folder: str):
    """Nobody else begins or ends a session meanwhile.

    :raises SessionError: the lock cannot be had, because the disk is full, say.
    """
    path, lock = os.path.join(folder, "lock"), -1
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        if lock >= 0:
            os.close(lock)
        raise SessionError(f"{path} cannot be locked: {error}") from None
    try:
        yield
    finally:
        # Said, because a keeper that was forked meanwhile may hold it open for another moment.
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def send(stream: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    stream.sendall(b"%010d" % len(data) + data)


def receive(stream: socket.socket) -> dict[str, Any] | None:
    """The next message; None where the other side has gone."""

    def take(length: int) -> bytes:
        found = b""
        while len(found) < length:
            part = stream.recv(length - len(found))
            if not part:
                raise EOFError
            found += part
        return found

    try:
        return json.loads(take(int(take(10))))
    except (EOFError, OSError, ValueError):
        return None
