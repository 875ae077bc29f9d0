# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What whole runs cost, where the starts of Django take as long as on the real systems: 6 s the LMS, 2 s an app.

The lab's own starts are quick. Here its targets get a sitecustomize that waits, in programs that come on stdin only:
those of the collection, not the servers or commands of the lab. Beside them is the floor of the same minute: one start
of the LMS and one of an app by their targets' commands, and an ansible-playbook with one debug task.

Environment: BENCH_APPS ("1 2"), BENCH_LMS_SECONDS (6), BENCH_APP_SECONDS (2), BENCH_REPEAT (2: so many no-op runs of
each kind, of which the quickest counts), BENCH_BASE (another checkout that was set up, to compare with),
BENCH_PORT_OFFSET (900; 200 more for BENCH_BASE). Starts are counted by the sides (boots.log), tasks by their headers,
skipped ones included, module processes by the interpreter that they are started with. CPU seconds are those of all
processes of a run, daemons included (cost.py).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "bench"
SLOW = """\
import os, sys, time
if sys.orig_argv[1:2] in (["-"], ["-c"]):  # a start for one request, or of a session
    time.sleep(float(os.environ["BENCH_SECONDS"]))
"""
START = "import django\ndjango.setup()\n"
WIDTHS = {"apps": 4, "  run": -22, "seconds": 8, "CPU s": 8, "LMS": 6, "app": 6, "tasks": 7, "modules": 9}
HEAD = "checkout" + "".join(f"{word:>{width}}" if width > 0 else f"{word:<{-width}}" for word, width in WIDTHS.items())
BARE = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "bare"}}]}]


def names(apps: int) -> list[str]:
    """The apps of a lab: the two that it has, and more of the kind of the first."""
    return ["xpro", "mitxonline", *(f"app{number:02}" for number in range(3, apps + 1))][:apps]


def read_numbers(name: str, default: str) -> list[int]:
    """The numbers in a variable of the environment."""
    return list(map(int, (os.environ.get(name) or default).split()))


@dataclass
class Cost:
    """One run: what it took, and what it started."""

    seconds: float
    cpu: float
    lms_boots: int
    app_boots: int
    tasks: int
    modules: int
    changed: int
    memory: int


@dataclass
class Bench:
    """A checkout, and a lab of its own."""

    name: str
    root: Path
    folder: Path
    apps: int
    #: Added to the ports of the lab.
    offset: int
    costs: dict[str, Cost] = field(default_factory=dict)
    floors: list[tuple[float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.bin = self.root / ".venv/bin"
        self.state = self.folder / "state"
        # The lab of this checkout for every other one, too: what differs is the collection alone.
        self.ctl = [str(ROOT / ".venv/bin/python"), str(ROOT / "lab/ctl.py")]
        self.env = {
            **os.environ,
            "LAB_STATE": str(self.state),
            "LAB_PORT_OFFSET": str(self.offset),
            "LAB_APPS": ",".join(names(self.apps)),
            "ANSIBLE_CONFIG": str(self.root / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "true",
            "ANSIBLE_NOCOLOR": "1",
        }
        slow = self.folder / "slow"
        slow.mkdir()
        (slow / "sitecustomize.py").write_text(SLOW)
        self.counted = self.folder / "modules"
        interpreter = self.folder / "python"
        interpreter.write_text(f'#!/bin/sh\necho >>"{self.counted}"\nexec "{self.bin}/python" "$@"\n')
        interpreter.chmod(0o755)
        more = {
            name: {
                "mit_app_profile": "mitxpro",
                "mit_app_port": 8100 + int(name[3:]) + self.offset,
            }
            for name in names(self.apps)[2:]
        }
        self.inventory = self.folder / "more.json"
        # Older checkouts know no other group than mit_apps.
        self.inventory.write_text(json.dumps({group: {"hosts": more} for group in ("lab_apps", "mit_apps")}))
        self.given = self.folder / "given.json"
        command = ["env", f"PYTHONPATH={slow}"]
        self.waits = {
            "lms": [*command, f"BENCH_SECONDS={os.environ.get('BENCH_LMS_SECONDS') or 6}", "python", "-"],
            "app": [*command, f"BENCH_SECONDS={os.environ.get('BENCH_APP_SECONDS') or 2}", "python", "-"],
        }
        target = "{{{{ lab_ctl + ['exec', {name}, '--'] + {words} }}}}"
        self.given.write_text(
            json.dumps(
                {
                    "ansible_python_interpreter": str(interpreter),
                    "sso_doctor_report_dir": str(self.folder / "report"),
                    "lab_root": str(ROOT / "lab"),
                    "lab_ctl": self.ctl,
                    "edx_target": {
                        "type": "command",
                        "argv": target.format(name="'lms'", words=self.waits["lms"]),
                    },
                    "mit_app_target": {
                        "type": "command",
                        "argv": target.format(name="inventory_hostname", words=self.waits["app"]),
                    },
                }
            )
        )

    def run(self, *command: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.root,
            env=self.env,
            input=text,
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{self.name}: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
        return done

    def boots(self) -> list[str]:
        log = self.state / "boots.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line.split()[1] for line in lines if line.endswith(" -")]

    def modules(self) -> int:
        return len(self.counted.read_text().splitlines()) if self.counted.exists() else 0

    def anew(self) -> None:
        """A lab to which nothing was applied, with its LMS running."""
        self.run(*self.ctl, "reset")
        self.run(*self.ctl, "up")

    def play(self, label: str, proof: bool, *words: str) -> None:
        book = "xpro" if self.apps == 1 else "site"
        skip = words if proof else (*words, "--skip-tags", "doctor")
        boots, modules, result = len(self.boots()), self.modules(), self.folder / "cost.json"
        done = self.run(
            sys.executable,
            HERE / "cost.py",
            result,
            self.bin / "ansible-playbook",
            f"playbooks/{book}.yml",
            *("-i", self.inventory, "-i", self.root / "inventories/lab"),
            *("-e", f"@{self.given}"),
            *skip,
        )
        cost = json.loads(result.read_text())
        started = self.boots()[boots:]
        found = Cost(
            seconds=cost["seconds"],
            cpu=cost["cpu"],
            lms_boots=started.count("lms"),
            app_boots=len(started) - started.count("lms"),
            # Of a meta task Ansible writes the header for each host.
            tasks=len([*groupby(re.findall(r"^(?:TASK|RUNNING HANDLER) \[.*\]", done.stdout, re.MULTILINE))]),
            modules=self.modules() - modules,
            changed=sum(map(int, re.findall(r"changed=(\d+)", done.stdout))),
            memory=cost["memory"],
        )
        if label.startswith("noop") and found.changed:
            sys.exit(f"{self.name}: a run that should change nothing changed something:\n{done.stdout}")
        print(
            f"{self.name:<8}{self.apps:>4}  {label:<20}{found.seconds:>8.1f}{found.cpu:>8.1f}{found.lms_boots:>6}"
            f"{found.app_boots:>6}{found.tasks:>7}{found.modules:>9}",
            flush=True,
        )
        if label not in self.costs or found.seconds < self.costs[label].seconds:
            self.costs[label] = found

    def floor(self) -> None:
        """One start of the LMS, one of an app, and an ansible-playbook with one task, one after the other."""
        bare = self.folder / "bare.json"
        bare.write_text(json.dumps(BARE))
        seconds = []
        for command, text in (
            ([*self.ctl, "exec", "lms", "--", *self.waits["lms"]], START),
            ([*self.ctl, "exec", "xpro", "--", *self.waits["app"]], START),
            ([self.bin / "ansible-playbook", "-i", "localhost,", bare], ""),
        ):
            begin = time.monotonic()
            self.run(*command, text=text)
            seconds.append(time.monotonic() - begin)
        print(f"{self.name:<8}{self.apps:>4}  {'floor':<20}{sum(seconds):>8.1f}", flush=True)
        self.floors.append((seconds[0], seconds[1], seconds[2]))

    @property
    def floor_seconds(self) -> float:
        return min(sum(floor) for floor in self.floors)

    def stop(self) -> None:
        self.run(*self.ctl, "down")

    def begin(self) -> None:
        self.anew()
        self.play("first", proof=False)

    def again(self) -> None:
        self.floor()
        self.play("noop", proof=False)
        self.play("noop_proof", proof=True)

    def end(self) -> None:
        self.anew()
        self.play("first_proof", proof=True)


def measure(benches: list[Bench]) -> None:
    """The same of each, in turns, so that what else the machine does meanwhile is the same for all."""
    try:
        for bench in benches:
            bench.begin()
        for _ in range(int(os.environ.get("BENCH_REPEAT") or 2)):
            for bench in benches:
                bench.again()
        for bench in benches:
            bench.end()
    finally:
        for bench in benches:
            bench.stop()


def figures(bench: Bench) -> dict[str, float]:
    noop, proof = bench.costs["noop"], bench.costs["noop_proof"]
    lms, app, bare = min(bench.floors, key=sum)
    return {
        # Of a whole run with the proof.
        "lms_boots": proof.lms_boots,
        "app_boots": proof.app_boots,
        "tasks": proof.tasks,
        "modules": proof.modules,
        "noop_proof_seconds": proof.seconds,
        "noop_proof_cpu_seconds": proof.cpu,
        "noop_proof_ratio": proof.seconds / bench.floor_seconds,
        # Of one without.
        "noop_lms_boots": noop.lms_boots,
        "noop_app_boots": noop.app_boots,
        "noop_tasks": noop.tasks,
        "noop_modules": noop.modules,
        "noop_seconds": noop.seconds,
        "noop_cpu_seconds": noop.cpu,
        "noop_ratio": noop.seconds / bench.floor_seconds,
        "first_seconds": bench.costs["first"].seconds,
        "first_proof_seconds": bench.costs["first_proof"].seconds,
        "floor_seconds": bench.floor_seconds,
        "floor_lms_seconds": lms,
        "floor_app_seconds": app,
        "floor_ansible_seconds": bare,
    }


def main() -> None:
    base = Path(os.environ["BENCH_BASE"]).resolve() if os.environ.get("BENCH_BASE") else None
    offset = int(os.environ.get("BENCH_PORT_OFFSET") or 900)
    blocks = []
    print(f"\n{HEAD}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for apps in read_numbers("BENCH_APPS", "1 2"):
            own = Bench("this", ROOT, Path(folder, f"this-{apps}"), apps, offset)
            others = [Bench("base", base, Path(folder, f"base-{apps}"), apps, offset + 200)] if base else []
            measure([own, *others])
            block = {"apps": apps, **figures(own)}
            for before in map(figures, others):
                block |= {f"base_{name}": value for name, value in before.items()}
                for name in ("noop", "noop_proof"):
                    for unit in ("seconds", "cpu_seconds"):
                        block[f"{name}_{unit}_of_base"] = block[f"{name}_{unit}"] / before[f"{name}_{unit}"]
            blocks.append(block)
    for block in blocks:
        print()
        for name, value in block.items():
            print(f"{name}={value if isinstance(value, int) else format(value, '.2f')}")


if __name__ == "__main__":
    main()
