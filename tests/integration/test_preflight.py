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
import re
import socketserver
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from obstacles import EVERY, OBSTACLES, READS, Obstacle, as_pattern, build, elsewhere, filled, refusals
from runs import ROOT, Run, ansible
from states import running
from tls import Authority, serving

# Files that a stand-in writes or this file does.
NOTES = ("calls.log", "docker.calls", "inventory.json")


class Virgin:
    """A machine on which nothing was ever integrated, and runs on it."""

    def __init__(self, home: Path, **places: Any):
        self.home = home
        self.machine = build(home, places["silent"])
        home.with_name("runtime").mkdir(exist_ok=True)
        self.env = {
            "PATH": f"{self.machine.docker.parent}{os.pathsep}{os.environ['PATH']}",
            # A session's socket is no file of the machine's.
            "XDG_RUNTIME_DIR": str(home.with_name("runtime")),
        }
        self.places = {"home": str(home), **places}
        self.inventory(EVERY)

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

    def files(self) -> dict[str, tuple[bytes, int]]:
        """All that there is, byte for byte, with who may do what; of a folder that it is there."""
        ours = (path for path in self.home.rglob("*") if path.name not in NOTES)
        return {str(path): (b"" if path.is_dir() else path.read_bytes(), path.stat().st_mode) for path in ours}

    def commands(self) -> set[str]:
        """What Docker was asked for."""
        lines = Path(f"{self.machine.docker}.calls").read_text().splitlines()
        return {next((read for read in READS if line.startswith(read)), line) for line in lines}


@pytest.fixture(scope="module")
def virgin(tmp_path_factory):
    home = tmp_path_factory.mktemp("virgin")
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with (
        serving(authority.context("localhost")) as server,
        serving() as plain,
        socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent,
    ):
        threading.Thread(target=silent.serve_forever, args=(0.02,), daemon=True).start()
        ports = {"port": server.server_port, "plain": plain.server_port, "silent": silent.server_address[1]}
        yield Virgin(home, ca=str(authority.path), **ports)
        silent.shutdown()


@pytest.fixture(scope="module")
def each_for_itself(tmp_path_factory):
    (site,) = yaml.safe_load((ROOT / "playbooks/site.yml").read_text())
    book = tmp_path_factory.mktemp("book") / "site.yml"
    book.write_text(yaml.safe_dump([{**site, "any_errors_fatal": False}]))
    return book


@pytest.mark.parametrize(
    ("obstacles", "check"),
    [(OBSTACLES, ()), (EVERY, ()), (EVERY, ("--check",))],
    ids=["some of a run", "run", "dry run"],
)
def test_an_obstacle_is_said_before_anything_is_written(virgin, each_for_itself, obstacles, check):
    before = virgin.files()
    run = virgin.run(each_for_itself, "--limit", ",".join(each.name for each in obstacles), *check)
    assert run.code != 0
    assert virgin.files() == before
    assert run.changed == 0
    text = " ".join(run.out.split())
    for each in obstacles:
        assert filled(each.said, **virgin.places) in text, f"{each.name}:\n{run.out}"
        assert run.recap[each.name]["failed"] == 1
    (error,) = (line for line in run.out.splitlines() if line.startswith("fatal: [no-overrides"))
    assert "LMS_HOST is learn.example.org" in error
    assert "Nothing was changed" in text
    assert virgin.commands() <= set(READS)
    if obstacles is EVERY:
        missed = [said for said in refusals() if not (elsewhere(said) or re.search(as_pattern(said), text))]
        assert missed == []


@pytest.mark.parametrize("whose", ["app", "LMS"])
def test_a_stop_for_one_app_leaves_the_rows_and_processes_of_all(virgin, lab, whose):
    """Beside the apps with obstacles there is one with everything still to be written, on an LMS that runs."""
    lab.back_to("cloned")
    before = lab.digest(), running(lab.state), virgin.files()
    # Those that are found when the machine of the LMS is looked at are not looked for where an app is refused.
    of_lms = [each.name for each in EVERY if "mit_app_manage_hosts" in each.given or "mit_app_repo" in each.given]
    # One that the very first look refuses would be all that is said.
    limit = [each.name for each in EVERY if (each.name in of_lms) == (whose == "LMS") and each.name != "folder"]
    run = virgin.run("site", "-i", ROOT / "inventories/lab", "--limit", ",".join(["xpro", *limit]), **lab.env)
    assert run.code != 0
    assert {name for name in limit if run.recap[name]["failed"]} == set(limit)
    assert run.changed == 0
    assert (lab.digest(), running(lab.state), virgin.files()) == before
    assert virgin.commands() <= set(READS)


def test_without_the_collection_that_brings_apps_up(virgin, tmp_path):
    """Where Ansible finds nothing but this collection."""
    before = virgin.files()
    ours = tmp_path / "ansible_collections/mitodl"
    ours.mkdir(parents=True)
    (ours / "openedx").symlink_to(ROOT)
    run = virgin.run("site", "--limit", "port", ANSIBLE_COLLECTIONS_PATH=str(tmp_path))
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
