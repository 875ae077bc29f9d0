# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""A start of a target for one request, which ends with its caller.

Whoever kills a command of Docker or ssh leaves running what it has started elsewhere. So stdin stays open as long as
somebody waits: the agent ends with it, wherever it runs. Nobody waits any more when this process ends, or when its own
caller does, which may leave it running (``caller.py``).
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import caller
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.keeper import ENDING, TIMED_OUT
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.output import Output


def once(
    argv: list[str], chdir: str | None, data: bytes, attended: bool, seconds: int, nonce: str = ""
) -> tuple[int, str, str]:
    """Exit status, output and errors of a command, as far as they are kept (``output.py``).

    :param data: what it is given on stdin.
    :param attended: whether stdin stays open after that.
    :param seconds: after so many it is ended, with the status of `timeout`.
    :param nonce: of the reply that is awaited.
    :raises OSError: it cannot be run.
    :raises TargetError: nobody waits for this process any more.
    """
    caller.must_wait()
    inside, outside = os.pipe()
    with os.fdopen(outside, "wb", buffering=0) as stdin:
        try:
            process = subprocess.Popen(
                argv, cwd=chdir, stdin=inside, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
        finally:
            os.close(inside)

        def write() -> None:
            # It may end before it has read all, because its container is stopped, say.
            with contextlib.suppress(OSError):
                rest = data
                while rest:
                    written = os.write(stdin.fileno(), rest[:65536])
                    rest = rest[written:]
            if not attended:
                stdin.close()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        try:
            out, err = heard(process, seconds, nonce)
            # Where only others go on that it has started, it has said all.
            code = process.poll()
        finally:
            end(process, stdin, writer)
    code = TIMED_OUT if code is None else code
    return code, str(out), str(err)


def heard(process: subprocess.Popen, seconds: float, nonce: str) -> list[Output]:
    """What a process has said on both streams until it ended, or for so many seconds.

    :raises TargetError: nobody waits for this process any more.
    """
    until, found = time.monotonic() + seconds, [Output(nonce), Output(nonce)]
    with selectors.DefaultSelector() as events:
        for stream, output in zip((process.stdout, process.stderr), found):
            if stream:
                events.register(stream, selectors.EVENT_READ, output)
        while events.get_map() and (left := until - time.monotonic()) > 0:
            for key, _events in events.select(min(left, caller.OFTEN)):
                if data := os.read(key.fd, 65536):
                    key.data.add(data)
                else:
                    events.unregister(key.fileobj)
            caller.must_wait()
    # It may have closed its outputs, and go on.
    while process.poll() is None and (left := until - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(left, caller.OFTEN))
        caller.must_wait()
    return found


def end(process: subprocess.Popen, stdin, writer: threading.Thread) -> None:
    """Let it see that nobody waits, and end what does not end by itself."""
    if not writer.is_alive():
        stdin.close()
    if process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING)
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    writer.join(ENDING)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
