# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/removal.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import removal
from chain import by_id, cases, healthy, hops_of, named, put

FORMER = {
    "base_url": "http://old:8000",
    "login": "http://old:8000/auth/login/ol-oauth2/",
    "fix": "Start that LMS and run the app's playbook again",
}
# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    ("lms.removal", "failed", "ProtectedError", "Django admin", {"lms/removal/left": ["x (ProtectedError: y)"]}),
    ("app.removal", "failed", "ProtectedError", "Django admin", {"app/removal/left": ["x (ProtectedError: y)"]}),
    (
        "browser.former",
        "warning",
        "http://old:8000, which the app left, may still let its users in",
        "Start that LMS",
        {"declared/former": [FORMER], "browser/former/answers": {FORMER["login"]: 302}},
    ),
    (
        "browser.former",
        "warning",
        "does not answer",
        "Start that LMS",
        {"declared/former": [FORMER], "browser/former/answers": {FORMER["login"]: 0}},
    ),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_what_outlived_the_user_is_said_with_its_table():
    seen = healthy()
    put(seen, "lms/removal/sessions", 4)
    put(seen, "lms/removal/traces", {"support_historicalusersocialauth": 5, "social_auth_partial": 3})
    assert by_id(seen)["lms.removal"]["fact"] == (
        "Removed 1 temporary test user, and 3 of social_auth_partial, 5 of support_historicalusersocialauth, 4 sessions"
    )


def test_an_lms_that_was_left_clean_is_no_finding():
    seen = healthy(former=[FORMER])
    put(seen, "browser/former/answers", {FORMER["login"]: 404})
    assert by_id(seen)["browser.former"]["status"] == "ok"


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(removal) == {cause[0] for cause in CAUSES}
