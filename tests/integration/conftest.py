# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of its own for the tests: its own state directory and ports, and a way back to a known state in a moment."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[2]
# Added to the ports of the lab, so that a demo can run meanwhile.
OFFSET = int(os.environ.get("LAB_TEST_OFFSET") or 200)
BIN = Path(sys.executable).parent


@dataclass
class Seen:
    """What others could see of a run while it went on: its processes, and the files in its temporary directory.

    The environment of the app's own processes is left out: the app gets its `.env` as environment, as compose gives it.
    """

    command_lines: set[str] = field(default_factory=set)
    environments: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def look(self, root: int, folder: Path) -> None:
        children: dict[int, list[int]] = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
                children.setdefault(int(parent), []).append(int(path.name))
        waiting = list(children.get(root, []))
        while waiting:
            pid = waiting.pop()
            waiting += children.get(pid, [])
            with suppress(OSError):
                self.command_lines.add(Path(f"/proc/{pid}/cmdline").read_text(errors="replace"))
                environment = Path(f"/proc/{pid}/environ").read_text(errors="replace")
                if "LAB_APP_MODE=" not in environment:
                    self.environments.add(environment)
        # Not Path.rglob(): directories vanish meanwhile.
        for place, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):
                    self.files.add((Path(place) / name).read_text(errors="replace"))


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


class Lab:
    """The lab as local processes, and everything that a person could look at without the collection."""

    def __init__(self, state: Path):
        self.state = state
        self.first: First
        self.lms, self.app = f"http://localhost:{8000 + OFFSET}", f"http://127.0.0.1:{8053 + OFFSET}"
        self.env = {
            **os.environ,
            "LAB_STATE": str(state),
            "LAB_PORT_OFFSET": str(OFFSET),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORCE_COLOR": "0",
            "COLUMNS": "300",
        }

    def ctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, ROOT / "lab/ctl.py", *words], env=self.env, text=True, capture_output=True, check=check
        )

    def ansible(self, *words: str, watch: Path | None = None, **env: str) -> Run:
        """Any command of Ansible; `watch` gives it a temporary directory of its own, which is looked at meanwhile."""
        names = ("TMPDIR", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TMP") if watch else ()
        temporary = dict.fromkeys(names, str(watch))
        process = subprocess.Popen(
            [BIN / words[0], *words[1:]],
            cwd=ROOT,
            env={**self.env, **temporary, **env},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        seen, ended = Seen(), threading.Event()

        def looking(folder: Path) -> None:
            while not ended.wait(0.03):
                seen.look(process.pid, folder)

        if watch is not None:
            threading.Thread(target=looking, args=(watch,), daemon=True).start()
        text = process.communicate()[0]
        ended.set()
        return Run(process.returncode, text, seen)

    def playbook(self, *words: str, book: str = "xpro", doctor: bool = False, watch: Path | None = None) -> Run:
        """A playbook; without the doctor where a test is not about it, because it starts both sides again."""
        skip = [] if doctor else ["--skip-tags", "doctor"]
        return self.ansible("ansible-playbook", f"playbooks/{book}.yml", *skip, *words, watch=watch)

    # -- the other path: the databases and files themselves ----------------------------------------------------------

    def database(self, side: str) -> Path:
        return self.state / f"{side}.sqlite3"

    def sql(self, side: str, statement: str, *values) -> list[dict]:
        with closing(sqlite3.connect(self.database(side), timeout=30)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]

    def one(self, side: str, statement: str, *values) -> dict:
        (row,) = self.sql(side, statement, *values)
        return row

    def count(self, side: str) -> dict[str, int]:
        """How many rows each table has; sessions and the like come and go by themselves."""
        tables = [row["name"] for row in self.sql(side, "select name from sqlite_master where type = 'table'")]
        return {table: self.one(side, f'select count(*) as n from "{table}"')["n"] for table in tables}

    def digest(self) -> dict[str, bytes]:
        """All that the collection writes, byte for byte: the databases, every .env, private.py and what it imports."""
        ours = ("*.sqlite3", "*/.env", "lms/lms/envs/private.py", "lms/lms/envs/mit_apps/**/*")
        found = [path for pattern in ours for path in self.state.glob(pattern)]
        files = [path for path in found if path.is_file() and path.suffix != ".pyc"]
        return {str(path.relative_to(self.state)): path.read_bytes() for path in files}

    def read_env(self, app: str = "xpro") -> dict[str, str]:
        """The app's .env as others read it."""
        return {name: value or "" for name, value in dotenv_values(self.state / app / ".env").items()}

    @property
    def dotenv(self) -> Path:
        return self.state / "xpro" / ".env"

    @property
    def envs(self) -> Path:
        return self.state / "lms" / "lms" / "envs"

    def boots(self) -> list[str]:
        """What the sides themselves noted of every start of Django that came over stdin."""
        path = self.state / "boots.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.split()[1] for line in lines if line.endswith(" -")]

    # -- known states ------------------------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Keep a copy of the state under a name, with the servers stopped."""
        self.ctl("down")
        shutil.copytree(self.state, self.state.with_name(name), symlinks=True, dirs_exist_ok=True)

    def back_to(self, name: str) -> None:
        self.ctl("down")
        shutil.rmtree(self.state)
        shutil.copytree(self.state.with_name(name), self.state, symlinks=True)
        self.ctl("up")


@dataclass
class First:
    """The first run of all, which every test starts from: what it said and showed, and which sides it started."""

    run: Run
    boots: list[str]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The lab in whatever state the test before left it, with the states "fresh" and "converged" kept."""
    made = Lab(tmp_path_factory.mktemp("lab") / "state")
    try:
        made.ctl("up")
        made.save("fresh")
        made.ctl("up")
        before = len(made.boots())
        run = made.playbook("-vvv", "--diff", watch=tmp_path_factory.mktemp("tmp")).well()
        made.first = First(run, made.boots()[before:])
        made.save("converged")
        yield made
    finally:
        made.ctl("down", check=False)


@pytest.fixture
def fresh(lab):
    """The lab before anything was applied."""
    lab.back_to("fresh")
    return lab


@pytest.fixture
def converged(lab):
    """The lab after one run of the playbook."""
    lab.back_to("converged")
    return lab
