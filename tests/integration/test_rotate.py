# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation under a probe that never pauses: no failed request, also when it is killed, and when it has to switch back.

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
from rotation import Person, Probe, command, killed_at
from runs import ROOT

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
    run = rotate(lab, "-vvv", "--diff", watch=tmp_path).well()
    after = credentials(lab)
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


def test_killed_at_each_step_and_resumed(rotating):
    """Each run is killed one step further than the one before; the first that is not killed has rotated."""
    lab, probe = rotating
    before = credentials(lab)
    steps = (
        "Create new credentials|Write the credentials|Restart the app by|Accept the LMS with|Remove the client secret|"
        "Change the client secret|Store the client secret|Require the client secret|Check every hop|Revoke the old"
    )
    killed = 0
    while killed_at(killed + 1, steps, "--limit", "xpro", *NO_LOGIN, env=lab.env):
        killed += 1
    after = credentials(lab)
    assert [name for name in before if before[name] == after[name]] == []
    probe.end()
    assert probe.unexcused == []
    assert killed == steps.count("|") + 1
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


def test_check_mode_and_what_cannot_be_rotated(lab, person):
    lab.back_to("with a person")
    before = lab.digest()
    check = rotate(lab, "--check", "--diff").well()
    assert "a run would rotate api_token, lms_client, app_client" in said(check)
    given = rotate(lab, "-e", "mit_app_api_token=canary-of-the-inventory")
    assert given.code != 0
    assert "the inventory gives mit_app_api_token" in said(given)
    lab.dotenv.write_text("")
    nothing = rotate(lab)
    assert nothing.code != 0
    assert "has no credentials of Open edX yet" in said(nothing)
    assert {name: text for name, text in lab.digest().items() if ".env" not in name} == {
        name: text for name, text in before.items() if ".env" not in name
    }
