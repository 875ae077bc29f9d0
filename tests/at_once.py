# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight processes that want the same rows of one target at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ansible_collections.mitodl.openedx.plugins.modules import django_objects
from modules import Result, run_apart

MANY = 8
CLIENT = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
WANTED = [
    ("django_user", {"username": "at_once"}, {"email": "at.once@example.org"}),
    ("oauth_application", {"name": "at once"}, CLIENT),
    ("oauth_access_token", {"user": "at_once", "application": "at once"}, {"expires_in_days": 1}),
]


def converge(argv: list[str], env: dict[str, str], state: str) -> Result:
    """One process, which starts Django for itself."""
    objects = [
        {"kind": kind, "options": {**key, **(values if state == "present" else {}), "state": state}}
        for kind, key, values in WANTED
    ]
    order = 1 if state == "present" else -1
    return run_apart(django_objects, {"target": {"argv": argv}, "objects": objects[::order]}, env)


def all_at_once(argv: list[str], env: dict[str, str], state: str) -> list[list[str]]:
    """What each of them has done, by object and sorted."""
    with ThreadPoolExecutor(MANY) as pool:
        results = list(pool.map(lambda _number: converge(argv, env, state), range(MANY)))
    assert [result["msg"] for result in results if result.get("failed")] == []
    return [sorted(one["operation"] for one in kind) for kind in zip(*(r["objects"] for r in results), strict=True)]


def one_makes_and_one_removes(argv: list[str], env: dict[str, str]) -> None:
    """Whoever comes first makes each row, or takes it away; the others find it done, and nobody fails."""
    try:
        made = all_at_once(argv, env, "present")
        assert made == [["created", *["unchanged"] * (MANY - 1)]] * len(WANTED)
        assert converge(argv, env, "present")["changed"] is False
    finally:
        gone = all_at_once(argv, env, "absent")
    assert [operations.count("unchanged") for operations in gone] == [MANY - 1] * len(WANTED)
