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
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Added to the ports of the lab, so that a demo can run meanwhile.
OFFSET = int(os.environ.get("LAB_TEST_OFFSET") or 200)
BIN = Path(sys.executable).parent


@dataclass
class Run:
    """What a run of ansible said: its text, and the counts of the recap per host."""

    code: int
    out: str

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        lines = re.findall(r"^(\S+)\s+: (ok=.*)$", self.out, re.MULTILINE)
        return {host: {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in lines}

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

    def ansible(self, *words: str, **env: str) -> Run:
        done = subprocess.run(
            [BIN / words[0], *words[1:]],
            cwd=ROOT,
            env={**self.env, **env},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def playbook(self, *words: str, doctor: bool = False, **env: str) -> Run:
        """playbooks/xpro.yml; without the doctor where a test is not about it, because it starts both sides three times more."""
        skip = [] if doctor else ["--skip-tags", "doctor"]
        return self.ansible("ansible-playbook", "playbooks/xpro.yml", *skip, *words, **env)

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
        """Both databases and the app's .env, byte for byte."""
        return {path.name: path.read_bytes() for path in [self.database("lms"), self.database("xpro"), self.dotenv]}

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
        return [line.split()[1] for line in lines if line.endswith(" python -") or line.endswith(" -")]

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


@pytest.fixture(scope="session")
def _lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab") / "state")
    try:
        lab.ctl("up")
        lab.save("fresh")
        lab.ctl("up")
        lab.playbook().well()
        lab.save("converged")
        yield lab
    finally:
        lab.ctl("down", check=False)


@pytest.fixture
def fresh(_lab):
    """The lab before anything was applied."""
    _lab.back_to("fresh")
    return _lab


@pytest.fixture
def converged(_lab):
    """The lab after one run of the playbook."""
    _lab.back_to("converged")
    return _lab
