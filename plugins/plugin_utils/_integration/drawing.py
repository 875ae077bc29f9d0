# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The drawings of the doctor's report: who calls whom, with the place of every box, word, arrow and sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import (
    PLACES,
    WORDS,
    Hop,
    Known,
    worst,
)

# Units of the drawing: its width, the height of one app, and where the first app begins.
WIDTH, LANE, TOP = 360, 150, 106
# The mean width of a letter, by style. What is wider than its place is narrowed to no less than 78 % and then cut;
# report.json has all in full.
LETTERS = {"small": 6.4, "name": 9.0}
NARROWEST = 0.78


@dataclass(frozen=True)
class Box:
    style: str
    x: int
    y: int
    width: int
    height: int
    radius: int


@dataclass(frozen=True)
class Label:
    style: str
    x: int
    y: int
    text: str
    width: int | None  # where it has to be narrowed


@dataclass(frozen=True)
class Arrow:
    state: str
    path: str


@dataclass(frozen=True)
class Badge:
    state: str
    x: int
    y: int


@dataclass(frozen=True)
class Spot:
    """A place to hover, focus or click: a link over the drawing, which a picture cannot hold itself."""

    href: str
    tip: str
    state: str
    style: str
    label: str
    title: str
    lines: list[str]


@dataclass(frozen=True)
class Picture:
    number: int
    height: int
    title: str
    description: list[str]
    boxes: list[Box]
    labels: list[Label]
    arrows: list[Arrow]
    badges: list[Badge]
    spots: list[Spot]


def pictures(apps: Sequence[Known]) -> list[Picture]:
    """A drawing for each LMS, with all apps that use it."""
    by_lms: dict[str, list[Known]] = {}
    for one in apps:
        by_lms.setdefault(one.app["lms_base_url"], []).append(one)
    addresses = sorted(by_lms, key=str.lower)
    return [picture(number, url, by_lms[url]) for number, url in enumerate(addresses, 1)]


def picture(number: int, lms_base_url: str, apps: Sequence[Known]) -> Picture:
    height = 82 + LANE * len(apps)
    browser = worst(hop for one in apps for hop in one.places["browser_lms"])
    lms = worst(hop for one in apps for hop in one.places["lms"])
    # All apps share the arrow from the browser to the LMS: it leads to the first of those that it is worst for.
    shared = next(one for one in apps if one.state("browser_lms") == browser)
    boxes = [
        Box("node", 4, 4, 352, 44, 8),
        Box("network", 4, 88, 146, height - 92, 10),
        Box(f"node {lms}", 12, 112, 130, height - 124, 8),
    ]
    labels = [
        Label("name", 16, 31, "Browser", None),
        Label("small end", 344, 31, "on this machine", None),
        label(apps[0].app["lms_network"], 13, 105, 130),
        Label("name", 22, 134, "LMS", None),
        *address_labels(lms_base_url, 22, 152, 114),
    ]
    arrows = [Arrow(browser, "M132 48V111")]
    badges = [badge(browser, 132, 69)]
    places = [(shared, "browser_lms", (101, 52, 62, 34))]
    for index, one in enumerate(apps):
        app, y = one.app, TOP + index * LANE
        # The name of the LMS stands above what it has of the first app.
        inside = 6 if index else 66
        boxes += [
            Box("network", 196, y - 18, 136, LANE - 10, 10),
            Box(f"node {one.state('app')}", 204, y + 6, 120, LANE - 42, 8),
            Box(f"inner {one.state('lms')}", 20, y + inside, 114, LANE - 44 - inside, 6),
        ]
        labels += [
            label(app["network"], 205, y - 1, 120),
            label(app["name"], 213, y + 28, 106, "name"),
            *address_labels(app["base_url"], 213, y + 46, 106),
            label(judged(one.places["app"]), 213, y + 104, 86),
            label(app["name"], 28, y + inside + 17, 80),
            label(judged(one.places["lms"]), 28, y + inside + 33, 80),
        ]
        arrows += [
            Arrow(one.state("app_lms"), f"M204 {y + 36}H143"),
            Arrow(one.state("lms_app"), f"M142 {y + 79}H203"),
            Arrow(one.state("browser_app"), f"M344 {y + 79 - LANE if index else 48}V{y + 79}H325"),
        ]
        badges += [
            badge(one.state("app"), 308, y + 60),
            badge(one.state("lms"), 121, y + 88),
            badge(one.state("app_lms"), 173, y + 36),
            badge(one.state("lms_app"), 173, y + 79),
            badge(one.state("browser_app"), 344, y + 46),
        ]
        places += [
            (one, "app", (204, y + 6, 120, LANE - 42)),
            (one, "lms", (20, y + inside, 114, LANE - 44 - inside)),
            (one, "app_lms", (150, y + 16, 46, 40)),
            (one, "lms_app", (150, y + 59, 46, 40)),
            (one, "browser_app", (328, y + 28, 32, 36)),
        ]
    return Picture(
        number=number,
        height=height,
        title=f"Browser, LMS and {', '.join(one.app['name'] for one in apps)}, and who calls whom",
        description=[
            f"The browser calls the LMS: {WORDS[browser]}. Inside the LMS: {WORDS[lms]}.",
            *(described(one) for one in apps),
        ],
        boxes=boxes,
        labels=labels,
        arrows=arrows,
        badges=badges,
        spots=[spot(f"tip-{number}-{at}", *place, height) for at, place in enumerate(places, 1)],
    )


def judged(hops: Sequence[Hop]) -> str:
    """How many hops of a place are ok."""
    return f"{sum(hop['status'] == 'ok' for hop in hops)} of {len(hops)} ok"


def described(one: Known) -> str:
    word = {place: WORDS[one.state(place)] for place in PLACES}
    return (
        f"{one.app['name']}: the browser calls it: {word['browser_app']}; it calls the LMS: {word['app_lms']}; "
        f"the LMS calls it: {word['lms_app']}; inside it: {word['app']}."
    )


def label(text: str, x: int, y: int, width: int, style: str = "small") -> Label:
    letter = LETTERS[style]
    longest = int(width / letter / NARROWEST)
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return Label(style, x, y, shown, width if len(shown) * letter > width else None)


def address_labels(url: str, x: int, y: int, width: int) -> list[Label]:
    """The name of an address, and below it the port, or the scheme where it has none."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return [label(url, x, y, width)]
    return [label(name, x, y, width), label(f"port {port}" if port else parts.scheme, x, y + 15, width)]


def badge(state: str, x: int, y: int) -> Badge:
    """A sign of 18 units with its middle at a point."""
    return Badge(state, x - 9, y - 9)


def spot(tip: str, one: Known, place: str, box: tuple[int, int, int, int], height: int) -> Spot:
    hops, state, title = one.places[place], one.state(place), one.title(place)
    if state in ("failed", "warning"):
        first = next(hop for hop in hops if hop["status"] == state)
        lines = [line for line in (first["fact"], first["fix"]) if line]
    else:
        lines = [f"Hops that are ok: {sum(hop['status'] == 'ok' for hop in hops)} of {len(hops)}."]
    of_app = f" for {one.app['name']}" if place == "lms" else ""
    wholes = (WIDTH, height, WIDTH, height)
    left, top, wide, high = (round(100 * size / whole, 2) for size, whole in zip(box, wholes, strict=True))
    return Spot(
        href=f"#{one.anchor}-{place}",
        tip=tip,
        state=state,
        style=f"left:{left}%;top:{top}%;width:{wide}%;height:{high}%",
        label=f"{title}{of_app}: {WORDS[state]}",
        title=f"{title}: {WORDS[state]}",
        lines=lines,
    )
