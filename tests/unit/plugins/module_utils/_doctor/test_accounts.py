# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/accounts.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import accounts
from chain import TWO, WORKER, cases, healthy, hops_of, named

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    ("lms.people", "warning", "ann, bob and 3 more: no usable", "Set a password", {"lms/people/locked": TWO}),
    ("lms.people", "warning", "ann, bob and 3 more: no profile", "Add a user profile", {"lms/people/bare": TWO}),
    ("lms.privileged", "warning", "Somebody in the app has", "log in through the app", {"lms/privileged/has": TWO}),
    ("lms.privileged", "warning", "Whoever registers", "log in through the app", {"lms/privileged/could": TWO}),
    ("lms.worker", "failed", "has no user worker", "edx_oauth_provider", {"lms/worker": {"exists": False}}),
    (
        "lms.worker",
        "failed",
        "not active and not staff",
        "edx_oauth_provider",
        {"lms/worker": {**WORKER, "is_active": False, "is_staff": False}},
    ),
    ("lms.worker", "failed", "usable password", "edx_oauth_provider", {"lms/worker/usable_password": False}),
    ("lms.worker", "warning", "is a superuser", "/admin/auth/user/", {"lms/worker/is_superuser": True}),
    ("lms.worker", "warning", "no profile", "edx_oauth_provider", {"lms/worker/profile": False}),
    (
        "lms.token",
        "failed",
        "has no access token",
        "edx_oauth_provider",
        {"lms/token": {"rows": 0, "same": False, "days_left": None}},
    ),
    ("lms.token", "failed", "none of the 1", "mit_app_env", {"lms/token/same": False}),
    (
        "lms.token",
        "failed",
        "is that of edx, not of worker",
        "mit_app_env",
        {"lms/token/same": False, "app/me/json": {"username": "edx"}},
    ),
    ("lms.token", "failed", "expired 2.0 days ago", "edx_oauth_provider", {"lms/token/days_left": -2.0}),
    (
        "lms.rotation",
        "warning",
        "A rotation goes on or was broken off (its last step was 7 seconds ago).",
        "ansible-playbook mitodl.openedx.rotate",
        {"lms/rotation/by": "another", "lms/rotation/idle": 7},
    ),
    ("lms.rotation", "warning", "The LMS accepts the client from before", "rotate", {"lms/rotation/previous": True}),
    ("lms.rotation", "warning", "accepts 2 more API tokens of", "mitodl.openedx.site ends", {"lms/rotation/tokens": 2}),
    ("lms.token", "warning", "expires in 4.5 days", "edx_oauth_provider", {"lms/token/days_left": 4.5}),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_a_rotation_that_proves_itself_is_not_warned_of(monkeypatch):
    seen = healthy()
    monkeypatch.setattr(seen.lms_side, "target", {**seen.lms_side.target, "session": "this run"})
    facts = {"by": "this run", "idle": 1, "previous": True, "tokens": 1}
    assert accounts.lms_rotation(seen, facts).status == "ok"


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(accounts) == {cause[0] for cause in CAUSES}
