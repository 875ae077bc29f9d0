# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation under a probe that never pauses: no failed request, also when it is killed, and when it has to switch back.

The lab's servers are single processes. While the app restarts nobody answers, as at any restart; a request of that
moment is counted apart, and only where somebody saw at the same time that the app's port was closed.

The lab's databases are SQLite, with one writer each. A registration holds the app's while it waits for the LMS's, and a
login the LMS's while it waits for the app's: so the probe's logins stand for the one of the proof, which has a test of
its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
# The steps before which a rotation is killed: nothing switched, and three in which the sides differ.
STEPS = [
    "Restart the app by its own command",
    "Give the app the new secret",
    "Let the LMS come with it",
    "Revoke the old credentials",
]
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads a server's environment in /proc")


class Person:
    """Somebody with an account in both, and a session in the app; a new browser at the LMS for every login."""

    def __init__(self, lab):
        self.lab, self.app = lab, requests.Session()
        page = self.app.get(f"{lab.app}/create-account/")
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]*)"', page.text))
        form = {"name": "Rosa Rotation", "email": "rosa@example.org", "username": "rosa", "password": "rosa's password"}
        self.app.post(page.url, data={**hidden, **form}, headers={"Referer": page.url}).raise_for_status()

    def browser(self):
        session = requests.Session()
        session.cookies.update(self.app.cookies)
        return session

    def begin(self):
        """The first third of a login: the redirect to the app, not followed yet."""
        session = self.browser()
        return session, next_hop(session, f"{self.lab.lms}/auth/login/ol-oauth2/?auth_entry=login")

    def end(self, session, url):
        """Whether the rest of a login ends with a session of this person at the LMS."""
        session.get(url, timeout=30)
        answer = session.get(f"{self.lab.lms}/api/user/v1/me", timeout=30)
        return answer.status_code == 200 and answer.json()["username"] == "rosa"

    def login(self, pause=0):
        """A whole login, with a pause before the app and one with its code in the hand."""
        session, url = self.begin()
        time.sleep(pause)
        url = next_hop(session, url)
        time.sleep(pause)
        return self.end(session, url)


def next_hop(session, url):
    return session.get(url, allow_redirects=False, timeout=30).headers["Location"]


@dataclass
class Probe:
    """What the app and a person do all the time, each in a thread of its own, and what came of it."""

    lab: object
    person: Person
    count: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("token", "client", "login", "slow"), 0))
    failures: list[tuple[float, float, str]] = field(default_factory=list)
    closed: list[tuple[float, float]] = field(default_factory=list)

    def __enter__(self):
        self.over = threading.Event()
        work = [self.watch, *(lambda name=name: self.repeat(name, getattr(self, name)) for name in self.count)]
        self.threads = [threading.Thread(target=each, daemon=True) for each in work]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.end()

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        print(
            self.count,
            "unexcused:",
            self.unexcused,
            "while closed:",
            len(self.failures),
            "app closed:",
            [round(b - a, 1) for a, b in self.closed],
        )

    def environment(self):
        """What the app's running server has, or nothing while none runs."""
        with suppress(OSError, ValueError):
            pid = int((self.lab.state / "xpro.pid").read_text())
            pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
            return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        return {}

    def token(self):
        env = self.environment()
        if env.get("OPENEDX_SERVICE_WORKER_API_TOKEN"):
            headers = {"Authorization": "Bearer " + env["OPENEDX_SERVICE_WORKER_API_TOKEN"]}
            return requests.get(f"{self.lab.lms}/api/user/v1/me", headers=headers, timeout=30).status_code == 200
        return None

    def client(self):
        """A code that nobody issued: `invalid_grant` says that the client id and secret are taken."""
        env = self.environment()
        if env.get("OPENEDX_API_CLIENT_ID"):
            pair = {"client_id": env["OPENEDX_API_CLIENT_ID"], "client_secret": env["OPENEDX_API_CLIENT_SECRET"]}
            form = {**pair, "grant_type": "authorization_code", "code": "bogus"}
            answer = requests.post(f"{self.lab.lms}/oauth2/access_token", data=form, timeout=30)
            return answer.json()["error"] == "invalid_grant"
        return None

    def login(self):
        return self.person.login()

    def slow(self):
        return self.person.login(pause=1)

    def repeat(self, name, request):
        while not self.over.wait(0.1):
            begin = time.monotonic()
            try:
                good, text = request(), "refused"
            except Exception as error:
                good, text = False, f"{type(error).__name__}: {error}"
            if good is not None:
                self.count[name] += 1
            if good is False:
                self.failures.append((begin, time.monotonic(), f"{name}: {text}"))

    def watch(self):
        host, port = self.lab.app.rpartition("/")[2].split(":")
        since = None
        while not self.over.wait(0.02):
            now = time.monotonic()
            try:
                socket.create_connection((host, int(port)), timeout=5).close()
            except OSError:
                since = since or now
            else:
                if since:
                    self.closed.append((since, now))
                since = None

    @property
    def unexcused(self):
        """Failures of a time in which the app was there all the while."""
        return [
            text
            for begin, end, text in self.failures
            if not any(begin <= closed[1] + 0.1 and end >= closed[0] - 0.1 for closed in self.closed)
        ]


@pytest.fixture(scope="module")
def person(lab):
    lab.back_to("converged")
    person = Person(lab)
    assert person.login()
    lab.save("with a person")
    return person


@pytest.fixture
def rotating(lab, person):
    lab.back_to("with a person")
    with Probe(lab, person) as probe:
        yield lab, probe


def command(*words):
    return ("ansible-playbook", "playbooks/rotate.yml", "--limit", "xpro", "-e", "rotate_grace_seconds=0", *words)


def rotate(lab, *words, **options):
    return lab.ansible(*command(*words), **options)


def said(run):
    return " ".join(run.out.split())


NO_LOGIN = ("-e", "sso_rotation_login=false")


def credentials(lab):
    """What each side has, and that there is exactly one of each."""
    env = lab.read_env()
    application = lab.one("lms", "select * from oauth2_provider_application where name like 'xpro-oauth-app%'")
    worker = "(select id from auth_user where username = 'xpro_serviceworker')"
    token = lab.one("lms", f"select * from oauth2_provider_accesstoken where user_id = {worker}")
    provider = lab.one(
        "lms", "select * from third_party_auth_oauth2providerconfig where enabled order by id desc limit 1"
    )
    local = lab.one("xpro", "select * from oauth2_provider_application")
    assert application["name"] == "xpro-oauth-app"
    assert local["client_type"] == "confidential"
    assert local["client_id"] == provider["key"]
    assert env["OPENEDX_API_CLIENT_ID"] == application["client_id"]
    assert env["OPENEDX_API_CLIENT_SECRET"] == application["client_secret"]
    assert env["OPENEDX_SERVICE_WORKER_API_TOKEN"] == token["token"]
    return {
        "api_token": token["token"],
        "lms_client": application["client_secret"],
        "app_client": provider["secret"],
        "client id": application["client_id"],
    }


def status(lab, token):
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{lab.lms}/api/user/v1/me", headers=headers, timeout=30).status_code


def renewed(lab):
    """Whether the app can renew the person's own token of the LMS, which was made with the old client."""
    env = lab.read_env()
    auth = lab.one(
        "xpro",
        "select * from courseware_openedxapiauth where user_id = (select id from users_user where username = 'rosa')",
    )
    assert status(lab, auth["access_token"]) == 200
    pair = {"client_id": env["OPENEDX_API_CLIENT_ID"], "client_secret": env["OPENEDX_API_CLIENT_SECRET"]}
    form = {**pair, "grant_type": "refresh_token", "refresh_token": auth["refresh_token"]}
    return requests.post(f"{lab.lms}/oauth2/access_token", data=form, timeout=30).status_code


def test_all_three(rotating):
    lab, probe = rotating
    before = credentials(lab)
    run = rotate(lab, *NO_LOGIN).well()
    after = credentials(lab)
    probe.end()
    assert [name for name in before if before[name] == after[name]] == []
    assert status(lab, before["api_token"]) == 401
    assert probe.unexcused == []
    assert len(probe.closed) == 1
    assert min(probe.count.values()) > 3
    assert renewed(lab) == 200
    assert "Starts of Django: 5 of the LMS, 4 of xpro" in said(run)


def test_proved_by_a_login_and_never_shown(lab, person, tmp_path):
    lab.back_to("with a person")
    before, boots = credentials(lab), len(lab.boots())
    run = rotate(lab, "-vvv", "--diff", watch=tmp_path).well()
    after = credentials(lab)
    assert "A throw-away person logged in through the app" in said(run)
    assert "Starts of Django: 5 of the LMS, 5 of xpro" in said(run)
    assert sorted(lab.boots()[boots:]) == ["lms"] * 5 + ["mitxpro"] * 5
    assert person.login()
    # Neither the old nor the new ones can be read anywhere.
    texts = {run.out, *run.seen.command_lines, *run.seen.environments, *run.seen.files}
    secrets = [side[name] for side in (before, after) for name in ("api_token", "lms_client", "app_client")]
    assert not any(secret in text for secret in secrets for text in texts)
    assert any("LAB_STATE=" in text for text in run.seen.environments)


def test_the_secret_of_the_lms_under_people_in_the_middle_of_a_login(rotating):
    lab, probe = rotating
    before = credentials(lab)
    waiting = probe.person.begin()
    run = rotate(lab, *NO_LOGIN, "-e", "rotate=app_client").well()
    assert probe.person.end(*waiting)
    after = credentials(lab)
    assert [name for name in before if before[name] != after[name]] == ["app_client"]
    probe.end()
    assert (probe.failures, probe.closed) == ([], [])
    assert "Starts of Django: 4 of the LMS, 4 of xpro" in said(run)


@pytest.mark.skipif(not os.environ.get("LAB_FULL"), reason="rotation killed at each step: LAB_FULL=1 runs it")
def test_killed_at_each_step_and_resumed(rotating):
    lab, probe = rotating
    before = credentials(lab)
    for step in STEPS:
        killed_before(lab, step)
    rotate(lab, *NO_LOGIN).well()
    after = credentials(lab)
    assert [name for name in before if before[name] == after[name]] == []
    probe.end()
    assert probe.unexcused == []
    assert renewed(lab) == 200


def killed_before(lab, step):
    """Begin a rotation and kill Ansible and its workers as soon as it names the step."""
    program, *words = command(*NO_LOGIN)
    with subprocess.Popen(
        [BIN / program, *words], cwd=ROOT, env=lab.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        said = ""
        for line in process.stdout:
            said += line
            if re.match(r"TASK \[.*" + re.escape(step), line):
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                for pid in (process.pid, *map(int, children)):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                break
        else:
            pytest.fail(f"{step} was not reached:\n{said}")


def test_switches_back_where_the_app_does_not_take_the_new_ones(rotating):
    """As where `environment:` of the compose file wins over the .env: the app goes on with the token that it had."""
    lab, probe = rotating
    before, env = credentials(lab), lab.dotenv.read_bytes()
    overridden = f"OPENEDX_SERVICE_WORKER_API_TOKEN={before['api_token']}"
    inside = [sys.executable, str(ROOT / "lab/ctl.py"), "exec", "xpro", "--", "env", overridden, "python", "-"]
    target = json.dumps({"mit_app_target": {"type": "command", "argv": inside}})
    run = rotate(lab, "-e", target)
    assert run.code != 0
    assert "the setting OPENEDX_SERVICE_WORKER_API_TOKEN: the target runs with another value" in said(run)
    assert "The old credentials are in use again, and the new ones are removed." in said(run)
    assert credentials(lab) == before
    assert lab.dotenv.read_bytes() == env
    probe.end()
    assert probe.unexcused == []
    assert renewed(lab) == 200


def test_check_mode_and_what_cannot_be_rotated(lab, person):
    lab.back_to("with a person")
    before = lab.digest()
    check = rotate(lab, "--check", "--diff").well()
    assert "a run would rotate api_token, lms_client, app_client" in said(check)
    given = rotate(lab, "-e", "mit_app_api_token=canary-of-the-inventory")
    assert given.code != 0
    assert "the inventory gives mit_app_api_token" in said(given)
    lab.dotenv.write_text("")
    nothing = rotate(lab)
    assert nothing.code != 0
    assert "has no credentials of Open edX yet" in said(nothing)
    assert {name: text for name, text in lab.digest().items() if ".env" not in name} == {
        name: text for name, text in before.items() if ".env" not in name
    }
