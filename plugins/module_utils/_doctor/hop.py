# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The two halves of a hop: a probe that collects facts, and a judge that says what they mean.

Both stand in one file below ``hops/``. That file is sent into the app or the LMS for its probes, so Python 3.8 and the
standard library have to do, and Django is imported within a probe. The judges run on the machine of the module alone:
they read facts and nothing else, so each cause can be tried without a system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, NamedTuple

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import Look

OK, FAILED, WARNING, SKIPPED = "ok", "failed", "warning", "skipped"

Facts = Dict[str, Any]


class Verdict(NamedTuple):
    status: str
    fact: str
    fix: str = ""
    #: Whether a hop that is ok has something to read all the same.
    note: bool = False
    #: The hop whose failure this comes from, of one that is skipped for that.
    cause: str = ""
    #: Hops whose failure this one explains, besides those that say so themselves (``after``).
    explains: tuple[str, ...] = ()


def ok(fact: str) -> Verdict:
    return Verdict(OK, fact)


def noted(fact: str) -> Verdict:
    """Nothing is wrong with the integration, and nothing is to do; but the reader should know."""
    return Verdict(OK, fact, note=True)


def failed(fact: str, fix: str) -> Verdict:
    return Verdict(FAILED, fact, fix)


def warning(fact: str, fix: str = "") -> Verdict:
    return Verdict(WARNING, fact, fix)


def skipped(fact: str) -> Verdict:
    return Verdict(SKIPPED, fact)


def follows(cause: str) -> Verdict:
    """Nothing is said of this hop: what is wrong with it comes from another one."""
    return Verdict(SKIPPED, f"not judged, because {cause} failed", cause=cause)


class Probe(NamedTuple):
    place: str
    collect: Callable[[Look], Facts | None]
    part: str

    @property
    def side(self) -> str:
        return self.place.partition(".")[0]


class Hop(NamedTuple):
    id: str
    side: str
    title: str
    proves: str
    judge: Callable[[Seen, Facts], Verdict]
    evidence: str
    needs: tuple[str, ...]
    part: str
    after: tuple[str, ...] = ()


#: In the order in which the files were imported; ``catalogue.py`` brings them into the order of causes.
PROBES: dict[str, Probe] = {}
HOPS: list[Hop] = []


def probe(place: str, part: str = "") -> Callable[[Callable[[Look], Facts | None]], Callable[[Look], Facts | None]]:
    """Enter a probe: a function that collects facts as plain data, or None where there is nothing to look at.

    :param place: the side at which it runs and its name, ``side.name``. The sides are ``app`` and ``lms`` (inside their
        Django processes), ``browser`` and ``machine`` (on the machine of the module).
    :param part: the part of the run that can be left out, ``login`` or ``commands``.
    """

    def enter(collect: Callable[[Look], Facts | None]) -> Callable[[Look], Facts | None]:
        PROBES[place] = Probe(place, collect, part)
        return collect

    return enter


def hop(
    identifier: str,
    side: str,
    title: str,
    needs: tuple[str, ...] = (),
    evidence: str | None = None,
    part: str = "",
    after: tuple[str, ...] = (),
) -> Callable[[Callable[[Seen, Facts], Verdict]], Callable[[Seen, Facts], Verdict]]:
    """Enter a judge; its docstring says what is known when the hop is ok.

    :param needs: hops without which this one says nothing.
    :param evidence: the place of the probe that it judges, where that is not its own name; without facts from there the
        hop is skipped. Empty for none.
    :param part: the part of the run that can be left out, ``login`` or ``commands``.
    :param after: hops whose failure explains one of this hop, which is no finding of its own then.
    """

    def enter(judge: Callable[[Seen, Facts], Verdict]) -> Callable[[Seen, Facts], Verdict]:
        place = identifier if evidence is None else evidence
        proves = " ".join((judge.__doc__ or "").split())
        HOPS.append(Hop(identifier, side, title, proves, judge, place, needs, part, after))
        return judge

    return enter
