# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that people change by hand: check mode names exactly that, one run heals it, and the login works again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

PROVIDER = "third_party_auth_oauth2providerconfig"


@dataclass
class Drift:
    """A change made behind the collection's back, and all that a diff may say of it."""

    name: str
    make: Callable
    diff: list[str]


def env_line(pattern, replacement):
    def make(lab):
        text, count = re.subn(pattern, replacement, lab.dotenv.read_text(), flags=re.MULTILINE)
        assert count == 1
        lab.dotenv.write_text(text)

    return make


def sql(side, statement):
    return lambda lab: lab.sql(side, statement)


def provider_row(**changes):
    """A new row in the provider's history, as the admin's Update button makes it."""

    def make(lab):
        row = {**lab.one("lms", f"select * from {PROVIDER} order by id desc limit 1"), **changes}
        del row["id"]
        row["change_date"] = "2099-01-01 00:00:00"
        names = ", ".join(f'"{name}"' for name in row)
        lab.sql("lms", f"insert into {PROVIDER} ({names}) values ({', '.join('?' * len(row))})", *row.values())

    return make


def without_backend(lab):
    (lab.envs / "private.py").write_text("# emptied by hand\n")
    lab.ctl("restart", "lms")


DRIFTS = [
    Drift(
        "redirect URI in the LMS",
        sql("lms", "update oauth2_provider_application set redirect_uris = 'http://wrong/' where name = 'xpro-oauth-app'"),
        ["-redirect_uris: http://wrong/", "+redirect_uris: http://127.0.0.1:8253/login/_private/complete"],
    ),
    Drift(
        "redirect URI in the app",
        sql("xpro", "update oauth2_provider_application set redirect_uris = 'http://localhost:8200/auth/complete/ol-oauth2'"),
        ["+redirect_uris: http://localhost:8200/auth/complete/ol-oauth2/"],
    ),
    Drift(
        "client secret in the LMS",
        sql("lms", "update oauth2_provider_application set client_secret = 'changed-by-hand' where name = 'xpro-oauth-app'"),
        ["-OPENEDX_API_CLIENT_SECRET=(secret, old)", "+OPENEDX_API_CLIENT_SECRET=(secret, new)"],
    ),
    Drift(
        "client secret in the app",
        sql("xpro", "update oauth2_provider_application set client_secret = 'pbkdf2_sha256$1000$salt$aGFzaA=='"),
        ["-client_secret: (secret, old)", "+client_secret: (secret, new)"],
    ),
    Drift(
        "provider flag",
        provider_row(skip_registration_form=0),
        ["-skip_registration_form: False", "+skip_registration_form: True"],
    ),
    Drift(
        "other settings of the provider",
        provider_row(other_settings='{"AUTHORIZATION_URL": "http://127.0.0.1:8253/oauth2/authorize/", "API_ROOT": "http://172.18.0.1:8053/"}'),
        [
            "-other_settings.API_ROOT: http://172.18.0.1:8053/",
            "+other_settings.ACCESS_TOKEN_URL: http://127.0.0.1:8253/oauth2/token/",
            "+other_settings.API_ROOT: http://127.0.0.1:8253/",
        ],
    ),
    Drift("provider row disabled", provider_row(enabled=0), ["-enabled: False", "+enabled: True"]),
    Drift(
        "provider row on the wrong site",
        sql("lms", f"update {PROVIDER} set site_id = (select id from django_site where domain = 'example.com')"),
        ["-site: example.com", "+site: localhost:8200"],
    ),
    Drift(
        "token expired",
        sql("lms", "update oauth2_provider_accesstoken set expires = '2020-01-01 00:00:00' where application_id is not null"),
        ["-expires: 2020-01-01T00:00:00+00:00", "+expires: *"],
    ),
    Drift(
        "token deleted",
        sql("lms", "delete from oauth2_provider_accesstoken where user_id = (select id from auth_user where username = 'xpro_serviceworker')"),
        ["+user: xpro_serviceworker", "+application: xpro-oauth-app", "+scope: read", "+scope: write", "+token: (secret, new)", "+expires: *"],
    ),
    Drift(
        "key of the .env changed",
        env_line(r"^OPENEDX_API_BASE_URL=.*$", "OPENEDX_API_BASE_URL=http://172.18.0.1:8000"),
        ["-OPENEDX_API_BASE_URL=http://172.18.0.1:8000", "+OPENEDX_API_BASE_URL=http://localhost:8200"],
    ),
    Drift(
        "key of the .env removed",
        env_line(r"^OPENEDX_SERVICE_WORKER_API_TOKEN=.*\n", ""),
        ["+OPENEDX_SERVICE_WORKER_API_TOKEN=(secret, new)"],
    ),
    Drift(
        "backend missing from the settings",
        without_backend,
        ["+# BEGIN mitodl.openedx", "+from lms.envs import mit_apps as _mit_apps", "+", "+_mit_apps.configure_private(globals())", "+# END mitodl.openedx"],
    ),
    Drift(
        "service worker not staff",
        sql("lms", "update auth_user set is_staff = 0 where username = 'xpro_serviceworker'"),
        ["-is_staff: False", "+is_staff: True"],
    ),
]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.name)
def test_drift_is_named_exactly_and_healed(converged, drift):
    drift.make(converged)
    before = converged.digest()
    check = converged.playbook("--check", "--diff").well()
    shown = [re.sub(r"expires: 20[3-9].*", "expires: *", line) for line in check.diff]
    assert sorted(shown) == sorted(drift.diff), check.out
    assert check.changed > 0
    assert converged.digest() == before
    assert converged.playbook().well().changed > 0
    again = converged.playbook("--check", "--diff").well()
    assert (again.changed, again.diff) == (0, []), again.out


def test_the_login_works_after_healing_everything_at_once(converged):
    for drift in DRIFTS:
        if drift.name not in ("provider row on the wrong site", "key of the .env removed"):
            drift.make(converged)
    assert converged.playbook(doctor=True).well().changed > 0
