# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed in one of their tasks, and what two systems hold by content, to compare it."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rotation import begun

Rows = list[dict[str, Any]]


@dataclass
class Task:
    """One that an undisturbed run did, and not only skipped."""

    name: str
    #: Of how many of this name it is which.
    number: int
    seconds: float


def timed(*words: str, env: dict[str, str]) -> list[Task]:
    """The tasks of an undisturbed run, in their order."""
    found: list[Task] = []
    done, seen = set(), Counter[str]()
    with begun(*words, env=env) as process:
        text, since = "", time.monotonic()
        for line in process.stdout or ():
            text, now = text + line, time.monotonic()
            if found and line.startswith(("TASK [", "PLAY RECAP")):
                found[-1].seconds = now - since
            if banner := re.match(r"TASK \[(.*)\] \*", line):
                seen[banner[1]] += 1
                found.append(Task(banner[1], seen[banner[1]], 0))
                since = now
            elif re.match(r"(ok|changed|included): ", line):
                done.add(len(found) - 1)
    assert process.returncode == 0, text
    return [task for index, task in enumerate(found) if index in done]


def killed_in(task: Task, share: float, kill: Callable[[subprocess.Popen], Any], *words: str, env: dict[str, str]):
    """Begin a run, and kill something in one of its tasks; what `kill` returned, None where it came to no such task.

    :param share: after which part of the time that the task takes.
    """
    with begun(*words, env=env) as process:
        seen = 0
        for line in process.stdout or ():
            seen += line.startswith(f"TASK [{task.name}] ")
            if seen == task.number:
                time.sleep(share * task.seconds)
                found = kill(process)
                process.communicate()
                return found
    return None


# -- what there is, by content -----------------------------------------------------------------------------------------

# What comes and goes by itself, and the histories that a system keeps of every change.
PASSING = re.compile(r"session|migrations|admin_log|sqlite_sequence|oauth2_provider_grant|historical")
MADE = ("client_id", "client_secret", "secret", "key", "token", "token_checksum", "password")
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")


class Names:
    """Names for texts that are made anew each time: the first one seen is the first everywhere."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def of(self, value: str) -> str:
        return self.names.setdefault(value, f"<{len(self.names)}>")

    def within(self, text: str) -> str:
        for value in sorted(self.names, key=len, reverse=True):
            text = text.replace(value, self.names[value]) if len(value) > 8 else text
        return text


def plain(row: dict[str, Any]) -> dict[str, str]:
    """A row without the numbers of rows and without times."""
    return {
        name: str(value)
        for name, value in row.items()
        if not (re.search(r"^id$|_id$|^object_id", name) and str(value).isdecimal()) and not TIME.match(str(value))
    }


def current(table: str, rows: Rows) -> Rows:
    """The rows that count: of a provider each change adds one."""
    if not table.endswith("providerconfig"):
        return rows
    newest = {row.get("backend_name"): row for row in sorted(rows, key=lambda row: int(row["id"]))}
    return list(newest.values())


def content(tables: dict[str, Rows], files: dict[str, bytes]) -> dict[str, list[str]]:
    """All rows by table, and the lines of all files, so that what two runs have left can be compared."""
    names, found = Names(), {}
    for table, rows in sorted(tables.items()):
        if PASSING.search(table):
            continue
        kept = [plain(row) for row in current(table, rows)]

        def shown(row: dict[str, str], name: Callable[[str], str]) -> str:
            return json.dumps({key: name(text) if key in MADE and text else text for key, text in row.items()})

        kept.sort(key=lambda row: shown(row, lambda _text: "*"))
        found[table] = [shown(row, names.of) for row in kept]
    for name, data in sorted(files.items()):
        found[name] = names.within(data.decode(errors="replace")).splitlines()
    return found


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """What is in only one of two contents."""
    return [
        f"{name}: {line}"
        for name in sorted(one.keys() | other.keys())
        for line in without_shared(one.get(name, ["(not there)"]), other.get(name, ["(not there)"]))
    ]


def without_shared(one: Iterable[str], other: Iterable[str]) -> list[str]:
    left, right = Counter(one), Counter(other)
    return [f"- {line}" for line in (left - right).elements()] + [f"+ {line}" for line in (right - left).elements()]
