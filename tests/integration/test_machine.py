# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role mit_app makes sure of on the app's machine, names in a hosts file and a checkout of the app, and that
it matters to nobody where and how Ansible is started.

Every case is a host with files of its own, and all are in the same four runs: a dry run, a run, and both again for
those of whom more is to be seen then. Each of the four has other surroundings.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from runs import BIN, ROOT, Run, ansible

DOMAIN = "mitodl-openedx-test.invalid"
LMS = f"lms.{DOMAIN}"
CANARY = "canary-password-of-a-superuser"
LMS_HOST = {
    "edx_target": {"argv": ["python3", "-"]},
    # It could be started, though not here: what comes before that is what is looked at.
    "edx_start_argv": ["true"],
    "edx_settings_strategy": "private_py",
    "edx_envs_dir": "/nowhere/lms/envs",
    "edx_restart_argv": ["true"],
    # Where nobody is, also beside other labs.
    "edx_lms_base_url": f"http://{LMS}:9",
    "edx_superusers": [{"username": "edx", "email": "edx@example.org", "password": CANARY}],
    "edx_tutor_config": {"SMTP_PASSWORD": CANARY},
}
PLAY = [
    {
        "hosts": "mit_apps",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.import_role": {"name": "mitodl.openedx.mit_app"}},
            {"ansible.builtin.import_role": {"name": "mitodl.openedx.mit_app", "tasks_from": "preflight"}},
            # As before the rows of the LMS are written.
            {"mitodl.openedx.resolve": {"required": True}, "when": "inventory_hostname == 'misplaced'"},
            {"ansible.builtin.debug": {"msg": "what comes after {{ inventory_hostname }}."}},
        ],
    }
]
ADDRESS = {"mit_app_domain": "127.0.0.1", "mit_app_lms_base_url": "http://localhost:9"}


@dataclass
class Surroundings:
    """Where and how Ansible is started; a directory is below one of the test."""

    umask: str = "022"
    cwd: str = "."
    words: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)

    def run(self, home: Path, *words: str | Path, env: dict[str, str]) -> Run:
        folders = {name: str(home / f"a {name}") for name in ("home", "tmp", "cache")}
        cwd = home / self.cwd
        for folder in (*folders.values(), cwd):
            Path(folder).mkdir(exist_ok=True)
        around = ("/bin/sh", "-c", f'umask {self.umask}; exec "$0" "$@"', BIN / "ansible-playbook")
        given = {name: value.format(**folders) for name, value in self.env.items()}
        return ansible(*around, *words, *self.words, env={**env, **given}, cwd=cwd)


SURROUNDINGS = [
    Surroundings(
        "077", "a directory", ["-f1", "-eansible_pipelining=false"], {"LC_ALL": "", "LANG": "C", "TMPDIR": "{tmp}"}
    ),
    Surroundings(
        "000",
        "/",
        ["-f20", "-vvv", "-eansible_pipelining=true"],
        {
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": "{cache}",
            "ANSIBLE_INJECT_FACT_VARS": "false",
        },
    ),
    Surroundings("027", words=["-f2"], env={"HOME": "{home}", "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "1"}),
    Surroundings(
        "002", "a directory", env={"ANSIBLE_REMOTE_TMP": "{tmp}/remote", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "true"}
    ),
]


class Machine:
    """A directory with a repository of an app, and per app a hosts file and a place for a checkout."""

    def __init__(self, home: Path):
        self.home, self.repo = home, home / "upstream"
        self.play = home / "play.yml"
        self.play.write_text(json.dumps(PLAY))
        self.repo.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("one")
        self.git("tag", "v1")
        self.commit("two")
        for app in ("xpro", "reported", "mapped", "address", "cloned"):
            # As editors leave it: without an end of its last line.
            self.hosts(app).write_text("127.0.0.1 localhost")
        self.hosts("mapped").write_text(f"127.0.0.1 localhost\n10.0.0.7 other mapped.{DOMAIN} {LMS} # mine\n")
        # Somebody's work, where a clone would be.
        self.dir("occupied").mkdir(parents=True)
        (self.dir("occupied") / "work.py").write_text("mine")
        # What is left of a clone that was killed.
        self.dir("cloned.clone~").mkdir()
        (self.dir("cloned.clone~") / ".env.example").write_text("TEXT=half\n")

    def git(self, *words: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        subprocess.run(["git", "-C", self.repo, *identity, *words], check=True, capture_output=True)

    def commit(self, text: str) -> None:
        (self.repo / ".env.example").write_text(f"TEXT={text}\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", text)

    def hosts(self, app: str) -> Path:
        return self.home / f"hosts of {app}"

    def mapping(self, app: str) -> list[str]:
        return self.hosts(app).read_text().splitlines()[1:]

    def dir(self, app: str) -> Path:
        return self.home / "src" / app

    def apps(self, version: str, wrong: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
        """The hosts of the group mit_apps; two share a hosts file."""

        def shared(app: str) -> dict[str, str]:
            return {"mit_app_hosts_file": str(self.hosts(app))}

        clone = {**ADDRESS, **shared("cloned"), "mit_app_repo": str(self.repo), "mit_app_version": version}
        found: dict[str, dict[str, Any]] = {
            "xpro": {},
            "mitxonline": shared("xpro"),
            "reported": {"mit_app_manage_hosts": False},
            "mapped": {},
            "address": ADDRESS,
            "address_reported": {
                **ADDRESS,
                "mit_app_manage_hosts": False,
                "mit_app_hosts_file": str(self.hosts("address")),
            },
            "cloned": clone,
            "no_version": {**clone, **wrong.get("no_version", {})},
            "no_repo": {**clone, **wrong.get("no_repo", {})},
            "misplaced": {**clone, "mit_app_dotenv": str(self.home / "nowhere/.env")},
            "occupied": {
                **clone,
                "mit_app_dotenv": str(self.home / "nowhere/.env"),
                "mit_app_edx_host": "cannot_be_started",
            },
        }
        places = {app: str(self.home if "mit_app_repo" not in given else self.dir(app)) for app, given in found.items()}
        return {
            app: {
                "mit_app_dir": places[app],
                "mit_app_domain": f"{app}.{DOMAIN}",
                "mit_app_port": 9,
                "mit_app_target": {"argv": ["python3", "-"]},
                "mit_app_restart_argv": ["true"],
                "mit_app_hosts_file": str(self.hosts(app)),
                **given,
            }
            for app, given in found.items()
        }

    def inventory(self, version: str = "v1", **wrong: dict[str, str]) -> Path:
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        path = self.home / "inventory.json"
        path.write_text(
            json.dumps(
                {
                    "edx": {"hosts": {"lms": LMS_HOST, "cannot_be_started": {**LMS_HOST, "edx_start_argv": []}}},
                    "mit_apps": {"hosts": self.apps(version, wrong)},
                    "all": {"vars": {**here, "mit_app_manage_hosts": True}},
                }
            )
        )
        return path

    def files(self) -> dict[str, bytes]:
        ours = (path for path in self.home.rglob("*") if path.is_file() and path.match("hosts of *"))
        sources = (path for path in (self.home / "src").rglob("*") if path.is_file() and ".git" not in path.parts)
        return {str(path.relative_to(self.home)): path.read_bytes() for path in (*ours, *sources)}


@dataclass
class Report:
    """What a run said, in one line, for messages are wrapped; its recap; and the files after it."""

    out: str
    changed: dict[str, int]
    failed: set[str]
    files: dict[str, bytes]

    def went_on(self) -> set[str]:
        return {app for app in self.changed if f"what comes after {app}." in self.out}


@dataclass
class Four:
    machine: Machine
    before: dict[str, bytes]
    check: Report
    run: Report
    again: tuple[Report, Report]


WRONG = {"no_version": {"mit_app_version": "v9"}, "no_repo": {"mit_app_repo": "/nowhere/mitxpro"}}


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    before, surroundings = machine.files(), iter(SURROUNDINGS)

    def run(*words: str) -> Report:
        done = next(surroundings).run(machine.home, "-i", machine.home / "inventory.json", machine.play, *words, env={})
        changed = {app: counts["changed"] for app, counts in done.recap.items()}
        failed = {app for app, counts in done.recap.items() if counts["failed"]}
        return Report(" ".join(done.out.split()), changed, failed, machine.files())

    machine.inventory(**WRONG)
    first = run("--check", "--diff", "--limit=xpro,mitxonline,mapped,cloned,no_repo"), run()
    # Somebody works there, and the declaration goes on; who gave a wrong one corrects it.
    (machine.dir("cloned") / ".env.example").write_text("TEXT=mine\n")
    machine.inventory("main")
    again = run("--check", "--limit=xpro,mitxonline,cloned"), run("--limit=xpro,mitxonline,cloned,no_version,no_repo")
    return Four(machine, before, *first, again)


def test_a_missing_line_is_named_and_not_written_by_default(four):
    name = f"reported.{DOMAIN}"
    assert f"reported: {LMS} and {name} cannot be resolved" in four.run.out
    said = " ".join(four.run.out.split())
    assert (
        f"adds lines to {four.machine.hosts('reported')}, or add to that file exactly: 127.0.0.1 {LMS} 127.0.0.1 {name}"
        in said
    )
    assert "mit_app_manage_hosts" in four.run.out
    assert "reported" in four.run.failed
    assert "reported" not in four.run.went_on()
    assert four.machine.mapping("reported") == []


def test_a_dry_run_writes_nothing_and_goes_on(four):
    assert four.check.files == four.before
    changes = {app for app, count in four.check.changed.items() if count}
    assert changes == {"xpro", "mitxonline", "cloned"}
    assert four.check.failed == {"no_repo"}
    assert f"+127.0.0.1 xpro.{DOMAIN}" in four.check.out
    # A line that is to be added ends none, of whoever's name it is, nor does a checkout.
    assert four.check.went_on() == {"xpro", "mitxonline", "mapped", "cloned"}


def test_the_lines_are_written_once_for_all_apps(four):
    names = (LMS, f"xpro.{DOMAIN}", f"mitxonline.{DOMAIN}")
    assert sorted(four.machine.mapping("xpro")) == sorted(f"127.0.0.1 {name}" for name in names)
    assert four.run.changed["xpro"] + four.run.changed["mitxonline"] == 2
    for again in four.again:
        assert (again.changed["xpro"], again.changed["mitxonline"]) == (0, 0)
        assert {"xpro", "mitxonline"} <= again.went_on()


def test_what_the_file_maps_already_is_left_alone(four):
    assert four.machine.mapping("mapped") == [f"10.0.0.7 other mapped.{DOMAIN} {LMS} # mine"]
    assert four.run.changed["mapped"] == 0


def test_an_address_needs_no_line(four):
    assert (four.run.changed["address"], four.run.changed["address_reported"]) == (0, 0)
    assert {"address", "address_reported"} <= four.run.went_on()
    assert four.machine.mapping("address") == []


def test_a_missing_checkout_is_cloned_and_never_updated(four):
    checkout = four.machine.dir("cloned")
    assert f"{four.machine.repo} (v1) would be cloned to {checkout}" in four.check.out
    assert "cloned" in four.run.went_on()
    assert four.run.files["src/cloned/.env.example"] == b"TEXT=one\n"
    assert not any(".clone~" in name for name in four.run.files)
    for again in four.again:
        assert again.changed["cloned"] == 0
        assert "cloned" in again.went_on()
    assert (checkout / ".env.example").read_text() == "TEXT=mine\n"


@pytest.mark.parametrize("app", WRONG)
def test_a_clone_that_fails_leaves_nothing_behind(four, app):
    place = four.machine.dir(app)
    wrong = {"mit_app_repo": four.machine.repo, "mit_app_version": "v1", **WRONG[app]}
    assert app in four.run.failed
    said = f"{wrong['mit_app_repo']} ({wrong['mit_app_version']}) could not be cloned to {place}"
    assert said in four.run.out
    assert not any(name.startswith(f"src/{app}/") for name in four.run.files)
    # Not taken for somebody's checkout by the next run.
    assert four.again[1].files[f"src/{app}/.env.example"] == b"TEXT=two\n"


def test_a_directory_that_is_there_is_never_cloned_into_nor_removed(four):
    """Though the .env is to be somewhere else, where there is no directory."""
    said = f"occupied: there is no directory {four.machine.home}/nowhere for the app's .env. Correct mit_app_dotenv"
    assert said in four.run.out
    assert four.machine.files()["src/occupied/work.py"] == b"mine"
    assert [path.name for path in four.machine.dir("occupied").iterdir()] == ["work.py"]


def test_what_was_made_before_a_run_stops_is_said(four):
    said = f"misplaced: there is no directory {four.machine.home}/nowhere for the app's .env. Correct mit_app_dotenv"
    assert f"{said}. Before that, the hosts file got the lines for xpro" in four.run.out
    assert "and misplaced was cloned" in four.run.out
    assert {"misplaced"} <= four.run.failed


def test_a_fact_cache_is_no_place_for_what_was_resolved(four):
    """In the run with a cache, which also said all that it can."""
    assert CANARY not in four.run.out
    kept = [path.read_text() for path in (four.machine.home / "a cache").glob("*")]
    assert not any(CANARY in text or "backend_name" in text for text in kept)


def test_the_surroundings_change_nothing(lab, tmp_path):
    """A first run is what it is anywhere, to the modes of the files; and a second one changes nothing."""
    lab.back_to("converged")
    usual = modes(lab)
    lab.back_to("cloned")
    words = ("-i", ROOT / "inventories/lab", ROOT / "playbooks/xpro.yml", "--skip-tags=doctor")
    first, second = (
        lambda one=one: one.run(tmp_path, *words, env=lab.env).well() for one in (SURROUNDINGS[0], SURROUNDINGS[1])
    )
    assert first().changed == lab.first.run.changed
    assert modes(lab) == usual
    before = lab.digest()
    assert second().changed == 0
    assert lab.digest() == before


ENGINE = """#!/bin/sh
echo "$*" >> "$0.calls"
case "$1 $2" in
  "context inspect") echo unix:///var/run/docker.sock ;;
  "info "*) echo "{}" ;;
  "network inspect") echo "[]" ;;
  "compose config") echo '{"services": {"web": {"build": {}, "ports": [{"published": "9"}]}}}' ;;
esac
"""


def test_a_dry_run_without_the_checkout_and_the_network_judges_the_rest(lab, tmp_path):
    """What is written on the LMS is shown, and the app's own files are left out with a word of why."""
    lab.back_to("converged")
    machine, engine = Machine(tmp_path), tmp_path / "bin/docker"
    engine.parent.mkdir()
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    new = {
        "mit_app_dir": str(machine.dir("new")),
        "mit_app_repo": str(machine.repo),
        "mit_app_version": "v1",
        "mit_app_domain": "127.0.0.1",
        "mit_app_port": 9,
        "mit_app_network_mode": "gateway",
        "mit_app_manage_network": True,
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
    }
    inventory = tmp_path / "new.json"
    inventory.write_text(json.dumps({"mit_apps": {"hosts": {"new": new}}}))
    before = lab.digest(), machine.files()
    words = ("-i", ROOT / "inventories/lab", "-i", inventory, ROOT / "playbooks/site.yml", "--limit=new", "--check")
    path = f"{engine.parent}{os.pathsep}{os.environ['PATH']}"
    run = ansible(BIN / "ansible-playbook", *words, "--diff", env={**lab.env, "PATH": path}).well()
    text = " ".join(run.out.split())
    assert f"new: {machine.repo} (v1) would be cloned to {machine.dir('new')}. Its .env, its containers and its" in text
    assert "new: the gateway of new_default is not known before the network is there" in text
    assert "new-oauth-app" in text
    assert "new.json" in text
    assert (lab.digest(), machine.files()) == before
    calls = Path(f"{engine}.calls").read_text()
    assert "create" not in calls
    assert "up" not in calls.split()


def modes(lab) -> dict[str, str]:
    """Who may do what with the files that the collection writes; databases are the lab's own."""
    names = [name for name in lab.digest() if not name.endswith(".sqlite3")]
    return {name: oct((lab.state / name).stat().st_mode) for name in names}
