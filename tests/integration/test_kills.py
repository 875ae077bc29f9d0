# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever is killed, and wherever: one run more leaves what an undisturbed one leaves, in rows, files and processes.

Requests are struck before each of their statements, runs in their tasks: KILLS=25 goes through 25 seeds of four kills.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import kill_jobs
import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import target
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env, objects
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import of_rows
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.rotation import STEPS, Rotation
from kills import Task, content, differences, killed_in, timed
from rotation import command, kill_controller
from states import SIDES, opened, unread
from xpro import Xpro

# So many statements at most come after those that write: what is left of what was removed.
AFTERWARDS = 6

# -- a request ---------------------------------------------------------------------------------------------------------


class Struck:
    """Requests to the lab, each of which is struck before each of its statements, from the same rows every time."""

    def __init__(self, lab, folder: Path, way: str, monkeypatch):
        self.lab, self.way = lab, way
        self.mark, self.count, self.number = folder / "mark", folder / "count", 0
        self.strike = {"at": -1, "way": way, "mark": str(self.mark), "count": str(self.count)}
        ask = target.Target.ask
        monkeypatch.setattr(target, "CONVERGE", {"converge": (kill_jobs, "converge")})
        monkeypatch.setattr(
            target.Target, "ask", lambda self_, request, *jobs: ask(self_, {**request, "strike": self.strike}, *jobs)
        )

    def rows(self, side: str) -> dict[str, list[str]]:
        return content(self.lab.tables(side), {})

    def put_back(self, side: str, rows: sqlite3.Connection) -> None:
        with closing(opened(self.lab.database(side))) as connection:
            rows.backup(connection)
        shutil.rmtree(self.lab.state / "lms-cache", ignore_errors=True)

    def run(self, side: str, module: str, **options):
        """The result of a module, whose request was struck at each of its places before."""
        before = sqlite3.connect(":memory:")
        with closing(opened(self.lab.database(side))) as connection:
            connection.backup(before)
        was = self.rows(side)
        assert not self.lab.warm.run(side, module, **options).get("failed")
        wanted, places = self.rows(side), int(self.count.read_text())
        for place in range(places):
            self.put_back(side, before)
            self.mark.touch()
            self.strike["at"] = place
            result = self.lab.warm.run(side, module, **options)
            assert not self.mark.exists(), place
            if self.way != "killed":
                # Of the last places, all is written.
                was_undone = "No row was changed." in result["msg"]
                assert differences(was if was_undone else wanted, self.rows(side)) == [], (place, result["msg"])
                assert was_undone or place >= places - AFTERWARDS, (place, result["msg"])
                assert not self.lab.warm.run(side, module, **options).get("failed")
            # The module asks once more where the agent was killed, as after a container that was made anew.
            assert differences(wanted, self.rows(side)) == [], (place, result)
        self.number += places
        self.put_back(side, before)
        self.strike["at"] = -1
        return self.lab.warm.run(side, module, **options)


@pytest.mark.parametrize("way", ["killed", "cut off"])
def test_all_rows_of_a_request_or_none(converged, tmp_path, monkeypatch, way):
    """The agent is killed, or its connection lost: of a removal, a first run, and each step of a rotation."""
    lab, struck = converged, Struck(converged, tmp_path, way, monkeypatch)
    xpro = Xpro(lab, Path(shutil.copy(lab.dotenv, tmp_path)))
    lms, declared = xpro.declared()
    claim = {"name": Rotation(declared).claim}
    gone = [{**claim, "release": True}]
    struck.run("lms", "django_objects", objects=objects.absent(lms, [declared], []), claims=gone)
    struck.run("xpro", "oauth_application", name=declared.app["edx_application"], state="absent")

    rows = struck.run("lms", "django_objects", objects=xpro.rows(), return_secrets=True, claims=[claim])["objects"]
    own = app_env.application(declared.app, of_rows(rows, declared.app))
    struck.run("xpro", "oauth_application", **own)
    xpro.run()

    current = Rotation(xpro.declared()[1])

    def take(step: str) -> list[dict]:
        side = STEPS[step].side
        claims = [{**claim, "by": "a run", "note": current.note, "release": STEPS[step].releases}]
        given = {"objects": STEPS[step].objects(current), "return_secrets": STEPS[step].secrets}
        if side == "app":
            return struck.run("xpro", "django_objects", **given)["objects"]
        return struck.run("lms", "django_objects", **given, claims=claims)["objects"]

    current = current.after_begin(take("begin"))
    for step in ("accept_no_secret", "send_no_secret"):
        take(step)
    current = replace(current, renewed=take("renew_secret")[0])
    for step in ("store_secret", "require_secret", "revoke"):
        take(step)
    print(f"{way}: {struck.number} places")


# -- a run -------------------------------------------------------------------------------------------------------------

NO_LOGIN = ("-e", "sso_rotation_login=false")
CONVERGE = ("ansible-playbook", "playbooks/xpro.yml", "--skip-tags", "doctor")
REMOVE = ("ansible-playbook", "playbooks/remove.yml", "--limit", "xpro")


@dataclass
class Book:
    """A playbook, what it begins with, and what ends it when it was killed."""

    begin: str
    words: tuple[str, ...]
    heals: tuple[str, ...]
    tasks: list[Task]
    wanted: dict[str, list[str]]


BOOKS = {
    "converge": ("cloned", CONVERGE, CONVERGE),
    "rotate": ("converged", command("--limit", "xpro", *NO_LOGIN), CONVERGE),
    "remove": ("converged", REMOVE, REMOVE),
}
WHATS = ("controller", "module", "agent", "session", "server")


def held(lab) -> dict[str, list[str]]:
    """All rows of both sides and all files."""
    return content({**lab.tables("lms"), **lab.tables("xpro")}, lab.texts())


@pytest.fixture(scope="module")
def books(lab):
    """Each playbook, with what it does and leaves where nothing disturbs it."""
    made: dict[str, Book] = {}

    def of(name: str) -> Book:
        if name not in made:
            begin, words, heals = BOOKS[name]
            lab.back_to(begin)
            tasks = timed(*words, env=lab.env)
            assert unread(lab.state) == set()
            made[name] = Book(begin, words, heals, tasks, held(lab))
        return made[name]

    return of


def family(root):
    """A process and all that descend from it, with what they are."""
    parents, names = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(path.name)] = (path / "cmdline").read_text(errors="replace")
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: names.get(pid, "") for pid in found}


def of_sessions(lab, besides=()):
    """The processes of this lab, keepers and agents of sessions among them, without those that somebody else began."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(path.name) not in besides and f"LAB_STATE={lab.state}\0" in (path / "environ").read_text(
                errors="replace"
            ):
                found[int(path.name)] = (path / "cmdline").read_text(errors="replace")
    return found


def victims(lab, run, what, besides, chance):
    """Those of the processes of a run that are to be killed."""
    own, others = family(run.pid), of_sessions(lab, besides)
    if what == "module":
        # With pipelining a module is a Python with nothing behind it, which reads it from stdin.
        return [pid for pid, line in own.items() if line.count("\0") == 1 and "python" in line][-1:]
    agents = [pid for pid, line in others.items() if "take(int(take(10)))" in line]
    if what == "agent":
        return agents[:1]
    if what == "session":
        keepers = [int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in agents]
        return [pid for pid in keepers if pid > 1 and pid not in agents][:1]
    servers = [pid for pid, line in sorted(of_sessions(lab).items()) if "runserver" in line]
    return servers and [chance.choice(servers)]


def kill(run, lab, what, besides, chance):
    """Kill the first who is there from now on; nobody is where the run ends before."""
    if what == "controller":
        return kill_controller(run)
    while run.poll() is None:
        found = []
        with suppress(OSError, ValueError):
            found = victims(lab, run, what, besides, chance)
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if found:
            return found
        time.sleep(0.02)
    return []


# One of each of those that are killed first, unless more are asked for.
SEEDS = range(int(os.environ.get("KILLS") or len(WHATS)))
# So many runs are killed one after the other, all but the first while they mend what the one before has left.
BLOWS = 4


@pytest.mark.parametrize("seed", [pytest.param(number, id=f"seed-{number}") for number in SEEDS])
def test_killed_in_any_task_and_run_again(lab, books, seed):
    """The playbooks and whom to kill first in turn; then whom, and each task and moment in it, by chance."""
    chance, first = random.Random(seed), WHATS[seed % len(WHATS)]
    # Where the LMS is gone and there is no .env yet, the lab makes one itself.
    names = [name for name in BOOKS if (first, name) != ("server", "converge")]
    name = names[seed // len(WHATS) % len(names)]
    whats = [what for what in WHATS if (what, name) != ("server", "converge")]
    book = books(name)
    lab.back_to(book.begin)
    # Sessions of this process, which tests before have begun, are neither to be killed nor waited for.
    count, others = 0, of_sessions(lab)
    while count < BLOWS:
        what, task, share = chance.choice(whats) if count else first, chance.choice(book.tasks), chance.random()
        strike = partial(kill, lab=lab, what=what, besides=others, chance=chance)
        found = killed_in(task, share, strike, *book.words, env=lab.env)
        for side in SIDES:
            lab.ctl("start", side, check=False)
        if found:
            count += 1
            print(f"killed: {what} of {name} in [{task.name}] after {share:.0%}")
        elif not count:
            lab.back_to(book.begin)
            others = of_sessions(lab)
    lab.ansible(*book.heals).well()
    assert differences(book.wanted, held(lab)) == []
    assert unread(lab.state) == set()
    # What one run has begun ends with it.
    end = time.monotonic() + 70
    while [pid for pid, line in of_sessions(lab, others).items() if "take(int(take(10)))" in line]:
        assert time.monotonic() < end
        time.sleep(0.2)
