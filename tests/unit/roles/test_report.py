# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's report, from results that are made up: its document, and its page as a reader's program takes it in."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.history import KEPT, with_this, written
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import (
    copies,
    document,
    machine_readable,
)
from reports import BROKEN, CASES, EVIL, NOW, ROLE, app, made, page_of, result
from runs import ROOT

SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
CSS = (ROLE / "files/report.css").read_text()
VOID = {"meta", "img", "br", "hr", "input", "link"}


class Page(HTMLParser):
    """A page as a reader's program takes it in: elements with their attributes, their nesting and their text."""

    def __init__(self, source):
        super().__init__()
        self.source = source
        self.elements, self.stack, self.texts = [], [], []
        self.feed(self.source)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "parents": list(self.stack), "text": "", **{f"@{k}": v or "" for k, v in attributes}}
        assert len(attributes) == len(dict(attributes)), (tag, attributes)
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        assert self.stack.pop()["tag"] == tag, (tag, self.getpos())

    def handle_data(self, data):
        self.texts.append(data)
        for element in self.stack:
            element["text"] += data

    def all(self, tag=None, **attributes):
        wanted = {f"@{name.rstrip('_')}": value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if tag in (None, element["tag"]) and all(element.get(name) == value for name, value in wanted.items())
        ]

    def id(self, name):
        (element,) = self.all(id=name)
        return element


@pytest.fixture(scope="session")
def reports():
    """Every case: page and document by its name."""
    return {case: (Page(page_of(made(case))), json.loads(machine_readable(made(case)))) for case in CASES}


@pytest.fixture(params=list(CASES))
def page(request, reports):
    return reports[request.param][0]


@pytest.mark.parametrize("case", CASES)
def test_the_document_is_as_its_schema_says(reports, case):
    document = reports[case][1]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)


def test_the_document_holds_what_was_found(reports):
    document = reports["broken"][1]
    first, second = document["apps"]
    assert (document["written"], document["ansible"]) == ("2026-11-26T12:00:00Z", "2.19.0")
    assert (document["ok"], document["not_examined"]) == (False, ["absent"])
    assert (first["name"], first["ok"], first["first_failed"]) == ("xpro", False, "app.reaches_lms")
    assert (second["name"], second["ok"], second["first_failed"]) == ("mitxonline", True, None)
    assert first["hops"] == BROKEN["hops"]
    assert (first["network"], first["lms_network"]) == ("mitxpro_default", "tutor dev")
    assert second["token"] == {"user": "mitxonline_serviceworker", "days_left": None, "expires": None}
    assert reports["warned"][1]["apps"][0]["token"]["expires"] == "2026-12-02"
    assert first["playbook"] == "ansible-playbook -i hosts.json mitodl.openedx.site --limit first"
    assert reports["healthy"][1]["ok"] is True


def test_a_note_stands_beside_an_ok_hop():
    """A known defect of the app is nothing to mend, but to be known."""
    known = app(), result(), []
    known[1]["hops"][3].update(fact="A known defect <of> the app.", note=True)
    report = document({"x": {**known[1], "examined": known[0]}}, {}, now=NOW, ansible="")
    text = page_of(report)
    assert "ok, with a note" in text
    assert f'<li>Note: <a href="#a1-{known[1]["hops"][3]["id"]}">' in text
    assert "A known defect &lt;of&gt; the app." in text
    jsonschema.validate(report, SCHEMA)


def test_a_host_that_was_not_examined_is_no_success(reports):
    page = reports["broken"][0]
    assert "absent: not examined" in [" ".join(heading["text"].split()) for heading in page.all("h3")]
    # Also where all others are well: nothing is proved of it.
    healthy = {**result(), "examined": app()}
    assert document({"xpro": healthy}, {}, now=NOW, ansible="")["ok"]
    assert not document({"xpro": healthy, "absent": None}, {}, now=NOW, ansible="")["ok"]


def test_the_page_loads_nothing_and_runs_nothing(page):
    tags = {element["tag"] for element in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "embed", "form", "base", "foreignobject", "image"}
    for element in page.elements:
        assert not [name for name in element if name.startswith("@on") or name == "@src"], element
        if element.get("@href", "").startswith("http"):
            assert element["tag"] == "a"
        elif "@href" in element:
            assert re.fullmatch(r"#[\w.-]+|report\.json", element["@href"]), element
    assert not re.search(r"url\((?!#)|@import", page.source)
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy["@content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_reference_has_its_one_target(page):
    names = [element["@id"] for element in page.elements if "@id" in element]
    assert len(names) == len(set(names))
    for element in page.elements:
        wanted = [element["@href"][1:]] if element.get("@href", "").startswith("#") else []
        wanted += element.get("@aria-labelledby", "").split() + element.get("@aria-describedby", "").split()
        assert set(wanted) <= set(names), element


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(element["tag"][1]) for element in page.elements if re.fullmatch("h[1-6]", element["tag"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_drawing_is_told_in_words(page):
    drawings = page.all("svg", role="img")
    assert drawings
    for drawing in drawings:
        title, description = (page.id(name) for name in drawing["@aria-labelledby"].split())
        assert title["tag"] == "title"
        assert "The browser calls the LMS: " in description["text"]
    # Every other one is an ornament beside a word.
    assert all(svg.get("@aria-hidden") == "true" for svg in page.all("svg") if svg not in drawings)


def arrows(page, drawing=0):
    figure = page.all("figure")[drawing]
    return [
        path["@class"].split()[1] for path in page.all("path") if figure in path["parents"] and path.get("@marker-end")
    ]


def test_a_broken_hop_is_red_where_it_is(reports):
    # Browser to LMS; per app: app to LMS, LMS to app, browser to app.
    assert arrows(reports["healthy"][0]) == ["ok"] * 4
    assert arrows(reports["broken"][0]) == ["ok", "failed", "ok", "ok", "ok", "ok", "ok"]
    assert arrows(reports["two_lms"][0], 0) == ["ok"] * 4
    assert arrows(reports["two_lms"][0], 1) == ["ok", "failed", "ok", "ok"]
    page = reports["broken"][0]
    spots = {" ".join(a["text"].split()): a["@href"] for a in page.all("a") if "@aria-describedby" in a}
    assert spots["Inside the LMS for xpro: broken"] == "#a1-lms"
    assert spots["Inside the LMS for mitxonline: ok"] == "#a2-lms"
    assert spots["xpro to LMS: broken"] == "#a1-app_lms"
    assert spots["Browser to mitxonline: ok"] == "#a2-browser_app"


def test_the_verdict_is_told_first(reports):
    told = {case: " ".join(page.all("h1")[0]["text"].split()) for case, (page, _) in reports.items()}
    assert told["healthy"] == "The login chain works"
    assert told["warned"] == "The login chain works, with warnings"
    assert told["broken"] == told["hostile"] == "The login chain is broken"


def test_what_is_broken_is_unfolded_with_fact_and_fix(reports):
    page = reports["broken"][0]
    assert {one["@id"] for one in page.all("details") if "@open" in one} == {
        "a1-lms.application",
        "a1-app.reaches_lms",
        "a1-commands.sync",
    }
    shown = page.id("a1-lms.application")["text"]
    assert "A <slash> too many & more." in shown
    assert "broken" in shown
    assert "not judged" in page.id("a1-login.linked")["text"]


def test_two_roots_are_told_as_two(reports):
    page = reports["broken"][0]
    told = " ".join(page.id("result")["text"].split())
    assert "Root 1 of 2: The app reaches the LMS (app.reaches_lms)" in told
    assert "Root 2 of 2: The LMS knows the app as an OAuth2 client (lms.application)" in told
    assert "Root: " in " ".join(reports["hostile"][0].id("result")["text"].split())


def test_what_is_ok_is_one_line_of_its_place_and_each_hop_has_its_time(reports):
    page = reports["broken"][0]
    fold = page.id("a1-app.token")["parents"][-1]
    assert (fold["tag"], fold["@class"]) == ("details", "fold ok")
    assert "@open" not in fold
    assert page.id("a1-login.linked")["parents"][-1]["@class"] == "fold skipped"
    assert page.id("a1-app.reaches_lms")["parents"][-1] is page.id("a1-app_lms")
    assert "0.1 s" in page.id("a1-app.token")["text"]


def test_the_last_runs_are_kept_without_what_they_found():
    """Names, numbers and ids of hops; facts can quote what nobody should keep. Oldest and odd entries go."""
    first, second = made("broken"), made("healthy")
    kept = with_this("", first)
    assert kept == [
        {
            "written": "2026-11-26T12:00:00Z",
            "state": "failed",
            "apps": ["xpro", "mitxonline"],
            "counts": {"failed": 2, "warning": 1, "ok": len(CATALOGUE) * 2 - 4, "skipped": 1},
            "roots": ["xpro: app.reaches_lms", "xpro: lms.application"],
            "seconds": 20.8,
        }
    ]
    both = with_this(written(kept), second)
    assert [one["state"] for one in both] == ["ok", "failed"]
    for odd in ("{", "{}", "[1]", '[{"written": "now"}]', '[{"written": 1, "state": "ok"}]'):
        assert with_this(odd, second) == both[:1]
    assert len(with_this(written(both * 40), second)) == KEPT
    page = Page(page_of(second, both))
    rows = [row["text"] for row in page.all("tr") if page.id("history") in row["parents"]]
    assert len(rows) == 3
    assert "xpro: app.reaches_lms, xpro: lms.application" in rows[2]
    assert not Page(page_of(second)).all(id="history")


def test_commands_and_settings_can_be_copied(reports):
    page = reports["broken"][0]

    def copies(hop):
        return [code["text"] for code in page.all("code", class_="copy") if page.id(hop) in code["parents"]]

    assert copies("a1-lms.application") == ["ansible-playbook -i hosts.json mitodl.openedx.site --limit first"]
    assert copies("a1-app.reaches_lms") == [
        "/opt/bin/tutor dev start -d",
        "OPENEDX_API_BASE_URL=http://local.openedx.io:8000",
        "docker compose up -d",
    ]


def test_every_hop_of_the_catalogue_has_its_place(reports):
    """Also one that is added later: what crosses a network is at an arrow, what looks at one side is in or at it."""
    page = reports["healthy"][0]
    for one in CATALOGUE:
        element = page.id(f"a1-{one.id}")
        (place,) = [parent["@id"][3:] for parent in element["parents"] if parent.get("@class", "").startswith("place ")]
        if match := re.fullmatch(r"(app|lms|browser)\.reaches_(app|lms)", one.id):
            assert place == "_".join(match.groups())
        if one.side in ("app", "lms"):
            assert one.side in place.split("_"), (one.id, place)
        if one.side == "browser":
            assert place.startswith("browser_"), (one.id, place)


def test_drift_and_tokens_are_listed(reports):
    page, document = reports["warned"]
    (table,) = [table for table in page.all("table") if page.id("drift") in table["parents"]]
    assert [
        cell for cell in ("provider ol-oauth2", "enabled", "false", "true", "ann") if cell not in table["text"]
    ] == []
    assert (
        f"xpro_serviceworker: 5 days left, until {document['apps'][0]['token']['expires']}" in page.id("tokens")["text"]
    )
    (bar,) = page.all("span", class_="bar warning")
    assert bar["@style"] == "width:4.6%"
    assert "no token found" in reports["broken"][0].id("tokens")["text"]
    assert "expired on " in reports["hostile"][0].id("tokens")["text"]
    assert not reports["healthy"][0].all(id="drift")
    assert f"Drift: {len(document['apps'][0]['drift'])} declared fact" in page.id("result")["text"]


def test_the_result_says_whether_drift_was_looked_for_and_no_start_is_not_a_count():
    found = {"x": {**result(), "examined": app(), "boots": {"app": 0, "lms": 0}}}
    text = Page(page_of(document(found, {}, now=NOW, ansible=""))).id
    assert "Drift" not in text("result")["text"]
    assert "No Django start of its own; ansible-core" in text("run")["text"]
    compared = document(found, {"x": []}, now=NOW, ansible="")
    assert "Drift: No declared facts differ." in Page(page_of(compared)).id("result")["text"]
    partly = document(found, {"x": []}, now=NOW, ansible="", not_compared={"x": ["app: row, because it is stopped"]})
    told = Page(page_of(partly)).id("result")["text"]
    assert "Drift: No declared facts differ, of what could be compared (1 could not)." in told
    assert [one["apps"][0]["compared"] for one in (compared, document(found, {}, now=NOW, ansible=""))] == [True, False]


def test_what_is_copied_ends_before_a_full_stop():
    fix = "Add 127.0.0.1 kc.odl.local. Set MITX_ONLINE_SECURE_SSL_REDIRECT=False."
    assert copies(fix, "") == ["127.0.0.1 kc.odl.local", "MITX_ONLINE_SECURE_SSL_REDIRECT=False"]


def test_what_a_target_says_stays_text(reports):
    page, document = reports["hostile"]
    for one in document["apps"][0]["hops"]:
        # Ansible took nothing of it for a template, and the page shows it letter by letter.
        assert one["fact"].endswith(EVIL)
        assert all(one[key] in page.id(f"a1-{one['id']}")["text"] for key in ("fact", "title", "proves"))
    assert "49" not in page.source.replace(document["written"], "")
    # The same elements as on a page of harmless text, and so no more attributes either.
    assert {element["tag"] for element in page.elements} <= {
        element["tag"] for case in ("broken", "warned") for element in reports[case][0].elements
    }


def test_contrast_is_enough():
    """WCAG AA, 4.5 to 1, of everything that is text or sign, on the page and on a card, light and dark."""

    def luminance(colour):
        digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one, other):
        darker, lighter = sorted((luminance(one), luminance(other)))
        return (lighter + 0.05) / (darker + 0.05)

    light, dark = re.findall(r":root \{(\s+--page.*?)\}", CSS, re.DOTALL)
    for block in (light, dark):
        colour = dict(re.findall(r"--(\w+): #(\w+)", block))
        for ground in ("page", "card"):
            for name in ("text", "muted", "link", "ok", "failed", "warning", "skipped"):
                assert contrast(colour[name], colour[ground]) >= 4.5, (name, ground, block)
            assert contrast(colour["edge"], colour[ground]) >= 3, (ground, block)
        for name in ("ok", "failed", "warning", "skipped"):
            assert contrast(colour["glyph"], colour[name]) >= 3, (name, block)
