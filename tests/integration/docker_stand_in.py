#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real Tutor finds as ``docker`` where there is no engine: processes of the lab's LMS instead of containers.

It knows the few commands of compose that Tutor sends, and runs the LMS under the settings that Tutor rendered, with
its rendered YAML. Environment: STAND_IN_PYTHON (of the lab's LMS), STAND_IN_CODE (its directory), STAND_IN_PORT, and
what the lab's LMS itself wants. Every command is noted in $LAB_STATE/docker.log.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

STATE = Path(os.environ["LAB_STATE"])
PIDFILE = STATE / "container.pid"


def environment(service: str, files: list[str]) -> dict[str, str]:
    """The environment of a service: what Tutor's compose files say, as far as it matters to Django."""
    apps = Path(files[0]).parent.parent / "apps/openedx"
    mounted = Path(os.environ["STAND_IN_CODE"]) / service / "envs/tutor"
    if not mounted.exists():
        mounted.symlink_to(apps / "settings" / service)
    mode = "development" if any("/dev/" in name for name in files) else "production"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"{service}.envs.tutor.{mode}",
        "LMS_CFG": str(apps / "config/lms.env.yml"),
        "CMS_CFG": str(apps / "config/cms.env.yml"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def stop() -> None:
    if PIDFILE.exists():
        pid = int(PIDFILE.read_text())
        PIDFILE.unlink()
        subprocess.run(["kill", str(pid)], check=False, capture_output=True)
        for _attempt in range(100):
            if subprocess.run(["kill", "-0", str(pid)], check=False, capture_output=True).returncode:
                break
            time.sleep(0.05)


def start(env: dict[str, str]) -> None:
    if PIDFILE.exists():
        return
    port = os.environ["STAND_IN_PORT"]
    with (STATE / "container.log").open("a") as log:
        server = subprocess.Popen(
            [os.environ["STAND_IN_PYTHON"], "manage.py", "lms", "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=os.environ["STAND_IN_CODE"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    PIDFILE.write_text(str(server.pid))
    # As with a container, nobody waits here until the server answers.


def main(words: list[str]) -> int:
    with (STATE / "docker.log").open("a") as log:
        log.write(" ".join(word for word in words if "/" not in word) + "\n")
    if words[0] != "compose":
        return 0
    files, rest = [], words[1:]
    while rest and rest[0].startswith("-"):
        option, value, *rest = rest
        if option in ("-f", "--file"):
            files.append(value)
    verb, rest = rest[0], rest[1:]
    while rest and rest[0].startswith("-"):
        takes_value = rest[0] in ("-e", "--env", "-u", "--user", "-w", "--workdir")
        if takes_value:
            os.environ.update([rest[1].split("=", 1)])
        rest = rest[1 + takes_value :]
    if verb == "ls":
        print("[]")  # Tutor asks whether the other of its two projects runs.
        return 0
    if verb in ("stop", "down", "restart"):
        stop()
    if verb in ("stop", "down"):
        return 0
    service = rest[0] if rest else "lms"
    env = environment("cms" if service.startswith("cms") else "lms", files)
    if verb in ("up", "start", "restart"):
        start(env)
    if verb in ("exec", "run"):
        command = [os.environ["STAND_IN_PYTHON"] if word == "python" else word for word in rest[1:]]
        if command[0] == "./manage.py":
            command.insert(0, os.environ["STAND_IN_PYTHON"])
        return subprocess.run(command, cwd=os.environ["STAND_IN_CODE"], env=env, check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
