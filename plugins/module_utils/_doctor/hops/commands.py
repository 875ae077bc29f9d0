# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of the app's own management commands that talk to the LMS."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import (
    failed,
    hop,
    noted,
    ok,
    probe,
    skipped,
    warning,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.recorder import recorded
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import sentence

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict

# Defects of the apps themselves, by a part of their message: nothing that the integration could mend.
UPSTREAM = {
    "chunk_size must be provided": "it cannot run with the Django version of this checkout, whatever the LMS answers",
}


def run_command(look, argv):
    """Run a management command. What it prints counts; its exit status is 0 also after failures."""
    if not argv:
        return {}
    if not look.reached("lms"):
        return None
    from django.core.management import call_command

    out, err = io.StringIO(), io.StringIO()
    found = {"command": " ".join(argv)}
    with recorded(look.handover.setdefault("cookies", [])) as requests:
        try:
            call_command(*argv, stdout=out, stderr=err, no_color=True)
        except (Exception, SystemExit) as error:
            found["failure"] = "%s: %s" % (type(error).__name__, error)
    found["courses"] = sum(step.get("courses", 0) for step in requests)
    return dict(found, output=out.getvalue()[-2000:], errors=err.getvalue()[-2000:])


def unfinished(seen: Seen, facts: Facts) -> Verdict:
    """The verdict where the command did not come as far as its last line."""
    failure = facts.get("failure", "")
    known = next((text for sign, text in UPSTREAM.items() if sign in failure), None)
    if known:
        return noted(
            f"{facts['command']}: known upstream defect: {known} ({failure}). Nothing to do here: the integration is "
            "not at fault."
        )
    last = failure or (facts["errors"] or facts["output"]).strip()[-200:] or "it printed nothing"
    return failed(
        f"{facts['command']} did not finish: {last}.",
        sentence(f"run the command in the app by hand and read {seen.app_side.log}"),
    )


@probe("app.sync", part="commands")
def run_sync(look):
    return run_command(look, look.declared["sync_command"])


@hop(
    "commands.sync",
    "app",
    "The app reads its courses from the LMS",
    ("app.reaches_lms",),
    "app.sync",
    "commands",
    ("app.database", "app.token"),
)
def commands_sync(seen: Seen, facts: Facts) -> Verdict:
    """The app's command calls the LMS's course API. Its summary counts: its exit status is 0 also after failures.

    A course that the LMS does not have is no failure to it.
    """
    if not facts.get("command"):
        return skipped("the app has no such command (sync_command is empty)")
    found = re.search(r"Sync complete: (\d+) updated, (\d+) failures[^\r\n]*", facts["output"])
    if found is None:
        return unfinished(seen, facts)
    if int(found[2]):
        return failed(
            f"{facts['command']}: {found[0]}",
            f"See app.token; then run the command in the app by hand and read {seen.app_side.log}.",
        )
    if not facts["courses"]:
        return noted(
            f"{found[0].rstrip('.')}. No course was read: the LMS has none of the app's courses, or the app has none"
        )
    return ok(found[0])


@probe("app.repair", part="commands")
def run_repair(look):
    return run_command(look, look.declared["repair_command"])


@hop(
    "commands.repair",
    "app",
    "The app repairs users without an LMS account",
    ("app.reaches_lms",),
    "app.repair",
    "commands",
    ("app.database", "login.app"),
)
def commands_repair(seen: Seen, facts: Facts) -> Verdict:
    """A registration for everybody who lacks it. People with a trouble of their own are no broken integration."""
    if not facts.get("command"):
        return skipped("the app has no such command (repair_command is empty)")
    found = re.search(r"Repair Complete: (\d+) repaired, (\d+) failures[^\r\n]*", facts["output"])
    if found is None:
        return unfinished(seen, facts)
    if int(found[2]):
        who = " ".join(facts["errors"].split())[:300]
        text = f"{facts['command']}: {found[0]}: {who}"
        if (seen.facts("app.user") or {}).get("authorized"):
            return warning(f"{text} (a new user works: login.app)", "Look at these users one by one.")
        return failed(text, "See login.app, which names the request that goes wrong.")
    return ok(found[0])
