# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation made by hand, as the guide says, is adopted: nothing twice, and what works is kept.

By hand means: the admin site's own forms, the login page, the app's own command and an editor.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import xpro
from admin_site import Person

WORKER, EMAIL, PASSWORD = "mit_Application_serviceworker", "service@mitx.odl.local", "remember-the-password"
APP_CLIENT, APP_SECRET = "client-id-given-by-hand", "client-secret-given-by-hand"
PRIVATE = """\
from .production import AUTHENTICATION_BACKENDS, FEATURES, IDA_LOGOUT_URI_LIST, REGISTRATION_EXTRA_FIELDS

FEATURES["ALLOW_PUBLIC_ACCOUNT_CREATION"] = True
FEATURES["SKIP_EMAIL_VALIDATION"] = True

REGISTRATION_EXTRA_FIELDS["country"] = "hidden"

THIRD_PARTY_AUTH_BACKENDS = ["ol_social_auth.backends.OLOAuth2"]

AUTHENTICATION_BACKENDS = list(THIRD_PARTY_AUTH_BACKENDS) + list(AUTHENTICATION_BACKENDS)

IDA_LOGOUT_URI_LIST = list(IDA_LOGOUT_URI_LIST) + list(["{app}/logout"])

SOCIAL_AUTH_OAUTH_SECRETS = {{
    "ol-oauth2": "{secret}",
}}
"""
SETTINGS = """{{
    "AUTHORIZATION_URL": "{app}/oauth2/authorize/",
    "ACCESS_TOKEN_URL": "{app}/oauth2/token/",
    "API_ROOT": "{app}/"
}}"""
TOKENS = """
select t.* from oauth2_provider_accesstoken t join auth_user u on u.id = t.user_id where u.username = ?
"""
FLAGS = (
    "enabled",
    "skip_hinted_login_dialog",
    "skip_registration_form",
    "skip_email_verification",
    "sync_learner_profile_data",
    "enable_sso_id_verification",
)


def by_hand(lab):
    """The guide, up to the settings of the LMS."""
    admin = Person(lab, "edx", "edx")
    application = admin.save(
        "oauth2_provider/application/add/",
        name="xpro-oauth-app",
        redirect_uris=f"{lab.app}/login/_private/complete",
        client_type="confidential",
        authorization_grant_type="authorization-code",
        skip_authorization="on",
    )
    manage = ("exec", "lms", "--", "python", "manage.py", "lms")
    lab.ctl(*manage, "manage_user", "--staff", WORKER, EMAIL)
    password = f"user = User.objects.get(username='{WORKER}'); user.set_password('{PASSWORD}'); user.save()"
    lab.ctl(*manage, "shell", "-c", f"from django.contrib.auth.models import User; {password}")
    Person(lab, WORKER, PASSWORD)
    token = lab.one("lms", TOKENS, WORKER)
    admin.save(f"oauth2_provider/accesstoken/{token['id']}/change/", expires_0="2036-01-01", expires_1="00:00:00")
    values = {
        "OPENEDX_IP": "172.18.0.1",
        "OPENEDX_API_BASE_URL": lab.lms,
        "OPENEDX_SERVICE_WORKER_USERNAME": WORKER,
        "OPENEDX_SERVICE_WORKER_API_TOKEN": token["token"],
        "OPENEDX_OAUTH_PROVIDER": "ol-oauth2",
        "OPENEDX_SOCIAL_LOGIN_PATH": "/auth/login/ol-oauth2/?auth_entry=login",
        "OPENEDX_API_CLIENT_ID": application["client_id"],
        "OPENEDX_API_CLIENT_SECRET": application["client_secret"],
        "LOGOUT_REDIRECT_URL": f"{lab.lms}/logout",
        "VOUCHER_COMPANY_ID": "7",
        "MAILGUN_KEY": "mine",
        "MAILGUN_SENDER_DOMAIN": "mine.example.org",
    }
    lines = "".join(f"{name}={value}\n" for name, value in values.items())
    lab.dotenv.write_text(re.sub(rf"(?m)^({'|'.join(values)})=.*\n", "", lab.dotenv.read_text()) + lines)
    lab.ctl("start", "xpro")


def provider_by_hand(lab, private, row, *options):
    """The rest of it: the app's command, private.py and the provider's form, with what was put in as secret."""
    command = ("exec", "xpro", "--", "python", "manage.py", "configure_instance", "linux", "--gateway", "172.18.0.1")
    printed = lab.ctl(*command, "--tutor-dev", "--dont-create-superuser", *options).stdout
    client_id, secret = re.search(r"Client ID: (\S+)\nSecret: (\S+)", printed).groups()
    (lab.envs / "private.py").write_text(PRIVATE.format(app=lab.app, secret=private or secret))
    # The form offers the backends of this start.
    lab.ctl("restart", "lms")
    Person(lab, "edx", "edx").save(
        "third_party_auth/oauth2providerconfig/add/",
        name="Login with MIT App",
        slug="ol-oauth2",
        site=str(lab.one("lms", "select id from django_site where domain = ?", lab.lms.partition("//")[2])["id"]),
        backend_name="ol-oauth2",
        key=client_id,
        secret=secret if row is None else row,
        other_settings=SETTINGS.format(app=lab.app),
        **dict.fromkeys(FLAGS, "on"),
    )
    return client_id


@pytest.fixture(scope="module")
def guided(lab):
    lab.back_to("fresh")
    Person(lab, "edx", "edx").save("sites/site/add/", domain=lab.lms.partition("//")[2], name="the LMS")
    by_hand(lab)
    lab.save("guided")
    return lab


def integrated(lab):
    """One run proves a login, and nothing came twice."""
    before = lab.read_env()
    assert ", 0 failed," in lab.playbook("--diff", doctor=True).well().out
    nothing_twice(lab, before, lab.read_env())
    return lab.one("xpro", "select * from oauth2_provider_application")


def nothing_twice(lab, before, after):
    """What was made by hand is what is used, by the app's .env before and after."""
    workers = lab.sql("lms", "select email, is_staff from auth_user where username like '%serviceworker'")
    assert workers == [{"email": EMAIL, "is_staff": 1}]
    (application,) = lab.sql("lms", "select * from oauth2_provider_application where client_type = 'confidential'")
    assert application["name"] == "xpro-oauth-app"
    assert application["client_id"] == before["OPENEDX_API_CLIENT_ID"]
    assert application["client_secret"] == before["OPENEDX_API_CLIENT_SECRET"]
    token = lab.one("lms", TOKENS, WORKER)
    assert token["token"] == before["OPENEDX_SERVICE_WORKER_API_TOKEN"]
    assert token["expires"].startswith("2036-01-01")
    assert {name for name in before if after[name] != before[name]} == {"OPENEDX_IP", "OPENEDX_SOCIAL_LOGIN_PATH"}
    assert after["OPENEDX_SOCIAL_LOGIN_PATH"].startswith(f"{before['OPENEDX_SOCIAL_LOGIN_PATH']}&next=")


def reported(lab):
    """What adopt.yml says before anything is written: of a secret only that it differs."""
    before, secrets = lab.digest(), [lab.read_env()["OPENEDX_API_CLIENT_SECRET"], newest(lab)["secret"]]
    out = lab.playbook("-vvv", "--diff", "--limit", "xpro", book="adopt").well().out
    assert lab.digest() == before
    assert [line for line in out.splitlines() if any(secret in line for secret in secrets)] == []
    report = out[out.rindex(" unchanged\n") :]
    unchanged, to_change = report.split(" to change\n")
    for thing in ("OPENEDX_API_CLIENT_SECRET", "VOUCHER_COMPANY_ID", "Site localhost", "application xpro-oauth-app"):
        assert thing in unchanged
    for said in (
        f"user {WORKER}",
        f"API token of {WORKER} (kept: token)",
        "provider ol-oauth2 (kept: client_id)",
        "client_secret: (secret) -> (another secret)",
        "visible: False -> True",
        "backend ol-oauth2",
        "OPENEDX_IP",
        "value: 172.18.0.1 -> 127.0.0.1",
        "redirect_uris: http://172.18.0.1:8000/auth/complete/",
    ):
        assert said in to_change, report
    assert "OPENEDX_BASE_REDIRECT_URL" in to_change.split(" to create\n")[1]


def newest(lab):
    return lab.sql("lms", "select * from third_party_auth_oauth2providerconfig order by id desc")[0]


@pytest.mark.parametrize("row", [APP_SECRET, ""], ids=["in the row", "only in the settings"])
def test_a_secret_that_works_is_kept(guided, tmp_path, row):
    """Wherever it stands, and both sides know it by what they had before."""
    guided.back_to("guided")
    options = ("--edx-oauth-client", APP_CLIENT, "--edx-oauth-secret", APP_SECRET)
    assert provider_by_hand(guided, APP_SECRET, row, *options) == APP_CLIENT
    theirs = guided.one("xpro", "select * from oauth2_provider_application")
    by_modules = xpro.Xpro(guided, Path(shutil.copy(guided.dotenv, tmp_path)))
    before = by_modules.read_env()
    assert xpro.changed(by_modules.run()) == [True, True, True]
    assert xpro.changed(by_modules.run()) == [False, False, False]
    nothing_twice(guided, before, by_modules.read_env())
    application = guided.one("xpro", "select * from oauth2_provider_application")
    added = f"{guided.lms}/auth/complete/ol-oauth2/"
    assert {*application.pop("redirect_uris").split()} == {*theirs.pop("redirect_uris").split(), added}
    kept = ("id", "client_id", "client_secret", "client_type", "authorization_grant_type", "name")
    assert [application[name] for name in kept] == [theirs[name] for name in kept]
    # The settings alone do for the LMS; the row names it all the same, where everybody looks.
    assert (newest(guided)["key"], newest(guided)["secret"]) == (APP_CLIENT, APP_SECRET)


def test_the_printed_hash_as_secret(guided):
    """To the letter of the guide: what configure_instance prints is a hash, with which nobody can log in."""
    guided.back_to("guided")
    client_id = provider_by_hand(guided, None, None)
    assert newest(guided)["secret"].startswith("pbkdf2_sha256$")
    theirs = guided.one("xpro", "select * from oauth2_provider_application")
    assert newest(guided)["secret"] == theirs["client_secret"]
    reported(guided)
    application = integrated(guided)
    assert (application["id"], application["client_id"]) == (theirs["id"], client_id)
    assert newest(guided)["key"] == client_id
    assert not newest(guided)["secret"].startswith("pbkdf2_sha256$")
    assert application["client_secret"] != theirs["client_secret"]
