# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of its own for the tests: its own state directory and ports, and a way back to a known state in a moment."""

from __future__ import annotations

import functools
import os
import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from dotenv import dotenv_values
from runs import PLAIN, ROOT, Run, ansible
from sshd import Sshd
from states import State, names_of, opened
from warm import Warm

# Added to the ports of the lab, so that a demo can run meanwhile.
FIRST_OFFSET = int(os.environ.get("LAB_TEST_OFFSET") or 200)
PORTS = {"lms": 8000, "mitxonline": 8013, "xpro": 8053}


@functools.cache
def offset() -> int:
    """Added to the ports of this process's lab: the first one that no other process of tests has, nor anybody else.

    A socket on a port beside the lab's says to the others that the offset is taken, as long as this process lives.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    for number in range(50):
        found = FIRST_OFFSET + 300 * (worker + number)
        with ExitStack() as taken:
            try:
                mark = taken.enter_context(socket.socket())
                mark.bind(("127.0.0.1", 7999 + found))
                for port in PORTS.values():
                    taken.enter_context(socket.create_server(("127.0.0.1", port + found)))
            except OSError:
                continue
            mark.detach()
            return found
    raise RuntimeError("no free ports for a lab; LAB_TEST_OFFSET=... names where to look for them")


class Lab:
    """The lab as local processes, and everything that a person could look at without the collection."""

    def __init__(self, state: Path):
        self.state = state
        self.first: First
        self.states: dict[str, State] = {}
        ports = {side: port + offset() for side, port in PORTS.items()}
        self.lms, self.app = f"http://localhost:{ports['lms']}", f"http://127.0.0.1:{ports['xpro']}"
        self.online = f"http://127.0.0.1:{ports['mitxonline']}"
        self.home = state.with_name("home")
        self.home.mkdir(exist_ok=True)
        # What this user has configured, and other runs have left, is none of a test's business.
        own = {name: path for name, path in os.environ.items() if not name.startswith("XDG_")}
        self.env = {
            **own,
            **PLAIN,
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home),
            "LAB_STATE": str(state),
            "LAB_PORT_OFFSET": str(offset()),
            # The inventory names both apps, also before the second was started.
            "LAB_APPS": "xpro,mitxonline",
        }
        #: Modules that run in this process, against sides that are started once.
        self.warm = Warm(state, self.env)

    def ctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, ROOT / "lab/ctl.py", *words], env=self.env, text=True, capture_output=True, check=check
        )

    def ansible(self, *words: str | Path, watch: Path | None = None, cwd: Path = ROOT, **env: str) -> Run:
        """Any command of Ansible; see runs.ansible."""
        return ansible(*words, env={**self.env, **env}, watch=watch, cwd=cwd)

    def playbook(self, *words: str, book: str = "xpro", doctor: bool = False, watch: Path | None = None) -> Run:
        """A playbook; without the doctor where a test is not about it, because it starts both sides again."""
        skip = [] if doctor else ["--skip-tags", "doctor"]
        report = ["-e", f"sso_doctor_report_dir={self.report}"]
        return self.ansible("ansible-playbook", f"playbooks/{book}.yml", *report, *skip, *words, watch=watch)

    @property
    def report(self) -> Path:
        """Where the doctor's report goes, away from that of the checkout."""
        return self.state.with_name("report")

    # -- the other path: the databases and files themselves ----------------------------------------------------------

    def database(self, side: str) -> Path:
        return self.state / f"{side}.sqlite3"

    def sql(self, side: str, statement: str, *values) -> list[dict]:
        with closing(opened(self.database(side))) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]

    def one(self, side: str, statement: str, *values) -> dict:
        (row,) = self.sql(side, statement, *values)
        return row

    def count(self, side: str) -> dict[str, int]:
        """How many rows each table has; sessions and the like come and go by themselves."""
        tables = [row["name"] for row in self.sql(side, "select name from sqlite_master where type = 'table'")]
        return {table: self.one(side, f'select count(*) as n from "{table}"')["n"] for table in tables}

    def tables(self, side: str) -> dict[str, list[dict]]:
        """All rows of a side."""
        names = [row["name"] for row in self.sql(side, "select name from sqlite_master where type = 'table'")]
        return {f"{side}.{name}": self.sql(side, f'select * from "{name}"') for name in names}

    def texts(self) -> dict[str, bytes]:
        """All files that somebody edits, and the LMS's code."""
        return {name: (self.state / name).read_bytes() for name in names_of(self.state)}

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
    def example(self) -> Path:
        return self.dotenv.with_name(".env.example")

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
        """Keep what the lab holds now under a name."""
        self.states[name] = State(self.state)

    def back_to(self, name: str) -> None:
        """What the lab held then; only a server that has read something else is started again."""
        state = self.states[name]
        for side in state.stale():
            self.ctl("stop", side)
        state.put_back()
        with ThreadPoolExecutor() as pool:
            # Not `up`, which makes what a state may lack.
            list(pool.map(lambda side: self.ctl("start", side), state.lacking()))
        state.resumed()


@dataclass
class First:
    """The first run of all, which every test starts from: what it said and showed, and which sides it started."""

    run: Run
    boots: list[str]


def as_cloned(lab: Lab) -> None:
    """Make the app's directory what a fresh clone is: with git, an example, and no `.env` yet."""
    subprocess.run(["git", "init", "--quiet", "--template="], cwd=lab.dotenv.parent, env=lab.env, check=True)
    lab.example.write_text(f"# What the checkout brings.\nFROM_EXAMPLE=yes\n{lab.dotenv.read_text()}")
    lab.dotenv.unlink()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The lab in whatever state the test before left it, with these states kept.

    "fresh": each app with a `.env` that is like its example. "cloned": xPRO as it comes from git. "converged": that,
    after one run of the playbook.
    """
    made = Lab(tmp_path_factory.mktemp("lab") / "state")
    try:
        made.ctl("up")
        made.save("fresh")
        as_cloned(made)
        made.save("cloned")
        before = len(made.boots())
        run = made.playbook("-vvv", "--diff", watch=tmp_path_factory.mktemp("tmp")).well()
        made.first = First(run, made.boots()[before:])
        made.save("converged")
        yield made
    finally:
        made.warm.drop()
        made.ctl("down", check=False)


@pytest.fixture
def no_lab(tmp_path):
    """What runs Ansible, without a lab."""
    return Lab(tmp_path / "state")


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


@pytest.fixture
def sshd(lab, tmp_path):
    """A server of ssh on this machine, by which the sides of the lab are reached."""
    try:
        made = Sshd(tmp_path, lab.env)
    except LookupError as error:
        pytest.skip(str(error))
    try:
        yield made
    finally:
        made.stop()
