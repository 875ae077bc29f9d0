# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab on Docker: what a person could do and look at, and whether all of it is as it should be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import requests
from kills import content
from requests.adapters import HTTPAdapter
from runs import PLAIN, ROOT, Run, ansible
from urllib3.util import Retry

STATE = ROOT / ".lab/openedx-test"


class DockerLab:
    """What a person could do and look at on such a machine, without the collection."""

    def __init__(self, state: Path = STATE) -> None:
        self.state, self.env = state, {"LAB_DOCKER": str(state)}

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
        return run(self.state / "tutor", *words, code=code, cwd=ROOT, env={**os.environ, **PLAIN, **self.env})

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
        return self.state / f"{self.state.name}-{app}"

    def gateway(self, app: str) -> str:
        """The gateway of an app's network, as Docker says it."""
        template = "{{(index .IPAM.Config 0).Gateway}}"
        return run("docker", "network", "inspect", "--format", template, f"{self.state.name}-{app}_default").strip()

    def mysql(self, program: str, *words: str) -> str:
        """A program of the LMS's database server, as its superuser."""
        password = self.tutor("config", "printvalue", "MYSQL_ROOT_PASSWORD").strip()
        container = run("docker", "ps", "--quiet", "--filter", f"name={self.state.name}-.*-mysql-").strip()
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

    def tables(self, side: str) -> dict[str, list[dict]]:
        """All rows of a side's database."""
        if side == "lms":
            dump = ElementTree.fromstring(self.mysql("mysqldump", "--xml", "--no-create-info"))
            tables = {table.get("name"): [row_of(row) for row in table] for table in dump.iter("table_data")}
        else:
            words = ("exec", "-T", "db", "psql", "-U", "postgres", "-h", "db", "-At", "-c")
            dump = ElementTree.fromstring(self.compose(side, *words, "select schema_to_xml('public', true, false, '')"))
            tables = {table.tag: [row_of(row) for row in table] for table in dump}
        return {f"{side}.{name}": rows for name, rows in tables.items()}

    def files(self) -> dict[str, bytes]:
        """What the collection writes on this machine."""
        patterns = ("*/.env", "plugins/**/*", "root/config.yml", "root/env/**/*")
        found = [path for pattern in patterns for path in self.state.glob(pattern)]
        return {
            str(path.relative_to(self.state)): path.read_bytes()
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


def row_of(element: ElementTree.Element) -> dict:
    return {column.get("name") or column.tag: column.text for column in element}


def run(*words, code=0, **options) -> str:
    done = subprocess.run(
        [str(word) for word in words], text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL, **options
    )
    assert done.returncode == code, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


# -- whether all is well -----------------------------------------------------------------------------------------------

APPLICATIONS = "select {} from oauth2_provider_application where name like '{}%' or client_id like 'rotation of %'"


def rows(lab, statement):
    """What the database of the LMS answers, a line for each row."""
    return lab.mysql("mysql", "-N", "--raw", "-e", statement).split("\n")[:-1]


def env(lab, app):
    lines = (lab.checkout(app) / ".env").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value.strip("'\"") for name, _equals, value in pairs}


def is_whole(lab):
    """The app and its LMS agree, there is one of each credential, and nobody holds anything."""
    own = env(lab, "xpro")
    assert rows(lab, APPLICATIONS.format("client_id, client_secret", "xpro-oauth-app")) == [
        f"{own['OPENEDX_API_CLIENT_ID']}\t{own['OPENEDX_API_CLIENT_SECRET']}"
    ]
    worker = "(select id from auth_user where username = 'xpro_serviceworker')"
    tokens = rows(lab, f"select token from oauth2_provider_accesstoken where user_id = {worker}")
    assert tokens == [own["OPENEDX_SERVICE_WORKER_API_TOKEN"]]
    assert rows(lab, "select username from auth_user where username like 'sso-check-%'") == []
    assert lab.doctor("--limit", "xpro")["lms.rotation"] == "ok"


def held(lab):
    """All rows of both sides, and all that is written on this machine."""
    return content({**lab.tables("lms"), **lab.tables("xpro")}, lab.files())


def agents(lab):
    """What works in containers for runs, by container."""
    names = lab.docker("ps", "--format", "{{.Names}}", "--filter", f"name={lab.state.name}").split()
    counts = {name: lab.docker("top", name, "-eo", "pid,args").count("take(int(take") for name in names}
    return {name: count for name, count in counts.items() if count}


def all_ended(lab):
    """What killed runs have left in containers ends by itself: a session is there for a minute without questions."""
    end = time.monotonic() + 90
    while found := agents(lab):
        assert time.monotonic() < end, found
        time.sleep(1)
