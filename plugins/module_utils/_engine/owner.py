# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Who a session belongs to: a process on this machine, named so that no other one is ever taken for it."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from pathlib import Path


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def machine() -> str:
    """This machine since it was started."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return digest(boot.read_text() if boot.exists() else platform.node())


def began(pid: int) -> str:
    """When a process began, in the system's own words without spaces; empty where it runs no more."""
    if Path("/proc/self/stat").exists():
        try:
            # The name of the program, which may hold anything, stands in brackets.
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return digest(asked.stdout) if asked.stdout.strip() else ""


def name(pid: int) -> str:
    """A name for the sessions of a process.

    >>> import os
    >>> is_here(name(os.getpid()))
    True
    """
    since, here = began(pid), machine()
    return f"{digest(f'{here} {pid} {since}')}.{pid}.{since}.{here}"


def is_gone(session: str) -> bool:
    """Whether a process is known to be gone; nothing is known of those of other machines.

    >>> import os
    >>> is_gone(name(os.getpid())), is_gone("of.1.another.machine")
    (False, False)
    """
    return session.rpartition(".")[2] == machine() and not is_here(session)


def is_here(session: str) -> bool:
    """Whether the process that a session was named after runs on this machine."""
    parts = session.split(".")
    if len(parts) != 4 or not parts[1].isdigit() or parts[3] != machine():
        return False
    return bool(parts[2]) and began(int(parts[1])) == parts[2]
