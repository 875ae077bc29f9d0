# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way in that a person takes, where the app has no login page but its gateway's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from admin_site import Form
from runs import ROOT, Run

BUTTON, EMAIL, PASSWORD = "Login with mitxonline", "student@odl.local", "student"
USE = ("-e", "mit_app_api_gateway=true")


@dataclass
class Behind:
    """MITx Online behind its gateway, and what the runs said: without it, with it, and once more."""

    lab: Any
    without: Run
    first: Run
    again: Run

    def at(self, port: int) -> str:
        return f"http://127.0.0.1:{int(self.lab.online.rpartition(':')[2]) - 8013 + port}"

    @property
    def gateway(self) -> str:
        return self.at(9080)

    @property
    def sign_in(self) -> str:
        return self.at(7080) + "/realms/ol-local/protocol/openid-connect/auth"


@pytest.fixture(scope="module")
def behind(lab):
    lab.back_to("converged")
    return Behind(
        lab,
        lab.playbook(book="mitxonline", doctor=True).well(),
        lab.playbook(*USE, book="mitxonline", doctor=True).well(),
        lab.playbook(*USE, book="mitxonline", doctor=True).well(),
    )


def submit(person, page, **values):
    """Fill in the form of a page and press its button."""
    action = re.search(r"<form method=\"?post\"?(?: action=\"([^\"]*)\")?", page.text)
    target = urljoin(page.url, (action[1] or "").replace("&amp;", "&")) if action else page.url
    return person.post(target, data={**Form(page.text).values, **values}, headers={"Referer": page.url})


def test_the_doctor_says_where_people_sign_in(behind):
    said = " ".join(behind.without.out.split())
    assert "turns round for ever" in said
    assert f"Log in at {behind.lab.online}/admin/login/ first" in said
    for run in (behind.first, behind.again):
        assert ", 0 failed, no warnings" in run.out, run.out
    (app,) = json.loads((behind.lab.report / "report.json").read_text())["apps"]
    facts = {hop["id"]: hop["fact"] for hop in app["hops"]}
    assert facts["browser.entrance"] == f"People sign in at {behind.sign_in}"
    assert behind.again.changed == 0, behind.again.out


def test_every_address_is_the_gateways(behind):
    lab = behind.lab
    env = lab.read_env("mitxonline")
    assert env["MITX_ONLINE_BASE_URL"] == behind.gateway
    assert env["MITXONLINE_NEW_USER_LOGIN_URL"] == f"{behind.gateway}/create-profile"
    assert (env["COMPOSE_PROFILES"], env["KEYCLOAK_CLIENT_SECRET"]) == ("keycloak,apisix", "lab-gateway-secret")
    assert env["OPENEDX_COURSE_BASE_URL"] == f"{lab.lms}/learn/course/"
    rows = "select other_settings from third_party_auth_oauth2providerconfig where enabled order by id desc limit 1"
    assert (
        json.loads(lab.one("lms", rows)["other_settings"])["AUTHORIZATION_URL"] == f"{behind.gateway}/oauth2/authorize/"
    )


def test_a_person_signs_in_by_the_gateway_and_lands_on_the_lms(behind):
    lab = behind.lab
    person = requests.Session()
    login = person.get(f"{lab.lms}/login").text
    button = urljoin(lab.lms, re.search(rf'href="([^"]+)">{BUTTON}<', login)[1].replace("&amp;", "&"))
    asked = person.get(button)
    assert asked.url.startswith(behind.sign_in)
    assert "Invalid username or password" in submit(person, asked, username=EMAIL, password="wrong").text
    assert submit(person, asked, username=EMAIL, password=PASSWORD).url == f"{behind.gateway}/dashboard/"
    page = person.get(button)
    if urlsplit(page.url).path == "/register":
        page = submit(person, page, name="Test Student", honor_code="true")
    assert page.url == f"{lab.lms}/dashboard"
    assert EMAIL in page.text or "student" in page.text


def test_without_its_secret_it_is_refused_before_anything_is_written(behind):
    lab = behind.lab
    file = lab.state / "mitxonline" / ".env"
    kept = file.read_bytes()
    file.write_text(re.sub(r"^KEYCLOAK_CLIENT_SECRET=.*\n", "", kept.decode(), flags=re.MULTILINE))
    before = lab.digest()
    run = lab.playbook(*USE, "-e", "mit_app_api_gateway_client_secret=", book="mitxonline")
    assert (run.code, "KEYCLOAK_CLIENT_SECRET is empty" in run.out) == (2, True), run.out
    assert lab.digest() == before
    file.write_bytes(kept)


@pytest.mark.browser
def test_a_person_in_chromium_lands_on_the_lms(behind, browser_modules, tmp_path):
    lab = behind.lab
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    script = ROOT / "tests/browser/sign_in.mjs"
    done = subprocess.run(
        ["node", script, browser_modules, chromium, tmp_path, lab.lms, BUTTON, EMAIL, PASSWORD],
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)
    assert steps[1]["url"].startswith(behind.sign_in)
    assert steps[2]["url"] == f"{behind.gateway}/dashboard/"
    assert steps[-1]["url"] == f"{lab.lms}/dashboard"
