# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cause that the doctor knows, made real in the lab: named as the root, and healed by doing what the fix says.

One converged lab serves all. A cause whose fix is a run of the playbook is taken back after it was named; one run then
heals all causes of a round together.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import sso_check
from causes import LAB, PLAYBOOK, Cause
from runs import ROOT

PROVIDER = "third_party_auth_oauth2providerconfig"
CAUSES = {cause.id: cause for cause in LAB}


class Clinic:
    """The lab, what the playbook gives the doctor to know of it, and a way back to health without a restart."""

    def __init__(self, lab):
        self.lab = lab
        self.arguments = self.ask()
        self.files = self.settings()
        self.copies = {side: self.copy(side) for side in ("lms", "xpro")}

    def ask(self) -> dict[str, Any]:
        """The doctor's own arguments, from a run of its playbook, which finds everything well."""
        where = ("-i", ROOT / "inventories/lab", "--limit", "xpro", "-e", "sso_doctor_report_dir=")
        command = ("ansible-playbook", ROOT / "playbooks/doctor.yml", *where, "-e", "sso_doctor_commands=false", "-vvv")
        said = self.lab.ansible(*command, ANSIBLE_CALLBACK_RESULT_FORMAT="json").well().out
        found = re.findall(r"^ok: \[xpro\] => (\{$.*?^\})$", said, re.MULTILINE | re.DOTALL)
        (result,) = (json.loads(text) for text in found if '"first_failed"' in text)
        assert (result["ok"], result["summary"]["warning"]) == (True, 0), said
        return result["invocation"]["module_args"]

    def examine(self, login: bool = False, **more: Any) -> dict[str, Any]:
        """The module as Ansible starts it, without Ansible around it: twenty times as often as that takes."""
        arguments = {**self.arguments, "login": login, "commands": False, **more}
        done = subprocess.run(
            [sys.executable, sso_check.__file__],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            capture_output=True,
            text=True,
            env={**self.lab.env, "PYTHONPATH": ":".join(sys.path)},
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    # -- the way back ------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, bytes]:
        return {name: data for name, data in self.lab.digest().items() if not name.endswith(".sqlite3")}

    def copy(self, side: str) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self.lab.database(side), timeout=30)) as connection:
            connection.backup(copy)
        return copy

    def forget(self) -> None:
        """Empty the LMS's cache, as a change in its admin does."""
        shutil.rmtree(self.lab.state / "lms-cache", ignore_errors=True)

    def back(self) -> None:
        for side, copy in self.copies.items():
            with closing(sqlite3.connect(self.lab.database(side), timeout=30)) as connection:
                copy.backup(connection)
        self.forget()
        differs = {name for name, data in self.files.items() if self.settings().get(name) != data}
        for name in differs:
            (self.lab.state / name).write_bytes(self.files[name])
        for side in {name.partition("/")[0] for name in differs}:
            self.lab.ctl("restart", side)


@pytest.fixture(scope="module")
def clinic(lab):
    lab.back_to("converged")
    return Clinic(lab)


@pytest.fixture(autouse=True)
def well(clinic):
    """Each test begins with a lab that works."""
    yield
    clinic.back()


# -- how each is broken ------------------------------------------------------------------------------------------------


def sql(side: str, statement: str) -> Callable:
    return lambda lab: lab.sql(side, statement)


def provider_row(**changes: Any) -> Callable:
    """A new row in the provider's history, as the admin's Update button makes it."""

    def make(lab):
        row = {**lab.one("lms", f"select * from {PROVIDER} order by id desc limit 1"), **changes}
        del row["id"]
        row["change_date"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        names = ", ".join(f'"{name}"' for name in row)
        lab.sql("lms", f"insert into {PROVIDER} ({names}) values ({', '.join('?' * len(row))})", *row.values())

    return make


def without_backend(lab):
    (lab.envs / "private.py").write_text("# emptied by hand\n")
    lab.ctl("restart", "lms")


HOW: dict[str, Callable] = {
    "lms-host-changed": lambda lab: lab.sql(
        "lms", "update django_site set domain = 'old.openedx.io:8000' where domain = ?", lab.lms.partition("//")[2]
    ),
    "provider-other-site": sql(
        "lms", f"update {PROVIDER} set site_id = (select id from django_site where domain = 'example.com')"
    ),
    "provider-missing": sql("lms", f"delete from {PROVIDER}"),
    "provider-disabled": provider_row(enabled=0),
    "backend-missing": without_backend,
    "secret-hashed": provider_row(secret="pbkdf2_sha256$1000$salt$aGFzaA=="),
}
# What the test does of what the fix names, where that is not a run of the playbook.
BY_HAND: dict[str, Callable] = {}
# Causes that one run heals together.
ROUNDS = [
    ["lms-host-changed", "backend-missing"],
    ["provider-other-site"],
    ["provider-missing"],
    ["provider-disabled", "secret-hashed"],
]


# -- the tests ---------------------------------------------------------------------------------------------------------


def words(lab, cause: Cause) -> tuple[str, str]:
    """The fact and the fix of a cause in this lab."""
    lms, app = lab.lms.partition("//")[2], lab.app.partition("//")[2]
    names = {
        "lms": lab.lms,
        "site": lms,
        "lms_host": lms.partition(":")[0],
        "lms_port": lms.partition(":")[2],
        "app": lab.app,
        "app_host": app.partition(":")[0],
        "app_port": app.partition(":")[2],
        "online_port": lab.online.rpartition(":")[2],
        "dotenv": str(lab.dotenv),
    }
    return cause.fact.format(**names), cause.fix.format(**names)


def named(lab, cause: Cause, result: dict[str, Any]) -> None:
    """The doctor names the cause, with its fact and its fix, as the root; of a warning, that nothing is broken."""
    hops = {hop["id"]: hop for hop in result["hops"]}
    fact, fix = words(lab, cause)
    said = "\n".join(result["table"])
    assert hops[cause.hop]["status"] == cause.status, said
    assert result["first_failed"].get("id") == (cause.hop if cause.status == "failed" else None), said
    assert re.search(".*".join(map(re.escape, fact.split("…"))), hops[cause.hop]["fact"]), said
    assert hops[cause.hop]["fix"] == fix


def green(result: dict[str, Any]) -> None:
    assert (result["ok"], result["summary"]["warning"]) == (True, 0), "\n".join(result["table"])


def test_the_lists_are_of_the_same_causes():
    assert set(HOW) == set(CAUSES)
    assert {*BY_HAND, *(name for names in ROUNDS for name in names)} == set(CAUSES)
    assert set(BY_HAND) == {cause.id for cause in LAB if cause.healed != PLAYBOOK}


@pytest.mark.parametrize("cause", LAB, ids=lambda cause: cause.id)
def test_the_doctor_names_it(clinic, cause):
    HOW[cause.id](clinic.lab)
    clinic.forget()
    named(clinic.lab, cause, clinic.examine(login=cause.login))
    if cause.id in BY_HAND:
        BY_HAND[cause.id](clinic.lab)
        green(clinic.examine(login=cause.login))


@pytest.mark.parametrize("names", ROUNDS, ids=lambda names: names[0])
def test_one_run_heals(clinic, names):
    for name in names:
        HOW[name](clinic.lab)
    clinic.forget()
    login = any(CAUSES[name].login for name in names)
    hops = {hop["id"]: hop["status"] for hop in clinic.examine(login=login)["hops"]}
    assert [name for name in names if hops[CAUSES[name].hop] == "ok"] == []
    clinic.lab.playbook().well()
    green(clinic.examine(login=login))
