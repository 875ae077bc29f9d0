# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role mit_app makes sure of on the app's machine: names in a hosts file, and a checkout of the app."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from runs import PLAIN

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "mitodl-openedx-test.invalid"
LMS, XPRO, ONLINE = f"lms.{DOMAIN}", f"xpro.{DOMAIN}", f"mitxonline.{DOMAIN}"
CANARY = "canary-password-of-a-superuser"
LMS_HOST = {
    "edx_target": {"type": "tutor_dev"},
    "edx_lms_base_url": f"http://{LMS}:8000",
    "edx_superusers": [{"username": "edx", "email": "edx@example.org", "password": CANARY}],
    "edx_tutor_config": {"SMTP_PASSWORD": CANARY},
}
PLAY = [
    {
        "hosts": "mit_apps",
        "gather_facts": False,
        "any_errors_fatal": True,
        "tasks": [
            {"ansible.builtin.import_role": {"name": "mitodl.openedx.mit_app"}},
            {"ansible.builtin.import_role": {"name": "mitodl.openedx.mit_app", "tasks_from": "preflight"}},
            {"ansible.builtin.debug": {"msg": "what comes after {{ inventory_hostname }}"}},
        ],
    }
]


class Machine:
    """A directory with a hosts file, a repository of an app, and an inventory of two apps."""

    def __init__(self, home: Path):
        self.home, self.hosts, self.dir, self.repo = home, home / "hosts", home / "src/xpro", home / "upstream"
        self.hosts.write_text("127.0.0.1 localhost")  # As editors leave it: without an end of its last line.
        self.play = home / "play.yml"
        self.play.write_text(json.dumps(PLAY))
        self.repo.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("one")
        self.git("tag", "v1")
        self.commit("two")

    def git(self, *words: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        command = ["git", "-C", self.repo, *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def commit(self, text: str) -> None:
        (self.repo / ".env.example").write_text(f"TEXT={text}\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", text)

    def run(self, *words: str, fails: bool = False, env: dict[str, str] | None = None, **xpro: object) -> str:
        shared = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        every = {**shared, "mit_app_manage_hosts": False, "mit_app_hosts_file": str(self.hosts)}
        hosts = {
            "xpro": {"mit_app_dir": str(self.home), "mit_app_domain": XPRO, "mit_app_port": 8053, **xpro},
            "mitxonline": {"mit_app_dir": str(self.home), "mit_app_domain": ONLINE, "mit_app_port": 8013},
        }
        groups = {
            "edx": {"hosts": {"lms": LMS_HOST}},
            "mit_apps": {"hosts": hosts},
            "all": {"vars": every},
        }
        inventory = self.home / "inventory.json"
        inventory.write_text(json.dumps(groups))
        done = subprocess.run(
            [Path(sys.executable).parent / "ansible-playbook", "-i", inventory, self.play, *words],
            cwd=ROOT,
            env={**os.environ, **PLAIN, **(env or {})},
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        # One line: messages are wrapped, wherever they are long.
        return " ".join((done.stdout + done.stderr).split())

    def managed(self, *words: str, **more: object) -> str:
        return self.run("-e", '{"mit_app_manage_hosts": true}', *words, **more)

    @property
    def mapping(self) -> list[str]:
        return self.hosts.read_text().splitlines()[1:]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def changed(out: str) -> int:
    return sum(map(int, re.findall(r"changed=(\d+)", out)))


def test_a_missing_line_is_named_and_not_written_by_default(machine):
    before = machine.hosts.read_text()
    out = machine.run(fails=True)
    assert f"xpro: {LMS} and {XPRO} cannot be resolved" in out
    assert f"Add to {machine.hosts} exactly: 127.0.0.1 {LMS}; 127.0.0.1 {XPRO}" in out
    assert "mit_app_manage_hosts" in out
    assert "what comes after" not in out
    assert machine.hosts.read_text() == before


def test_the_lines_are_written_once_for_all_apps(machine):
    before = machine.hosts.read_text()
    check = machine.managed("--check", "--diff")
    assert changed(check) == 2
    assert f"+127.0.0.1 {XPRO}" in check
    assert f"xpro: {LMS} cannot be resolved before its line is written" in check
    assert "what comes after" not in check
    assert machine.hosts.read_text() == before
    assert changed(machine.managed()) == 2
    assert sorted(machine.mapping) == [f"127.0.0.1 {name}" for name in sorted((LMS, XPRO, ONLINE))]
    written = machine.hosts.read_text()
    for words in ([], ["--check"]):
        again = machine.managed(*words)
        assert (changed(again), "what comes after xpro" in again) == (0, True)
    assert machine.hosts.read_text() == written


def test_what_the_file_maps_already_is_left_alone(machine):
    machine.hosts.write_text(f"127.0.0.1 localhost\n10.0.0.7 other {XPRO} {LMS} # mine\n")
    machine.managed()
    assert machine.mapping == [f"10.0.0.7 other {XPRO} {LMS} # mine", f"127.0.0.1 {ONLINE}"]


def test_an_address_needs_no_line(machine):
    address = {"mit_app_domain": "127.0.0.1", "mit_app_lms_base_url": "http://localhost:9"}
    assert changed(machine.managed("--limit", "xpro", **address)) == 0
    assert "what comes after xpro" in machine.run("--limit", "xpro", **address)
    assert machine.mapping == []


def cloned(machine, **more):
    return {"mit_app_dir": str(machine.dir), "mit_app_repo": str(machine.repo), "mit_app_version": "v1", **more}


def test_a_missing_checkout_is_cloned_and_never_updated(machine):
    machine.managed()
    check = machine.managed("--check", **cloned(machine))
    assert f"{machine.repo} (v1) would be cloned to {machine.dir}" in check
    assert "what comes after mitxonline" in check
    assert "what comes after xpro" not in check
    assert not machine.dir.exists()
    assert "what comes after xpro" in machine.managed(**cloned(machine))
    example = machine.dir / ".env.example"
    assert example.read_text() == "TEXT=one\n"
    # Somebody works there, and the declaration goes on.
    example.write_text("TEXT=mine\n")
    for words in (["--check"], []):
        again = machine.managed(*words, **cloned(machine, mit_app_version="main"))
        assert changed(again) == 0
        assert "what comes after xpro" in again
    assert example.read_text() == "TEXT=mine\n"


@pytest.mark.parametrize("wrong", [{"mit_app_version": "v9"}, {"mit_app_repo": "/nowhere/mitxpro"}])
def test_a_clone_that_fails_leaves_nothing_behind(machine, wrong):
    out = machine.managed(fails=True, **cloned(machine, **wrong))
    assert "could not be cloned" in out
    assert next(iter(wrong.values())) in out
    assert "what comes after" not in out
    assert not machine.dir.exists()
    # Not taken for somebody's checkout by the next run.
    machine.managed(**cloned(machine))
    assert (machine.dir / ".env.example").read_text() == "TEXT=one\n"


def test_a_directory_that_is_there_is_never_cloned_into_nor_removed(machine):
    """Though the .env is to be somewhere else, where there is no directory."""
    machine.dir.mkdir(parents=True)
    work = machine.dir / "work.py"
    work.write_text("mine")
    out = machine.managed(fails=True, **cloned(machine, mit_app_dotenv=str(machine.home / "nowhere/.env")))
    assert f"xpro: there is no directory {machine.home}/nowhere for the app's .env. Correct mit_app_dir" in out
    assert work.read_text() == "mine"


def test_a_fact_cache_is_no_place_for_what_was_resolved(machine):
    cache = machine.home / "cache"
    kept = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}
    out = machine.managed("-vvv", env={**kept, "ANSIBLE_INJECT_FACT_VARS": "false"})
    assert "what comes after xpro" in out
    assert CANARY not in out
    assert not any(CANARY in path.read_text() or "backend_name" in path.read_text() for path in cache.glob("*"))
