# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects cost: one task for many, against a task for each and against the LMS's own command for each.

Starts of Django are counted by the LMS itself (boots.log of the lab). Seconds are for orientation: compare them within
one run only. BENCH_OBJECTS is how many there are in a large request (10000).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CTL = [sys.executable, str(ROOT / "lab/ctl.py")]
NUMBERS = (1, 10, 30)
# For one task with secrets, which Ansible would look for one by one in all that is said.
MANY = int(os.environ.get("BENCH_OBJECTS") or 10000)


def applications(number: int) -> list[dict]:
    return [
        {
            "name": f"bench-{index}",
            "redirect_uris": [f"http://bench-{index}.example.org/complete"],
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "client_secret": f"the-secret-of-bench-{index}",
        }
        for index in range(number)
    ]


def playbook(tasks: list[dict]) -> list[str]:
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "ansible_pipelining": True,
        },
        "tasks": tasks,
    }
    path = Path(tempfile.mkdtemp()) / "bench.json"
    path.write_text(json.dumps([play]))
    return [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(path)]


def one_task(number: int) -> list[list[str]]:
    return [playbook([{"mitodl.openedx.oauth_application": {"target": TARGET, "applications": applications(number)}}])]


def task_each(number: int) -> list[list[str]]:
    return [
        playbook([{"mitodl.openedx.oauth_application": {"target": TARGET, **item}} for item in applications(number)])
    ]


def command_each(number: int) -> list[list[str]]:
    """What Tutor's own jobs and its plugins do for every application."""
    return [
        [
            *(*CTL, "exec", "lms", "--", "python", "manage.py", "lms", "create_dot_application", "--update"),
            *("--grant-type", "authorization-code", "--redirect-uris", item["redirect_uris"][0], item["name"], "edx"),
        ]
        for item in applications(number)
    ]


TARGET = {"type": "command", "argv": [*CTL, "exec", "lms", "--", "python", "-"]}
WAYS = {"one task, a list": one_task, "a task for each": task_each, "create_dot_application for each": command_each}


def anew() -> None:
    """A lab with nothing in it but what it begins with."""
    subprocess.run([*CTL, "reset"], check=True, capture_output=True)
    subprocess.run([*CTL, "up", "lms"], check=True, capture_output=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            LAB_STATE=folder + "/state",
            LAB_PORT_OFFSET=os.environ.get("BENCH_PORT_OFFSET", "900"),
            ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        )
        boots = Path(folder, "state", "boots.log")
        print(f"{'way':<34}{'objects':>8}{'starts of Django':>18}{'seconds':>9}")

        def measure(name: str, commands: list[list[str]], number: int) -> None:
            before, begin = len(boots.read_text().splitlines()), time.monotonic()
            for command in commands:
                subprocess.run(command, check=True, capture_output=True)
            seconds = time.monotonic() - begin
            starts = len(boots.read_text().splitlines()) - before
            print(f"{name:<34}{number:>8}{starts:>18}{seconds:>9.1f}", flush=True)

        try:
            for name, way in WAYS.items():
                for number in NUMBERS:
                    anew()
                    measure(name, way(number), number)
            anew()
            for name in ("one task, all of them new", "one task, all of them there"):
                measure(name, one_task(MANY), MANY)
        finally:
            subprocess.run([*CTL, "down"], check=True, capture_output=True)
