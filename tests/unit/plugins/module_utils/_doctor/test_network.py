# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/network.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import network
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import hint
from chain import by_id, cases, healthy, hops_of, named

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "browser.reaches_lms",
        "failed",
        "does not resolve",
        "Add this line to /etc/hosts of this machine: 127.0.0.1 local.openedx.io (the app's playbook does it with",
        {"browser/lms/kind": "name", "browser/lms/error": "the name does not resolve"},
    ),
    (
        "browser.reaches_app",
        "failed",
        "does not resolve",
        "Add this line to /etc/hosts of this machine: 127.0.0.1 xpro.odl.local (the app's playbook does it with",
        {"browser/app/kind": "name", "browser/app/error": "the name does not resolve"},
    ),
    (
        "browser.reaches_app",
        "failed",
        "refused",
        "Start the app",
        {"browser/app/kind": "refused", "browser/app/error": "connection refused"},
    ),
    (
        "app.reaches_lms",
        "failed",
        "does not resolve",
        "host-gateway",
        {"app/lms/kind": "name", "app/lms/error": "the name does not resolve"},
    ),
    (
        "app.reaches_lms",
        "failed",
        "http://local.openedx.io:8OOO: it is not an address",
        "Correct it where it is set",
        {
            "app/lms/url": "http://local.openedx.io:8OOO",
            "app/lms/host": "",
            "app/lms/kind": "name",
            "app/lms/error": "it is not an address",
        },
    ),
    (
        "app.reaches_lms",
        "failed",
        "firewall",
        "ufw allow",
        {"app/lms/kind": "timeout", "app/lms/error": "no answer (timed out)"},
    ),
    (
        "app.reaches_lms",
        "failed",
        "firewall",
        "ufw allow",
        {"app/lms/kind": "unreachable", "app/lms/error": "no route to it", "app/lms/here": True},
    ),
    (
        "app.reaches_lms",
        "failed",
        "That address is gone",
        "host-gateway",
        {"app/lms/kind": "timeout", "app/lms/error": "no answer (timed out)", "app/lms/here": False},
    ),
    (
        "browser.reaches_app",
        "failed",
        "accepts nobody",
        "docker compose restart",
        {"browser/app/kind": "timeout", "browser/app/error": "no answer (timed out)", "browser/app/here": True},
    ),
    (
        "app.reaches_itself",
        "failed",
        "refused",
        "Start the app (docker compose up -d), its web server included.",
        {"app/self/kind": "refused", "app/self/error": "connection refused"},
    ),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(network) - {"app.starts", "lms.starts"} == {cause[0] for cause in CAUSES}


def test_a_backend_that_cannot_be_imported_is_told_from_an_lms_that_is_not_running():
    seen = healthy()
    seen.silent["lms"] = "The target did not start Django. ModuleNotFoundError: No module named 'ol_social'"
    seen.lms = {}
    found = by_id(seen)["lms.starts"]
    assert "AUTHENTICATION_BACKENDS" in found["fix"]
    assert found["fact"].endswith("No module named 'ol_social'")


def test_without_its_env_nothing_of_compose_is_told_to_be_run():
    """Neither `up` nor `logs`: both fail for the same reason."""
    seen = healthy()
    why = "env file /src/mitxpro/.env not found: stat /src/mitxpro/.env: no such file or directory"
    seen.silent["app"] = (
        f"The compose target gave no answer (exit status 1). It said: {why}\n{hint(why, seen.app_side.target)}"
    )
    seen.app, seen.browser["app"] = {}, {"kind": "refused", "error": "connection refused", "seconds": 0.0}
    found = by_id(seen)
    assert found["app.starts"]["fix"].startswith("the app's .env is missing. Run the app's playbook")
    assert found["browser.reaches_app"]["status"] == "skipped"
    assert "docker compose" not in found["app.starts"]["fix"]


@pytest.mark.parametrize("side", ["app", "lms"])
def test_a_silent_side_is_the_root_and_its_hops_are_not_judged(side):
    seen = healthy()
    seen.silent[side] = "The compose target gave no answer (exit status 1)."
    setattr(seen, side, {})
    found = by_id(seen)
    assert found[f"{side}.starts"]["status"] == "failed"
    assert "no answer" in found[f"{side}.starts"]["fact"]
    seen.silent[side] += " It said: no such service.\nFix: check target.service."
    assert by_id(seen)[f"{side}.starts"]["fix"] == "check target.service."
    others = [
        entry for entry in found.values() if entry["id"].startswith(side + ".") and not entry["id"].endswith(".starts")
    ]
    assert {entry["status"] for entry in others} == {"skipped"}
