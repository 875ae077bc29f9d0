# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app that moves from one LMS of the inventory to another and back: nothing of it stays alive where it was."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from itertools import groupby

import pytest
import yaml
from runs import ROOT

SECRETS = ("OPENEDX_API_CLIENT_ID", "OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")
APPLICATION = "select * from oauth2_provider_application where name = ?"
PROVIDER = "select * from third_party_auth_oauth2providerconfig where backend_name = 'ol-oauth2' order by id desc"
TOKENS = """
select token.id from oauth2_provider_accesstoken token join auth_user on auth_user.id = user_id
where username = 'xpro_serviceworker'
"""
WORKER = "select is_active, is_staff from auth_user where username = 'xpro_serviceworker'"
NOTE = "OPENEDX_FORMER_LOGINS"


class Other:
    """A second lab of which only the LMS is used: the host `other` of a second inventory."""

    def __init__(self, lab):
        self.lab, self.state = lab, lab.state.with_name("other")
        self.offset = int(lab.env["LAB_PORT_OFFSET"]) + 150
        self.url = f"http://localhost:{8000 + self.offset}"
        self.own = {"LAB_STATE": str(self.state), "LAB_PORT_OFFSET": str(self.offset)}
        ctl = [
            "env",
            *(f"{name}={value}" for name, value in self.own.items()),
            sys.executable,
            str(ROOT / "lab/ctl.py"),
        ]
        host = {
            "edx_target": {"type": "command", "argv": [*ctl, "exec", "lms", "--", "python", "-"]},
            "edx_lms_base_url": self.url,
            "edx_envs_dir": str(self.state / "lms/lms/envs"),
            "edx_start_argv": [*ctl, "up", "lms"],
            "edx_restart_argv": [*ctl, "restart", "lms"],
            "edx_settings_strategy": "private_py",
        }
        self.hosts = {"edx": {"hosts": {"other": host}}}
        self.inventory = lab.state.with_name("two.yml")
        self.inventory.write_text(yaml.safe_dump(self.hosts))

    def ctl(self, *words: str, check: bool = True) -> None:
        command = [sys.executable, ROOT / "lab/ctl.py", *words]
        subprocess.run(command, env={**self.lab.env, **self.own}, capture_output=True, check=check)

    def sql(self, statement: str, *values) -> list[dict]:
        with closing(sqlite3.connect(self.state / "lms.sqlite3")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]

    def knows_xpro(self) -> bool:
        return (self.state / "lms/lms/envs/mit_apps/apps.d/xpro.json").exists()


@pytest.fixture
def other(converged):
    """The app is integrated with the LMS of the first lab; that of the second runs beside it."""
    made = Other(converged)
    try:
        made.ctl("up", "lms")
        yield made
    finally:
        made.ctl("down", check=False)


def starts_of(state):
    """The starts of Django over stdin: which side, and when."""
    lines = [line.split() for line in (state / "boots.log").read_text().splitlines()]
    return [(line[1], datetime.fromisoformat(line[0])) for line in lines if line[-1] == "-"]


def move(lab, other, to, *words, doctor=False, book="site"):
    where = ("-i", str(ROOT / "inventories/lab"), "-i", str(other.inventory), "--limit", "xpro")
    return lab.playbook(*where, "-e", f"mit_app_edx_host={to}", *words, book=book, doctor=doctor)


def alive(sql) -> tuple:
    """What of the app works at an LMS: its application, its tokens, its provider, its worker."""
    (worker,) = sql(WORKER) or [{"is_active": 0, "is_staff": 0}]
    providers = sql(PROVIDER)
    return (
        len(sql(APPLICATION, "xpro-oauth-app")),
        len(sql(TOKENS)),
        bool(providers and providers[0]["enabled"]),
        bool(worker["is_active"] or worker["is_staff"]),
    )


def test_there_and_back(other):
    lab = other.lab
    first, client = lab.read_env(), lab.one("xpro", APPLICATION, "edx-oauth-app")

    seen = move(lab, other, "other", "--tags", "hops", doctor=True, book="doctor")
    assert f"{lab.lms}, which the app left, may still let its users in" in seen.out

    run = move(lab, other, "other", doctor=True).well()
    assert ", 0 failed," in run.out
    second = lab.read_env()
    assert second["OPENEDX_API_BASE_URL"] == other.url
    assert [name for name in SECRETS if first[name] == second[name]] == []
    assert alive(lambda *words: lab.sql("lms", *words)) == (0, 0, False, False), run.out
    assert not (lab.envs / "mit_apps/apps.d/xpro.json").exists()
    assert (alive(other.sql), other.knows_xpro()) == ((1, 1, True, True), True)
    now = lab.one("xpro", APPLICATION, "edx-oauth-app")
    assert now["client_id"] != client["client_id"]
    assert now["client_secret"] != client["client_secret"]
    assert now["redirect_uris"] == f"{other.url}/auth/complete/ol-oauth2/"
    assert NOTE not in second
    for secret in (*(first[name] for name in SECRETS[1:]), *(second[name] for name in SECRETS[1:])):
        assert secret not in run.out
    assert move(lab, other, "other").well().changed == 0

    # Back, while the other one is down: the run says so, and so does the doctor, until it could be removed there.
    other.ctl("stop", "lms")
    run = move(lab, other, "lms", doctor=True).well()
    third = lab.read_env()
    assert [name for name in SECRETS if third[name] in (first[name], second[name])] == []
    assert third[NOTE] == f"{other.url}/auth/login/ol-oauth2/"
    for said in ("was not removed there: it does not answer", "-e mit_app_edx_host=other -e remove_side=lms"):
        assert said in run.out
    assert "browser.former" in run.out
    assert move(lab, other, "lms").well().changed == 0

    other.ctl("start", "lms")
    planned = move(lab, other, "lms", "--check").well()
    assert alive(other.sql) == (1, 1, True, True)
    assert move(lab, other, "lms").well().changed == planned.changed > 0
    assert (alive(other.sql), other.knows_xpro()) == ((0, 0, False, False), False)
    assert NOTE not in lab.read_env()
    assert alive(lambda *words: lab.sql("lms", *words)) == (1, 1, True, True)
    assert move(lab, other, "lms").well().changed == 0


def test_an_lms_that_the_inventory_does_not_know(other):
    """Its address is all that is known, and it is named until somebody says that it is gone."""
    lab = other.lab
    elsewhere = "http://localhost:1"
    lab.dotenv.write_text(
        lab.dotenv.read_text().replace(f"OPENEDX_API_BASE_URL={lab.lms}", f"OPENEDX_API_BASE_URL={elsewhere}")
    )
    # The LMS has the app's credentials, so it is the same one under an old address.
    assert "was not removed there" not in lab.playbook().well().out
    assert NOTE not in lab.read_env()

    lab.back_to("converged")
    before = lab.read_env()
    lab.sql("lms", "delete from oauth2_provider_accesstoken")
    lab.sql("lms", "delete from oauth2_provider_application where name = 'xpro-oauth-app'")
    lab.dotenv.write_text(
        lab.dotenv.read_text().replace(f"OPENEDX_API_BASE_URL={lab.lms}", f"OPENEDX_API_BASE_URL={elsewhere}")
    )
    assert "the inventory does not know it" in lab.playbook().well().out
    after = lab.read_env()
    assert [name for name in SECRETS[1:] if after[name] == before[name]] == []
    assert after[NOTE] == f"{elsewhere}/auth/login/ol-oauth2/"
    lab.dotenv.write_text("".join(line for line in lab.dotenv.open() if not line.startswith(NOTE)))
    assert lab.playbook().well().changed == 0
    assert NOTE not in lab.read_env()


def test_two_lmss_are_worked_on_at_once(other, monkeypatch):
    """Each app has one of its own. A run has the tasks of a run for one, and not a block for each; each starts once."""
    lab = other.lab
    monkeypatch.setitem(lab.env, "ANSIBLE_DISPLAY_SKIPPED_HOSTS", "true")
    apps = {"hosts": {"mitxonline": {"mit_app_edx_host": "other"}}}
    other.inventory.write_text(yaml.safe_dump({**other.hosts, "mit_apps": apps}))
    where = ("-i", str(ROOT / "inventories/lab"), "-i", str(other.inventory))

    def tasks(*words):
        run = lab.playbook(*where, *words, book="site", doctor=True).well()
        assert run.changed == 0, run.out
        # Of a meta task Ansible writes the header for each host.
        return [name for name, _hosts in groupby(re.findall(r"^TASK \[(.*)\]", run.out, re.MULTILINE))]

    assert lab.playbook(*where, book="site", doctor=True).well().out.count(", 0 failed,") == 2
    assert (
        len(lab.sql("lms", APPLICATION, "xpro-oauth-app")) == len(other.sql(APPLICATION, "mitxonline-oauth-app")) == 1
    )
    assert lab.sql("lms", APPLICATION, "mitxonline-oauth-app") == other.sql(APPLICATION, "xpro-oauth-app") == []
    one = tasks("--limit", "xpro")
    before = [len(starts_of(state)) for state in (lab.state, other.state)]
    both = tasks()
    assert set(both) <= set(one)
    assert len(both) <= len(one)
    here, there = (starts_of(state)[done:] for state, done in zip((lab.state, other.state), before, strict=True))
    assert sorted(side for side, _when in here) == ["lms", "mitxonline", "mitxpro"]
    assert [side for side, _when in there] == ["lms"]
    print("between the starts of the two LMSs:", abs(there[0][1] - dict(here)["lms"]))
