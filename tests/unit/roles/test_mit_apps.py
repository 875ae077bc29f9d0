# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings package of the role edx_private_settings, without Django: what it makes of a namespace of settings."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import types
from pathlib import Path
from typing import ClassVar

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "roles/edx_private_settings/files/mit_apps"
SHARED = {"skip_email_validation": True, "hide_country": True, "registration_ratelimit": ""}


def app(backend_name="ol-oauth2", host="xpro.odl.local:8053"):
    return {"backend_name": backend_name, "host": host, "logout_uri": f"http://{host}/logout"}


def settings(**more):
    return {"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"], "FEATURES": {}, **more}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Import the package with the given apps; it is a copy, as the role makes one."""

    def load(*apps, shared=SHARED, companion=None):
        home = tmp_path / "mit_apps"
        shutil.copytree(PACKAGE, home, ignore=shutil.ignore_patterns("__pycache__"))
        (home / "apps.d").mkdir()
        (home / "shared.json").write_text(json.dumps(shared))
        for number, one in enumerate(apps):
            (home / f"apps.d/{number}.json").write_text(json.dumps(one))
        if companion:
            (home / "companion_auth.json").write_text(json.dumps(companion))
        spec = importlib.util.spec_from_file_location("mit_apps", home / "__init__.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "mit_apps", module)
        spec.loader.exec_module(module)
        return module

    return load


def test_every_app_gets_its_backend_addresses_and_nothing_is_lost(package):
    space = settings(IDA_LOGOUT_URI_LIST=("http://cms/logout",))
    package(app(), app("ol-oauth2-mitxonline", "mitxonline.odl.local:8013")).configure(space)
    assert space["AUTHENTICATION_BACKENDS"] == [
        "mit_apps.backends.OlOauth2Mitxonline",
        "mit_apps.backends.OlOauth2",
        "django.contrib.auth.backends.ModelBackend",
    ]
    assert space["IDA_LOGOUT_URI_LIST"] == [
        "http://cms/logout",
        "http://xpro.odl.local:8053/logout",
        "http://mitxonline.odl.local:8013/logout",
    ]
    assert space["LOGIN_REDIRECT_WHITELIST"] == ["xpro.odl.local:8053", "mitxonline.odl.local:8013"]


def test_configuring_twice_is_configuring_once(package):
    module, once = package(app()), settings()
    module.configure(once)
    twice = dict(once)
    module.configure(twice)
    assert twice == once


@pytest.mark.parametrize("skip", [True, False])
def test_toggles_are_set_flat_and_in_features(package, skip):
    space = settings()
    package(shared={**SHARED, "skip_email_validation": skip}).configure(space)
    for place in (space, space["FEATURES"]):
        assert place["SKIP_EMAIL_VALIDATION"] is skip
        assert place["ALLOW_PUBLIC_ACCOUNT_CREATION"] is place["ENABLE_THIRD_PARTY_AUTH"] is True


def test_toggles_where_there_are_no_features(package):
    space = settings()
    del space["FEATURES"]
    package().configure(space)
    assert space["SKIP_EMAIL_VALIDATION"] is True


def test_the_registration(package):
    fields = {"city": "hidden", "country": "required"}
    space = settings(REGISTRATION_EXTRA_FIELDS=fields, REGISTRATION_RATELIMIT="60/7d")
    package(shared={**SHARED, "registration_ratelimit": "1000/d"}).configure(space)
    assert space["REGISTRATION_EXTRA_FIELDS"] == {"city": "hidden", "country": "hidden"}
    assert space["REGISTRATION_RATELIMIT"] == "1000/d"


def test_the_registration_is_left_alone_where_asked(package):
    fields = {"country": "required"}
    space = settings(REGISTRATION_EXTRA_FIELDS=fields, REGISTRATION_RATELIMIT="60/7d")
    package(shared={**SHARED, "hide_country": False}).configure(space)
    assert (space["REGISTRATION_EXTRA_FIELDS"], space["REGISTRATION_RATELIMIT"]) == (fields, "60/7d")


@pytest.mark.parametrize(
    "present",
    [
        "ol_social_auth.backends.OLOAuth2",
        "lms.envs.tutor.mit_apps.backends.OlOauth2",
        "lms.envs.mit_apps.backends.OlOauth2",
    ],
)
def test_a_backend_name_is_served_once(package, present):
    space = settings(AUTHENTICATION_BACKENDS=(present,))
    package(app()).configure(space)
    assert space["AUTHENTICATION_BACKENDS"] == (present,)


def test_an_application_of_another_kind_has_the_class_of_this_collection(package):
    space = settings(AUTHENTICATION_BACKENDS=("ol_social_auth.backends.OLOAuth2", "other.Backend"))
    package({**app(), "own_backend": True, "logout_uri": ""}).configure(space)
    ours, other = space["AUTHENTICATION_BACKENDS"]
    assert (ours.endswith("mit_apps.backends.OlOauth2"), other) == (True, "other.Backend")
    assert "" not in space.get("IDA_LOGOUT_URI_LIST", [])


def test_another_name_is_not_served_by_the_class_of_the_guide(package):
    space = settings(AUTHENTICATION_BACKENDS=["ol_social_auth.backends.OLOAuth2"])
    package(app("ol-oauth2-mitxonline")).configure(space)
    ours, theirs = "mit_apps.backends.OlOauth2Mitxonline", "ol_social_auth.backends.OLOAuth2"
    assert space["AUTHENTICATION_BACKENDS"] == [ours, theirs]


def test_names_that_differ_have_classes_that_differ(package):
    module = package()
    names = ["ol-oauth2", "ol_oauth2", "ol-oauth2-a", "ol-oauth2_a", "1"]
    assert len({module.class_name({"backend_name": name}) for name in names}) == len(names)


def test_companion_auth_is_off_unless_its_file_is_there(package):
    space = settings(MITX_REDIRECT_ENABLED=True)
    package().configure(space)
    assert space["MITX_REDIRECT_ENABLED"] is False


def test_companion_auth_is_on_with_its_file(package):
    space = settings()
    package(companion={"MITX_REDIRECT_ENABLED": True, "MITX_REDIRECT_LOGIN_URL": "/auth/login/x/"}).configure(space)
    assert (space["MITX_REDIRECT_ENABLED"], space["MITX_REDIRECT_LOGIN_URL"]) == (True, "/auth/login/x/")


@pytest.mark.parametrize("mine", [{}, {"AUTHENTICATION_BACKENDS": ["mine"]}])
def test_private_py_starts_from_its_importer_and_from_what_the_user_set(package, monkeypatch, mine):
    importer = types.SimpleNamespace(
        **settings(IDA_LOGOUT_URI_LIST=["http://cms/logout"], INSTALLED_APPS=["contenttypes"])
    )
    monkeypatch.setitem(sys.modules, "lms.envs.devstack", importer)
    private = dict(mine)
    package(app()).configure_private(private)
    expected = mine.get("AUTHENTICATION_BACKENDS") or importer.AUTHENTICATION_BACKENDS
    assert private["AUTHENTICATION_BACKENDS"] == ["mit_apps.backends.OlOauth2", *expected]
    assert private["IDA_LOGOUT_URI_LIST"] == ["http://cms/logout", "http://xpro.odl.local:8053/logout"]
    assert importer.FEATURES["SKIP_EMAIL_VALIDATION"] is True
    # Tutor's own settings assign some of these afterwards.
    assert private["INSTALLED_APPS"] == ["contenttypes", "mit_apps.late.LateSettings"]


def test_what_tutor_assigns_after_private_py_is_set_when_django_starts(package, monkeypatch):
    found = types.SimpleNamespace(LOGIN_REDIRECT_WHITELIST=["studio.local"])
    django = {"django.conf": {"settings": found}, "django.apps": {"AppConfig": object}}
    for name, content in django.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    home = Path(package(app()).__file__).parent
    spec = importlib.util.spec_from_file_location("mit_apps.late", home / "late.py")
    late = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(late)
    late.LateSettings().ready()
    assert found.LOGIN_REDIRECT_WHITELIST == ["studio.local", "xpro.odl.local:8053"]


class BaseOAuth2:
    """The little of social-core that a backend stands on: settings of the row and a page of the app."""

    rows: ClassVar[dict] = {}

    def setting(self, name):
        return self.rows.get(name)

    def get_json(self, url, **how):
        self.asked = (url, how)
        return {
            "authorization_endpoint": "http://app/a",
            "token_endpoint": "http://app/t",
            "userinfo_endpoint": "http://app/u",
            "username": "ada",
            "is_anonymous": False,
        }


@pytest.fixture
def backend(package, monkeypatch):
    """A class of the module `backends` where the LMS has no ol-social-auth."""

    def load(rows):
        base = type("BaseOAuth2", (BaseOAuth2,), {"rows": rows})
        for name in ("social_core", "social_core.backends"):
            monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        oauth = types.ModuleType("social_core.backends.oauth")
        oauth.BaseOAuth2 = base
        monkeypatch.setitem(sys.modules, "social_core.backends.oauth", oauth)
        monkeypatch.setitem(sys.modules, "ol_social_auth", None)
        package(app("ol-oauth2-mitxonline"))
        monkeypatch.delitem(sys.modules, "mit_apps.backends", raising=False)
        found = importlib.import_module("mit_apps.backends").OlOauth2Mitxonline()
        sys.modules.pop("mit_apps.backends")
        return found

    return load


@pytest.mark.parametrize("root", ["http://app:8013", "http://app:8013/"])
def test_the_addresses_of_the_own_class(backend, root):
    urls = {"AUTHORIZATION_URL": "http://app/authorize/", "ACCESS_TOKEN_URL": "http://app/token/"}
    one = backend({**urls, "API_ROOT": root})
    assert (one.name, one.ID_KEY) == ("ol-oauth2-mitxonline", "username")
    assert (one.authorization_url(), one.access_token_url()) == ("http://app/authorize/", "http://app/token/")
    said = one.user_data("secret")
    assert one.asked == ("http://app:8013/api/users/me", {"headers": {"Authorization": "Bearer secret"}})
    assert one.get_user_details(said) == {"username": "ada"}


def test_the_addresses_of_a_discovery_document(backend):
    one = backend({"DISCOVERY_URL": "http://app/.well-known/openid-configuration"})
    assert (one.authorization_url(), one.access_token_url()) == ("http://app/a", "http://app/t")
    assert one.asked[0] == "http://app/.well-known/openid-configuration"
    one.user_data("secret")
    assert one.asked[0] == "http://app/u"
