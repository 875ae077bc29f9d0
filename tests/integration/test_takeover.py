# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A superuser whose e-mail somebody in the app could have: warned of, or refused; and a lab that is restarted twice."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

LINK = """
insert into social_auth_usersocialauth (provider, uid, extra_data, user_id, created, modified)
  select 'ol-oauth2', 'boss', '{}', id, '2026-01-01', '2026-01-01' from auth_user where username = 'boss'
"""


@pytest.fixture
def provider(lab):
    """Run the module on a provider row, of which there is none yet, and say what came of it."""
    lab.back_to("fresh")
    site = lab.lms.partition("//")[2]
    lab.warm.run("lms", "django_site", domain=site)

    def run(check=False, **options):
        options = {
            "site": site,
            "backend_name": "ol-oauth2",
            "slug": "ol-oauth2",
            "name": "x",
            "enabled": True,
            **options,
        }
        return lab.warm.run("lms", "third_party_auth_provider", check, **options)

    return run


def test_a_superuser_who_could_be_taken_over_is_warned_of_or_the_provider_is_refused(lab, provider):
    lab.warm.run("lms", "django_user", username="boss", email="boss@mit.edu", is_superuser=True)
    before = lab.database("lms").read_bytes()
    for check in (True, False):
        refused = provider(check, refuse_takeover=True)
        assert "it is not enabled, because whoever has the e-mail of boss (boss@mit.edu) in the app" in refused["msg"]
        assert "edx@localhost" in refused["msg"]
    (warning,) = provider(check=True)["warned"]
    assert warning.startswith("ol-oauth2: whoever has the e-mail of boss (boss@mit.edu)")
    # A row that logs nobody in takes over nobody.
    assert not provider(check=True, refuse_takeover=True, enabled=False).get("warned")
    assert lab.database("lms").read_bytes() == before
    # Linked, nobody's, or inactive: nothing to take.
    lab.sql("lms", LINK)
    assert "warned" not in provider(check=True, refuse_takeover=True)
    lab.sql("lms", "delete from social_auth_usersocialauth")
    for change in ("email = 'boss@localhost'", "email = 'boss@mit.edu', is_active = 0"):
        lab.sql("lms", f"update auth_user set {change} where username = 'boss'")
        assert "warned" not in provider(check=True, refuse_takeover=True)
    lab.sql("lms", "update auth_user set is_active = 1 where username = 'boss'")
    assert provider()["changed"]
    # What is enabled stays so.
    assert not provider(refuse_takeover=True)["changed"]


def test_a_superuser_who_is_made_by_the_same_run_counts_too(lab, provider):
    """Said by a run in check mode; with the variable of the inventory a run fails, and has written nothing."""
    before = lab.digest()
    people = {"edx_superusers": [{"username": "chief", "email": "chief@mit.edu"}]}
    for refuse, words in ((False, ["--check"]), (True, [])):
        run = lab.playbook(*words, "-e", json.dumps({**people, "edx_refuse_takeover": refuse}))
        assert "the e-mail of chief (chief@mit.edu) in the app becomes that superuser" in " ".join(run.out.split())
        assert (run.code != 0) is refuse
        assert lab.digest() == before


def test_two_restarts_at_once_leave_one_server(lab):
    lab.back_to("fresh")
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _number: lab.ctl("restart", "lms", check=False), range(3)))
    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    lab.ctl("stop", "lms")
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", int(lab.lms.rpartition(":")[2]))) != 0
