# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine of another context, as of colima, a rootless one or Docker Desktop: every step of a run speaks to it.

It is the same engine at another socket. The usual one is hidden from the run, so that what does not follow the context
gets nowhere.
"""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from runs import BIN, ROOT, ansible

pytestmark = pytest.mark.docker
ENGINE = "/var/run/docker.sock"
# In a mount namespace of its own.
HIDDEN = f'mount --bind /dev/null {ENGINE} && exec "$@"'
APPS = {"edx_docker_context": "far", "mit_app_docker_context": "far"}


class Forward(socketserver.BaseRequestHandler):
    """Both directions, each until its end: an exec closes them one after the other."""

    def handle(self) -> None:
        self.server.asked += 1
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(ENGINE)
            back = threading.Thread(target=copy, args=(engine, self.request), daemon=True)
            back.start()
            copy(self.request, engine)
            back.join()


class Far(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    asked = 0
    env: dict[str, str]


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def far(monkeypatch):
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    # A short name: that of a socket may not be long.
    with tempfile.TemporaryDirectory() as home, Far(f"{home}/engine.sock", Forward) as server:
        server.env = {"DOCKER_CONFIG": str(Path(home, "config"))}
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        docker(server, "context", "create", "far", "--docker", f"host=unix://{home}/engine.sock")
        yield server
        server.shutdown()


def docker(far: Far, *words: str) -> None:
    subprocess.run(["docker", *words], env={**os.environ, **far.env}, check=True, capture_output=True)


def site(lab, far: Far, *words: str):
    alone = [shutil.which("unshare"), "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    book = [BIN / "ansible-playbook", "-i", ROOT / "inventories/docker", ROOT / "playbooks/site.yml"]
    return ansible(*alone, "/bin/sh", "-c", HIDDEN, "-", *book, *words, env={**far.env, **lab.env})


@pytest.mark.parametrize("by", ["the CLI", "variables"])
def test_every_step_speaks_to_the_engine_of_the_context(lab, far, by):
    if by == "the CLI":
        docker(far, "context", "use", "far")
    words = [f"-e{name}={value}" for name, value in APPS.items()] if by == "variables" else []
    lab.compose("xpro", "stop", "web")
    lab.tutor("dev", "stop", "lms")
    run = site(lab, far, *words).well()
    assert run.out.count(", 0 failed,") == 2, run.out
    assert far.asked > 10
    assert site(lab, far, *words, "--skip-tags=doctor").well().changed == 0
