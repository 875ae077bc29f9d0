# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the running lab: the strategy private_py beside what a user has there, and openedx-companion-auth."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
# What the guide tells people to write, as Python.
GUIDE = """from .production import AUTHENTICATION_BACKENDS, FEATURES, IDA_LOGOUT_URI_LIST, REGISTRATION_EXTRA_FIELDS

FEATURES["ALLOW_PUBLIC_ACCOUNT_CREATION"] = True
FEATURES["SKIP_EMAIL_VALIDATION"] = True
REGISTRATION_EXTRA_FIELDS["country"] = "hidden"
THIRD_PARTY_AUTH_BACKENDS = ["ol_social_auth.backends.OLOAuth2"]
AUTHENTICATION_BACKENDS = list(THIRD_PARTY_AUTH_BACKENDS) + list(AUTHENTICATION_BACKENDS)
IDA_LOGOUT_URI_LIST = list(IDA_LOGOUT_URI_LIST) + ["http://xpro.odl.local:8053/logout"]
SOCIAL_AUTH_OAUTH_SECRETS = {"ol-oauth2": "copied-by-hand"}
"""
REMOVE = """
- hosts: xpro
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: mitodl.openedx.edx_private_settings
        apply: {delegate_to: lms}
      vars:
        edx_target: "{{ hostvars.lms.edx_target }}"
        edx_lms_base_url: "{{ hostvars.lms.edx_lms_base_url }}"
        edx_private_settings_hosts: [xpro]
        edx_private_settings_state: absent
        edx_private_settings_strategy: private_py
        edx_private_settings_envs_dir: "{{ hostvars.lms.edx_envs_dir }}"
        edx_private_settings_restart_argv: "{{ hostvars.lms.edx_restart_argv }}"
"""


def settings(lab, expression):
    """What the LMS's Django says of its settings."""
    code = f"import json; from django.conf import settings; print('>' + json.dumps({expression}))"
    out = lab.ctl("exec", "lms", "--", "python", "-c", code).stdout
    return json.loads(next(line for line in out.splitlines() if line.startswith(">"))[1:])


def test_the_file_of_the_guide_is_kept_and_completed(fresh, tmp_path):
    private = fresh.envs / "private.py"
    private.write_text(GUIDE)
    fresh.ctl("restart", "lms")
    fresh.playbook().well()
    assert private.read_text().startswith(GUIDE)
    said = settings(
        fresh,
        """{
            "backends": [b for b in settings.AUTHENTICATION_BACKENDS if "OAuth2" in b or "Oauth2" in b],
            "flat": [settings.ALLOW_PUBLIC_ACCOUNT_CREATION, settings.SKIP_EMAIL_VALIDATION],
            "features": [
                settings.FEATURES[name] for name in ("ALLOW_PUBLIC_ACCOUNT_CREATION", "SKIP_EMAIL_VALIDATION")
            ],
            "logout": settings.IDA_LOGOUT_URI_LIST,
            "whitelist": settings.LOGIN_REDIRECT_WHITELIST,
            "country": settings.REGISTRATION_EXTRA_FIELDS["country"],
            "secrets": settings.SOCIAL_AUTH_OAUTH_SECRETS,
        }""",
    )
    assert [backend for backend in said["backends"] if "social_core" not in backend] == [
        "ol_social_auth.backends.OLOAuth2"
    ]
    assert said["flat"] == said["features"] == [True, True]
    host = fresh.app.removeprefix("http://")
    assert said["logout"][-2:] == ["http://xpro.odl.local:8053/logout", f"http://{host}/logout"]
    assert said["whitelist"] == [host]
    assert (said["country"], said["secrets"]) == ("hidden", {"ol-oauth2": "copied-by-hand"})
    assert fresh.playbook().well().changed == 0

    play = tmp_path / "remove.yml"
    play.write_text(REMOVE)
    remove = ("ansible-playbook", "-i", str(ROOT / "inventories/lab"), str(play))
    assert fresh.ansible(*remove, "--check").well().changed > 0
    assert private.read_text() != GUIDE
    assert fresh.ansible(*remove).well().changed > 0
    assert private.read_text() == GUIDE
    assert not (fresh.envs / "mit_apps").exists()
    assert fresh.ansible(*remove).well().changed == 0


def test_settings_that_the_running_lms_never_read_are_put_in_force(converged):
    private = converged.envs / "private.py"
    kept = private.read_text()
    private.write_text("")
    converged.ctl("restart", "lms")
    private.write_text(kept)
    assert converged.playbook("--check").well().changed == 1
    assert converged.playbook().well().changed == 1
    assert converged.playbook("--check").well().changed == 0


def anonymous(lab, path="/"):
    """Where an anonymous visitor of a page is sent; empty where the page is shown."""
    answer = requests.get(lab.lms + path, allow_redirects=False, timeout=30)
    assert answer.status_code in (200, 302), answer.text
    return answer.headers.get("Location", "")


def test_companion_auth_is_off_then_on_by_one_variable_then_off(converged):
    # Into the checkout, which is on the LMS's path: the lab's environment is not to be changed by a test.
    pip = [
        ROOT / ".lab/venv-lms/bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    checkout = converged.state / "lms"
    subprocess.run([*pip, "--target", checkout, "-r", ROOT / "lab/lms/requirements-companion-auth.txt"], check=True)
    converged.ctl("restart", "lms")
    assert any("companion" in name for name in settings(converged, "settings.MIDDLEWARE"))
    assert anonymous(converged) == ""
    assert converged.playbook().well().changed == 0

    on = ("-e", "edx_companion_auth=xpro")
    assert converged.playbook(*on, "--check").well().changed > 0
    assert anonymous(converged) == ""
    assert converged.playbook(*on).well().changed > 0
    assert anonymous(converged).startswith("/auth/login/ol-oauth2/?auth_entry=login")
    assert anonymous(converged, "/admin/login/") == ""
    assert 'name="password"' in requests.get(converged.lms + "/admin/login/", timeout=30).text
    assert anonymous(converged, "/heartbeat") == ""
    assert converged.playbook(*on, doctor=True).well().changed == 0

    assert converged.playbook("-e", "edx_companion_auth=").well().changed > 0
    assert anonymous(converged) == ""
    assert converged.playbook().well().changed == 0
