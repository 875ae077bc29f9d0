# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a run from succeeding is said before anything is written, by a dry run too; adopt and explain go on.

Each obstacle is that of a host of its own, and all are hosts of one play: that of playbooks/site.yml, in which one does
not stop the others. Docker only says here what it would.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import OVERRIDES
from runs import ROOT, Run, ansible
from states import running
from tls import Authority, serving
from tutor_machine import Machine

DOMAIN = "mitodl-openedx-test.invalid"
DOCKER = """#!/bin/sh
echo "$*" >> "$0.calls"
case "$1" in
  image) echo "Error: No such image: $5" >&2; exit 1 ;;
  compose) cat config.json 2>/dev/null || { echo "no configuration file provided: not found" >&2; exit 14; } ;;
  version) test ! -e "$0.stopped" || { echo "Cannot connect to the Docker daemon." >&2; exit 1; } ;;
esac
"""
# Nobody listens at the port "discard".
# What makes no container and changes none.
READS = ("compose config", "context inspect", "image inspect", "version")
COMPOSE = json.dumps({"services": {"web": {"ports": [{"published": "9"}]}, "db": {}}})


@dataclass
class Obstacle:
    """Variables of an app and of its LMS, and what is said of them; {home} is the directory of the test."""

    name: str
    said: str
    given: dict[str, Any] = field(default_factory=dict)
    of_lms: dict[str, Any] = field(default_factory=dict)


TUTOR = {"type": "tutor_dev", "tutor": "{home}/tutor"}
PLUGIN = {"edx_target": TUTOR, "edx_settings_strategy": "tutor_plugin"}
PREPARED = {"mit_app_manage_hosts": True, "mit_app_domain": f"new.{DOMAIN}"}
OBSTACLES = [
    Obstacle(
        "port", "nobody listens at port 7, and the compose file in {home}/app publishes 9 (web)", {"mit_app_port": 7}
    ),
    Obstacle(
        "service",
        "has no service app, but db, web. Name the one that runs the app's Django in mit_app_target.service",
        {"mit_app_target": {"type": "compose", "chdir": "{home}/app", "service": "app"}},
    ),
    Obstacle(
        "no-compose-file",
        "there is no compose file in {home}/empty. Correct mit_app_dir",
        {"mit_app_dir": "{home}/empty"},
    ),
    # What starts an LMS that Tutor does not run may make the app's directory as well.
    Obstacle(
        "no-checkout",
        "there is no directory {home}/nowhere for the app's .env",
        {"mit_app_dir": "{home}/nowhere"},
        {"edx_start_argv": []},
    ),
    Obstacle(
        "image",
        "the image mine of the service web is not on this machine, and its pull_policy in {home}/never is never",
        {"mit_app_dir": "{home}/never"},
    ),
    Obstacle("name", f"x.{DOMAIN} cannot be resolved on this machine", {"mit_app_domain": f"x.{DOMAIN}"}),
    Obstacle("dotenv", "Docker Compose refuses {home}/quoted/.env for line 1", {"mit_app_dir": "{home}/quoted"}),
    Obstacle(
        "untrusted-app",
        "its certificate is not trusted",
        {"mit_app_scheme": "https", "mit_app_port": "{port}", "mit_app_domain": "localhost"},
    ),
    # Found at the machine of the LMS, though the app's would get a line in its hosts file, or a checkout, before.
    Obstacle(
        "tutor",
        "{home}/no-tutor cannot be run: there is no such program. Install Tutor",
        PREPARED,
        {"edx_target": {**TUTOR, "tutor": "{home}/no-tutor"}},
    ),
    Obstacle(
        "other-tutor",
        "LMS_HOST is learn.example.org (set in {home}/root/config.yml), not localhost",
        {"mit_app_dir": "{home}/clone", "mit_app_repo": "{home}/nowhere.git", "mit_app_version": "v1"},
        {"edx_target": TUTOR},
    ),
    Obstacle(
        "settings",
        "{home}/foreign/mit_apps/apps.d/other.json: JSONDecodeError",
        PREPARED,
        {"edx_envs_dir": "{home}/foreign"},
    ),
    Obstacle(
        "overrides",
        "docker-compose.override.yml are there and not ours, and Tutor hands no other file to docker compose",
        PREPARED,
        PLUGIN,
    ),
    # Whoever says that no name is to be mapped needs none, and comes to the next one.
    Obstacle(
        "no-overrides",
        "LMS_HOST is learn.example.org",
        {**PREPARED, "edx_private_settings_extra_hosts": False},
        PLUGIN,
    ),
    Obstacle(
        "untrusted-lms",
        "Name the file with the certificate of the authority that signed it in edx_ca_path",
        PREPARED,
        {"edx_lms_base_url": "https://localhost:{port}"},
    ),
]


def filled(value: Any, **places: Any) -> Any:
    """A value with the places that its texts name."""
    if isinstance(value, dict):
        return {name: filled(each, **places) for name, each in value.items()}
    return value.format(**places) if isinstance(value, str) else value


class Virgin:
    """A machine on which nothing was ever integrated, and runs on it."""

    def __init__(self, home: Path, port: int):
        self.home = home
        self.machine = Machine(home)
        self.machine.server.server_close()
        home.with_name("runtime").mkdir(exist_ok=True)
        (home / "root").mkdir()
        (home / "root/config.yml").write_text("LMS_HOST: learn.example.org\n")
        for name in OVERRIDES["dev"]:
            (home / "root/env" / name).parent.mkdir(parents=True, exist_ok=True)
            (home / "root/env" / name).write_text("services: {}\n")
        self.machine.docker.write_text(DOCKER)
        for name in ("app", "empty", "quoted", "never"):
            (home / name).mkdir()
            (home / name / ".env").write_text("A='open\n" if name == "quoted" else "A=1\n")
        (home / "app/config.json").write_text(COMPOSE)
        (home / "quoted/config.json").write_text(COMPOSE)
        never = {"services": {"web": {"image": "mine", "pull_policy": "never", "ports": [{"published": "9"}]}}}
        (home / "never/config.json").write_text(json.dumps(never))
        (home / "foreign/mit_apps/apps.d").mkdir(parents=True)
        (home / "foreign/mit_apps/apps.d/other.json").write_text("{")
        (home / "hosts").write_text("127.0.0.1 localhost\n")
        self.env = {
            "PATH": f"{self.machine.docker.parent}{os.pathsep}{os.environ['PATH']}",
            # A session's socket is no file of the machine's.
            "XDG_RUNTIME_DIR": str(home.with_name("runtime")),
        }
        self.places = {"home": str(home), "port": port}
        self.inventory(OBSTACLES)

    def inventory(self, obstacles: list[Obstacle]) -> None:
        lms = {
            "edx_target": {"argv": ["python3", "-"]},
            "edx_lms_base_url": "http://localhost:9",
            "edx_start_argv": ["true"],
        }
        lms.update(edx_settings_strategy="private_py", edx_envs_dir=str(self.home / "envs"), edx_restart_argv=["true"])
        app = {
            "mit_app_profile": "mitxpro",
            "mit_app_service_worker": "worker",
            "mit_app_domain": "127.0.0.1",
            "mit_app_port": 9,
            "mit_app_dir": str(self.home / "app"),
            "mit_app_hosts_file": str(self.home / "hosts"),
        }
        hosts = {
            each.name: filled({**app, **each.given, "mit_app_edx_host": f"lms-{each.name}"}, **self.places)
            for each in obstacles
        }
        edx = {f"lms-{each.name}": filled({**lms, **each.of_lms}, **self.places) for each in obstacles}
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        (self.home / "inventory.json").write_text(
            json.dumps({"edx": {"hosts": edx}, "mit_apps": {"hosts": hosts}, "all": {"vars": here}})
        )

    def run(self, book: str | Path, *words: str | Path, **env: str) -> Run:
        given = {**env, **self.env, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
        book = book if isinstance(book, Path) else ROOT / f"playbooks/{book}.yml"
        return ansible("ansible-playbook", "-i", self.home / "inventory.json", book, *words, env=given)

    def files(self) -> dict[str, bytes]:
        notes = ("calls.log", "docker.calls", "inventory.json")
        ours = (path for path in self.home.rglob("*") if path.is_file() and path.name not in notes)
        return {str(path): path.read_bytes() for path in ours}

    def commands(self) -> set[str]:
        """What Docker was asked for."""
        lines = Path(f"{self.machine.docker}.calls").read_text().splitlines()
        return {next((read for read in READS if line.startswith(read)), line) for line in lines}


@pytest.fixture(scope="module")
def virgin(tmp_path_factory):
    home = tmp_path_factory.mktemp("virgin")
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with serving(authority.context("localhost")) as server:
        yield Virgin(home, server.server_port)


@pytest.fixture(scope="module")
def each_for_itself(tmp_path_factory):
    (site,) = yaml.safe_load((ROOT / "playbooks/site.yml").read_text())
    book = tmp_path_factory.mktemp("book") / "site.yml"
    book.write_text(yaml.safe_dump([{**site, "any_errors_fatal": False}]))
    return book


@pytest.mark.parametrize("check", [(), ("--check",)], ids=["run", "dry run"])
def test_an_obstacle_is_said_before_anything_is_written(virgin, each_for_itself, check):
    before = virgin.files()
    run = virgin.run(each_for_itself, *check)
    assert run.code != 0
    assert virgin.files() == before
    assert run.changed == 0
    text = " ".join(run.out.split())
    for each in OBSTACLES:
        assert filled(each.said, **virgin.places) in text, f"{each.name}:\n{run.out}"
        assert run.recap[each.name]["failed"] == 1
    (error,) = (line for line in run.out.splitlines() if line.startswith("fatal: [no-overrides"))
    assert "LMS_HOST is learn.example.org" in error
    assert "Nothing was changed" in text
    assert virgin.commands() == set(READS)


@pytest.mark.parametrize("whose", ["app", "LMS"])
def test_a_stop_for_one_app_leaves_the_rows_and_processes_of_all(virgin, lab, whose):
    """Beside the apps with obstacles there is one with everything still to be written, on an LMS that runs."""
    lab.back_to("cloned")
    before = lab.digest(), running(lab.state), virgin.files()
    of_lms = [each.name for each in OBSTACLES if set(each.of_lms) - {"edx_start_argv"}]
    limit = [each.name for each in OBSTACLES if (each.name in of_lms) == (whose == "LMS")]
    run = virgin.run("site", "-i", ROOT / "inventories/lab", "--limit", ",".join(["xpro", *limit]), **lab.env)
    assert run.code != 0
    assert {name for name in limit if run.recap[name]["failed"]} == set(limit)
    assert run.changed == 0
    assert (lab.digest(), running(lab.state), virgin.files()) == before
    assert virgin.commands() <= set(READS)


def test_without_the_collection_that_brings_apps_up(virgin):
    """Where Ansible finds nothing but this collection."""
    before = virgin.files()
    ours = virgin.home / "collections/ansible_collections/mitodl"
    ours.mkdir(parents=True)
    (ours / "openedx").symlink_to(ROOT)
    try:
        run = virgin.run("site", "--limit", "port", ANSIBLE_COLLECTIONS_PATH=str(virgin.home / "collections"))
    finally:
        (ours / "openedx").unlink()
    assert run.code != 0
    assert "Run: ansible-galaxy collection install community.docker" in run.out
    assert virgin.files() == before


@pytest.mark.parametrize("book", ["adopt", "explain"])
def test_what_is_missing_is_told_where_there_is_nothing(virgin, book):
    before = virgin.files()
    run = virgin.run(book, "--limit", "no-checkout").well()
    assert virgin.files() == before
    assert f"no-checkout: there is no directory {virgin.home}/nowhere for the app's .env" in run.out
    assert "http://localhost:9 does not answer" in run.out
    assert "Start the LMS. Or correct edx_lms_base_url." in run.out
    if book == "explain":
        assert "no-checkout: the manual guide" in run.out
