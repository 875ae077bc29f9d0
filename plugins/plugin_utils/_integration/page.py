# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The page of the doctor's report: what it says, worked out from the document; the template only places it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.drawing import Picture, pictures
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.history import Past
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import (
    PLACES,
    STATES,
    WORDS,
    App,
    Document,
    Hop,
    Known,
    copies,
    counted,
    place_of,
    worst,
)

HEADLINES = {
    "failed": "The login chain is broken",
    "warning": "The login chain works, with warnings",
    "ok": "The login chain works",
}


@dataclass(frozen=True)
class Fix:
    text: str
    copies: list[list[str]]  # each in words, between which a line may break


@dataclass(frozen=True)
class HopView:
    anchor: str
    id: str
    state: str
    word: str
    title: str
    label: str  # of the fact
    fact: str
    fix: Fix | None
    proves: str
    seconds: str  # empty where it took no time that is worth knowing
    unfolded: bool


@dataclass(frozen=True)
class FoldView:
    """Hops of a place in which there is nothing to do: one line until it is opened."""

    state: str
    text: str
    hops: list[HopView]


@dataclass(frozen=True)
class PlaceView:
    anchor: str
    state: str
    title: str
    seconds: str
    hops: list[HopView]  # those in which there is something to do or to know
    folds: list[FoldView]


@dataclass(frozen=True)
class Address:
    text: str
    link: bool


@dataclass(frozen=True)
class TokenView:
    state: str
    text: str
    width: float  # of its bar, in percent


@dataclass(frozen=True)
class AppView:
    anchor: str
    name: str
    state: str
    word: str
    roots: list[HopView]  # what is broken and does not come from one another
    examined: bool
    told: list[tuple[str, HopView]]  # warnings and notes
    address: Address
    lms_address: Address
    counts: str
    drift: str  # how much there is; empty where it was not looked for
    places: list[PlaceView]
    token: TokenView


@dataclass(frozen=True)
class Count:
    state: str
    number: int
    word: str


@dataclass(frozen=True)
class SideView:
    """A line of the table of versions. The first of an app has its name and seconds for both lines."""

    app: str
    side: str
    versions: list[str]
    boots: int
    seconds: str


@dataclass(frozen=True)
class PastView:
    """A line of the table of the last examinations."""

    state: str
    written: str
    apps: str
    counts: str
    roots: list[str]
    seconds: str


@dataclass(frozen=True)
class View:
    title: str
    state: str
    headline: str
    names: str
    written: str
    written_text: str
    states: tuple[str, ...]
    words: dict[str, str]
    counts: list[Count]
    apps: list[AppView]
    not_examined: list[str]
    pictures: list[Picture]
    drift: list[list[str]]
    version_names: list[str]
    sides: list[SideView]
    history: list[PastView]
    boots: str
    ansible: str


def view(report: Document, history: Sequence[Past] = ()) -> View:
    apps = [
        Known(app, f"a{number}", {place: [hop for hop in app["hops"] if place_of(hop) == place] for place in PLACES})
        for number, app in enumerate(report["apps"], 1)
    ]
    hops = [hop for app in report["apps"] for hop in app["hops"]]
    warned = any(hop["status"] == "warning" for hop in hops)
    state = "failed" if not report["ok"] else "warning" if warned else "ok"
    names = ", ".join(app["name"] for app in report["apps"])
    numbers = {one: sum(hop["status"] == one for hop in hops) for one in STATES}
    boots = sum(number for app in report["apps"] for number in app["boots"].values())
    columns = {name for app in report["apps"] for side in app["versions"].values() for name in side}
    version_names = sorted(columns, key=str.lower, reverse=True)
    return View(
        title=f"{WORDS[state].capitalize()}: login of {names} with Open edX",
        state=state,
        headline=HEADLINES[state],
        names=names,
        written=report["written"],
        written_text=read(report["written"]),
        states=STATES,
        words=WORDS,
        counts=[Count(one, number, counted(number, one)) for one, number in numbers.items()],
        apps=[app_view(one) for one in apps],
        not_examined=report["not_examined"],
        pictures=pictures(apps),
        drift=[
            [app["name"], *(str(entry.get(key, "")) for key in ("object", "field", "old", "new", "by", "at"))]
            for app in report["apps"]
            for entry in app["drift"]
        ],
        version_names=version_names,
        sides=[side for app in report["apps"] for side in sides(app, version_names)],
        history=[past_view(past) for past in history],
        # Where a session of the run was asked, or nobody could be, the check has started none itself.
        boots=f"{boots} Django start{'' if boots == 1 else 's'} in all" if boots else "No Django start of its own",
        ansible=report["ansible"],
    )


def app_view(one: Known) -> AppView:
    app = one.app
    hops = [hop_view(hop, one) for hop in app["hops"]]
    state = worst(app["hops"])
    told = [(app["summary"].get(name, 0), name) for name in STATES]
    return AppView(
        anchor=one.anchor,
        name=app["name"],
        state=state,
        word=WORDS[state],
        roots=[hop for hop in hops if hop.state == "failed"],
        examined=bool(hops),
        told=[
            *(("Warning", hop) for hop in hops if hop.state == "warning"),
            *(("Note", hop) for hop in hops if hop.label == "Note"),
        ],
        address=address(app["base_url"]),
        lms_address=address(app["lms_base_url"]),
        counts=", ".join(f"{number} {counted(number, name)}" for number, name in told if number),
        drift=differing(len(app["drift"]), len(app["not_compared"])) if app["compared"] else "",
        places=[place_view(place, one) for place, found in one.places.items() if found],
        token=token_view(app),
    )


def place_view(place: str, one: Known) -> PlaceView:
    found = one.places[place]
    hops = [hop_view(hop, one) for hop in found]
    quiet = [hop for hop in hops if hop.state in ("ok", "skipped") and hop.label == "Fact"]
    folds = [(state, [hop for hop in quiet if hop.state == state]) for state in ("ok", "skipped")]
    return PlaceView(
        anchor=f"{one.anchor}-{place}",
        state=one.state(place),
        title=one.title(place),
        seconds=took(sum(hop["seconds"] for hop in found)),
        hops=[hop for hop in hops if hop not in quiet],
        folds=[FoldView(state, f"{len(group)} {WORDS[state]}", group) for state, group in folds if group],
    )


def differing(number: int, unseen: int = 0) -> str:
    """How many declared facts differ from what is there."""
    so_far = f", of what could be compared ({unseen} could not)" if unseen else ""
    return f"{number or 'No'} declared fact{' differs' if number == 1 else 's differ'}{so_far}"


def took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.05 else ""


def read(written: str) -> str:
    """A time as one reads it."""
    return written.replace("T", " ").replace("Z", " UTC")


def past_view(past: Past) -> PastView:
    numbers = past["counts"].items()
    return PastView(
        state=past["state"],
        written=read(past["written"]),
        apps=", ".join(past["apps"]),
        counts=", ".join(f"{number} {counted(number, state)}" for state, number in numbers if number),
        roots=past["roots"],
        seconds=f"{past['seconds']:.1f}",
    )


def hop_view(hop: Hop, one: Known) -> HopView:
    state, note = hop["status"], hop.get("note", False)
    found = [copy.split(" ") for copy in copies(hop["fix"], one.app["playbook"])]
    return HopView(
        anchor=f"{one.anchor}-{hop['id']}",
        id=hop["id"],
        state=state,
        word=WORDS[state] + (", with a note" if note else ""),
        title=hop["title"],
        label="Note" if note else "Fact",
        fact=hop["fact"],
        fix=Fix(hop["fix"], found) if hop["fix"] else None,
        proves=hop["proves"],
        seconds=took(hop["seconds"]),
        unfolded=state in ("failed", "warning"),
    )


def address(url: str) -> Address:
    return Address(url, bool(re.match("https?://", url)))


def token_view(app: App) -> TokenView:
    token = app["token"]
    left, user = token["days_left"], token["user"]
    if left is None:
        said = "no token found"
    elif left < 0:
        said = f"expired on {token['expires']}"
    else:
        said = f"{int(left)} day{'' if int(left) == 1 else 's'} left, until {token['expires']}"
    state = next((hop["status"] for hop in app["hops"] if hop["id"] == "lms.token"), "skipped")
    return TokenView(state, f"{user}: {said}", round(on_the_line(left or 0.0), 1))


def on_the_line(days: float) -> float:
    """Where a day is on the line of time, in percent: equal steps for 30 days, 90 days, a year and ten years, because
    what is near matters more."""
    at, start = 0.0, 0
    for end in (30, 90, 365, 3650):
        at += 25 * min(max((days - start) / (end - start), 0.0), 1.0)
        start = end
    return at


def sides(app: App, names: Sequence[str]) -> Iterable[SideView]:
    for number, (side, label) in enumerate((("lms", "LMS"), ("app", app["name"]))):
        found = app["versions"].get(side, {})
        yield SideView(
            app=app["name"] if number == 0 else "",
            side=label,
            versions=[found.get(name) or "unknown" for name in names],
            boots=app["boots"].get(side, 0),
            seconds=f"{app['seconds']:.1f}" if number == 0 else "",
        )


def page(report: Document, template: Path, style: Path, history: Sequence[Past] = ()) -> str:
    """The page. Whatever a target said is text there: the template escapes every value by itself."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    css = style.read_text(encoding="utf-8")
    return environment.from_string(template.read_text(encoding="utf-8")).render(report=view(report, history), css=css)
