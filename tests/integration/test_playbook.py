# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/xpro.yml as a whole: check mode, first run, second run, what it costs, and what it never shows."""

from __future__ import annotations

import re

CANARIES = {
    "mit_app_client_secret": "canary-lms-client-secret-4b1d",
    "mit_app_api_token": "canary-api-token-9c2e",
    "mit_app_edx_client_secret": "canary-app-client-secret-7f3a",
}


def test_check_mode_before_anything_was_applied(fresh):
    before = fresh.digest()
    run = fresh.playbook("--check", "--diff").well()
    assert run.changed > 0
    for said in (
        "+domain: localhost:8200",
        "+username: xpro_serviceworker",
        "+name: xpro-oauth-app",
        "+backend_name: ol-oauth2",
        "+OPENEDX_OAUTH_PROVIDER=ol-oauth2",
        "+client_secret: (secret, new)",
    ):
        assert said in run.diff, run.out
    assert fresh.digest() == before
    assert not (fresh.envs / "private.py").exists()


def test_check_mode_on_a_read_only_database(converged):
    """What a test can prove better than a comparison: a write would be an error."""
    converged.ctl("down")
    for side in ("lms", "xpro"):
        converged.database(side).chmod(0o444)
    converged.ctl("up")
    assert converged.playbook("--check").well().changed == 0


def test_first_run_makes_the_rows(converged):
    site = converged.one("lms", "select id from django_site where domain = 'localhost:8200'")
    worker = converged.one("lms", "select * from auth_user where username = 'xpro_serviceworker'")
    assert (worker["is_staff"], worker["is_superuser"], worker["is_active"]) == (1, 0, 1)
    assert not worker["password"].startswith("!")
    assert converged.one("lms", "select count(*) as n from auth_userprofile where user_id = ?", worker["id"])["n"] == 1
    application = converged.one("lms", "select * from oauth2_provider_application where name = 'xpro-oauth-app'")
    assert application["redirect_uris"] == converged.app + "/login/_private/complete"
    assert (application["client_type"], application["authorization_grant_type"]) == ("confidential", "authorization-code")
    assert application["skip_authorization"] == 1
    token = converged.one("lms", "select * from oauth2_provider_accesstoken where user_id = ?", worker["id"])
    provider = converged.one("lms", "select * from third_party_auth_oauth2providerconfig")
    assert (provider["site_id"], provider["backend_name"], provider["enabled"]) == (site["id"], "ol-oauth2", 1)
    local = converged.one("xpro", "select * from oauth2_provider_application")
    assert local["name"] == "edx-oauth-app"
    assert local["client_id"] == provider["key"]
    assert local["client_secret"].startswith("pbkdf2_sha256$")
    assert local["redirect_uris"].split() == [converged.lms + "/auth/complete/ol-oauth2/"]
    env = dict(line.split("=", 1) for line in converged.dotenv.read_text().splitlines() if "=" in line and line[0] != "#")
    assert env["OPENEDX_API_CLIENT_ID"] == application["client_id"]
    assert env["OPENEDX_API_CLIENT_SECRET"] == application["client_secret"]
    assert env["OPENEDX_SERVICE_WORKER_API_TOKEN"] == token["token"]
    assert converged.dotenv.stat().st_mode & 0o077 == 0


def test_second_run_changes_nothing(converged):
    before, rows = converged.digest(), [converged.count(side) for side in ("lms", "xpro")]
    run = converged.playbook().well()
    assert run.changed == 0, run.out
    assert converged.digest() == before
    assert [converged.count(side) for side in ("lms", "xpro")] == rows
    check = converged.playbook("--check", "--diff").well()
    assert (check.changed, check.diff) == (0, [])


def test_a_converge_starts_each_side_once(fresh):
    """Counted by the sides themselves and not by the collection."""
    before = len(fresh.boots())
    fresh.playbook().well()
    assert sorted(fresh.boots()[before:]) == ["lms", "mitxpro"]


def test_the_login_is_proved_and_nothing_of_it_stays(converged):
    people = [converged.count(side) for side in ("lms", "xpro")]
    run = converged.playbook(doctor=True).well()
    assert run.changed == 0
    assert re.search(r"full login", run.out, re.IGNORECASE)
    after = [converged.count(side) for side in ("lms", "xpro")]
    kept = {"django_session", "django_admin_log", "django_cache"}
    for old, new in zip(people, after):
        assert {t: n for t, n in new.items() if t not in kept} == {t: n for t, n in old.items() if t not in kept}


def test_secrets_are_never_shown(fresh, tmp_path):
    """Canaries in every secret that a user can give, at the highest verbosity that is of use, and in a failure."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    given = [word for name, value in CANARIES.items() for word in ("-e", f"{name}={value}")]
    environment = {"TMPDIR": str(temporary), "ANSIBLE_LOCAL_TEMP": str(temporary), "ANSIBLE_REMOTE_TEMP": str(temporary)}
    environment["ANSIBLE_KEEP_REMOTE_FILES"] = "1"
    text = fresh.playbook("-vvv", "--diff", *given, doctor=True, **environment).well().out
    fresh.sql("lms", "update oauth2_provider_application set name = 'xpro-oauth-app'")
    text += fresh.playbook("-vvv", "--diff", *given, **environment).out
    files = [path for path in temporary.rglob("*") if path.is_file()]
    for name, canary in CANARIES.items():
        assert canary not in text, name
        assert not [path for path in files if canary.encode() in path.read_bytes()], name
    stored = fresh.one("lms", "select client_secret from oauth2_provider_application where client_id != 'login-service-client-id' limit 1")
    assert stored["client_secret"] == CANARIES["mit_app_client_secret"]
