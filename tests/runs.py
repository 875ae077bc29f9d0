# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of Ansible's commands as a user types them, with what they said and what others could see of them meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
# Added to the caller's environment.
PLAIN = {
    "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_FORCE_COLOR": "0",
    "COLUMNS": "300",
    # The tests read the recap and the diffs of the default callback; that of the checkout has tests of its own.
    "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
    # Ansible flushes what it says at the end only, where nobody sits at a terminal.
    "PYTHONUNBUFFERED": "1",
}


@dataclass
class Seen:
    """What others could see of a run while it went on: its processes, and the files in its temporary directory.

    Its processes are all that began after it: sessions leave the process that began them.
    The environment of the app's own processes is left out: the app gets its `.env` as environment, as compose gives it.
    """

    command_lines: set[str] = field(default_factory=set)
    environments: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    #: Processes that ran before, which need no second look.
    older: set[int] = field(default_factory=set)

    def look(self, root: int, folder: Path) -> None:
        with suppress(OSError):
            since = began(root)
            running = {int(name) for name in os.listdir("/proc") if name.isdecimal()}
            self.note(running - self.older - {root}, since)
        self.note_files(folder)

    def note(self, processes: set[int], since: int) -> None:
        for pid in processes:
            path = Path(f"/proc/{pid}")
            with suppress(OSError):
                if began(pid) < since:
                    self.older.add(pid)
                    continue
                self.command_lines.add((path / "cmdline").read_text(errors="replace"))
                environment = (path / "environ").read_text(errors="replace")
                if "LAB_APP_MODE=" not in environment:
                    self.environments.add(environment)

    def note_files(self, folder: Path) -> None:
        # Not Path.rglob(): directories vanish meanwhile.
        for place, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):
                    self.files.add((Path(place) / name).read_text(errors="replace"))


def began(pid: int) -> int:
    """When a process began, in ticks since the machine did."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


@dataclass
class Run:
    """What a run of ansible said: its text, and the counts of the recap per host."""

    code: int
    out: str
    seen: Seen | None = None

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        lines = re.findall(r"^(\S+)\s+: (ok=.*)$", self.out, re.MULTILINE)
        return {host: {name: int(n) for name, n in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in lines}

    @property
    def changed(self) -> int:
        return sum(counts["changed"] for counts in self.recap.values())

    @property
    def diff(self) -> list[str]:
        """The lines that the diffs add or remove, without headers."""
        return [line for line in self.out.splitlines() if re.match(r"[+-](?![+-]{2} )", line)]

    def well(self) -> Run:
        assert self.code == 0, self.out
        return self


def ansible(*words: str | Path, env: dict[str, str], watch: Path | None = None, cwd: Path = ROOT) -> Run:
    """Any command of Ansible; `watch` gives it a temporary directory of its own, which is looked at meanwhile."""
    names = ("TMPDIR", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TMP") if watch else ()
    process = subprocess.Popen(
        [BIN / words[0], *words[1:]],
        cwd=cwd,
        env={**os.environ, **PLAIN, **env, **dict.fromkeys(names, str(watch))},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    seen, ended = Seen(), threading.Event()

    def looking(folder: Path) -> None:
        while not ended.wait(0.1):
            seen.look(process.pid, folder)

    if watch is not None:
        threading.Thread(target=looking, args=(watch,), daemon=True).start()
    text = process.communicate()[0]
    ended.set()
    return Run(process.returncode, text, seen)
