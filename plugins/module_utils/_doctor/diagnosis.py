# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What all sides showed, and what the judges say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import (
    FAILED,
    OK,
    SKIPPED,
    WARNING,
    Facts,
    Hop,
    Verdict,
    failed,
    follows,
    skipped,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import (
    NOT_MIGRATED,
    REMOVED_MEANWHILE,
    sentence,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import with_fix

RUN_IT_AGAIN = "Run it again with -vvv."
#: What a proxy says whose server is not there: bad gateway, unavailable, timeout (RFC 9110, 15.6.3 to 15.6.5).
UNSERVED = (502, 503, 504)


@dataclass
class Seen:
    """What was declared, and what the probes of each side found."""

    declared: Facts
    app_side: Side
    lms_side: Side
    app: Facts = field(default_factory=dict)
    lms: Facts = field(default_factory=dict)
    browser: Facts = field(default_factory=dict)
    machine: Facts = field(default_factory=dict)
    #: Why a side gave no evidence at all, by its name.
    silent: dict[str, str] = field(default_factory=dict)
    #: Why a group of hops was not wanted: ``login``, ``commands``.
    unwanted: dict[str, str] = field(default_factory=dict)
    token_digest: str | None = None
    warn_days: int = 30

    def facts(self, place: str) -> Facts | None:
        side, _dot, probe = place.partition(".")
        if not side:
            return {}
        return getattr(self, side).get(probe)

    def is_stopped(self, place: str) -> bool:
        """Whether a side runs nothing. Without its .env Compose starts nothing either."""
        why = self.silent.get(place, "")
        return "is not running" in why or ".env not found" in why

    @property
    def dotenv(self) -> str:
        return self.declared.get("dotenv") or "the app's .env"


def diagnose(seen: Seen) -> list[dict[str, Any]]:
    """Judge every hop of the catalogue, in its order."""
    done: dict[str, Verdict] = {}
    for hop in CATALOGUE:
        done[hop.id] = verdict_of(hop, seen, done)
    return [
        {
            "id": hop.id,
            "side": hop.side,
            "title": hop.title,
            "proves": hop.proves,
            **{name: value for name, value in done[hop.id]._asdict().items() if name not in ("cause", "explains")},
            "seconds": (seen.facts(hop.evidence) or {}).get("seconds", 0.0),
        }
        for hop in CATALOGUE
    ]


def verdict_of(hop: Hop, seen: Seen, done: dict[str, Verdict]) -> Verdict:
    if hop.part in seen.unwanted:
        return skipped(seen.unwanted[hop.part])
    for need in hop.needs:
        if done[need].status == FAILED:
            return follows(need)
        if done[need].status == SKIPPED:
            return done[need]
    facts = seen.facts(hop.evidence)
    if facts is None:
        earlier = [other for other in CATALOGUE if other.id in done and done[other.id].status == FAILED]
        if earlier:
            # One whose probe ran where this one does, if there is one.
            place = hop.evidence.partition(".")[0]
            root = min(earlier, key=lambda other: other.evidence.partition(".")[0] != place)
            return skipped(f"not judged, because its probe found nothing to look at after {root.id} failed")
        # Nobody is told that all is well where nobody has looked.
        return failed("Its probe found nothing to look at, which no earlier hop explains.", RUN_IT_AGAIN)
    verdict = broken(hop, seen, facts) if "broken" in facts else hop.judge(seen, facts)
    if verdict.status in (FAILED, WARNING):
        if start := unserved(seen, facts):
            return follows(start)
        causes = [other for other, earlier in done.items() if hop.id in earlier.explains]
        causes += [other if done[other].status == FAILED else done[other].cause for other in hop.after]
        # That a side cannot be looked into explains nothing of what its server answers.
        return next((follows(cause) for cause in causes if cause and not cause.endswith(".starts")), verdict)
    return verdict


def unserved(seen: Seen, facts: Facts) -> str:
    """The start of the side that is stopped, where no more than the web server in front of it has answered."""
    if facts.get("status") not in UNSERVED:
        return ""
    addresses = {"app": seen.declared["base_url"], "lms": seen.declared["lms_base_url"]}
    asked = [place for place, url in addresses.items() if host_of(url) == host_of(facts["url"])]
    return next((f"{place}.starts" for place in asked if seen.is_stopped(place)), "")


def broken(hop: Hop, seen: Seen, facts: Facts) -> Verdict:
    """What a probe that ended with an exception says."""
    side = {"app": seen.app_side, "lms": seen.lms_side}.get(hop.evidence.partition(".")[0])
    if side and NOT_MIGRATED.search(facts["broken"]):
        return failed(
            f"The database of {side.name} is older than its code: {facts['broken']}.",
            sentence(side.migrate),
        )
    if side and REMOVED_MEANWHILE.search(facts["broken"]):
        return failed(
            f"A row of {side.name} went while it was looked at: {facts['broken']}",
            "Let the run end that removes or rotates it, then run it again.",
        )
    log = sentence(f"look at {side.log}, and run it again with -vvv") if side else RUN_IT_AGAIN
    return failed(f"The probe itself broke: {facts['broken']}", log)


def message(hops: list[dict[str, Any]]) -> str:
    """Everything that is broken, each with its fix: what failed does not come from one another."""
    lines = (f"{hop['id']}: {with_fix(hop['fact'], hop['fix'])}" for hop in hops if hop["status"] == FAILED)
    return "\n".join(" ".join(line.split()) for line in lines)


def summary(hops: list[dict[str, Any]]) -> dict[str, int]:
    """How many hops have each status."""
    return {status: sum(hop["status"] == status for hop in hops) for status in (OK, FAILED, WARNING, SKIPPED)}
