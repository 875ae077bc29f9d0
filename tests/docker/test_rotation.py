# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation of both apps under a probe that never pauses, on database servers and with the whole proof; also killed."""

from __future__ import annotations

import json
import secrets
import subprocess
from contextlib import ExitStack

import pytest
import requests
from rotation import Person, Probe, killed_at

pytestmark = pytest.mark.docker
LMS = "http://local.openedx.io:8000"
APPS = {
    "xpro": ("http://xpro.odl.local:8053", "ol-oauth2", "courseware.api"),
    "mitxonline": ("http://mitxonline.odl.local:8013", "ol-oauth2-mitxonline", "openedx.api"),
}
# By the app's own registration at the LMS; the session is what a login leaves in the browser.
SIGN_UP = """
import importlib, json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
fields = {{"email": "{name}@example.org", "name": "Rosa Rotation", "password": None, "is_active": True}}
user = get_user_model().objects.create_user("{name}", **fields)
if hasattr(user, "legal_address"):
    user.legal_address.country = "US"
    user.legal_address.save()
importlib.import_module("{api}").create_user(user)
session = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(json.dumps([settings.SESSION_COOKIE_NAME, session.session_key]))
"""
NAMES = ("OPENEDX_API_CLIENT_ID", "OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")


def signed_up(lab, app):
    url, backend, api = APPS[app]
    person = Person(LMS, url, backend, f"rosa-{app}-{secrets.token_hex(2)}")
    code = SIGN_UP.format(name=person.username, api=api)
    said = lab.compose(app, "exec", "-T", "web", "./manage.py", "shell", "-v", "0", "-c", code)
    person.session.cookies.set(*json.loads(said.splitlines()[-1]))
    return person


def environment(lab, app):
    """What the app's container runs with, nothing while there is none."""
    words = ("docker", "exec", f"{lab.state.name}-{app}-web-1", "printenv", *NAMES)
    done = subprocess.run(words, text=True, capture_output=True, check=False)
    return dict(zip(NAMES, done.stdout.splitlines(), strict=True)) if done.returncode == 0 else {}


def there(app):
    """nginx, in front of it, says that nobody answers."""
    try:
        return requests.get(f"{APPS[app][0]}/robots.txt", timeout=30).status_code < 500
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def people(lab):
    found = {app: signed_up(lab, app) for app in APPS}
    for person in found.values():
        assert person.login()
    return found


@pytest.fixture
def probes(lab, people):
    with ExitStack() as stack:
        yield {
            app: stack.enter_context(
                Probe(person, lambda app=app: environment(lab, app), lambda app=app: there(app), 0.5)
            )
            for app, person in people.items()
        }


def provider_secret(lab, app):
    query = f"select secret from third_party_auth_oauth2providerconfig where backend_name = '{APPS[app][1]}'"
    return lab.mysql("mysql", "-N", "--raw", "-e", f"{query} order by id desc limit 1").strip()


def all_new(lab, app, before):
    after = {**environment(lab, app), "provider": provider_secret(lab, app)}
    return [name for name in after if before[name] == after[name]] == []


def test_all_three_of_two_apps(lab, probes):
    before = {app: {**environment(lab, app), "provider": provider_secret(lab, app)} for app in APPS}
    lab.playbook("-e", "rotate_grace_seconds=0", book="rotate", doctor=True).well()
    for app, probe in probes.items():
        probe.end()
        assert all_new(lab, app, before[app])
        assert probe.unexcused == []
        assert min(probe.count.values()) > 3
        assert len(probe.closed) == 1
        headers = {"Authorization": f"Bearer {before[app]['OPENEDX_SERVICE_WORKER_API_TOKEN']}"}
        assert requests.get(f"{LMS}/api/user/v1/me", headers=headers, timeout=30).status_code == 401


def test_killed_on_the_way_and_resumed(lab, probes):
    """Before the restart, and with the app switched but not the LMS; then a run to the end."""
    before = {**environment(lab, "xpro"), "provider": provider_secret(lab, "xpro")}
    for step in ("Bring the compose project up", "Store the client secret"):
        assert killed_at(1, step, "-i", "inventories/docker", "--limit", "xpro", env=lab.env)
    lab.playbook("-e", "rotate_grace_seconds=0", "--limit", "xpro", book="rotate", doctor=True).well()
    assert all_new(lab, "xpro", before)
    for probe in probes.values():
        probe.end()
        assert probe.unexcused == []
    assert probes["mitxonline"].closed == []
