# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab holds at one moment, and the way back to it in place, beside servers that go on running."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

SIDES = ("lms", "xpro", "mitxonline")


def walk(state: Path) -> Iterator[tuple[str, list[str]]]:
    """The folders and their files that somebody edits, and the LMS's code: no log, database, cache or compiled code."""
    for side in SIDES:
        for folder, folders, files in os.walk(state / side):
            folders[:] = [name for name in folders if name != "__pycache__"]
            yield os.path.relpath(folder, state), files


def names_of(state: Path) -> set[str]:
    return {f"{folder}/{name}" for folder, names in walk(state) for name in names}


def reader(name: str) -> str:
    """The side that reads a file when it starts; none where it is there for people only."""
    side, _, path = name.partition("/")
    return side if side == "lms" or path == ".env" else ""


def running(state: Path) -> dict[str, float]:
    """The sides whose servers run, and when each was started."""
    found = {}
    for side in SIDES:
        pidfile = state / f"{side}.pid"
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pidfile.read_text()), 0)
            found[side] = pidfile.stat().st_mtime
    return found


def unread(state: Path) -> set[str]:
    """The sides whose servers were started before the last file that they read was written."""
    servers = running(state)
    return {
        reader(name)
        for name in names_of(state)
        if (state / name).stat().st_mtime > servers.get(reader(name), float("inf"))
    }


def opened(database: Path) -> sqlite3.Connection:
    # The wait is for a server that is writing.
    return sqlite3.connect(database, timeout=30)


def sites(connection: sqlite3.Connection) -> list:
    """The rows that the LMS's server keeps in its memory, where nobody else can empty it."""
    return connection.execute("select * from django_site order by id").fetchall()


@dataclass(frozen=True)
class File:
    content: bytes
    mode: int
    written: int = field(compare=False)

    @classmethod
    def of(cls, path: Path) -> File:
        found = path.stat()
        return cls(path.read_bytes(), found.st_mode & 0o7777, found.st_mtime_ns)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content)
        path.chmod(self.mode)
        # Python takes compiled code of another content for this one's where their times are the same.
        os.utime(path, ns=(self.written, self.written))


class State:
    """A copy in memory of a lab's databases and files, and which of its servers run."""

    def __init__(self, state: Path):
        self.state = state
        self.running = running(state)
        self.databases = {side: self.copy(side) for side in SIDES}
        self.folders = {folder for folder, _names in walk(state)}
        self.files = {name: File.of(state / name) for name in names_of(state)}

    def database(self, side: str) -> Path:
        return self.state / f"{side}.sqlite3"

    def copy(self, side: str) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:")
        with closing(opened(self.database(side))) as connection:
            connection.backup(copy)
        return copy

    def differing(self) -> set[str]:
        """The names of the files that are not as they were."""
        names = names_of(self.state)
        same = {name for name in names & self.files.keys() if File.of(self.state / name) == self.files[name]}
        return (names | self.files.keys()) - same

    def stale(self) -> set[str]:
        """The sides whose servers run with something else than this state, or did not run in it."""
        servers = running(self.state)
        found = {reader(name) for name in self.differing()} | (servers.keys() - self.running.keys())
        # What was changed, read by a start, and put back by hand is the same again.
        found |= unread(self.state)
        # A server that went on running has not read what was changed meanwhile.
        found -= {side for side, since in servers.items() if self.running.get(side) == since}
        if "lms" in servers and self.database("lms").exists():
            with closing(opened(self.database("lms"))) as connection:
                found |= {"lms"} if sites(connection) != sites(self.databases["lms"]) else set()
        return found & servers.keys()

    def put_back(self) -> None:
        """Make the databases and files what they were."""
        for side, copy in self.databases.items():
            path = self.database(side)
            if path.exists():
                path.chmod(0o644)
            with closing(opened(path)) as connection:
                copy.backup(connection)
        for folder in {folder for folder, _names in walk(self.state)} - self.folders:
            shutil.rmtree(self.state / folder, ignore_errors=True)
        for folder in self.folders:
            # Also those that are empty: without them a checkout is none to git.
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        for name in self.differing():
            if name in self.files:
                self.files[name].write(self.state / name)
            else:
                (self.state / name).unlink()
        # The LMS's cache: what it keeps of rows, and who is logged in.
        shutil.rmtree(self.state / "lms-cache", ignore_errors=True)

    def lacking(self) -> set[str]:
        """The sides whose servers do not run and did."""
        return self.running.keys() - running(self.state).keys()

    def resumed(self) -> None:
        """Note that the servers that run now run with this state."""
        self.running = {side: since for side, since in running(self.state).items() if side in self.running}
