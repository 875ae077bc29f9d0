# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions on the lab: real Djangos that are started once, as the sides themselves count it, and real runs of Ansible.

How a session ends when somebody is killed, and its directory, are looked at in milliseconds in the unit tests.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import session_jobs
import warm
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import owner, session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import complete
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import Target
from modules import run_apart, run_here
from runs import ROOT

JOBS = {name: (session_jobs, name) for name in ("cached", "seen", "write_and_wait")}


@pytest.fixture(scope="module")
def sides(lab):
    lab.back_to("converged")
    return lab


@pytest.fixture
def name(sides, monkeypatch):
    """A session of this test, which leaves no process behind, with its socket in a directory of this test."""
    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as home:
        for variable, value in {**sides.env, "XDG_RUNTIME_DIR": home}.items():
            monkeypatch.setenv(variable, value)
        yield Path(home).name
        for side in ("lms", "xpro"):
            for named in (Path(home).name, f"{Path(home).name}-other"):
                session.drop(target(side, named))
        until(lambda: not processes(home))


def target(side, name=None):
    return complete(warm.target(side, name))


def module(side, what, named=None, check=False, **options):
    """A module in this process."""
    return run_here(warm.module(what), {"_ansible_check_mode": check, "target": target(side, named), **options})


def process(side, what, named=None, **options):
    """A module as Ansible runs it."""
    return run_apart(warm.module(what), {"target": target(side, named), **options}, os.environ)


def ask(side, name, job, **more):
    return Target(SimpleNamespace(), target(side, name)).ask({"job": job, **more}, JOBS)


def processes(home):
    """The processes that keep a session with its socket below a directory, and those inside the targets."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                found[int(path.name)] = (int(parent), f"={home}\0" in (path / "environ").read_text(errors="replace"))
    mine = {pid for pid, (_parent, marked) in found.items() if marked} - {os.getpid()}
    for _generation in range(3):
        mine |= {pid for pid, (parent, _marked) in found.items() if parent in mine}
    return mine


def until(condition, seconds=15.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return found


def started(lab, work):
    """What a piece of work returned, and which sides it started, as they say themselves."""
    before = len(lab.boots())
    return work(), lab.boots()[before:]


def test_every_task_of_a_session_together_starts_each_side_once(sides, name):
    application = {"client_type": "public", "authorization_grant_type": "client-credentials"}

    def work():
        for side in ("lms", "xpro"):
            assert module(side, "django_session", name)["running"]
        found = []
        for check in (True, False, False):
            for side in ("lms", "xpro"):
                found.append(module(side, "django_user", name, check, username="s", email="s@example.org"))
                found.append(module(side, "oauth_application", name, check, name="s", user="s", **application))
            found.append(module("lms", "django_site", name, check, domain="s.example.org"))
        return found

    results, boots = started(sides, work)
    assert not any(result.get("failed") for result in results[5:]), results
    assert sorted(boots) == ["lms", "mitxpro"]
    assert [result["boots"] for result in results] == [1, 0, 1, 0, *[0] * 11]
    assert [result["changed"] for result in results[5:]] == [True] * 5 + [False] * 5
    again, boots = started(sides, lambda: [module("lms", "django_site", domain="s.example.org") for _ in (1, 2)])
    assert boots == ["lms", "lms"]
    assert [result["boots"] for result in again] == [1, 1]


def test_what_is_kept_in_a_process_is_forgotten(sides, name):
    statements = [
        "update django_site set name = 'of another' where id = (select min(id) from django_site)",
        "update django_content_type set id = 7777 where app_label = 'auth' and model = 'group'",
    ]
    site = sides.one("lms", "select * from django_site order by id limit 1")
    kind = sides.one("lms", "select * from django_content_type where app_label = 'auth' and model = 'group'")
    try:
        found = ask("lms", name, "cached", database=str(sides.database("lms")), statements=statements)
    finally:
        sides.sql("lms", "update django_site set name = ? where id = ?", site["name"], site["id"])
        sides.sql("lms", "update django_content_type set id = ? where id = 7777", kind["id"])
    assert found["before"] == found["kept"]
    assert found["before"]["of a request"] is True
    assert found["after"] == {
        "site": "of another",
        "content type": 7777,
        "of a request": False,
        "of the process": None,
    }


def test_a_request_sees_what_others_changed_since_the_last_one(sides, name):
    """Others are other processes: another session, and the database by itself."""
    other = f"{name}-other"
    site = sides.one("lms", "select * from django_site order by id limit 1")
    key = {"backend_name": "seen", "site": site["domain"], "enabled": True, "slug": "seen"}
    module("lms", "third_party_auth_provider", other, **key, name="First")
    first = ask("lms", name, "seen", backend="seen")
    module("lms", "third_party_auth_provider", other, **key, name="Second")
    module("lms", "third_party_auth_provider", other, **{**key, "backend_name": "seen-2", "slug": "seen-2"})
    sides.sql("lms", "update django_site set name = 'of another' where id = ?", site["id"])
    second = ask("lms", name, "seen", backend="seen")
    sides.sql("lms", "update django_site set name = ? where id = ?", site["name"], site["id"])
    assert (first["site"], first["provider"]) == (site["name"], "First")
    assert (second["site"], second["provider"]) == ("of another", "Second")
    assert set(second["registry"]) - set(first["registry"]) == {"seen-2"}
    # And what one request writes, the next one and everybody else sees.
    module("lms", "third_party_auth_provider", name, **{**key, "name": "Third"})
    assert ask("lms", name, "seen", backend="seen")["provider"] == "Third"
    assert ask("lms", other, "seen", backend="seen")["provider"] == "Third"


def test_nothing_is_committed_for_a_caller_who_was_killed(sides, name, tmp_path):
    mark = tmp_path / "mark"
    asking = multiprocessing.get_context("fork").Process(
        target=ask, args=("lms", name, "write_and_wait"), kwargs={"mark": str(mark), "seconds": 3}
    )
    asking.start()
    child = int(until(lambda: mark.exists() and mark.read_text()))
    os.kill(asking.pid, signal.SIGKILL)
    asking.join()
    # It ends before it would have written.
    until(lambda: not owner.began(child), 2)
    assert sides.sql("lms", "select * from django_site where domain = 'never.example.org'") == []
    # The lock of the dead request is gone with it.
    assert not module("lms", "django_site", name, domain="after.example.org").get("failed")


def test_two_requests_at_once_make_one_row(sides, name):
    options = {"name": "at once", "client_type": "public", "authorization_grant_type": "client-credentials"}
    names = [name, name, None]
    with ThreadPoolExecutor() as pool:
        made = [pool.submit(process, "lms", "oauth_application", each, **options) for each in names]
        operations = [job.result()["objects"][0]["operation"] for job in made]
    assert sorted(operations) == ["created", "unchanged", "unchanged"]


def test_a_failed_start_is_told_as_without_a_session(sides, name):
    before = sides.dotenv.read_text()
    try:
        sides.dotenv.write_text(before.replace("MAILGUN_KEY=", "NO_MAILGUN_KEY="))
        person = {"username": "f", "email": "f@example.org"}
        told = [module("xpro", "django_user", each, **person) for each in (None, name)]
    finally:
        sides.dotenv.write_text(before)
    assert "settings are missing" in told[0]["msg"]
    assert told[0]["msg"] == told[1]["msg"]
    assert told[0]["boots"] == told[1]["boots"] == 1
    assert not module("xpro", "django_user", name, **person).get("failed")


def test_no_secret_leaves_the_socket_and_the_pipe(sides, name):
    """Watched meanwhile: every process of this machine but the app's own, whose environment is its .env."""
    # No other test beside this one has it in its environment.
    canary, seen, ended = secrets.token_hex(8), set(), threading.Event()

    def look():
        while not ended.wait(0.02):
            for path in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    seen.add((path / "cmdline").read_text(errors="replace"))
                    seen.add((path / "environ").read_text(errors="replace"))
            for path in Path("/tmp", name).rglob("*"):
                with suppress(OSError):
                    seen.add(path.read_text(errors="replace"))

    watch = threading.Thread(target=look)
    watch.start()
    options = {"name": "secret", "client_type": "confidential", "authorization_grant_type": "client-credentials"}
    for number in (1, 2):
        done = process("lms", "oauth_application", name, client_secret=f"{canary}-{number}", **options)
        assert done["changed"], done
    ended.set()
    watch.join()
    assert any("take(int(take(10)))" in text for text in seen)
    assert not [text for text in seen if canary in text]


# -- runs of Ansible ---------------------------------------------------------------------------------------------------

ACTION = """
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._session_id import session_id

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {"changed": False, "name": session_id()}
"""


def play(lab, side, tasks):
    """Two hosts that name the session as resolve does, the first one tasks before the others."""
    named = {**target(side), "session": "{{ run.name }}"}
    return [
        {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {"group/mitodl.openedx.django": {"target": named}},
            "tasks": [{"name_of_run": {}, "register": "run"}, *tasks],
        }
    ]


@pytest.fixture
def book(sides, name, tmp_path):
    """Writes a playbook and says how it is run."""
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins/name_of_run.py").write_text(ACTION)

    def made(side, *tasks):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        path.write_text(json.dumps(play(sides, side, tasks)))
        return (
            "ansible-playbook",
            path,
            "-i",
            "one,other,",
            "-c",
            "local",
            "-e",
            f"ansible_python_interpreter={sys.executable}",
            "-v",
        )

    return made


def run_of(lab, words):
    return lab.ansible(*words, XDG_RUNTIME_DIR=os.environ["XDG_RUNTIME_DIR"])


def site(domain, **more):
    return {"mitodl.openedx.django_site": {"domain": domain}, **more}


def test_the_hosts_of_a_run_share_a_session_that_ends_with_it_and_two_runs_have_two(sides, book, name):
    ahead = {"mitodl.openedx.django_session": {}}
    words = book("lms", ahead, site("run.example.org"), site("run.example.org", check_mode=True))
    with ThreadPoolExecutor() as pool:
        runs, boots = started(sides, lambda: list(pool.map(lambda _number: run_of(sides, words).well(), (1, 2))))
    assert boots == ["lms", "lms"], [run.out for run in runs]
    until(lambda: not processes(f"/tmp/{name}"), 5)


def test_a_controller_that_is_killed_leaves_nothing_behind(sides, book, name, tmp_path):
    wait = f"touch {tmp_path}/held; until [ -e {tmp_path}/release ]; do sleep 0.2; done"
    hold = {"ansible.builtin.command": {"argv": ["sh", "-c", wait]}, "run_once": True}
    words = book("lms", site("held.example.org"), hold)
    bin_dir = Path(sys.executable).parent
    with subprocess.Popen(
        [bin_dir / words[0], *words[1:]],
        cwd=ROOT,
        env={**os.environ, **sides.env, "XDG_RUNTIME_DIR": f"/tmp/{name}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        until(lambda: (tmp_path / "held").exists(), 60)
        kept = session_processes(name)
        assert len(kept) >= 2
        run.kill()
    until(lambda: not session_processes(name), 4)
    # What the task itself had begun is Ansible's, and nobody's any more.
    (tmp_path / "release").touch()


def session_processes(name):
    """Those of a session alone: the agent in the target, and who keeps it."""
    found = set()
    for pid in processes(f"/tmp/{name}"):
        with suppress(OSError):
            if "take(int(take(10)))" in Path(f"/proc/{pid}/cmdline").read_text():
                found |= {pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])}
    return found


def test_after_a_restart_of_a_side_its_old_session_is_not_used(sides, name):
    """The restarted side has other settings; a run that drops its session sees them."""
    private = sides.envs / "private.py"
    before = private.read_text()

    def look():
        return module("lms", "django_objects", name, objects=[], expect_settings={"LAB_SESSION_TEST": "after"})

    try:
        assert "the target runs with another value" in look()["msg"]
        private.write_text(f"{before}LAB_SESSION_TEST = 'after'\n")
        assert "the target runs with another value" in look()["msg"]
        module("lms", "django_session", name, state="absent")
        found, boots = started(sides, look)
        assert ("failed" in found, boots) == (False, ["lms"])
    finally:
        private.write_text(before)


def test_without_a_name_there_is_no_session(sides, name):
    found, boots = started(sides, lambda: module("lms", "django_session"))
    assert (found["running"], boots) == (False, [])
