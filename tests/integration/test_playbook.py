# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as a whole: check mode, first run, second run, two apps, what it costs, and what it never shows."""

from __future__ import annotations

import json
import re
import socket
import stat
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from runs import Run

CANARIES = {
    "mit_app_client_secret": "canary-lms-client-secret-4b1d",
    "mit_app_api_token": "canary-api-token-9c2e",
    "mit_app_edx_client_secret": "canary-app-client-secret-7f3a",
}
PROC = Path("/proc/self").exists()
# What people leave behind wherever they click, and the doctor's temporary test user too.
TRACES = {"django_session", "django_admin_log", "durable_cache", "sqlite_sequence"}


def rows(lab, *sides):
    """How many rows there are, sessions and caches apart."""
    return {side: {table: n for table, n in lab.count(side).items() if table not in TRACES} for side in sides}


def test_check_mode_before_anything_was_applied(lab):
    lab.back_to("cloned")
    before = lab.digest()
    run = lab.playbook("--check", "--diff").well()
    assert run.changed > 0
    for said in (
        f"+domain: {lab.lms.partition('//')[2]}",
        "+username: xpro_serviceworker",
        "+name: xpro-oauth-app",
        "+backend_name: ol-oauth2",
        "+OPENEDX_OAUTH_PROVIDER=ol-oauth2",
        "+client_secret: (secret, new)",
    ):
        assert said in run.diff, run.out
    assert f"{lab.dotenv} (begun with {lab.example})" in run.out
    assert lab.digest() == before
    assert not lab.dotenv.exists()
    assert not (lab.envs / "private.py").exists()
    assert not (lab.dotenv.parent / ".git/info/exclude").exists()


def test_first_run_begins_the_env_with_its_example_and_git_never_sees_it(converged):
    """In a checkout whose own .gitignore knows nothing of secrets, the .env and what goes with it are no candidates."""
    folder = converged.dotenv.parent
    assert converged.dotenv.read_text().startswith("# What the checkout brings.\nFROM_EXAMPLE=yes\n")
    assert converged.read_env()["OPENEDX_API_BASE_URL"] == converged.lms
    assert [path.name for path in sorted(folder.glob(".env*"))] == [".env", ".env.before", ".env.example"]
    assert stat.S_IMODE(converged.dotenv.stat().st_mode) == 0o600
    status = ["git", "status", "--porcelain", "--untracked-files=all"]
    seen = subprocess.run(status, cwd=folder, env=converged.env, check=True, capture_output=True, text=True).stdout
    assert seen == "?? .env.example\n"


def test_first_run_makes_the_rows(converged):
    site = converged.one("lms", "select id from django_site where domain = ?", converged.lms.partition("//")[2])
    worker = converged.one("lms", "select * from auth_user where username = 'xpro_serviceworker'")
    assert (worker["is_staff"], worker["is_superuser"], worker["is_active"]) == (1, 0, 1)
    assert not worker["password"].startswith("!")
    assert converged.one("lms", "select count(*) as n from auth_userprofile where user_id = ?", worker["id"])["n"] == 1
    application = converged.one("lms", "select * from oauth2_provider_application where name = 'xpro-oauth-app'")
    assert application["redirect_uris"] == converged.app + "/login/_private/complete"
    assert application["client_type"] == "confidential"
    assert application["authorization_grant_type"] == "authorization-code"
    assert application["skip_authorization"] == 1
    token = converged.one("lms", "select * from oauth2_provider_accesstoken where user_id = ?", worker["id"])
    provider = converged.one("lms", "select * from third_party_auth_oauth2providerconfig")
    assert (provider["site_id"], provider["backend_name"], provider["slug"]) == (site["id"], "ol-oauth2", "ol-oauth2")
    for flag in (
        "enabled",
        "skip_hinted_login_dialog",
        "skip_registration_form",
        "skip_email_verification",
        "sync_learner_profile_data",
        "enable_sso_id_verification",
    ):
        assert provider[flag] == 1, flag
    assert json.loads(provider["other_settings"]) == {
        "AUTHORIZATION_URL": converged.app + "/oauth2/authorize/",
        "ACCESS_TOKEN_URL": converged.app + "/oauth2/token/",
        "API_ROOT": converged.app + "/",
    }
    local = converged.one("xpro", "select * from oauth2_provider_application")
    assert local["name"] == "edx-oauth-app"
    assert local["client_id"] == provider["key"]
    assert local["client_secret"].startswith("pbkdf2_sha256$")
    assert local["redirect_uris"].split() == [converged.lms + "/auth/complete/ol-oauth2/"]
    env = converged.read_env()
    assert env["OPENEDX_API_CLIENT_ID"] == application["client_id"]
    assert env["OPENEDX_API_CLIENT_SECRET"] == application["client_secret"]
    assert env["OPENEDX_SERVICE_WORKER_API_TOKEN"] == token["token"]


def test_a_converge_starts_each_side_once(lab):
    """Counted by the sides themselves, and the same as the run says of itself."""
    assert sorted(lab.first.boots) == ["lms", "mitxpro"]
    assert "Django starts: 1 of the LMS for all apps, 1 of xpro" in lab.first.run.out


def exposed(lab, run, secrets):
    """Where secrets can be read that had no business there."""
    places = {
        "output": [run.out],
        "command lines": run.seen.command_lines,
        "environments": run.seen.environments,
        "temporary files": run.seen.files,
        "logs of the lab": [path.read_text(errors="replace") for path in lab.state.glob("*.log")],
    }
    # The looking itself worked; only Linux has /proc.
    assert run.seen.files
    assert not PROC or any("venv-lms" in line for line in run.seen.command_lines)
    assert not PROC or any("LAB_STATE=" in line for line in run.seen.environments)
    return [
        (name, place)
        for name, secret in secrets.items()
        for place, texts in places.items()
        if any(secret in text for text in texts)
    ]


@pytest.fixture
def generated(converged):
    """The secrets that the first run generated."""
    env = converged.read_env()
    return {name: env[name] for name in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")}


def test_secrets_are_never_shown(converged, generated):
    """At -vvv --diff."""
    provider = converged.one("lms", "select secret from third_party_auth_oauth2providerconfig")
    assert exposed(converged, converged.first.run, {**generated, "secret of the provider": provider["secret"]}) == []


def test_given_secrets_are_never_shown(converged, generated, tmp_path):
    """At -vvv --diff, while they replace the generated ones and a person logs in; and in a failure."""
    given, temporary = tmp_path / "given.json", tmp_path / "tmp"
    given.write_text(json.dumps(CANARIES))
    temporary.mkdir()
    before = rows(converged, "lms", "xpro")
    run = converged.playbook("-vvv", "--diff", "-e", f"@{given}", doctor=True, watch=temporary).well()
    assert exposed(converged, run, {**generated, **CANARIES}) == []

    # They did arrive.
    assert converged.read_env()["OPENEDX_API_CLIENT_SECRET"] == CANARIES["mit_app_client_secret"]
    assert converged.read_env()["OPENEDX_SERVICE_WORKER_API_TOKEN"] == CANARIES["mit_app_api_token"]
    application = converged.one("lms", "select * from oauth2_provider_application where name = 'xpro-oauth-app'")
    assert application["client_secret"] == CANARIES["mit_app_client_secret"]
    provider = converged.one("lms", "select secret from third_party_auth_oauth2providerconfig order by id desc limit 1")
    assert provider["secret"] == CANARIES["mit_app_edx_client_secret"]
    # Nothing is left of the doctor's temporary test user: the only new rows are those of the two credentials.
    before["lms"]["third_party_auth_oauth2providerconfig"] += 1
    before["lms"]["oauth2_provider_accesstoken"] += 1
    assert rows(converged, "lms", "xpro") == before

    converged.sql("lms", "update oauth2_provider_application set name = 'xpro-oauth-app'")
    failed = converged.playbook("-vvv", "--diff", "-e", f"@{given}", watch=temporary)
    assert failed.code != 0
    assert exposed(converged, failed, {**generated, **CANARIES}) == []


@dataclass
class Second:
    """A run for both apps, beside an xPRO that was done: which sides it started, and what was there before."""

    run: Run
    boots: list[str]
    application: dict
    xpro_env: bytes


@pytest.fixture(scope="module")
def second(lab):
    lab.back_to("converged")
    hers = lab.one("mitxonline", "select id, redirect_uris from oauth2_provider_application")
    before, xpro_env = len(lab.boots()), lab.dotenv.read_bytes()
    run = lab.playbook(book="site", doctor=True).well()
    lab.save("two")
    return Second(run, lab.boots()[before:], hers, xpro_env)


@pytest.fixture
def two(lab, second):
    """The lab with both apps."""
    lab.back_to("two")
    return lab


def test_two_apps_on_one_lms(two, second):
    """A start of the LMS for the rows of both, and one after its restart, with which both log in."""
    assert sorted(second.boots) == ["lms", "lms", "mitxonline", "mitxpro"]
    assert second.run.out.count(", 0 failed,") == 2, second.run.out
    assert two.dotenv.read_bytes() == second.xpro_env
    # The row that a migration of MITx Online made is used, and keeps what it had.
    row = two.one("mitxonline", "select * from oauth2_provider_application")
    assert row["id"] == second.application["id"]
    added = two.lms + "/auth/complete/ol-oauth2-mitxonline/"
    assert set(row["redirect_uris"].split()) == {*second.application["redirect_uris"].split(), added}
    names = two.sql("lms", "select backend_name from third_party_auth_oauth2providerconfig order by id")
    assert [name["backend_name"] for name in names] == ["ol-oauth2", "ol-oauth2-mitxonline"]


def test_second_run_changes_nothing(two):
    before = two.digest()
    run = two.playbook(book="site").well()
    assert run.changed == 0, run.out
    assert two.digest() == before


@pytest.mark.parametrize(
    ("begin", "words", "most_tasks", "most_processes", "each"),
    [("two", (), 28, 8, 4), ("two", ("--check",), 28, 7, 3), ("cloned", (), 34, 12, 7)],
    ids=["nothing to change", "dry run", "first run"],
)
def test_a_further_app_adds_no_task_and_few_module_processes(
    two, tmp_path, monkeypatch, begin, words, most_tasks, most_processes, each
):
    """The proof included; the processes are those of docs/how-it-works.md, and one that asks for the other app's name.

    :param each: the module processes that each app adds.
    """
    monkeypatch.setitem(two.env, "ANSIBLE_DISPLAY_SKIPPED_HOSTS", "true")
    interpreter, modules = tmp_path / "python", tmp_path / "modules"
    interpreter.write_text(f'#!/bin/sh\necho >>"{modules}"\nexec "{sys.executable}" "$@"\n')
    interpreter.chmod(0o755)

    def counts(*more):
        two.back_to(begin)
        modules.write_text("")
        before = len(two.boots())
        counted = ("-e", f"ansible_python_interpreter={interpreter}")
        run = two.playbook(*counted, *words, *more, book="site", doctor=True).well()
        assert bool(run.changed) is (begin == "cloned"), run.out
        # Of a meta task Ansible writes the header for each host.
        tasks = groupby(re.findall(r"^(?:TASK|RUNNING HANDLER) \[(.*)\]", run.out, re.MULTILINE))
        return [name for name, _hosts in tasks], len(modules.read_text()), Counter(two.boots()[before:])

    (tasks, processes, boots), (more_tasks, more_processes, more_boots) = counts("--limit", "xpro"), counts()
    assert set(more_tasks) <= set(tasks)
    assert len(more_tasks) <= len(tasks) <= most_tasks
    assert processes <= most_processes
    assert more_processes - processes <= each
    assert boots["mitxpro"] == 1
    assert more_boots == {**boots, "mitxonline": 1}


def test_a_run_for_one_app_leaves_the_other(two):
    for app in ("xpro", "mitxonline"):
        two.sql("lms", "update auth_user set is_staff = 0 where username = ?", f"{app}_serviceworker")
        file = two.state / app / ".env"
        file.write_text(file.read_text().replace("LOGOUT_REDIRECT_URL=", "LOGOUT_REDIRECT_URL=http://wrong"))
    wrong = two.dotenv.read_bytes()
    # Its stock .env sends the LMS to an APISIX for tokens and user info; the playbook names the app itself.
    assert two.read_env("mitxonline")["MITXONLINE_DOCKER_BASE_URL"] == "http://host.docker.internal:9080"
    document = f"mit_app_discovery_url={two.online}/.well-known/openid-configuration"
    run = two.playbook("--limit", "mitxonline", "-e", document, book="site", doctor=True).well()
    assert ", 0 failed," in run.out, run.out
    assert two.read_env("mitxonline")["MITXONLINE_DOCKER_BASE_URL"] == two.online
    workers = two.sql("lms", "select username, is_staff from auth_user where username like '%_serviceworker'")
    staff = {worker["username"]: worker["is_staff"] for worker in workers}
    assert staff == {"mitxonline_serviceworker": 1, "xpro_serviceworker": 0}
    assert two.read_env("mitxonline")["LOGOUT_REDIRECT_URL"] == two.lms + "/logout"
    assert two.dotenv.read_bytes() == wrong


def test_a_port_in_use_is_named_and_can_be_moved(lab):
    lab.ctl("stop", "lms")
    port = int(lab.lms.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        done = lab.ctl("up", check=False)
    assert done.returncode != 0
    assert f"lms: port {port} is in use by another program" in done.stderr
    assert f"LAB_PORT_OFFSET={port - 8000 + 100}" in done.stderr
    assert "Traceback" not in done.stderr
