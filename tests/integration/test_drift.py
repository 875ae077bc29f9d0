# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people change by hand: check mode names exactly that, and one run heals it.

Each drift by itself, by the modules alone; and one run of the playbook, which says of many at once what they said. That
a run heals and the login works again is what molecule/default and test_causes.py prove.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xpro
from admin_site import Person
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import BEGIN, BLOCK, END

PROVIDER = "third_party_auth_oauth2providerconfig"
LMS_APPLICATION = "select * from oauth2_provider_application where name = 'xpro-oauth-app'"
APP_APPLICATION = "select * from oauth2_provider_application"
NEWEST_PROVIDER = (
    f"select p.*, s.domain from {PROVIDER} p join django_site s on s.id = p.site_id order by p.id desc limit 1"
)
WORKER = "select * from auth_user where username = 'xpro_serviceworker'"
TOKENS = f"select * from oauth2_provider_accesstoken where user_id = (select id from ({WORKER}))"


@dataclass
class Drift:
    """A change made behind the collection's back, all that a diff may say of it, and how one sees that it is healed.

    :ivar together: whether the playbook's own run has it, beside others of other fields.
    """

    name: str
    together: bool
    make: Callable
    diff: list[str]
    healed: Callable


def sql(side, statement):
    return lambda lab: lab.sql(side, statement)


def env_line(pattern, replacement):
    def make(lab):
        text, count = re.subn(pattern, replacement, lab.dotenv.read_text(), flags=re.MULTILINE)
        assert count == 1
        lab.dotenv.write_text(text)

    return make


def provider_row(**changes):
    """A new row in the provider's history, as the admin's Update button makes it."""

    def make(lab):
        row = {**lab.one("lms", f"select * from {PROVIDER} order by id desc limit 1"), **changes}
        del row["id"]
        row["change_date"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        names = ", ".join(f'"{name}"' for name in row)
        lab.sql("lms", f"insert into {PROVIDER} ({names}) values ({', '.join('?' * len(row))})", *row.values())

    return make


DRIFTS = [
    Drift(
        "redirect URI in the LMS",
        True,
        sql(
            "lms",
            "update oauth2_provider_application set redirect_uris = 'http://wrong/' where name = 'xpro-oauth-app'",
        ),
        ["-redirect_uris: http://wrong/", "+redirect_uris: {app}/login/_private/complete"],
        lambda lab: lab.one("lms", LMS_APPLICATION)["redirect_uris"] == f"{lab.app}/login/_private/complete",
    ),
    Drift(
        "redirect URI in the app",
        True,
        lambda lab: lab.sql(
            "xpro", "update oauth2_provider_application set redirect_uris = ?", f"{lab.lms}/auth/complete/ol-oauth2"
        ),
        ["+redirect_uris: {lms}/auth/complete/ol-oauth2/"],
        lambda lab: f"{lab.lms}/auth/complete/ol-oauth2/" in lab.one("xpro", APP_APPLICATION)["redirect_uris"].split(),
    ),
    Drift(
        "client secret in the LMS",
        True,
        sql(
            "lms",
            "update oauth2_provider_application set client_secret = 'changed-by-hand' where name = 'xpro-oauth-app'",
        ),
        ["-OPENEDX_API_CLIENT_SECRET=(secret, old)", "+OPENEDX_API_CLIENT_SECRET=(secret, new)"],
        lambda lab: lab.read_env()["OPENEDX_API_CLIENT_SECRET"] == "changed-by-hand",
    ),
    Drift(
        "client secret in the .env",
        False,
        env_line(r"^OPENEDX_API_CLIENT_SECRET=.*$", "OPENEDX_API_CLIENT_SECRET=another-one-that-is-long-enough"),
        ["-OPENEDX_API_CLIENT_SECRET=(secret, old)", "+OPENEDX_API_CLIENT_SECRET=(secret, new)"],
        lambda lab: lab.read_env()["OPENEDX_API_CLIENT_SECRET"] == lab.one("lms", LMS_APPLICATION)["client_secret"],
    ),
    Drift(
        "client secret in the provider row",
        True,
        provider_row(secret="typed-into-the-admin"),
        ["-client_secret: (secret, old)", "+client_secret: (secret, new)"],
        lambda lab: lab.one("lms", NEWEST_PROVIDER)["secret"] == "typed-into-the-admin",
    ),
    Drift(
        "client secret in the app",
        False,
        sql("xpro", "update oauth2_provider_application set client_secret = 'pbkdf2_sha256$1000$salt$aGFzaA=='"),
        ["-client_secret: (secret, old)", "+client_secret: (secret, new)"],
        lambda lab: lab.one("xpro", APP_APPLICATION)["client_secret"] != "pbkdf2_sha256$1000$salt$aGFzaA==",
    ),
    Drift(
        "provider flag",
        True,
        provider_row(skip_registration_form=0),
        ["-skip_registration_form: False", "+skip_registration_form: True"],
        lambda lab: lab.one("lms", NEWEST_PROVIDER)["skip_registration_form"] == 1,
    ),
    Drift(
        "other settings of the provider",
        True,
        lambda lab: provider_row(
            other_settings=f'{{"AUTHORIZATION_URL": "{lab.app}/oauth2/authorize/", "API_ROOT": "http://172.18.0.1:8053/"}}'
        )(lab),
        [
            "-other_settings.API_ROOT: http://172.18.0.1:8053/",
            "+other_settings.ACCESS_TOKEN_URL: {app}/oauth2/token/",
            "+other_settings.API_ROOT: {app}/",
        ],
        lambda lab: f'"{lab.app}/oauth2/token/"' in lab.one("lms", NEWEST_PROVIDER)["other_settings"],
    ),
    Drift(
        "provider row disabled",
        True,
        provider_row(enabled=0),
        ["-enabled: False", "+enabled: True"],
        lambda lab: lab.one("lms", NEWEST_PROVIDER)["enabled"] == 1,
    ),
    Drift(
        "provider row on the wrong site",
        False,
        sql("lms", f"update {PROVIDER} set site_id = (select id from django_site where domain = 'example.com')"),
        ["-site: example.com", "+site: {site}: a row of its own; that of example.com stays enabled"],
        lambda lab: lab.one("lms", NEWEST_PROVIDER)["domain"] == lab.lms.partition("//")[2],
    ),
    Drift(
        "token expired",
        True,
        sql(
            "lms",
            "update oauth2_provider_accesstoken set expires = '2020-01-01 00:00:00' where application_id is not null",
        ),
        ["-expires: 2020-01-01T00:00:00+00:00", "+expires: *"],
        lambda lab: lab.one("lms", TOKENS)["expires"] > "2030",
    ),
    Drift(
        "token deleted",
        False,
        sql("lms", f"delete from oauth2_provider_accesstoken where id in (select id from ({TOKENS}))"),
        [
            "+user: xpro_serviceworker",
            "+application: xpro-oauth-app",
            "+scope: read",
            "+scope: write",
            "+token: (secret, new)",
            "+expires: *",
        ],
        lambda lab: lab.one("lms", TOKENS)["token"] == lab.read_env()["OPENEDX_SERVICE_WORKER_API_TOKEN"],
    ),
    Drift(
        "key of the .env changed",
        True,
        # As a laptop has it where the name of the LMS did not resolve in containers.
        env_line(r"^OPENEDX_API_BASE_URL=http://[^:]+", "OPENEDX_API_BASE_URL=http://172.18.0.1"),
        ["-OPENEDX_API_BASE_URL=http://172.18.0.1:{port}", "+OPENEDX_API_BASE_URL={lms}"],
        lambda lab: lab.read_env()["OPENEDX_API_BASE_URL"] == lab.lms,
    ),
    Drift(
        "token removed from the .env",
        True,
        env_line(r"^OPENEDX_SERVICE_WORKER_API_TOKEN=.*\n", ""),
        ["+OPENEDX_SERVICE_WORKER_API_TOKEN=(secret, new)"],
        lambda lab: lab.read_env()["OPENEDX_SERVICE_WORKER_API_TOKEN"] == lab.one("lms", TOKENS)["token"],
    ),
    Drift(
        "key of the .env removed",
        False,
        env_line(r"^OPENEDX_SOCIAL_LOGIN_PATH=.*\n", ""),
        ["+OPENEDX_SOCIAL_LOGIN_PATH='/auth/login/ol-oauth2/?auth_entry=login&next=/api/user/v1/me'"],
        lambda lab: lab.read_env()["OPENEDX_SOCIAL_LOGIN_PATH"].endswith("&next=/api/user/v1/me"),
    ),
    Drift(
        "service worker not staff",
        True,
        sql("lms", "update auth_user set is_staff = 0 where username = 'xpro_serviceworker'"),
        ["-is_staff: False", "+is_staff: True"],
        lambda lab: lab.one("lms", WORKER)["is_staff"] == 1,
    ),
]


def expected(lab, drift):
    site = lab.lms.partition("//")[2]
    port = site.rpartition(":")[2]
    return [line.format(lms=lab.lms, app=lab.app, site=site, port=port) for line in drift.diff]


def told(lines):
    """Lines of a diff, without the time at which this test runs."""
    return sorted(re.sub(r"expires: 20[3-9].*", "expires: *", line) for line in lines)


@pytest.fixture
def integrated(converged, tmp_path):
    """An xPRO whose .env can be changed while its server runs."""
    return xpro.Xpro(converged, Path(shutil.copy(converged.dotenv, tmp_path)))


def test_without_drift_there_is_nothing_to_do(integrated):
    for check in (True, False):
        done = integrated.run(check)
        assert (xpro.changed(done), xpro.differences(done)) == ([False, False, False], [])


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.name)
def test_a_drift_is_named_exactly_and_healed(integrated, drift):
    drift.make(integrated)
    before = integrated.digest(), integrated.dotenv.read_bytes()
    check = integrated.run(check=True)
    assert told(xpro.differences(check)) == sorted(expected(integrated, drift))
    assert (integrated.digest(), integrated.dotenv.read_bytes()) == before
    run = integrated.run()
    assert (told(xpro.differences(run)), xpro.changed(run)) == (told(xpro.differences(check)), xpro.changed(check))
    assert drift.healed(integrated)


def test_a_dry_run_says_the_same_of_many_and_writes_nothing(converged):
    """Of the playbook, on databases that only can be read; a settings file that was emptied is among it."""
    drifts = [drift for drift in DRIFTS if drift.together]
    for drift in drifts:
        drift.make(converged)
    (converged.envs / "private.py").write_text("# emptied by hand\n")
    for side in ("lms", "xpro"):
        refuse_every_write(converged, side)
    before = converged.digest()
    run = converged.playbook("--check", "--diff").well()
    # Of private.py a diff shows our block alone: around it is what the user has, and the guide puts a secret there.
    block = [f"+{line}" for line in (BEGIN, *BLOCK.splitlines(), END)]
    wanted = [line for drift in drifts for line in expected(converged, drift)]
    assert told(run.diff) == sorted([*wanted, *block]), run.out
    assert re.findall(r"(?s)Converge the settings of the LMS\].*?\n(ok|changed): ", run.out) == ["changed"], run.out
    assert converged.digest() == before


def refuse_every_write(lab, side):
    """A database that can only be read: whatever would change a row of any table is an error."""
    for table in lab.count(side).keys() - {"sqlite_sequence"}:
        for what in ("insert", "update", "delete"):
            name = f'"read only {what} {table}"'
            lab.sql(
                side, f"create trigger {name} before {what} on \"{table}\" begin select raise(abort, 'read only'); end"
            )


def test_drift_is_listed_with_who_and_when_and_nothing_is_written(converged):
    row = converged.one("lms", NEWEST_PROVIDER)
    application = converged.one("lms", "select * from oauth2_provider_application where name = 'xpro-oauth-app'")
    admin = Person(converged, "edx", "edx")
    admin.save(f"oauth2_provider/application/{application['id']}/change/", redirect_uris="http://else/")
    admin.save(f"third_party_auth/oauth2providerconfig/add/?source={row['id']}", name="Else")
    env = re.sub(r"(?m)^OPENEDX_IP=.*$", "OPENEDX_IP=10.9.8.7", converged.dotenv.read_text())
    converged.dotenv.write_text(re.sub(r"(?m)^LOGOUT_REDIRECT_URL=.*\n", "", env))
    converged.sql("xpro", "update oauth2_provider_application set client_secret = 'another'")
    for side in ("lms", "xpro"):
        refuse_every_write(converged, side)
    before, boots = converged.digest(), len(converged.boots())
    run = converged.playbook("--limit", "xpro", "--tags", "drift", book="doctor").well()
    assert converged.digest() == before
    assert sorted(converged.boots()[boots:]) == ["lms", "mitxpro"]
    told = " ".join(run.out.split())
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    by, complete = f"(last changed by edx, {today}T", f"{converged.app}/login/_private/complete"
    for line in (
        "xpro: 5 declared facts differ",
        "Django starts: 1 of the LMS for all apps, 1 of xpro.",
        f"OAuth2 application xpro-oauth-app: redirect_uris is http://else/, declared {complete} {by}",
        f"LMS: provider ol-oauth2: name is Else, declared Login with xpro {by}",
        f".env: OPENEDX_IP: value is 10.9.8.7, declared 127.0.0.1 (last changed {today}T",
        ".env: LOGOUT_REDIRECT_URL: state is missing, declared present",
        "app: OAuth2 application edx-oauth-app: client_secret is (secret), declared (another secret)",
    ):
        assert line in told, run.out


def test_drift_that_is_not_known_stops_what_was_to_stop_at_drift(converged):
    """Every hop is well, and nothing can be compared: an object that is declared cannot be."""
    given = {"edx_oauth_provider_objects": [{"kind": "nonsense"}], "sso_doctor_login": False, "drift_fail": True}
    run = converged.playbook(
        "--limit", "xpro", "-e", json.dumps(given), "-e", "sso_doctor_commands=false", book="doctor", doctor=True
    )
    assert run.code != 0
    for said in ("drift was not looked for", ", 0 failed,", "is not known, for the reason above"):
        assert said in run.out
    only = converged.playbook("--limit", "xpro", "--tags", "drift", "-e", json.dumps(given), book="doctor")
    assert only.code != 0
    assert "could not be compared with what is declared" in " ".join(only.out.split())
    assert "nonsense" in only.out
    assert "Unknown error" not in only.out


def test_the_rows_of_an_app_whose_server_is_stopped_are_compared_where_its_django_can_be_asked(converged):
    converged.ctl("stop", "xpro")
    run = converged.playbook("--limit", "xpro", "--tags", "drift", "-e", "drift_fail=true", book="doctor").well()
    assert "xpro: no declared facts differ" in run.out


def test_rows_that_cannot_be_asked_for_are_no_differences(converged):
    """As of a compose service that is stopped."""
    converged.ctl("stop", "xpro")
    silent = json.dumps({"mit_app_target": {"type": "command", "argv": ["false", "-"]}})
    words = ("--limit", "xpro", "--tags", "drift", "-e", silent)
    said = " ".join(converged.playbook(*words, book="doctor").well().out.split())
    assert "xpro: no declared facts differ, of what could be compared" in said
    assert "not compared: app: OAuth2 application edx-oauth-app, because " in said
    run = converged.playbook(*words, "-e", "drift_fail=true", book="doctor")
    assert run.code != 0
    assert "is not known, for the reason above" in run.out
