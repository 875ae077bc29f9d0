# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and says what it cost, with all processes that it started, also those that left it as daemons.

    cost.py RESULT COMMAND...

The memory is that of the largest process that the command has waited for, itself included, in MiB.

This process adopts what its descendants leave behind (Linux), so that their time is added to its own when they end.
What still runs a few seconds after the command counts with what it has used so far, except the servers of the lab,
whose time is not that of the run.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
SECONDS = 5


def adopt() -> bool:
    """Whether orphans of this process's descendants become its children."""
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def descendants() -> dict[int, float]:
    """The CPU seconds that each living descendant has used, with those of its own children that ended."""
    used, children = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(folder.name))
            if b"runserver" not in (folder / "cmdline").read_bytes():
                used[int(folder.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    found, waiting = {}, list(children.get(os.getpid(), []))
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        if pid in used:
            found[pid] = used[pid]
    return found


def main() -> int:
    result, *command = sys.argv[1:]
    whole = adopt()
    begin = time.monotonic()
    code = subprocess.run(command, check=False).returncode
    seconds = time.monotonic() - begin
    # Before others are adopted: those that the command itself has waited for, so the controller and its forks.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
    left: dict[int, float] = {}
    while whole and time.monotonic() < begin + seconds + SECONDS:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        left = descendants()
        if not left:
            break
        time.sleep(0.1)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = usage.ru_utime + usage.ru_stime + sum(left.values())
    Path(result).write_text(
        json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory, "left": len(left), "whole": whole})
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
