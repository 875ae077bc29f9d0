# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe that never pauses while credentials are rotated, and a rotation that is killed on the way.

An app that restarts answers nobody, as at any restart; a request of that moment is counted apart, and only where
somebody saw at the same time that the app was not there.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from runs import PLAIN, ROOT, Run

BIN = Path(sys.executable).parent


def command(*words: str) -> tuple[str, ...]:
    return ("ansible-playbook", "playbooks/rotate.yml", "-e", "rotate_grace_seconds=0", *words)


def browser() -> requests.Session:
    """A new one. It asks directly: tests change the environment under the threads of a probe."""
    found = requests.Session()
    found.trust_env = False
    return found


@dataclass
class Person:
    """Somebody with an account in both, and a session in the app; a new browser at the LMS for every login."""

    lms: str
    app: str
    backend: str
    username: str
    session: requests.Session = field(default_factory=browser)

    def begin(self) -> tuple[requests.Session, str]:
        """The first third of a login: the redirect to the app, not followed yet."""
        own = browser()
        own.cookies.update(self.session.cookies)
        return own, next_hop(own, f"{self.lms}/auth/login/{self.backend}/?auth_entry=login")

    def end(self, own: requests.Session, url: str) -> bool:
        """Whether the rest of a login ends with a session of this person at the LMS."""
        own.get(url, timeout=30)
        answer = own.get(f"{self.lms}/api/user/v1/me", timeout=30)
        return answer.status_code == 200 and answer.json()["username"] == self.username

    def login(self, pause: float = 0) -> bool:
        """A whole login, with a pause before the app and one with its code in the hand."""
        own, url = self.begin()
        time.sleep(pause)
        url = next_hop(own, url)
        time.sleep(pause)
        return self.end(own, url)


def next_hop(own: requests.Session, url: str) -> str:
    return own.get(url, allow_redirects=False, timeout=30).headers["Location"]


@dataclass
class Probe:
    """What the app and a person do all the time, each in a thread of its own, and what came of it.

    ``environment`` returns what the app's running server has as environment, empty while there is none; ``there`` says
    whether the app answers. ``interval`` is the pause between two requests of one thread, in seconds;
    ``token_interval`` the one of the thread that asks for tokens, of which the LMS answers 120 a minute and address
    (RATELIMIT_RATE), those of other probes and of the doctor among them.
    """

    person: Person
    environment: Callable[[], dict[str, str]]
    there: Callable[[], bool]
    interval: float = 0.1
    token_interval: float = 1.5
    count: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("token", "client", "login", "slow"), 0))
    failures: list[tuple[float, float, str]] = field(default_factory=list)
    closed: list[tuple[float, float]] = field(default_factory=list)

    def __enter__(self) -> Probe:
        self.over = threading.Event()
        work = [self.watch, *(lambda name=name: self.repeat(name, getattr(self, name)) for name in self.count)]
        self.threads = [threading.Thread(target=each, daemon=True) for each in work]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def end(self) -> None:
        """Stop, and say how many requests there were."""
        if self.over.is_set():
            return
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        closed = [round(end - begin, 1) for begin, end in self.closed]
        print(f"{self.person.backend}: requests {self.count}, failed {self.unexcused}; ", end="")
        print(f"the app restarted for {closed} s, in which {len(self.failures) - len(self.unexcused)} got no answer")

    def token(self) -> bool | None:
        """A call of the LMS's API with the token of the app."""
        token = self.environment().get("OPENEDX_SERVICE_WORKER_API_TOKEN")
        if not token:
            return None
        headers = {"Authorization": f"Bearer {token}"}
        return browser().get(f"{self.person.lms}/api/user/v1/me", headers=headers, timeout=30).status_code == 200

    def client(self) -> bool | None:
        """A code that nobody issued: `invalid_grant` says that the client id and secret are taken."""
        env = self.environment()
        if not env.get("OPENEDX_API_CLIENT_ID"):
            return None
        pair = {"client_id": env["OPENEDX_API_CLIENT_ID"], "client_secret": env["OPENEDX_API_CLIENT_SECRET"]}
        form = {**pair, "grant_type": "authorization_code", "code": "bogus"}
        answer = browser().post(f"{self.person.lms}/oauth2/access_token", data=form, timeout=30)
        return answer.json()["error"] == "invalid_grant"

    def login(self) -> bool:
        return self.person.login()

    def slow(self) -> bool:
        return self.person.login(pause=1)

    def repeat(self, name: str, request: Callable[[], bool | None]) -> None:
        while not self.over.wait(self.token_interval if name == "client" else self.interval):
            begin = time.monotonic()
            try:
                good, text = request(), "refused"
            except Exception as error:
                good, text = False, f"{type(error).__name__}: {error}"
            if good is not None:
                self.count[name] += 1
            if good is False:
                self.failures.append((begin, time.monotonic(), f"{name}: {text}"))

    def watch(self) -> None:
        """Note from when to when the app was not there, each side by the last moment at which that is not sure."""
        good, since = time.monotonic(), None
        while not self.over.wait(self.interval / 5):
            now = time.monotonic()
            if not self.there():
                since = since or good
                continue
            if since:
                self.closed.append((since, time.monotonic()))
                since = None
            good = now

    @property
    def unexcused(self) -> list[str]:
        """Failures of a time in which the app was there all the while."""
        return [
            text
            for begin, end, text in self.failures
            if not any(begin <= closed[1] and end >= closed[0] for closed in self.closed)
        ]


@contextmanager
def begun(*words: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    program, *rest = words
    with subprocess.Popen(
        [BIN / program, *rest],
        cwd=ROOT,
        env={**os.environ, **PLAIN, **env},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        yield process


def reached(process: subprocess.Popen[str], number: int, steps: str) -> str | None:
    """What a run said until the task of that number of those whose names begin so; nothing if it ended before."""
    said, seen = "", 0
    for line in process.stdout or ():
        said += line
        seen += bool(re.match(rf"TASK \[.*({steps})", line))
        if seen == number:
            return said
    if process.wait():
        pytest.fail(said)
    return None


def kill_controller(process: subprocess.Popen) -> list[int]:
    """Ansible and its workers; what a module has begun sees that they are gone."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    found = [process.pid, *map(int, children)]
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return found


def killed_at(number: int, steps: str, *words: str, env: dict[str, str]) -> bool:
    """Begin a rotation, and kill Ansible and its workers at a task (see reached).

    False says that it ended before.
    """
    with begun(*command(*words), env=env) as process:
        if reached(process, number, steps) is None:
            return False
        kill_controller(process)
        return True


def disturbed_at(
    steps: str, strike: Callable[[], None], *words: str, env: dict[str, str], patience: float = 3600
) -> Run:
    """A run in which something happens at its first task whose name begins so.

    :param patience: after how many seconds whoever began it gives it up.
    """
    with begun(*words, env=env) as process:
        said = reached(process, 1, steps)
        assert said is not None, f"no task {steps}"
        strike()
        end = threading.Timer(patience, process.terminate)
        # It keeps no tests from ending that are broken off here.
        end.daemon = True
        end.start()
        said += process.communicate()[0]
        end.cancel()
    return Run(process.returncode, said)
