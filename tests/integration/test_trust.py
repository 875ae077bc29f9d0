# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, that come at the same time, and that can neither go on nor back: what the lab holds after them.

What an undisturbed run leaves is the measure: the credentials agree, there is one of each, and nothing else works.
"""

from __future__ import annotations

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._claims import PATIENCE
from at_once import one_makes_and_one_removes
from rotation import command, disturbed_at, killed_at
from runs import ROOT
from warm import target

NO_LOGIN = ("-e", "sso_rotation_login=false")
APPLICATIONS = "select * from oauth2_provider_application"
# All but those that the LMS itself makes.
OURS = f"{APPLICATIONS} where name like 'xpro-oauth-app%' or client_id like 'rotation of%'"


def rotate(lab, *words):
    return lab.ansible(*command("--limit", "xpro", *NO_LOGIN, *words))


def said(run):
    return " ".join(run.out.split())


def is_whole(lab):
    """The app and its LMS agree, there is one of each credential, and nobody holds anything."""
    env = lab.read_env()
    application = lab.one("lms", OURS)
    assert application["name"] == "xpro-oauth-app"
    token = lab.one("lms", "select * from oauth2_provider_accesstoken where application_id = ?", application["id"])
    provider = lab.one(
        "lms", "select * from third_party_auth_oauth2providerconfig where enabled order by id desc limit 1"
    )
    local = lab.one("xpro", APPLICATIONS)
    assert (local["client_type"], local["client_id"]) == ("confidential", provider["key"])
    assert provider["secret"]
    assert env["OPENEDX_API_CLIENT_ID"] == application["client_id"]
    assert env["OPENEDX_API_CLIENT_SECRET"] == application["client_secret"]
    assert env["OPENEDX_SERVICE_WORKER_API_TOKEN"] == token["token"]
    for side in ("lms", "xpro"):
        users = {"lms": "auth_user", "xpro": "users_user"}[side]
        assert lab.sql(side, f"select * from {users} where username like 'sso-check-%'") == []


def claim(lab, by, **more):
    return lab.warm.run("lms", "django_objects", objects=[], claims=[{"name": "rotation of a", "by": by, **more}])


def test_a_name_is_held_by_one_until_it_is_given_back(converged):
    lab = converged
    first, again = claim(lab, "one", note="lms_client"), claim(lab, "one", note="api_token lms_client")
    held = again["held"]["rotation of a"]
    assert (first["held"], held["by"], held["note"]) == ({}, "one", "lms_client")
    for other in (claim(lab, "other"), claim(lab, ""), claim(lab, "", release=True)):
        assert (other["errors"][0]["held_by"], other["errors"][0]["note"]) == ("one", "api_token lms_client")
        assert other["msg"].startswith("No row was changed. rotation of a: it is held by one, whose last step was")
    assert not claim(lab, "other", over=["one"]).get("failed")
    # Whoever was taken for dead and is not is refused.
    assert claim(lab, "one")["errors"][0]["held_by"] == "other"
    assert not claim(lab, "other", release=True).get("failed")
    assert claim(lab, "")["held"] == {}


def test_two_rotations_at_once(converged):
    """One goes on, the other changes nothing and says who is at it."""
    lab = converged
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda _number: rotate(lab), range(2)))
    codes = sorted(bool(run.code) for run in runs)
    assert codes == [False, True], [run.out for run in runs]
    refused = next(run for run in runs if run.code)
    assert "There is a rotation of xpro-oauth-app already: it is run by process" in said(refused)
    assert "Nothing was changed. Fix: let it end, then run again." in said(refused)
    is_whole(lab)


def test_a_run_in_the_middle_of_a_rotation_is_refused_and_ends_a_dead_one(converged):
    lab = converged
    assert killed_at(1, "Store the client secret", "--limit", "xpro", *NO_LOGIN, env=lab.env)
    dead = lab.one("lms", f"{APPLICATIONS} where client_id = 'rotation of xpro-oauth-app'")
    assert lab.one("xpro", APPLICATIONS)["client_type"] == "public"
    # As if another machine had taken the last step a moment ago.
    lab.sql("lms", "update oauth2_provider_application set name = '0.1.2.elsewhere' where id = ?", dead["id"])
    before = lab.digest()
    refused = lab.playbook()
    assert "it is run by another machine" in said(refused)
    assert lab.digest() == before
    past = "update oauth2_provider_application set updated = datetime(updated, ?) where id = ?"
    lab.sql("lms", past, f"-{PATIENCE + 60} seconds", dead["id"])
    run = lab.playbook().well()
    assert "Revoke what a rotation that was broken off has left" in run.out
    is_whole(lab)
    assert lab.playbook().well().changed == 0


def test_one_that_can_neither_go_on_nor_back_says_what_is_left(converged):
    lab = converged
    inside = [sys.executable, str(ROOT / "lab/ctl.py"), "exec", "xpro", "--", "python", "-"]
    broken = {"mit_app_target": {"type": "command", "argv": inside}, "mit_app_restart_argv": ["false"]}
    run = rotate(lab, "-e", json.dumps(broken))
    assert run.code != 0
    assert "are in use again" not in said(run)
    assert "Switching back failed, too:" in said(run)
    left = "the application xpro-oauth-app (rotated out), 2 API tokens of xpro_serviceworker."
    assert f"Left in the LMS, and accepted by it: {left}" in said(run)
    again = "`ansible-playbook mitodl.openedx.rotate --limit xpro` again"
    assert f"run {again}, or the app's playbook: either ends it." in said(run)
    assert lab.one("xpro", APPLICATIONS)["client_type"] == "confidential"
    seen = lab.playbook("--tags", "hops", "-e", "sso_doctor_login=false", book="doctor")
    assert re.search(r"\[ ?warn ?\] lms.rotation", seen.out), seen.out
    lab.playbook().well()
    is_whole(lab)


def test_the_app_asks_for_the_secret_again_where_the_lms_is_lost_in_a_rotation(converged):
    """Nothing that stands in the way of going back leaves the client of the LMS without a secret."""
    lab = converged
    database = lab.database("lms")
    lost = database.with_name("lost")
    words = command("--limit", "xpro", *NO_LOGIN, "-e", "rotate=app_client")
    run = disturbed_at("Remove the client secret from", lambda: database.rename(lost), *words, env=lab.env)
    lost.rename(database)
    assert run.code != 0
    assert "are in use again" not in said(run)
    assert "The app asks the LMS for its client secret, so nobody logs in until then" in said(run)
    assert lab.one("xpro", APPLICATIONS)["client_type"] == "confidential"
    lab.playbook().well()
    is_whole(lab)


@pytest.mark.parametrize(("begun", "step"), [("lms_client", "Restart the app by"), ("app_client", "Store the client")])
def test_a_rotation_of_other_credentials_ends_one_that_was_broken_off(converged, begun, step):
    """It would give back what the dead one held, and with it the only word of what that left."""
    lab = converged
    assert killed_at(1, step, "--limit", "xpro", *NO_LOGIN, "-e", f"rotate={begun}", env=lab.env)
    run = rotate(lab, "-e", "rotate=api_token").well()
    assert f"a rotation of {begun} was broken off; this one ends it, too." in said(run)
    assert f"xpro: rotated api_token, {begun}." in said(run)
    is_whole(lab)


# -- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["lms", "xpro"])
def test_eight_at_once_make_one_row_of_each(converged, side):
    """On SQLite; tests/docker has MariaDB and PostgreSQL."""
    one_makes_and_one_removes(target(side)["argv"], converged.env)


PAIRS = {
    "converge": ("playbooks/xpro.yml", "--skip-tags", "doctor"),
    "rotate": command("--limit", "xpro", *NO_LOGIN)[1:],
    "remove": ("playbooks/remove.yml", "--limit", "xpro"),
    "doctor": ("playbooks/doctor.yml", "--limit", "xpro", "-e", "sso_doctor_commands=false"),
}


@pytest.mark.parametrize(
    "pair", [f"{one} {other}" for number, one in enumerate(PAIRS) for other in list(PAIRS)[number:]]
)
def test_two_at_once(lab, pair):
    """Each does its work or is refused with a reason, and one run more leaves one set of rows."""
    lab.back_to("converged")
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda name: lab.ansible("ansible-playbook", *PAIRS[name]), pair.split()))
    for run in runs:
        assert "Traceback" not in run.out
        print(f"{pair}: {run.code}", [line for line in run.out.splitlines() if "FAILED" in line or "fatal" in line])
    # Two who only look do not stand in each other's way.
    assert pair != "doctor doctor" or not any(run.code for run in runs), "\n".join(run.out for run in runs)
    lab.ctl("up")
    lab.playbook().well()
    is_whole(lab)
