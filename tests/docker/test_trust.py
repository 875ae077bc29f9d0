# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real containers and database servers add to tests/integration: what Docker shows of secrets, containers and
connections that are killed under a run, and runs at once on MariaDB and PostgreSQL.
"""

from __future__ import annotations

import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement

import pytest
from at_once import one_makes_and_one_removes
from docker_lab import all_ended, env, held, is_whole, rows
from kills import differences, killed_in, timed
from rotation import disturbed_at, kill_controller
from runs import ansible

pytestmark = pytest.mark.docker
KINDS = ("container", "network", "volume")
SECRETS = ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")
ROTATE = ("-i", "inventories/docker", "playbooks/rotate.yml", "-e", "rotate_grace_seconds=0", "--limit", "xpro")
CONVERGE = ("-i", "inventories/docker", "playbooks/site.yml", "--skip-tags", "doctor")


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
    """As a server that restarts or runs out of memory: until five seconds after, whoever comes loses its connection."""
    found, end = 0, time.monotonic() + 60
    while not found and time.monotonic() < end:
        found = sum(map(int, rows(lab, "kill user openedx; select row_count(); do sleep(0.05); " * 100)))
    return found


STRIKES = {
    "lms": (kill_lms, ROTATE, "Bring the compose project up"),
    "app": (kill_app, ROTATE, "Store the client secret"),
    # A task before the rows are converged: who kills them needs a moment to get there.
    "connections": (kill_connections, CONVERGE, "Ensure the LMS is running"),
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


def test_each_task_of_a_run_is_killed_once(lab):
    """One run after the other, each killed one task further on than the one before; then one that nothing disturbs."""
    words, chance = ("ansible-playbook", *CONVERGE, "--limit", "xpro"), random.Random(1)
    lab.playbook("--limit", "xpro", book="remove").well()
    tasks = timed(*words, env=lab.env)
    wanted = held(lab)
    lab.playbook("--limit", "xpro", book="remove").well()
    killed = [task.name for task in tasks if killed_in(task, chance.random(), kill_controller, *words, env=lab.env)]
    print(
        f"{len(killed)} of {len(tasks)} tasks; never again:", [task.name for task in tasks if task.name not in killed]
    )
    assert len(killed) > 0.8 * len(tasks)
    ansible(*words, env=lab.env).well()
    assert differences(wanted, held(lab)) == []
    is_whole(lab)
    all_ended(lab)
    assert lab.playbook().well().changed == 0


# -- at once -----------------------------------------------------------------------------------------------------------

# On MariaDB, and on PostgreSQL.
SIDES = {"lms": "dev-lms-1", "xpro": "xpro-web-1"}


PAIRS = {
    "converge": CONVERGE,
    "rotate": ROTATE,
    "remove": ("-i", "inventories/docker", "playbooks/remove.yml", "--limit", "xpro"),
    "doctor": ("-i", "inventories/docker", "playbooks/doctor.yml", "--limit", "xpro"),
}


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(PAIRS, 2)))
def test_two_playbooks_at_once(lab, one, other):
    """Each does its work or is refused with a reason, and one run more leaves one set of rows."""
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda name: ansible("ansible-playbook", *PAIRS[name], env=lab.env), (one, other)))
    for run in runs:
        assert "Traceback" not in run.out
        print(f"{one}, {other}: {run.code}", [line for line in run.out.splitlines() if "fatal" in line])
    # Two who only look do not stand in each other's way.
    assert (one, other) != ("doctor", "doctor") or not any(run.code for run in runs), "\n".join(run.out for run in runs)
    lab.playbook().well()
    is_whole(lab)


@pytest.mark.parametrize("side", SIDES)
def test_eight_at_once_make_one_row_of_each(lab, side):
    argv = ["docker", "exec", "--interactive", f"{lab.state.name}-{SIDES[side]}", "python", "-"]
    one_makes_and_one_removes(argv, dict(os.environ))
