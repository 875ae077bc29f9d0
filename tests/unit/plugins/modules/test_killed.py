# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that write files, killed before each of the steps in which they do so: one run more ends as if none had been.

What has read the files before is restarted by that run, if it was not by the one that was killed.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import app_restart, dotenv
from modules import Result, run_here

from .test_lms_settings import ONLINE, SHARED, XPRO, Settings
from .test_tutor_project import STARTED, Project

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
STEPS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "subprocess.Popen")
Files = dict[str, bytes]


def killed_before(number: int, work: Callable[[], Any]) -> bool:
    """Do a piece of work in a process that is killed before a step of it. False says that it has fewer."""

    def hook(event: str, arguments: tuple) -> None:
        writes = event == "open" and arguments[2] & WRITING
        if (event in STEPS or writes) and next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with warnings.catch_warnings():
        # Of threads: the server of a machine, which the child does not need.
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        steps = itertools.count()
        try:
            sys.addaudithook(hook)
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def kills(begin: Callable[[], Any], work: Callable[[], Any]) -> Iterator[int]:
    """The number of each step of a piece of work, after it was killed before it; it begins from the same each time."""
    for number in itertools.count():
        begin()
        if not killed_before(number, work):
            assert number
            print(f"{number} kills")
            return
        yield number


def files(folder: Path) -> Files:
    found = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


# -- the .env ----------------------------------------------------------------------------------------------------------

TEXT = "# mine\nA=1\nOTHER='kept'\n"
SET = {"values": {"A": "2", "B": "new"}, "secrets": {"S": "canary"}, "git_exclude": True}
OTHERS = {**SET, "values": {"A": "3", "C": "more"}, "absent": ["B"], "backup": True}
RESTORE = {"restore": ["A", "B", "C", "S"], "create": False}
# What there is at the beginning, what was done with it before, and what is killed.
ENVS = {
    "begun with an example": ({".env.example": TEXT}, [], {**SET, "example": ".env.example"}),
    "changed for the first time": ({".env": TEXT}, [], SET),
    "changed again": ({".env": TEXT}, [SET], OTHERS),
    "restored": ({".env": TEXT}, [SET, OTHERS], RESTORE),
    "removed": ({}, [SET], RESTORE),
}


class Checkout:
    """An app's checkout, in which the module is run."""

    def __init__(self, place: Path, texts: dict[str, str], earlier: list[dict]):
        self.place, self.texts, self.earlier = place, texts, earlier

    def begin(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        (self.place / ".git/info").mkdir(parents=True)
        for name, text in {".git/HEAD": "ref: refs/heads/main\n", **self.texts}.items():
            (self.place / name).write_text(text)
        for folder in ("objects", "refs"):
            (self.place / ".git" / folder).mkdir()
        for options in self.earlier:
            self.run(options)
            self.restart()

    def run(self, options: dict) -> Result:
        names = {"path": ".env", "record": ".env.before", "restart_due": ".env.restart~"}
        names |= {"example": options["example"]} if "example" in options else {}
        given = {**options, **{option: str(self.place / name) for option, name in names.items()}}
        return run_here(dotenv, given)

    def restart(self) -> Result:
        note = str(self.place / ".env.restart~")
        options = {"argv": ["true"], "url": "http://127.0.0.1:9", "wait_seconds": 0, "restart_due": note}
        return run_here(app_restart, {**options, "target": {"argv": []}})

    def files(self) -> Files:
        """All of it. A run that was killed after its backup has made one more."""
        found = {re.sub(r"^\.env\.\d+\..*~$", "backup", name): text for name, text in files(self.place).items()}
        return {name: text for name, text in found.items() if not name.startswith(".git/") or "exclude" in name}


@pytest.mark.parametrize("what", ENVS)
def test_an_env_is_as_it_was_or_whole_and_one_run_more_ends_it(tmp_path, what):
    texts, earlier, options = ENVS[what]
    checkout = Checkout(tmp_path / "checkout", texts, earlier)
    checkout.begin()
    before = checkout.files()
    assert not checkout.run(options).get("failed")
    wanted = checkout.files()
    assert ".env.restart~" in wanted
    for number in kills(checkout.begin, lambda: checkout.run(options)):
        seen = checkout.files()
        for name in (".env", ".env.before", ".env.example"):
            assert seen.get(name) in (before.get(name), wanted.get(name)), (number, name)
        result = checkout.run(options)
        assert not result.get("failed"), (number, result)
        assert checkout.files() == wanted, number
        # Whoever has read the file before is not forgotten.
        assert result["file_changed"], number
        # One that is removed is refused then, because it is not there.
        assert not checkout.run(options).get("changed")
        checkout.restart()
        assert not checkout.run(options).get("file_changed")


# -- the settings of the LMS, and Tutor's configuration ----------------------------------------------------------------


class Machines:
    """Machines in the same place, one after the other."""

    def __init__(self, place: Path, kind: type, prepare: Callable[[Any], None]):
        self.place, self.kind, self.prepare = place, kind, prepare
        self.machine: Any = None

    def begin(self) -> None:
        self.close()
        self.place.mkdir()
        self.machine = self.kind(self.place)
        self.prepare(self.machine)
        self.machine.calls()

    def files(self) -> Files:
        found = files(self.place)
        # What was called, and the addresses of this very machine.
        return {name: text for name, text in found.items() if name not in ("calls.log", "running")}

    def close(self) -> None:
        if self.machine:
            self.machine.close()
            shutil.rmtree(self.place)

    def read_after_writing(self) -> bool:
        """Whether the LMS was restarted after the last file of its settings was written, and rendered by Tutor."""
        log = self.place / "calls.log"
        written = max(path.stat().st_mtime_ns for path in self.machine.envs.rglob("*") if path.is_file())
        is_read = log.exists() and log.stat().st_mtime_ns >= written
        calls = list(enumerate(self.machine.calls()))
        restarts = [number for number, call in calls if call in ("restart", "dev restart lms")]
        renders = [number for number, call in calls if re.match("config save|plugins (en|dis)able", call)]
        return is_read and max(restarts, default=-1) > max(renders, default=-1)


@pytest.fixture
def machines(tmp_path):
    made: list[Machines] = []

    def make(*words: Any) -> Machines:
        made.append(Machines(tmp_path / "machine", *words))
        return made[-1]

    yield make
    for one in made:
        one.close()


SETTINGS: dict[str, tuple[list, dict]] = {
    "for the first time": ([], {}),
    "shared ones": ([{}], {"shared": {**SHARED, "hide_country": False}}),
    "of the last app": ([{}], {"state": "absent", "files": {}, "mapped_hosts": {}}),
}


@pytest.mark.parametrize("strategy", ["private_py", "tutor_plugin"])
@pytest.mark.parametrize("what", SETTINGS)
def test_the_settings_of_the_lms_are_completed_and_read(machines, what, strategy):
    earlier, options = SETTINGS[what]

    def prepare(machine: Settings) -> None:
        (machine.envs / "private.py").write_text("# mine\n")
        for given in earlier:
            machine.run(XPRO, ONLINE, strategy=strategy, **given)

    def work() -> Result:
        return place.machine.run(XPRO, ONLINE, strategy=strategy, **options)

    place = machines(Settings, prepare)
    place.begin()
    assert work()["restarted"]
    wanted = place.files()
    for number in kills(place.begin, work):
        result = work()
        assert not result.get("failed"), (number, result)
        assert place.files() == wanted, number
        assert place.read_after_writing(), number
        assert work()["restarted"] is False


def test_tutors_configuration_is_rendered_and_read(machines, monkeypatch):
    def prepare(machine: Project) -> None:
        (machine.envs / "private.py").touch()
        machine.database.mkdir(parents=True)
        machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false", "SMTP_PASSWORD=canary")
        monkeypatch.setenv("PATH", f"{machine.docker.parent}:/usr/bin:/bin")

    def work() -> Result:
        """As its action plugin does: it runs the step that is asked for, and looks again."""
        machine, config = place.machine, {"NEW": "5"}
        found = machine.look(config=config)
        if found.get("steps"):
            subprocess.run(found["steps"][0]["argv"], check=True, stdout=subprocess.DEVNULL)
            found = {**machine.look(config=config, progress=STARTED), "changed": True}
        return found

    place = machines(Project, prepare)
    place.begin()
    assert work()["changed"]
    wanted = place.files()
    assert b"NEW: '5'" in wanted["root/config.yml"]
    for number in kills(place.begin, work):
        result = work()
        assert not result.get("failed"), (number, result)
        assert place.files() == wanted, number
        assert place.read_after_writing(), number
        assert work()["changed"] is False
