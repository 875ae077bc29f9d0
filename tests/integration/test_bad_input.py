# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people get wrong: one clear error that names the object and the fix, and nothing changed.

Each mistake is made by a host of its own with an LMS of its own, and all are hosts of one play: that of
playbooks/site.yml, in which one mistake does not stop the others.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from runs import ROOT, Run


@dataclass
class Mistake:
    """Variables given by mistake for an app or for its LMS, and what the error has to say.

    There {app} and {lms} stand for the names of the two hosts.
    """

    name: str
    given: dict[str, Any]
    said: list[str]
    of_lms: dict[str, Any] = field(default_factory=dict)
    #: Another app on the same LMS; no LMS of its own then.
    beside: str = ""
    #: Whether the run knows it before it has looked at anything.
    at_once: bool = False

    @property
    def app(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def lms(self) -> str:
        return f"lms-of-{self.beside or self.app}"


NO_DJANGO = {"type": "command", "argv": ["python3", "-"]}
NO_PROGRAM = {"type": "command", "argv": ["no-such-program", "-"]}
HASH = "pbkdf2_sha256$1000$salt$aGFzaA=="
ONE_NAME = [
    "mit_app_backend_name is 'ol-oauth2', and so it is for {other} on the same LMS",
    "Give each app its own",
]

MISTAKES = [
    Mistake(
        "empty domain", {"mit_app_domain": ""}, ["{app}: mit_app_domain is ''", "Give the host name"], at_once=True
    ),
    Mistake(
        "address as domain",
        {"mit_app_domain": "http://xpro.odl.local"},
        ["{app}: mit_app_domain is 'http://xpro.odl.local'", "without scheme"],
        at_once=True,
    ),
    Mistake(
        "port out of range",
        {"mit_app_port": 70000},
        ["{app}: mit_app_port is '70000'", "a number from 1 to 65535"],
        at_once=True,
    ),
    Mistake(
        "word as port",
        {"mit_app_port": "http"},
        ["{app}: ", "mit_app_port", "'http'", "cannot be converted to an int"],
        at_once=True,
    ),
    Mistake(
        "unknown profile",
        {"mit_app_profile": "mitpro"},
        ["{app}: mit_app_profile is 'mitpro'", "Give one of mitxpro, mitxonline, generic, or describe it"],
        at_once=True,
    ),
    Mistake(
        "one name for two apps",
        {"mit_app_backend_name": "ol-oauth2"},
        [text.format(other="the-other-of-two-apps") for text in ONE_NAME],
    ),
    Mistake(
        "the other of two apps",
        {"mit_app_backend_name": "ol-oauth2"},
        [text.format(other="one-name-for-two-apps") for text in ONE_NAME],
        beside="one-name-for-two-apps",
    ),
    Mistake(
        "missing settings directory",
        {},
        ["edx_envs_dir is /no/such/lms/envs, which is no directory", "Nothing was changed"],
        {"edx_envs_dir": "/no/such/lms/envs"},
    ),
    Mistake(
        "LMS address with a path",
        {},
        ["{app}: edx_lms_base_url is 'http://localhost:8000/dashboard'", "such as http://local.openedx.io:8000"],
        {"edx_lms_base_url": "http://localhost:8000/dashboard"},
        at_once=True,
    ),
    Mistake(
        "unknown word in the target",
        {"mit_app_target": {"type": "compose", "services": "app"}},
        ["{app}: mit_app_target: there is no key services. Did you mean service? A target has: type, argv, chdir"],
        at_once=True,
    ),
    Mistake(
        "variable of the LMS for the app",
        {"edx_refuse_takeover": True},
        ["{app}: edx_refuse_takeover is read from the LMS's host {lms} only.", "Give it there, or to all hosts"],
        at_once=True,
    ),
    Mistake(
        "LMS not in the inventory",
        {"mit_app_edx_host": "lmss"},
        ["{app}: mit_app_edx_host is 'lmss'", "group edx"],
        at_once=True,
    ),
    Mistake(
        "LMS that does not answer",
        {},
        # Nobody answers on the port "discard".
        [
            "The LMS does not answer at http://localhost:9",
            "Start it, or",
            "correct edx_lms_base_url. Nothing was changed.",
        ],
        {"edx_lms_base_url": "http://localhost:9", "edx_start_argv": []},
    ),
    Mistake(
        "LMS that is not Django",
        {},
        ["has no Django", "Fix: check that target.argv runs the Python of the LMS"],
        {"edx_target": NO_DJANGO},
    ),
    Mistake("LMS without its command", {}, ["no-such-program", "Correct edx_target.argv"], {"edx_target": NO_PROGRAM}),
    Mistake(
        "name that does not resolve",
        {"mit_app_domain": "xpro.mitodl-openedx-test.invalid"},
        [
            "{app}: xpro.mitodl-openedx-test.invalid cannot be resolved",
            "add to that file exactly:\n127.0.0.1 xpro.mitodl-openedx-test.invalid\nNothing was changed.",
            "Set mit_app_manage_hosts to true",
            "Nothing was changed",
        ],
    ),
    Mistake(
        "repository alone",
        {"mit_app_repo": "https://git.example.com/mitxpro.git"},
        ["{app}: mit_app_repo is given without mit_app_version or mit_app_dir", "Give both"],
        at_once=True,
    ),
    Mistake(
        "missing checkout",
        {"mit_app_dir": "/nowhere/mitxpro"},
        ["{app}: there is no directory /nowhere/mitxpro", "Correct mit_app_dir", "Nothing was changed"],
    ),
    Mistake(
        "unknown strategy",
        {},
        ["{app}: edx_settings_strategy of {lms} is", "Give one of the two"],
        {"edx_settings_strategy": "private"},
        at_once=True,
    ),
    Mistake(
        "no settings directory",
        {},
        ["{app}: edx_envs_dir of {lms} is empty", "lms/envs"],
        {"edx_envs_dir": ""},
        at_once=True,
    ),
    Mistake(
        "hash and e-mail of others",
        {"mit_app_edx_client_secret": HASH, "mit_app_service_worker_email": "edx@example.org"},
        [
            "third_party_auth_provider ol-oauth2",
            "client_secret is a password hash, not a secret. Fix: give the clear text",
            "django_user worker: the e-mail edx@example.org belongs to the user edx",
            "Fix: give another e-mail",
        ],
    ),
    Mistake(
        "token of somebody else",
        {"mit_app_api_token": "token-of-somebody-else"},
        ["oauth_access_token worker: the token given belongs to the user edx. Fix: give another token"],
    ),
    Mistake(
        "duplicate application",
        {"mit_app_lms_application": "twice"},
        ["oauth_application twice", "2 rows", "Fix: keep one and delete the others"],
    ),
]
# Two that are called the same, and a token of somebody else.
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


def inventory(lab) -> dict[str, Any]:
    """The lab's LMS and its app, once for each mistake; an app without a mistake would be integrated."""
    ctl = [sys.executable, str(ROOT / "lab/ctl.py")]
    lms = {
        "edx_target": {"type": "command", "argv": [*ctl, "exec", "lms", "--", "python", "-"]},
        "edx_lms_base_url": lab.lms,
        "edx_settings_strategy": "private_py",
        "edx_envs_dir": str(lab.envs),
        "edx_start_argv": [*ctl, "up"],
        "edx_restart_argv": [*ctl, "restart", "lms"],
        "edx_superusers": [{"username": "edx", "email": "edx@example.org"}],
    }
    app = {
        "mit_app_profile": "mitxpro",
        "mit_app_domain": "127.0.0.1",
        "mit_app_port": int(lab.app.rpartition(":")[2]),
        "mit_app_dir": str(lab.dotenv.parent),
        "mit_app_target": {"type": "command", "argv": [*ctl, "exec", "xpro", "--", "python", "-"]},
        "mit_app_restart_argv": [*ctl, "restart", "xpro"],
        "mit_app_service_worker": "worker",
    }
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return {
        "edx": {"hosts": {each.lms: {**lms, **each.of_lms} for each in MISTAKES if not each.beside}},
        "mit_apps": {"hosts": {each.app: {**app, "mit_app_edx_host": each.lms, **each.given} for each in MISTAKES}},
        "all": {"vars": here},
    }


@dataclass
class Said:
    """What a run said of each mistake, and whether it left everything as it was."""

    run: Run
    errors: dict[str, list[str]]
    unchanged: bool


@pytest.fixture(scope="module")
def play(lab, tmp_path_factory):
    """Runs a playbook for all who made a mistake."""
    lab.back_to("fresh")
    for client_id in ("one", "two"):
        lab.sql("lms", APPLICATION, client_id)
    lab.sql("lms", TOKEN)
    hosts = tmp_path_factory.mktemp("mistakes") / "hosts.json"
    hosts.write_text(json.dumps(inventory(lab)))

    def run(book, *words: str) -> Said:
        before = lab.digest()
        said = lab.ansible("ansible-playbook", "-i", hosts, book, *words, ANSIBLE_CALLBACK_RESULT_FORMAT="json")
        return Said(said, errors(said.out), lab.digest() == before)

    return run


@pytest.fixture(scope="module")
def each_for_itself(play, tmp_path_factory):
    (site,) = yaml.safe_load((ROOT / "playbooks/site.yml").read_text())
    assert site["any_errors_fatal"]
    book = tmp_path_factory.mktemp("book") / "site.yml"
    book.write_text(yaml.safe_dump([{**site, "any_errors_fatal": False}]))
    return play(book)


def errors(text: str) -> dict[str, list[str]]:
    """The messages of the errors, by their hosts."""
    found: dict[str, list[str]] = {each.app: [] for each in MISTAKES}
    for match in re.finditer(r"^(?:fatal|failed): \[([\w-]+).*?\]:.*?=> (?=\{)", text, re.MULTILINE):
        result, _end = json.JSONDecoder().raw_decode(text, match.end())
        found[match[1]].append(result["msg"])
    return found


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake(each_for_itself, mistake):
    (error,) = each_for_itself.errors[mistake.app]
    missing = [text for text in mistake.said if text.format(app=mistake.app, lms=mistake.lms) not in error]
    assert missing == [], error
    assert each_for_itself.run.recap[mistake.app]["failed"] == 1


def test_nothing_was_changed(each_for_itself):
    assert each_for_itself.run.code != 0
    assert each_for_itself.run.changed == 0
    assert each_for_itself.unchanged
    # Nothing that only follows from another mistake, and nothing that only a programmer understands.
    assert "create it first" not in each_for_itself.run.out
    assert "Traceback" not in each_for_itself.run.out


def test_one_mistake_stops_all(play):
    """The playbook as it is: who made a mistake that is known at once is told so, and nobody else gets further."""
    at_once, later = {each.app for each in MISTAKES if each.at_once}, "one-name-for-two-apps"
    said = play(ROOT / "playbooks/site.yml", f"--limit={','.join([*at_once, later])}")
    assert said.run.code != 0
    assert said.unchanged
    assert {host for host, found in said.errors.items() if found} == at_once
    assert said.run.recap[later] == {**said.run.recap[later], "ok": 1, "changed": 0, "failed": 0}
