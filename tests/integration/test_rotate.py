# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation under a probe that never pauses: no failed request, also when it is killed, and when it has to switch back.

That it can be broken off after any of its steps is seen in this process, step by step; two runs are really killed.

The lab's servers are single processes, and its databases are SQLite, with one writer each. A registration holds the
app's while it waits for the LMS's, and a login the LMS's while it waits for the app's: so the probe's logins stand for
the one of the proof, which has a test of its own. tests/docker has both at once, with database servers.
"""

from __future__ import annotations

import json
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import yaml
from ansible_collections.mitodl.openedx.plugins.action import rotation_step
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import rotation
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared
from modules import run_here
from rotation import Person, Probe, command, killed_at
from runs import ROOT
from warm import module

ROLE = ROOT / "roles/sso_rotation"
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads a server's environment in /proc")


def signed_up(lab):
    """A new person of the app, by its own form."""
    person = Person(lab.lms, lab.app, "ol-oauth2", "rosa")
    page = person.session.get(f"{lab.app}/create-account/")
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]*)"', page.text))
    form = {"name": "Rosa Rotation", "email": "rosa@example.org", "username": "rosa", "password": "rosa's password"}
    person.session.post(page.url, data={**hidden, **form}, headers={"Referer": page.url}).raise_for_status()
    return person


def environment(lab):
    with suppress(OSError, ValueError):
        pid = int((lab.state / "xpro.pid").read_text())
        pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return {}


def there(lab):
    """A single process that is busy answers late; its port is open all the same."""
    host, port = lab.app.rpartition("/")[2].split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def person(lab):
    lab.back_to("converged")
    person = signed_up(lab)
    assert person.login()
    lab.save("with a person")
    return person


@pytest.fixture(scope="module")
def planned(lab, person):
    """A dry run, which writes nothing."""
    before = lab.digest()
    run = rotate(lab, "--check", "--diff", "-vvv", ANSIBLE_CALLBACK_RESULT_FORMAT="json").well()
    assert lab.digest() == before
    return run


@pytest.fixture(scope="module")
def app(planned):
    """The app as the collection resolves it."""
    results = re.findall(r"^ok: \[xpro\] => (\{$.*?^\})", planned.out, re.MULTILINE | re.DOTALL)
    return next(result["app"] for result in map(json.loads, results) if "app" in result)


@pytest.fixture
def rotating(lab, person):
    lab.back_to("with a person")
    with Probe(person, lambda: environment(lab), lambda: there(lab)) as probe:
        yield lab, probe


def rotate(lab, *words, **options):
    return lab.ansible(*command("--limit", "xpro", *words), **options)


def said(run):
    return " ".join(run.out.split())


def starts(run):
    """How often each side's Django was started, as the run says: of the LMS and of the app."""
    found = re.search(r"Django starts: (\d+) of the LMS for all apps, (\d+) of xpro", said(run))
    return tuple(map(int, found.groups()))


def counted(lab, since):
    """The same, as the sides themselves noted it."""
    noted = lab.boots()[since:]
    return noted.count("lms"), noted.count("mitxpro")


NO_LOGIN = ("-e", "sso_rotation_login=false")


def credentials(lab):
    """What each side has, and that there is exactly one of each."""
    env = lab.read_env()
    application = lab.one("lms", "select * from oauth2_provider_application where name like 'xpro-oauth-app%'")
    worker = "(select id from auth_user where username = 'xpro_serviceworker')"
    token = lab.one("lms", f"select * from oauth2_provider_accesstoken where user_id = {worker}")
    provider = lab.one(
        "lms", "select * from third_party_auth_oauth2providerconfig where enabled order by id desc limit 1"
    )
    local = lab.one("xpro", "select * from oauth2_provider_application")
    assert application["name"] == "xpro-oauth-app"
    assert local["client_type"] == "confidential"
    assert local["client_id"] == provider["key"]
    assert env["OPENEDX_API_CLIENT_ID"] == application["client_id"]
    assert env["OPENEDX_API_CLIENT_SECRET"] == application["client_secret"]
    assert env["OPENEDX_SERVICE_WORKER_API_TOKEN"] == token["token"]
    return {
        "api_token": token["token"],
        "lms_client": application["client_secret"],
        "app_client": provider["secret"],
        "client id": application["client_id"],
    }


def status(lab, token):
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{lab.lms}/api/user/v1/me", headers=headers, timeout=30).status_code


def renewed(lab):
    """Whether the app can renew the person's own token of the LMS, which was made with the old client."""
    env = lab.read_env()
    auth = lab.one(
        "xpro",
        "select * from courseware_openedxapiauth where user_id = (select id from users_user where username = 'rosa')",
    )
    assert status(lab, auth["access_token"]) == 200
    pair = {"client_id": env["OPENEDX_API_CLIENT_ID"], "client_secret": env["OPENEDX_API_CLIENT_SECRET"]}
    form = {**pair, "grant_type": "refresh_token", "refresh_token": auth["refresh_token"]}
    return requests.post(f"{lab.lms}/oauth2/access_token", data=form, timeout=30).status_code


def test_all_three(rotating):
    lab, probe = rotating
    before, boots = credentials(lab), len(lab.boots())
    run = rotate(lab, *NO_LOGIN).well()
    after = credentials(lab)
    probe.end()
    assert [name for name in before if before[name] == after[name]] == []
    assert status(lab, before["api_token"]) == 401
    assert probe.unexcused == []
    assert len(probe.closed) == 1
    assert min(probe.count.values()) > 3
    assert renewed(lab) == 200
    # The app once more after its restart.
    assert starts(run) == counted(lab, boots) == (1, 2)


def test_proved_by_a_login_and_never_shown(lab, person, tmp_path):
    lab.back_to("with a person")
    before, boots = credentials(lab), len(lab.boots())
    run = rotate(lab, "-vvv", "--diff", "-e", "rotate_grace_seconds=1", watch=tmp_path).well()
    after = credentials(lab)
    # Before it waits, it says why, and how it would not.
    assert "xpro: the new credentials work. The old ones stay valid for 1 s more" in run.out
    assert "(-e rotate_grace_seconds=0 does not wait)" in run.out
    assert "A temporary test user logged in through the app" in said(run)
    assert starts(run) == counted(lab, boots) == (1, 2)
    assert person.login()
    # Neither the old nor the new ones can be read anywhere.
    texts = {run.out, *run.seen.command_lines, *run.seen.environments, *run.seen.files}
    secrets = [side[name] for side in (before, after) for name in ("api_token", "lms_client", "app_client")]
    assert not any(secret in text for secret in secrets for text in texts)
    assert any("LAB_STATE=" in text for text in run.seen.environments)


def test_the_secret_of_the_lms_under_people_in_the_middle_of_a_login(rotating):
    lab, probe = rotating
    before, boots = credentials(lab), len(lab.boots())
    waiting = probe.person.begin()
    run = rotate(lab, *NO_LOGIN, "-e", "rotate=app_client").well()
    assert probe.person.end(*waiting)
    after = credentials(lab)
    assert [name for name in before if before[name] != after[name]] == ["app_client"]
    probe.end()
    assert (probe.failures, probe.closed) == ([], [])
    assert starts(run) == counted(lab, boots) == (1, 1)


def steps_of(tasks):
    """The steps of all credentials together, in the order of the role, without those that only a dry run plans."""
    for task in tasks:
        if str(task.get("when", "")).startswith("ansible_check_mode"):
            continue
        if "block" in task:
            yield from steps_of(task["block"])
        elif "ansible.builtin.import_tasks" in task:
            yield from steps_of(tasks_in(task["ansible.builtin.import_tasks"]))
        elif "mitodl.openedx.rotation_step" in task:
            yield task["mitodl.openedx.rotation_step"]["step"]
        elif "mitodl.openedx.dotenv" in task:
            yield "write"
        elif "ansible.builtin.include_role" in task:
            yield "restart"


def tasks_in(file):
    return yaml.safe_load((ROLE / "tasks" / file).read_text())


# Where the app gets another client secret, that proves its environment, too.
STEPS = [step for step in steps_of(tasks_in("main.yml")) if step != "verify_environment"]


def walk(lab, app, until):
    """The first steps of a rotation, as the role takes them."""
    declared = Declared(app, {}, lab.read_env())
    noted = {"rotate": "all", "token_days": 3650, "begun": {}, "renewed": {}, "back": False}
    for name in STEPS[:until]:
        current = rotation_step.rotation_of(declared, noted)
        if name == "restart":
            lab.ctl("restart", "xpro")
            continue
        if name == "write":
            values, secrets = current.new_env()
            result = run_here(module("dotenv"), {"path": str(lab.dotenv), "values": values, "secrets": secrets})
        else:
            step = rotation.STEPS[name]
            result = lab.warm.run(
                {"lms": "lms", "app": "xpro"}[step.side],
                "django_objects",
                objects=step.objects(current),
                expect_settings=current.expected_settings(step),
                return_secrets=step.secrets,
            )
        assert not result.get("failed"), (name, result)
        if name == "begin":
            noted["begun"] = {"parts": list(current.parts), "objects": result["objects"]}
        elif name == "renew_secret":
            noted["renewed"] = {"objects": result["objects"]}


def test_broken_off_after_each_step_and_resumed(rotating, app):
    """Each goes one step further than the one before; the last one has rotated."""
    lab, probe = rotating
    before = credentials(lab)
    for until in range(1, len(STEPS) + 1):
        walk(lab, app, until)
    after = credentials(lab)
    assert [name for name in before if before[name] == after[name]] == []
    probe.end()
    assert probe.unexcused == []
    assert min(probe.count.values()) > 3
    assert renewed(lab) == 200


def test_killed_and_resumed(rotating):
    """With the app's restart begun, and with a new secret that only the app knows; then a run to the end."""
    lab, probe = rotating
    before = credentials(lab)
    for step in ("Restart the app by", "Store the client secret"):
        assert killed_at(1, step, "--limit", "xpro", *NO_LOGIN, env=lab.env)
    rotate(lab, *NO_LOGIN).well()
    after = credentials(lab)
    assert [name for name in before if before[name] == after[name]] == []
    probe.end()
    assert probe.unexcused == []
    assert renewed(lab) == 200


def test_switches_back_where_the_app_does_not_take_the_new_ones(rotating):
    """As where `environment:` of the compose file wins over the .env: the app goes on with the token that it had."""
    lab, probe = rotating
    before, env = credentials(lab), lab.dotenv.read_bytes()
    overridden = f"OPENEDX_SERVICE_WORKER_API_TOKEN={before['api_token']}"
    inside = [sys.executable, str(ROOT / "lab/ctl.py"), "exec", "xpro", "--", "env", overridden, "python", "-"]
    target = json.dumps({"mit_app_target": {"type": "command", "argv": inside}})
    run = rotate(lab, "-e", target)
    assert run.code != 0
    assert "the setting OPENEDX_SERVICE_WORKER_API_TOKEN: the target runs with another value" in said(run)
    assert "The old credentials are in use again, and the new ones are removed." in said(run)
    assert credentials(lab) == before
    assert lab.dotenv.read_bytes() == env
    probe.end()
    assert probe.unexcused == []
    assert renewed(lab) == 200


def test_a_dry_run_and_what_cannot_be_rotated(lab, planned):
    lab.back_to("with a person")
    before = lab.digest()
    assert "a run would rotate api_token, lms_client, app_client" in said(planned)
    # Each of the three by its row: the client secret of the LMS is one of the app.
    for header in (
        "oauth_access_token xpro_serviceworker",
        "oauth_application xpro-oauth-app",
        "oauth_application edx-oauth-app",
    ):
        assert f"+++ after: {header}" in planned.out
    given = rotate(lab, "-e", "mit_app_api_token=canary-of-the-inventory")
    assert given.code != 0
    assert "the inventory gives mit_app_api_token" in said(given)
    assert lab.digest() == before
