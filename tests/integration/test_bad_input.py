# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people get wrong: one clear error that names the object and the fix, and nothing changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass
class Mistake:
    """Variables given by mistake, and what the error has to say."""

    name: str
    given: dict[str, Any]
    said: list[str]
    book: str = "xpro"


# Nobody answers on the port "discard".
SILENT = {"edx_lms_base_url": "http://localhost:9", "edx_start_argv": []}
NO_DJANGO = {"type": "command", "argv": ["python3", "-"]}
NO_PROGRAM = {"type": "command", "argv": ["no-such-program", "-"]}

MISTAKES = [
    Mistake("empty domain", {"mit_app_domain": ""}, ["xpro: mit_app_domain is ''", "Give the host name"]),
    Mistake(
        "an address as domain",
        {"mit_app_domain": "http://xpro.odl.local"},
        ["xpro: mit_app_domain is 'http://xpro.odl.local'", "without scheme"],
    ),
    Mistake(
        "port out of range",
        {"mit_app_port": 70000},
        ["xpro: mit_app_port is '70000'", "a number from 1 to 65535"],
    ),
    Mistake("a word as port", {"mit_app_port": "http"}, ["mit_app_port", "'http'", "cannot be converted to an int"]),
    Mistake(
        "unknown profile",
        {"mit_app_profile": "mitpro"},
        ["xpro: mit_app_profile is 'mitpro'", "Give one of mitxpro, mitxonline, generic, or describe it"],
    ),
    Mistake(
        "one backend name for two apps",
        {"mit_app_backend_name": "ol-oauth2"},
        ["mit_app_backend_name is 'ol-oauth2', and so it is for mitxonline on the same LMS", "Give each app its own"],
        book="site",
    ),
    Mistake(
        "a directory of the settings that is not there",
        {"edx_envs_dir": "/no/such/lms/envs"},
        ["edx_envs_dir is /no/such/lms/envs, which is no directory", "Nothing was changed"],
    ),
    Mistake(
        "an address of the LMS with a path",
        {"edx_lms_base_url": "http://localhost:8000/dashboard"},
        ["xpro: edx_lms_base_url is 'http://localhost:8000/dashboard'", "such as http://local.openedx.io:8000"],
    ),
    Mistake(
        "an LMS that is not in the inventory",
        {"mit_app_edx_host": "lmss"},
        ["xpro: mit_app_edx_host is 'lmss'", "group edx"],
    ),
    Mistake(
        "an LMS that does not answer",
        SILENT,
        ["The LMS does not answer at http://localhost:9", "Start it, or", "correct edx_lms_base_url"],
    ),
    Mistake(
        "an LMS that is not Django",
        {"edx_target": NO_DJANGO},
        ["has no Django", "Fix: check that target.argv runs the Python of the LMS"],
    ),
    Mistake("an LMS whose command is not there", {"edx_target": NO_PROGRAM}, ["no-such-program", "Fix:"]),
    Mistake(
        "a name that does not resolve",
        {"mit_app_domain": "xpro.mitodl-openedx-test.invalid"},
        [
            "xpro: xpro.mitodl-openedx-test.invalid cannot be resolved",
            "Add to /etc/hosts exactly: 127.0.0.1 xpro.mitodl-openedx-test.invalid. Or",
            "set mit_app_manage_hosts to true",
            "Nothing was changed",
        ],
    ),
    Mistake(
        "a repository without a version",
        {"mit_app_repo": "https://git.example.com/mitxpro.git"},
        ["xpro: mit_app_repo is given without mit_app_version or mit_app_dir", "Give both"],
    ),
    Mistake(
        "an app's checkout that is not there",
        {"mit_app_dir": "/nowhere/mitxpro"},
        ["xpro: there is no directory /nowhere/mitxpro", "Correct mit_app_dir", "Nothing was changed"],
    ),
    Mistake(
        "unknown strategy for the settings",
        {"edx_settings_strategy": "private"},
        ["xpro: edx_settings_strategy of lms is", "Give one of the two"],
    ),
    Mistake("no directory for the settings", {"edx_envs_dir": ""}, ["xpro: edx_envs_dir of lms is empty", "lms/envs"]),
    Mistake(
        "the hash that configure_instance prints, and what belongs to somebody else",
        {
            "mit_app_edx_client_secret": "pbkdf2_sha256$1000$salt$aGFzaA==",
            "mit_app_service_worker_email": "edx@example.org",
        },
        [
            "third_party_auth_provider ol-oauth2",
            "client_secret is a password hash, not a secret. Fix: give the clear text",
            "django_user xpro_serviceworker: the e-mail edx@example.org belongs to the user edx",
            "Fix: give another e-mail",
        ],
    ),
    Mistake(
        "a token that is not the service worker's",
        {"mit_app_api_token": "token-of-somebody-else"},
        ["oauth_access_token xpro_serviceworker: the token given belongs to the user edx. Fix: give another token"],
    ),
    Mistake(
        "a duplicate application name in the database",
        {"mit_app_lms_application": "twice"},
        ["oauth_application twice", "2 rows", "Fix: keep one and delete the others"],
    ),
]
# Two that are called the same, and a token of somebody else; made once for all.
APPLICATION = """
insert into oauth2_provider_application (client_id, name, redirect_uris, client_type, authorization_grant_type,
    client_secret, skip_authorization, created, updated, algorithm)
  values (?, 'twice', '', 'confidential', 'authorization-code', '', 0, '2026-01-01', '2026-01-01', '')
"""
TOKEN = """
insert into oauth2_provider_accesstoken (token, expires, scope, user_id, created, updated)
  select 'token-of-somebody-else', '2099-01-01', '', id, '2026-01-01', '2026-01-01'
    from auth_user where username = 'edx'
"""


@pytest.fixture(scope="module")
def prepared(lab):
    lab.back_to("fresh")
    for client_id in ("one", "two"):
        lab.sql("lms", APPLICATION, client_id)
    lab.sql("lms", TOKEN)
    return lab


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake(prepared, mistake):
    before = prepared.digest()
    run = prepared.playbook("-e", json.dumps(mistake.given), book=mistake.book)
    assert run.code != 0
    found = errors(run.out)
    assert len(found) == sum(host["failed"] for host in run.recap.values()) == (2 if mistake.book == "site" else 1)
    assert any(all(word in error for word in mistake.said) for error in found), run.out
    # Nothing that only follows from another mistake, and nothing that only a programmer understands.
    assert "create it first" not in run.out
    assert "Traceback" not in run.out
    assert prepared.digest() == before


def errors(text: str) -> list[str]:
    """The messages of the errors, up to the place in the source that Ansible names after each."""
    return [part.partition("\nOrigin:")[0] for part in text.split("[ERROR]: ")[1:]]
