# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps that are no copies of the lab's: a few lines in the inventory, one run, a login, and off again.

One is Django with django-oauth-toolkit at `/o/`, one is no Django at all. The lines are those of docs/onboarding.md.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from admin_site import Form
from dotenv import dotenv_values
from runs import ROOT

GUESTS = ROOT / "lab/guests"
POLLS, BADGE = 8093, 8095
# What a person writes, and what only the lab needs: it is on one host and has no compose.
LINES = {
    "polls": """
      mit_app_domain: 127.0.0.1
      mit_app_port: {port}
      mit_app_dir: {folder}
      mit_app_settings: polls.settings
      mit_app_authorize_path: /o/authorize/
      mit_app_token_path: /o/token/
      mit_app_scopes: [read]
""",
    "badge": """
      mit_app_domain: 127.0.0.1
      mit_app_port: {port}
      mit_app_dotenv: {folder}/.env
      mit_app_target: none
      mit_app_authorize_path: /sso/authorize
      mit_app_token_path: /sso/token
      mit_app_user_info_path: /sso/whoami
      mit_app_user_info_fields: {{username: sub, email: mail, name: person.name}}
      mit_app_scopes: [profile]
""",
    "discovered": """
      mit_app_domain: 127.0.0.1
      mit_app_port: {port}
      mit_app_dotenv: {folder}/.env
      mit_app_target: none
      mit_app_discovery_url: http://127.0.0.1:{port}/.well-known/openid-configuration
      mit_app_user_info_fields: {{username: sub, email: mail, name: person.name}}
      mit_app_scopes: [openid]
""",
}
OF_THE_LAB = """
      mit_app_target: {{type: command, argv: [{python}, "-"], chdir: {folder}}}
      mit_app_restart_argv: ["true"]
"""


def port_of(lab, port: int) -> int:
    return port + int(lab.lms.rpartition(":")[2]) - 8000


@contextmanager
def running(argv, url: str, env: dict[str, str]):
    server = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(200):
            try:
                requests.get(url, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def polls(lab, tmp_path):
    """The folder of a Django of fifty lines that runs, and the Python of its own."""
    python = ROOT / ".lab/venv-app/bin/python"
    settings = {"DJANGO_SETTINGS_MODULE": "polls.settings", "POLLS_DATABASE": str(tmp_path / "db.sqlite3")}
    env = {**os.environ, **settings, "PYTHONPATH": str(GUESTS)}
    wrapper = tmp_path / "python"
    words = " ".join(f"{name}='{env[name]}'" for name in (*settings, "PYTHONPATH"))
    wrapper.write_text(f'#!/bin/sh\nexec env {words} {python} "$@"\n')
    wrapper.chmod(0o755)
    subprocess.run([wrapper, "-m", "django", "migrate", "-v0"], check=True)
    port = port_of(lab, POLLS)
    serve = [wrapper, "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}"]
    with running(serve, f"http://127.0.0.1:{port}/o/", env):
        yield tmp_path, wrapper


@pytest.fixture
def badge(lab, tmp_path):
    port = port_of(lab, BADGE)
    env = {**os.environ, "PORT": str(port), "BADGE_ENV": str(tmp_path / ".env")}
    with running([sys.executable, GUESTS / "badge.py"], f"http://127.0.0.1:{port}", env):
        yield tmp_path


def inventory(lab, folder, app: str, port: int, more: str = ""):
    lines = LINES[app].format(folder=folder, port=port_of(lab, port))
    path = folder / "guests.yml"
    path.write_text(f"mit_apps:\n  hosts:\n    {app}:{lines.rstrip()}{more.rstrip()}\n")
    connection = "  vars: {ansible_connection: local, ansible_python_interpreter: '{{ ansible_playbook_python }}'}\n"
    path.write_text(path.read_text() + connection)
    assert len(lines.strip().splitlines()) <= 9
    return lambda book, **how: lab.playbook("-i", "inventories/lab", "-i", str(path), "--limit", app, book=book, **how)


def hops(lab):
    (app,) = json.loads((lab.report / "report.json").read_text())["apps"]
    return {hop["id"]: hop for hop in app["hops"]}


def submit(person, page, **values):
    action = re.search(r"<form[^>]* action=\"([^\"]*)\"", page.text)
    target = urljoin(page.url, action[1].replace("&amp;", "&")) if action else page.url
    return person.post(target, data={**Form(page.text).values, **values}, headers={"Referer": page.url})


def test_django_at_another_mount(lab, polls):
    lab.back_to("converged")
    before = lab.count("lms")
    folder, python = polls
    play = inventory(lab, folder, "polls", POLLS, OF_THE_LAB.format(python=python, folder=folder))
    run = play("site", doctor=True).well()
    assert ", 0 failed, no warnings" in run.out, run.out
    found = hops(lab)
    assert found["login.browser"]["status"] == "ok"
    assert "wants a token" in found["lms.user_info"]["fact"]
    assert {found[name]["status"] for name in ("app.token", "app.reaches_itself", "lms.worker")} == {"skipped"}
    assert "OPENEDX_SERVICE_WORKER_API_TOKEN" not in dotenv_values(folder / ".env")
    assert play("site").well().changed == 0
    play("remove").well()
    assert not [name for name in dotenv_values(folder / ".env") if name.startswith("OPENEDX_SERVICE")]
    assert lab.sql("lms", "select * from oauth2_provider_application where name = 'polls-oauth-app'") == []
    after = lab.count("lms")
    assert after["oauth2_provider_application"] == before["oauth2_provider_application"]
    assert lab.playbook(book="xpro").well().changed == 0


@pytest.mark.parametrize("app", ["badge", "discovered"])
def test_no_django(lab, badge, app):
    lab.back_to("converged")
    play = inventory(lab, badge, app, BADGE)
    run = play("site", doctor=True).well()
    assert ", 0 failed, no warnings" in run.out, run.out
    env = dotenv_values(badge / ".env")
    # It says what to register, and where the secret is, which it does not show.
    assert env["OPENEDX_SSO_CLIENT_ID"] in run.out
    assert f"OPENEDX_SSO_CLIENT_SECRET in {badge / '.env'}" in run.out
    assert env["OPENEDX_SSO_CLIENT_SECRET"] not in run.out
    found = hops(lab)
    assert {found[name]["status"] for name in ("lms.secret", "lms.user_info", "browser.entrance")} == {"ok"}
    assert {found[name]["status"] for name in ("app.starts", "login.browser")} == {"skipped"}

    person = requests.Session()
    page = person.get(f"{lab.lms}/login").text
    asked = person.get(urljoin(lab.lms, re.search(rf'href="([^"]+)">Login with {app}<', page)[1].replace("&amp;", "&")))
    form = submit(person, asked, login="ada", password="x")
    assert urlsplit(form.url).path == "/register"
    assert (Form(form.text).values["username"], Form(form.text).values["email"]) == ("ada", "ada@badge.example")
    assert submit(person, form, name="Ada", honor_code="true").url == f"{lab.lms}/dashboard"

    assert play("site").well().changed == 0
    # It has no service worker and no rows of its own, which the plan of a run does without.
    assert f"{app}: 0 to change" in play("adopt").well().out
    assert "not applicable Create the service worker" in play("explain").well().out
    play("remove").well()
    assert not [name for name in dotenv_values(badge / ".env") if name.startswith("OPENEDX_SSO")]
