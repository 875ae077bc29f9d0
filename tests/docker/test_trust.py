# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real containers and database servers add to tests/integration: what Docker shows of secrets, containers and
connections that are killed under a run, and runs at once on MariaDB and PostgreSQL.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement

import pytest
from at_once import one_makes_and_one_removes
from rotation import disturbed_at
from runs import ansible

pytestmark = pytest.mark.docker
KINDS = ("container", "network", "volume")
SECRETS = ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")
APPLICATIONS = "select {} from oauth2_provider_application where name like '{}%' or client_id like 'rotation of %'"
ROTATE = ("-i", "inventories/docker", "playbooks/rotate.yml", "-e", "rotate_grace_seconds=0", "--limit", "xpro")
CONVERGE = ("-i", "inventories/docker", "playbooks/site.yml", "--skip-tags", "doctor")


def rows(lab, statement):
    """What the database of the LMS answers, a line for each row."""
    return lab.mysql("mysql", "-N", "--raw", "-e", statement).split("\n")[:-1]


def env(lab, app):
    lines = (lab.checkout(app) / ".env").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value.strip("'\"") for name, _equals, value in pairs}


def secrets_of(lab):
    """All that the systems hold and that was made by nobody but a run."""
    found = {env(lab, app)[name] for app in ("xpro", "mitxonline") for name in SECRETS}
    for statement in (
        "select secret from third_party_auth_oauth2providerconfig",
        "select client_secret from oauth2_provider_application",
        "select token from oauth2_provider_accesstoken",
    ):
        found |= {secret for secret in rows(lab, statement) if len(secret) > 8}
    return found


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


def test_docker_shows_no_secret_but_the_environment_that_compose_gives_the_app(lab):
    """Of a run and a rotation: containers, networks, volumes, what was executed in containers, and what they said."""
    begin = int(time.time())
    secrets = secrets_of(lab)
    lab.playbook("-vvvv").well()
    lab.playbook("-e", "rotate_grace_seconds=0", "--limit", "xpro", book="rotate", doctor=True).well()
    secrets |= secrets_of(lab)
    name, texts, given = lab.state.name, {}, {}
    for kind in KINDS:
        ids = lab.docker(kind, "ls", "--quiet", *(["--all"] if kind == "container" else []), "--filter", f"name={name}")
        for one in json.loads(lab.docker(kind, "inspect", *ids.split())):
            if kind == "container":
                given[one["Name"]] = "\n".join(one["Config"].pop("Env"))
                texts["logs of " + one["Name"]] = lab.logs(one["Id"])
            texts[f"{kind} {one['Name']}"] = json.dumps(one)
    texts["events"] = lab.docker("events", "--since", str(begin), "--until", str(int(time.time()) + 1))
    assert "exec_create" in texts["events"]
    assert {place for place, text in texts.items() for secret in secrets if secret in text} == set()
    # The search would see one: Docker shows to whoever may ask it what Compose takes from a .env.
    own = {f"/{name}-{app}-web-1" for app in ("xpro", "mitxonline")}
    assert {place for place, text in given.items() for secret in secrets if secret in text} == own
    print(f"{len(secrets)} secrets, {len(texts)} places, {sum(map(len, texts.values()))} characters")


# -- killed under a run ------------------------------------------------------------------------------------------------


def kill_lms(lab):
    return lab.docker("kill", f"{lab.state.name}-dev-lms-1")


def kill_app(lab):
    return lab.docker("kill", f"{lab.state.name}-xpro-web-1")


def kill_connections(lab):
    """As a server that restarts or runs out of memory: for five seconds, whoever comes loses its connection."""
    return sum(map(int, rows(lab, "kill user openedx; select row_count(); do sleep(0.05); " * 100)))


STRIKES = {
    "lms": (kill_lms, ROTATE, "Bring the compose project up"),
    "app": (kill_app, ROTATE, "Store the client secret"),
    "connections": (kill_connections, CONVERGE, "Converge the rows of every app"),
    "connections in a rotation": (kill_connections, ROTATE, "Remove the client secret from the provider row"),
}


@pytest.mark.parametrize("what", STRIKES)
def test_one_run_more_heals_what_was_killed_under_one(lab, what):
    strike, words, step = STRIKES[what]
    with ThreadPoolExecutor() as pool:
        hits = []
        run = disturbed_at(step, lambda: hits.append(pool.submit(strike, lab)), "ansible-playbook", *words, env=lab.env)
        assert hits[0].result(), f"nothing of {what} was there to be killed"
    assert "Traceback" not in run.out
    print(f"{what}: {run.code}", [line for line in run.out.splitlines() if "fatal" in line][:2])
    lab.playbook().well()
    is_whole(lab)
    assert lab.playbook().well().changed == 0


# -- at once -----------------------------------------------------------------------------------------------------------

# On MariaDB, and on PostgreSQL.
SIDES = {"lms": "dev-lms-1", "xpro": "xpro-web-1"}


PAIRS = {
    "converge": CONVERGE,
    "rotate": ROTATE,
    "remove": ("-i", "inventories/docker", "playbooks/remove.yml", "--limit", "xpro"),
}


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(PAIRS, 2)))
def test_two_playbooks_at_once(lab, one, other):
    """Each does its work or is refused with a reason, and one run more leaves one set of rows."""
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda name: ansible("ansible-playbook", *PAIRS[name], env=lab.env), (one, other)))
    for run in runs:
        assert "Traceback" not in run.out
        print(f"{one}, {other}: {run.code}", [line for line in run.out.splitlines() if "fatal" in line])
    lab.playbook().well()
    is_whole(lab)


@pytest.mark.parametrize("side", SIDES)
def test_eight_at_once_make_one_row_of_each(lab, side):
    argv = ["docker", "exec", "--interactive", f"{lab.state.name}-{SIDES[side]}", "python", "-"]
    one_makes_and_one_removes(argv, dict(os.environ))
