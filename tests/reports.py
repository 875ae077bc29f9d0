# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of the doctor that are made up, and the documents and pages that the report makes of them."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import summary
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.page import page
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import document, examined
from runs import ROOT

#: Of a host, where it is called otherwise.
CHECKOUTS = {"xpro": "mitxpro"}
ROLE = ROOT / "roles/sso_doctor"
EVIL = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ 7 * 7 }}{% raw %}"
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def result(days_left=200.0, **verdicts):
    """What sso_check returns; `verdicts` are by hop, with __ for the point: a status, or status, fact and fix."""
    hops = []
    for one in CATALOGUE:
        verdict = verdicts.get(one.id.replace(".", "__"), "ok")
        status, fact, fix = verdict if isinstance(verdict, tuple) else (verdict, f"The fact of {one.id}.", "")
        shown = {"id": one.id, "side": one.side, "title": one.title, "proves": one.proves}
        hops.append({**shown, "status": status, "fact": fact, "fix": fix, "seconds": 0.12})
    failed = [hop for hop in hops if hop["status"] == "failed"]
    return {
        "ok": not failed,
        "first_failed": failed[0] if failed else {},
        "summary": summary(hops),
        "hops": hops,
        "token_days_left": days_left,
        "versions": {side: {"python": "3.11.7", "django": "5.2.1"} for side in ("app", "lms")},
        "boots": {"app": 2, "lms": 1},
        "seconds": 10.4,
    }


def app(name="xpro", port=8053, **more):
    """What is declared of an app, as sso_check adds it to its result."""
    declared = {
        "name": name,
        "edx_host": "lms",
        "base_url": f"http://{name}.odl.local:{port}",
        "lms_base_url": "http://local.openedx.io:8000",
        "service_worker": f"{name}_serviceworker",
        **more,
    }
    return examined(declared, {"type": "tutor_dev"}, {"type": "compose", "chdir": f"/src/{CHECKOUTS.get(name, name)}"})


def hostile(value):
    """The same with every text that a target can choose in the words of an enemy."""
    if isinstance(value, dict):
        fixed = ("id", "side", "status")
        return {key: one if key in fixed else hostile(one) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return value + EVIL if isinstance(value, str) else value


UNRESOLVED = """Start the LMS (/opt/bin/tutor dev start -d), set OPENEDX_API_BASE_URL=http://local.openedx.io:8000 in \
.env, then docker compose up -d."""
BROKEN = result(
    app__reaches_lms=("failed", "The name does not resolve.", UNRESOLVED),
    lms__application=(
        "failed",
        "A <slash> too many & more.",
        "Run the app's playbook again (role edx_oauth_provider).",
    ),
    commands__sync=("warning", "Odd.", "Look at it."),
    login__linked=("skipped", "not judged, because login.app failed", ""),
)
DRIFT = {
    "object": "provider ol-oauth2",
    "field": "enabled",
    "old": "false",
    "new": "true",
    "by": "ann",
    "at": "2026-11-02",
}
# By case and host: what is declared, what was found, and what of the drift.
CASES = {
    "healthy": {"fine": (app(), result(), [])},
    "broken": {
        "first": (app(), BROKEN, []),
        "second": (app("mitxonline", 8013), result(days_left=None), []),
        "absent": None,
    },
    "warned": {"soon": (app(), result(5.5, lms__token=("warning", "It expires in 5.5 days.", "")), [DRIFT])},
    "hostile": {
        "enemy": (
            app(f"x{EVIL}", base_url="http://a<b>c", lms_base_url="http://d'e\"f", service_worker=EVIL),
            hostile(result(-3.0, lms__site=("failed", "Fact.", "Fix ("), app__client=("warning", "F.", "F."))),
            hostile([DRIFT]),
        )
    },
    "two_lms": {
        "one": (app(), result(), []),
        "other": (app("mitxonline", 8013, lms_base_url="http://other.example.org"), BROKEN, []),
    },
}


def made(case):
    """The document of a case."""
    found = {host: {**one[1], "examined": one[0]} if one else None for host, one in CASES[case].items()}
    drift = {host: one[2] for host, one in CASES[case].items() if one}
    return document(found, drift, now=NOW, ansible="2.19.0", inventories=["hosts.json"])


def page_of(report, history=()):
    return page(report, ROLE / "templates/report.html.j2", ROLE / "files/report.css", history)
