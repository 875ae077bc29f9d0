# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker Engine that is killed under runs: one of this test's own, beside that of the machine.

It is in a network of its own, so that ports and firewalls of the two do not meet, with the same images and databases.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from docker_lab import DockerLab, all_ended, is_whole
from rotation import disturbed_at
from runs import ROOT

pytestmark = pytest.mark.docker
NEW_NETWORK = 0x40000000
IMAGES = [f"mitodl-openedx-lab/{name}" for name in ("base", "lms", "lms-django42", "app", "services")]
KEPT = "mitodl-openedx-lab-databases"
CONVERGE = ("ansible-playbook", "-i", "inventories/docker", "playbooks/site.yml", "--skip-tags", "doctor")
# A request in a container, a container that is made anew by Tutor, one by compose, and a request in the app.
STEPS = (
    "Converge the rows of every app",
    "Converge the settings of the LMS",
    "Bring the compose project up",
    "Converge the application of the LMS in the app",
)


class Engine:
    """A dockerd with all that it keeps in a directory."""

    def __init__(self, home: Path):
        self.home, self.host = home, f"unix://{home}/engine.sock"
        self.log = (home / "log").open("wb")

    def start(self) -> None:
        """As systemd does it: once more, where what was killed hinders it."""
        end = time.monotonic() + 180
        self.begin()
        while self.docker("info", check=False).returncode:
            assert time.monotonic() < end, (self.home / "log").read_text()[-3000:]
            if self.process.poll() is not None:
                self.begin()
            time.sleep(0.2)

    def begin(self) -> None:
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
        words = [f"--{option}={self.home / name}" for option, name in places.items()]
        # One does not begin beside what it takes for itself.
        (self.home / "pid").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["dockerd", *words, f"--host={self.host}"], stdout=self.log, stderr=self.log, start_new_session=True
        )

    def kill(self) -> None:
        """With its containerd, as by a machine that has no memory left; the containers run on without it."""
        begun = [path.read_text().split() for path in Path(f"/proc/{self.process.pid}/task").glob("*/children")]
        for pid in (self.process.pid, *map(int, itertools.chain(*begun))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def docker(self, *words: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        return subprocess.run(["docker", "--host", self.host, *words], capture_output=True, check=check, **options)

    def take_from_the_machine(self) -> None:
        """Images with the steps that they were built by, so that nothing is built, and the kept databases."""
        steps = {
            step
            for image in IMAGES
            for step in output("docker", "history", "--quiet", "--no-trunc", image).split()
            if step != "<missing>"
        }
        with subprocess.Popen(["docker", "save", *IMAGES, *sorted(steps)], stdout=subprocess.PIPE) as images:
            self.docker("load", stdin=images.stdout)
        for volume in output("docker", "volume", "ls", "--quiet", "--filter", f"label={KEPT}").split():
            self.docker("volume", "create", "--label", KEPT, volume)
            mount = f"--volume={volume}:/kept"
            words = ("docker", "run", "--rm", mount, IMAGES[0], "tar", "-C", "/kept", "-c", ".")
            with subprocess.Popen(words, stdout=subprocess.PIPE) as files:
                self.docker(
                    "run", "--rm", "--interactive", mount, IMAGES[0], "tar", "-C", "/kept", "-x", stdin=files.stdout
                )

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def output(*words: str) -> str:
    return subprocess.run(words, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def engine(monkeypatch):
    if os.geteuid() or sys.platform != "linux":
        pytest.skip("what a killed Docker Engine leaves was NOT checked: only root can start a second one")
    libc, before = ctypes.CDLL(None, use_errno=True), os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    # A short name: that of a socket may not be long.
    home = Path(tempfile.mkdtemp(prefix="engine-", dir="/tmp"))
    made = Engine(home)
    try:
        # What this thread starts from now on has no network but this one.
        assert libc.unshare(NEW_NETWORK) == 0
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        made.start()
        made.take_from_the_machine()
        for name in ("DOCKER_CONTEXT", "DOCKER_CONFIG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DOCKER_HOST", made.host)
        yield made
        made.close()
    finally:
        libc.setns(before, NEW_NETWORK)
        os.close(before)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def lab(engine):
    """The lab on that engine, which nothing was applied to."""
    made = DockerLab(ROOT / ".lab/openedx-engine")
    made.ctl("reset")
    try:
        made.ctl("launched")
        yield made
    finally:
        if engine.process.poll() is not None:
            engine.start()
        made.ctl("reset")


def test_an_engine_that_is_killed_under_runs(engine, lab):
    """It is killed in the middle of four runs one after the other, and one more ends as if nothing had been."""
    codes = []
    for step in STEPS:
        begin = time.monotonic()
        # What is started is waited for up to ten minutes.
        run = disturbed_at(step, engine.kill, *CONVERGE, env=lab.env, patience=90)
        print(f"[{step}] {run.code}, {time.monotonic() - begin:.0f} s:", *errors(run.out), sep="\n  ")
        codes.append(run.code)
        assert "Traceback" not in run.out
        engine.start()
    # The last steps may have had their answers already.
    assert all(codes[:2])
    lab.playbook("-e", "mit_app_manage_hosts=true").well()
    is_whole(lab)
    all_ended(lab)
    assert lab.playbook().well().changed == 0


def errors(text: str) -> list[str]:
    return [line[:300] for line in text.splitlines() if line.startswith("fatal")][:3]
