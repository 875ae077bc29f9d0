# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file that is written, on a file system that is really full: it is as it was, or whole, and nothing is left.

The disk gets a page of room after the other, until all is written: so it is full at each write in turn.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import dotenv
from modules import Result, run_here
from runs import Run, ansible

from .test_lms_settings import ONLINE, XPRO, Settings

PAGES, PAGE = 64, 4096


class Disk:
    """A small file system in memory, and what is on it."""

    def __init__(self, place: Path):
        self.place = place
        place.mkdir(exist_ok=True)
        words = ("mount", "-t", "tmpfs", "-o", f"size={PAGES * PAGE}", "tmpfs", str(place))
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"nobody but root can mount a file system: {done.stderr.strip()}")

    def leave(self, pages: int) -> None:
        """Have so many pages of room."""
        filler = self.place / "filler"
        filler.unlink(missing_ok=True)
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(PAGE))
            except OSError:
                file.truncate(max(0, file.tell() - pages * PAGE))

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.place.rglob("*") if path.is_file() and path.name != "filler")
        return {str(path.relative_to(self.place)): path.read_bytes() for path in found}

    def close(self) -> None:
        subprocess.run(["umount", str(self.place)], check=True)


@pytest.fixture
def disk_at(request) -> Iterator[Callable[[Path], Disk]]:
    def make(place: Path) -> Disk:
        disk = Disk(place)
        request.addfinalizer(disk.close)
        return disk

    return make


def filled(disk: Disk, write: Callable[[], Result]) -> tuple[list[dict[str, bytes]], Result]:
    """What there was after each try for which there was no room, and the result of the one for which there was."""
    seen = []
    for pages in range(PAGES):
        disk.leave(pages)
        result = write()
        if not result.get("failed"):
            return seen, result
        assert "No space left on device; make room." in result["msg"], result
        assert "Traceback" not in str(result)
        seen.append(disk.files())
    raise AssertionError(result)


def whole(seen: list[dict[str, bytes]], before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Every file of every try is what it was or what it is to be; where one changed, a restart is due, and noted."""
    for found in seen:
        files = {name: content for name, content in found.items() if not name.endswith(".restart~")}
        assert (files != before) is (files != found)
        assert files.keys() <= before.keys() | after.keys()
        assert before.keys() <= files.keys() | (before.keys() - after.keys())
        for name, content in files.items():
            assert content in (before.get(name), after.get(name)), name


def test_an_env_with_its_record_and_backup(disk_at, tmp_path):
    disk = disk_at(tmp_path / "checkout")
    path = disk.place / ".env"
    path.write_text("".join(f"# line {number}\n" for number in range(600)) + "A=1\n")
    before = disk.files()
    options = {"path": str(path), "values": {"A": "2"}, "secrets": {"S": "canary" * 900}, "backup": True}
    seen, _result = filled(disk, lambda: run_here(dotenv, {**options, "record": f"{path}.before"}))
    # The record, the backup and the file are three writes.
    assert len(seen) >= 3
    assert [files for files in seen if files != before] == []
    assert len(disk.files()) == 3


@pytest.mark.parametrize(("strategy", "folder"), [("private_py", "envs"), ("tutor_plugin", "plugins")])
def test_the_settings_of_the_lms(disk_at, tmp_path, strategy, folder):
    machine = Settings(tmp_path)
    try:
        disk = disk_at(tmp_path / folder)
        if strategy == "private_py":
            (disk.place / "private.py").write_text("# mine\n")
        before = disk.files()
        seen, _result = filled(disk, lambda: machine.run(XPRO, ONLINE, strategy=strategy))
        assert len(seen) >= 3
        after = disk.files()
        whole(seen, before, after)
        # What has all of it used comes last.
        entry = {"private_py": "private.py", "tutor_plugin": "mitodl_openedx.py"}[strategy]
        assert [sorted(files) for files in seen if files.get(entry) != before.get(entry)] == []
    finally:
        machine.close()


def report(folder: Path, home: Path) -> Run:
    play = home / "play.yml"
    task = {"mitodl.openedx.sso_report": {"dir": str(folder)}}
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    return ansible("ansible-playbook", "-i", "localhost,", "-c", "local", play, env={})


def test_the_report(disk_at, tmp_path):
    disk = disk_at(tmp_path / "reports")
    report(disk.place, tmp_path).well()
    before = disk.files()
    assert {"report.json", "report.html"} <= before.keys()
    disk.leave(0)
    run = report(disk.place, tmp_path)
    assert run.code != 0
    assert f"The report cannot be written: {disk.place}: No space left on device." in " ".join(run.out.split())
    assert disk.files() == before
