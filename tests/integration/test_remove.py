# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking one of two apps off: what goes, what stays, that the other app is not touched, and the way back."""

from __future__ import annotations

import pytest

PROVIDERS = "select * from third_party_auth_oauth2providerconfig where backend_name = ? order by id"
WORKER = "select id, is_active, is_staff from auth_user where username = ?"
TOKENS = "select * from oauth2_provider_accesstoken where user_id = ?"
APPLICATION = "select * from oauth2_provider_application where name = ?"
LEARNER = {
    "password": "!",
    "is_superuser": 0,
    "is_staff": 0,
    "is_active": 1,
    "date_joined": "2026-01-01",
    "last_login": None,
}
LINK = {
    "provider": "ol-oauth2",
    "uid": "learner",
    "extra_data": "{}",
    "created": "2026-01-01",
    "modified": "2026-01-01",
}


def insert(lab, table, **row):
    names = ", ".join(row)
    lab.sql("lms", f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", *row.values())


@pytest.fixture(scope="module")
def two(lab):
    """Both apps on the LMS; a learner came from xPRO, whose .env somebody had written a part of before."""
    lab.back_to("fresh")
    lab.dotenv.write_text(lab.dotenv.read_text() + "export OPENEDX_IP='10.0.0.7'  # mine\nOPENEDX_API_CLIENT_ID=\n")
    lab.dotenv.with_name("before").write_bytes(lab.dotenv.read_bytes())
    lab.playbook(book="site").well()
    insert(lab, "auth_user", username="learner", email="learner@example.org", first_name="", last_name="", **LEARNER)
    learner = lab.one("lms", "select id from auth_user where username = 'learner'")["id"]
    insert(lab, "social_auth_usersocialauth", user_id=learner, **LINK)
    lab.save("two")
    return lab


def what_stays(run):
    """The closing words of a removal."""
    return [line for line in run.out.splitlines() if line.startswith("  - ")]


def others(lab):
    """All that belongs to MITx Online: its files and database byte for byte, and its rows in the LMS."""
    worker = lab.one("lms", "select * from auth_user where username = 'mitxonline_serviceworker'")
    found = {name: content for name, content in lab.digest().items() if "mitxonline" in name}
    assert sorted(found) == ["lms/lms/envs/mit_apps/apps.d/mitxonline.json", "mitxonline.sqlite3", "mitxonline/.env"]
    return [
        found,
        worker,
        lab.sql("lms", TOKENS, worker["id"]),
        lab.one("lms", APPLICATION, "mitxonline-oauth-app"),
        lab.one("lms", PROVIDERS, "ol-oauth2-mitxonline"),
    ]


def test_one_of_two_apps(two):
    two.back_to("two")
    before, other, secrets = two.digest(), others(two), two.read_env()
    planned = two.playbook("--limit", "xpro", "--check", "--diff", book="remove").well()
    assert two.digest() == before

    boots = len(two.boots())
    run = two.playbook("--limit", "xpro", "--diff", "-e", "edx_history_user=edx", book="remove").well()
    # The other app takes no part, so the LMS is asked whose the names are, and again after its settings changed.
    assert sorted(two.boots()[boots:]) == ["lms", "lms", "mitxpro"]
    assert (run.changed, run.diff) == (planned.changed, planned.diff)
    assert what_stays(run) == what_stays(planned)
    (required,) = [line for line in what_stays(run) if "placeholders in the .env" in line]
    # That one was in the .env before the first run.
    assert "VOUCHER_COMPANY_ID" in required
    assert "EXTERNAL_COURSE_SYNC_API_KEY" not in required
    assert others(two) == other
    for header in (
        "third_party_auth_provider ol-oauth2 {} (disabled)",
        "django_user xpro_serviceworker (deactivated)",
        "oauth_application xpro-oauth-app (removed)",
        "oauth_application edx-oauth-app (removed)",
    ):
        assert f"+++ after: {header.format(two.lms.partition('//')[2])}" in run.out
    for line in (
        f"-OPENEDX_API_CLIENT_ID={secrets['OPENEDX_API_CLIENT_ID']}",
        "+OPENEDX_API_CLIENT_ID=removed",
        "-OPENEDX_API_CLIENT_SECRET=(secret, old)",
        "+OPENEDX_API_CLIENT_SECRET=removed",
        f"-OPENEDX_API_BASE_URL={two.lms}",
        "+OPENEDX_IP='10.0.0.7'",
    ):
        assert f"\n{line}\n" in run.out

    assert [row["enabled"] for row in two.sql("lms", PROVIDERS, "ol-oauth2")] == [1, 0]
    worker = two.one("lms", WORKER, "xpro_serviceworker")
    assert (worker["is_active"], worker["is_staff"]) == (0, 0)
    assert two.sql("lms", TOKENS, worker["id"]) == two.sql("lms", APPLICATION, "xpro-oauth-app") == []
    assert two.sql("xpro", "select * from oauth2_provider_application") == []
    assert not (two.envs / "mit_apps/apps.d/xpro.json").exists()
    history = two.sql(
        "lms", "select action_flag, change_message as what from django_admin_log order by id desc limit 4"
    )
    assert [row["action_flag"] for row in history] == [2, 3, 3, 2]
    assert "is_staff" in history[0]["what"]

    # The lines that were there are there again, byte for byte; what the app does not start without is not empty.
    was = two.dotenv.with_name("before").read_text().replace("OPENEDX_API_CLIENT_ID=", "OPENEDX_API_CLIENT_ID=removed")
    now = two.dotenv.read_text()
    keys = ("MAILGUN_KEY", "MAILGUN_SENDER_DOMAIN", "VOUCHER_COMPANY_ID")
    for key, value in zip(keys, ("development", "localhost", "1"), strict=True):
        was = was.replace(f"{key}=\n", f"{key}={value}\n")
    assert now == was + "OPENEDX_API_CLIENT_SECRET=removed\n"
    for key in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN"):
        assert secrets[key] not in run.out
        assert secrets[key] not in two.dotenv.with_name(".env.before").read_text()

    # The learner stays, and the run says so.
    assert two.one("lms", "select is_active from auth_user where username = 'learner'")["is_active"] == 1
    assert len(two.sql("lms", "select * from social_auth_usersocialauth where uid = 'learner'")) == 1
    for said in ("logged in through xpro (1)", "ol-oauth2 (2)", "xpro_serviceworker, deactivated", "MAILGUN_KEY"):
        assert said in run.out, run.out
    assert "names it too" not in run.out

    told = two.playbook("--limit", "xpro", "--tags", "hops", book="doctor", doctor=True)
    assert told.code != 0
    assert "xpro: app.env: The app is not integrated with this LMS: " in told.out, told.out
    assert ", 1 failed," in told.out, told.out
    planned = two.playbook("--limit", "xpro", book="adopt").well()
    assert "value: removed -> (to be generated)" in planned.out

    after = two.digest()
    again = two.playbook("--limit", "xpro", book="remove").well()
    assert again.changed == 0, again.out
    assert two.digest() == after

    back = two.playbook("--limit", "xpro", book="site", doctor=True).well()
    assert ", 0 failed," in back.out
    assert others(two)[0] == other[0]
    assert two.one("lms", WORKER, "xpro_serviceworker") == {**worker, "is_active": 1, "is_staff": 1}


def test_an_app_that_is_gone_with_its_env_is_found_by_its_provider(two):
    """Nothing on its machine says what it is called, and the first name on the LMS is another app's."""
    two.back_to("two")
    (two.state / "mitxonline/.env").unlink()
    two.ctl("stop", "mitxonline")
    run = two.playbook("--limit", "mitxonline", "-e", "remove_side=lms", book="remove").well()
    assert "the rows of the provider ol-oauth2-mitxonline (2)" in run.out
    assert [row["enabled"] for row in two.sql("lms", PROVIDERS, "ol-oauth2-mitxonline")] == [1, 0]
    assert two.sql("lms", APPLICATION, "mitxonline-oauth-app") == []
    assert [row["enabled"] for row in two.sql("lms", PROVIDERS, "ol-oauth2")] == [1]
    assert len(two.sql("lms", APPLICATION, "xpro-oauth-app")) == 1


def test_what_two_apps_share_stays(two):
    """A worker and a token that both apps were given by hand; the other app is where openedx-companion-auth leads."""
    two.back_to("two")
    env = two.state / "mitxonline/.env"
    for key in ("OPENEDX_SERVICE_WORKER_USERNAME", "OPENEDX_SERVICE_WORKER_API_TOKEN"):
        env.write_text(env.read_text().replace(two.read_env("mitxonline")[key], two.read_env()[key]))
    worker = two.one("lms", WORKER, "xpro_serviceworker")
    # Made by a login, so it belongs to no application of the apps.
    two.sql("lms", "update oauth2_provider_accesstoken set application_id = null where user_id = ?", worker["id"])
    companion = two.envs / "mit_apps/companion_auth.json"
    companion.write_text('{"MITX_REDIRECT_LOGIN_URL": "/auth/login/ol-oauth2/?auth_entry=login"}')
    # Nothing is asked of the app, which does not even run.
    two.ctl("stop", "xpro")
    xpro = {name: content for name, content in two.digest().items() if name.startswith("xpro")}

    refused = two.playbook("--limit", "xpro", book="remove")
    assert refused.code != 0
    assert f"{two.app} does not answer" in refused.out
    assert "-e remove_side=lms" in refused.out
    assert "Nothing was changed" in refused.out

    run = two.playbook("--limit", "xpro", "-e", "remove_side=lms", book="remove").well()
    assert "xpro_serviceworker: another app uses it too" in run.out
    assert two.one("lms", WORKER, "xpro_serviceworker") == worker
    (token,) = two.sql("lms", TOKENS, worker["id"])
    assert token["token"] == two.read_env("mitxonline")["OPENEDX_SERVICE_WORKER_API_TOKEN"]
    assert two.sql("lms", APPLICATION, "xpro-oauth-app") == []
    assert not companion.exists()
    assert {name: content for name, content in two.digest().items() if name.startswith("xpro")} == xpro

    # The last app takes the rest of the settings with it.
    for app in ("xpro", "mitxonline"):
        two.ctl("start", app)
    two.playbook(book="remove").well()
    assert not (two.envs / "private.py").exists()
    assert not (two.envs / "mit_apps").exists()
    assert two.one("lms", WORKER, "xpro_serviceworker")["is_active"] == 0
