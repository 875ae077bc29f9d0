# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The result for a terminal: a line per hop, and under each that wants to be read the fact and the fix."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import summary
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import FAILED, OK, SKIPPED, WARNING

MARKS = {OK: "[ ok ]", FAILED: "[FAIL]", WARNING: "[warn]", SKIPPED: "[skip]"}
NOTE = "[note]"
WIDTH = 92  # and 8 more for the indentation of a task's result


def table(hops: list[dict[str, Any]], boots: dict[str, int], seconds: float) -> list[str]:
    wide = max(len(hop["id"]) for hop in hops)
    lines = []
    for hop in hops:
        status, fact = hop["status"], " ".join(hop["fact"].split())
        told = status in (FAILED, WARNING) or hop["note"]
        mark = NOTE if hop["note"] else MARKS[status]
        head = f"{mark} {hop['id']:<{wide}}  "
        if status == SKIPPED:
            # The end of it is the reason.
            first, *more = folded(head, fact)
            lines += [timed(first, hop["seconds"]), *more]
        else:
            lines.append(timed(head + (hop["title"] if told else fact), hop["seconds"]))
        if told:
            lines += wrapped("note: " if hop["note"] else "fact: ", fact)
            lines += wrapped("fix:  ", hop["fix"]) if hop["fix"] else []
    starts = f"Django starts of this check: app {boots['app']}, LMS {boots['lms']}"
    return [*lines, f"{len(hops)} hops: {counts(hops)}; {starts}; {seconds:.1f} s"]


def heading(app: Mapping[str, Any]) -> str:
    """Whose table it is: a run prints one for each app."""
    return f"{app['name']}: the login chain of {app['base_url']} with {app['lms_base_url']}"


def way_in(hops: list[dict[str, Any]], app: Mapping[str, Any]) -> list[str]:
    """Where people log in, once a login was seen to work."""
    statuses = {hop["id"]: hop["status"] for hop in hops}
    if statuses.get("login.browser") != OK:
        return []
    # The proof signs in by itself; people may not be able to.
    already = ", where they have to be signed in before (browser.entrance)"
    stuck = already if statuses.get("browser.entrance") in (WARNING, FAILED) else ""
    return [f"People log in at {app['lms_base_url']}/login, with an account of {app['base_url']}{stuck}"]


def counts(hops: list[dict[str, Any]]) -> str:
    """How many hops have each status, as people count."""
    number, notes = summary(hops), sum(hop["note"] for hop in hops)
    return ", ".join(
        [
            f"{number[OK]} ok" + (f" ({notes} with a note)" if notes else ""),
            f"{number[FAILED]} failed",
            {0: "no warnings", 1: "1 warning"}.get(number[WARNING], f"{number[WARNING]} warnings"),
            *([f"{number[SKIPPED]} skipped"] if number[SKIPPED] else []),
        ]
    )


def timed(line: str, seconds: float) -> str:
    """A line cut to the width of the table, with the time at its end where that is worth a look."""
    time = f"{seconds:6.1f} s" if seconds >= 0.05 else ""
    room = WIDTH - len(time)
    line = line if len(line) <= room else line[: room - 3] + "..."
    return f"{line:<{room}}{time}" if time else line


def wrapped(label: str, text: str) -> list[str]:
    return folded(" " * len(MARKS[OK] + " ") + label, text)


def folded(head: str, text: str) -> list[str]:
    """A text behind a head, as many lines as it takes, each below its beginning."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
