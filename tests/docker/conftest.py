# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab on a real Docker Engine with the real Tutor, both apps integrated once; each test leaves it integrated.

It begins with databases that were made once and kept (lab/docker/ctl.py launched).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from runs import PLAIN, ROOT, Run, ansible
from urllib3.util import Retry

STATE = ROOT / ".lab/openedx-test"


class DockerLab:
    """What a person could do and look at on such a machine, without the collection."""

    state = STATE

    def __init__(self) -> None:
        self.env = {"LAB_DOCKER": str(STATE)}

    def ctl(self, *words: str, **env: str) -> None:
        run(sys.executable, ROOT / "lab/docker/ctl.py", *words, env={**os.environ, **self.env, **env})

    def playbook(self, *words: str, book: str = "site", doctor: bool = False) -> Run:
        skip = [] if doctor or book == "doctor" else ["--skip-tags", "doctor"]
        return ansible(
            "ansible-playbook", "-i", "inventories/docker", f"playbooks/{book}.yml", *skip, *words, env=self.env
        )

    def doctor(self, *words: str) -> dict[str, str]:
        """What the doctor says of the hops of all apps of the play: the worst of each."""
        hops: dict[str, str] = {}
        for state, name in re.findall(
            r"\[ ?(ok|note|FAIL|warn|skip) ?\] (\S+)", self.playbook(*words, "--tags", "hops", book="doctor").out
        ):
            if hops.get(name) != "FAIL":
                hops[name] = state
        return hops

    def tutor(self, *words: str, code: int = 0) -> str:
        return run(STATE / "tutor", *words, code=code, cwd=ROOT, env={**os.environ, **PLAIN, **self.env})

    def compose(self, app: str, *words: str) -> str:
        checkout = self.checkout(app)
        return run(
            "docker", "compose", "--project-directory", checkout, "--file", checkout / "docker-compose.yml", *words
        )

    def docker(self, *words: str) -> str:
        return run("docker", *words)

    def logs(self, container: str) -> str:
        """What a container has said, on both of its streams."""
        done = subprocess.run(("docker", "logs", container), capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    def checkout(self, app: str) -> Path:
        return STATE / f"{STATE.name}-{app}"

    def gateway(self, app: str) -> str:
        """The gateway of an app's network, as Docker says it."""
        template = "{{(index .IPAM.Config 0).Gateway}}"
        return run("docker", "network", "inspect", "--format", template, f"{STATE.name}-{app}_default").strip()

    def mysql(self, program: str, *words: str) -> str:
        """A program of the LMS's database server, as its superuser."""
        password = self.tutor("config", "printvalue", "MYSQL_ROOT_PASSWORD").strip()
        container = run("docker", "ps", "--quiet", "--filter", f"name={STATE.name}-.*-mysql-").strip()
        access = ("-uroot", f"-p{password}", "-S", "/tmp/mysqld.sock")
        return run("docker", "exec", container, program, *access, "openedx", *words)

    def provider(self, backend: str) -> dict:
        """The settings of the newest provider row of a backend."""
        query = f"select other_settings from third_party_auth_oauth2providerconfig where backend_name = '{backend}'"
        return json.loads(self.mysql("mysql", "-N", "--raw", "-e", f"{query} order by id desc limit 1"))

    def dump(self, side: str) -> str:
        """All rows of a side's database."""
        if side == "lms":
            return self.mysql("mysqldump", "--skip-dump-date", "--skip-extended-insert")
        words = ("exec", "-T", "db", "pg_dump", "--inserts", "-U", "postgres", "-h", "db")
        # Its first and last lines hold a key of this very dump.
        return re.sub(r"^\\(un)?restrict .*$", "", self.compose(side, *words), flags=re.MULTILINE)

    def files(self) -> dict[str, bytes]:
        """What the collection writes on this machine."""
        patterns = ("*/.env", "plugins/**/*", "root/config.yml", "root/env/**/*")
        found = [path for pattern in patterns for path in STATE.glob(pattern)]
        return {
            str(path.relative_to(STATE)): path.read_bytes()
            for path in found
            if path.is_file() and "__pycache__" not in path.parts
        }

    def backend_answers(self, backend: str) -> str:
        """Where the LMS sends somebody who wants to log in through an app, as soon as it answers."""
        url = f"http://local.openedx.io:8000/auth/login/{backend}/?auth_entry=login"
        with requests.Session() as session:
            retry = Retry(total=60, backoff_factor=0.1, backoff_max=1, status_forcelist=(500, 502, 503, 504))
            session.mount("http://", HTTPAdapter(max_retries=retry))
            return session.get(url, allow_redirects=False, timeout=30).headers.get("Location", "")


def run(*words, code=0, **options) -> str:
    done = subprocess.run(
        [str(word) for word in words], text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL, **options
    )
    assert done.returncode == code, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def pytest_collection_modifyitems(items):
    """After a reset there is nothing that another test could begin with."""
    items.sort(key=lambda item: "test_reset" in item.nodeid)


@pytest.fixture(scope="session")
def lab():
    """LAB_TEST_KEEP=1 leaves it for the next run of tests, and begins with what the one before has left."""
    made, keep = DockerLab(), bool(os.environ.get("LAB_TEST_KEEP"))
    if not (keep and STATE.exists()):
        made.ctl("reset")
    try:
        made.ctl("launched")
        made.playbook("-e", "mit_app_manage_hosts=true").well()
        yield made
    finally:
        if not keep:
            made.ctl("reset")
