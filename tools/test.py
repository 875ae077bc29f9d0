# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the sessions of noxfile.py and closes with a table: tools/test.py [--quick] [--record] [SESSION...].

--quick is `make test`. Three sessions run beside each other, because those with servers wait as much as they compute;
each prints what it said when it ends. Listed at the end is what this machine could not run; with REQUIRE_DOCKER=1 a
missing Docker Engine is a failure. The last line counts suites: "N passed, N failed, N skipped".

tests/seconds.json has what `make test` took when it was recorded (--record), by suite and file, on 2 cores. Where it
takes more than 12 minutes, what grew is listed: a report, not a failure.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / "build" / "tests"
SECONDS = ROOT / "tests" / "seconds.json"
NOX = Path(sys.executable).parent / "nox"
BUDGET = 12 * 60
#: What took this much more than its record has grown, if it is more than a few seconds.
GROWN, FEW = 1.25, 5.0
# The longest first, so that nothing long is left for the end.
QUICK = (
    "test-docker",
    "test-integration",
    "test-molecule",
    "sanity",
    "test-unit",
    "lint",
    "test-core-2.17",
    "test-lab",
    "test-artifact",
)
SESSIONS = (*QUICK, "test-release", "test-core-2.18", "test-core-2.19", "test-core-2.20", "test-core-2.21")


@dataclass
class Suite:
    """A session, from nox's report and from what it left in build/tests."""

    name: str
    result: str
    seconds: float
    tests: int = 0
    failed: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    #: Seconds by file of tests.
    files: dict[str, float] = field(default_factory=dict)

    def read(self) -> None:
        if (note := NOTES / f"{self.name}.json").exists():
            for name, value in json.loads(note.read_text()).items():
                setattr(self, name, value)
        if (junit := NOTES / f"{self.name}.xml").exists():
            self.read_junit(ElementTree.parse(junit))
        if (left := NOTES / f"{self.name}.left").exists():
            self.left.append(f"{left.read_text()} tests")
        if self.result == "failed" and not self.failed:
            self.failed.append("see above")

    def read_junit(self, tree: ElementTree.ElementTree[Any]) -> None:
        skipped: Counter[str] = Counter()
        for case in tree.iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            file = str(case.get("classname"))
            self.files[file] = round(self.files.get(file, 0.0) + float(case.get("time", 0)), 2)
            if (skip := case.find("skipped")) is not None:
                skipped[str(skip.get("message"))] += 1
                continue
            self.tests += 1
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed.append(name)
        self.not_run += [f"{count} x {why}" for why, count in skipped.items()]


def run(names: list[str], quick: bool) -> list[Suite]:
    shutil.rmtree(NOTES, ignore_errors=True)
    NOTES.mkdir(parents=True)
    report = NOTES / "nox.json"
    beside = [] if len(names) == 1 else ["--parallel", "3"]
    subprocess.run(
        [NOX, *beside, "--report", report, "--session", *names, *(["--", "quick"] if quick else [])],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if not report.exists():
        sys.exit("nox ran nothing")
    ended = {entry["name"]: entry for entry in json.loads(report.read_text())["sessions"]}
    return [Suite(name, ended[name]["result"], float(ended[name].get("duration") or 0)) for name in names]


def table(suites: list[Suite]) -> None:
    print(f"\n{'suite':<18}{'result':<9}{'seconds':>8}{'tests':>7}")
    for suite in suites:
        result = "FAILED" if suite.failed else "passed" if suite.result == "success" else suite.result
        print(f"{suite.name:<18}{result:<9}{suite.seconds:>8.1f}{suite.tests:>7}")
    for title, lists in (
        ("FAILED", [(suite.name, suite.failed) for suite in suites]),
        ("COULD NOT RUN ON THIS MACHINE", [(suite.name, suite.not_run) for suite in suites]),
        ("LEFT TO `make test-all`", [(suite.name, suite.left) for suite in suites]),
    ):
        if any(entries for _name, entries in lists):
            print(f"\n{title}:")
            for name, entries in lists:
                for entry in entries:
                    print(f"  {name}: {entry}")


def grown(suites: list[Suite], recorded: dict[str, dict[str, float]]) -> list[str]:
    """What took longer than its record, the suites before their files."""
    lines = []
    for suite in suites:
        for name, seconds in {"": suite.seconds, **suite.files}.items():
            before = recorded.get(suite.name, {}).get(name, 0.0)
            if seconds > before * GROWN and seconds > before + FEW:
                lines.append(f"{suite.name} {name}".strip() + f": {seconds:.0f} s, recorded {before:.0f} s")
    return lines


def main() -> int:
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    quick = "--quick" in sys.argv
    begin = time.monotonic()
    suites = run(names or list(QUICK if quick else SESSIONS), quick)
    took = time.monotonic() - begin
    for suite in suites:
        suite.read()
    table(suites)
    if "--record" in sys.argv:
        figures = {suite.name: {"": round(suite.seconds, 1), **suite.files} for suite in suites}
        SECONDS.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    elif quick and not names and took > BUDGET:
        print(f"\nTOOK {took / 60:.0f} MINUTES, {BUDGET // 60} ARE WANTED; what grew since it was recorded:")
        if SECONDS.exists():
            print("\n".join(f"  {line}" for line in grown(suites, json.loads(SECONDS.read_text()))))
        else:
            print("  nothing was recorded: tools/test.py --quick --record does it")
    counts = Counter("failed" if suite.failed else suite.result for suite in suites)
    print(f"\n{counts['success']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
