# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of every kind of character, and every place in which one could be read that has no business there.

That the search would see one is proved by a playbook that shows one in each of these places.
"""

from __future__ import annotations

import base64
import html
import json
import shlex
import shutil
import stat
import subprocess
import urllib.parse
from collections import Counter
from pathlib import Path

import fail_first
import pytest
from rotation import command

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads other processes in /proc")

# A secret that travels in a header of HTTP has letters, digits and a few signs; the others all that a .env carries.
GIVEN = {
    "mit_app_client_secret": "canary'quoted\" # %41&b=c+d ;|<e>\té漢😀",
    "mit_app_api_token": "canary-bearer-of-a-token.~+/=",
    "mit_app_edx_client_secret": "canary$dollar (#) é&=+%20<b>;|*?~!^@,.:[0]",
    # One of those without which the app does not start.
    "mit_app_dotenv_values": {"MAILGUN_KEY": "canary-of-the-app's-mail"},
    "mit_app_env_extra_secrets": {"OWN_WORD": 'canary of the app\'s own \\ "word"'},
    "edx_superusers": [{"username": "edx2", "email": "edx2@example.org", "password": "canary\\pass 'w\" $o`r`d é"}],
}
LEAKY = """
- hosts: localhost
  gather_facts: false
  connection: local
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - ansible.builtin.debug:
        msg: "{{ canary }}"
    - ansible.builtin.set_fact:
        kept: "{{ canary }}"
        cacheable: true
    - ansible.builtin.command:
        argv: ["{{ ansible_playbook_python }}", -c, import time; time.sleep(0.5), "{{ canary }}"]
    - ansible.builtin.command: sleep 0.5
      environment:
        SHOWN: "{{ canary }}"
    - ansible.builtin.shell: 'printf %s "$SHOWN" > "$TMPDIR/written"; sleep 0.3'
      environment:
        SHOWN: "{{ canary }}"
"""


def values(given) -> set[str]:
    """The texts of a declaration that are secrets."""
    if isinstance(given, str):
        return {given} if "canary" in given else set()
    parts = given.values() if isinstance(given, dict) else given
    return {text for part in parts for text in values(part)}


def forms(secret: str) -> set[str]:
    """A text as logs, JSON, YAML, HTML, shells, addresses and Python write it."""
    in_json = json.dumps(secret)[1:-1]
    found = {
        secret,
        in_json,
        json.dumps(in_json)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        secret.replace("'", "''"),
        secret.replace("'", "\\'"),
        html.escape(secret),
        html.escape(secret, quote=False),
        shlex.quote(secret),
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        base64.b64encode(secret.encode()).decode(),
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        secret.encode("unicode_escape").decode(),
        "\\x" + secret.encode().hex("-").replace("-", "\\x"),
    }
    # The first words of each, as a text may be cut or folded there.
    return found | {form[:14] for form in found if len(form) > 20}


class Places:
    """Where runs of Ansible leave something to read, besides the systems themselves."""

    def __init__(self, lab, folder: Path):
        self.lab, self.folder, self.runs = lab, folder, []
        self.kept = {name: folder / name for name in ("log", "junit", "facts", "tmp")}
        for name in ("junit", "facts", "tmp"):
            self.kept[name].mkdir()
        self.env = {
            "ANSIBLE_LOG_PATH": str(self.kept["log"]),
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
            "JUNIT_OUTPUT_DIR": str(self.kept["junit"]),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.kept["facts"]),
        }

    def run(self, *words: str | Path):
        run = self.lab.ansible(*words, "-vvvv", "--diff", watch=self.kept["tmp"], **self.env)
        self.runs.append(run)
        return run

    def texts(self) -> dict[str, list[str]]:
        def within(folder: Path) -> list[str]:
            return [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]

        return {
            "terminal": [run.out for run in self.runs],
            "command lines": [line for run in self.runs for line in run.seen.command_lines],
            "environments": [text for run in self.runs for text in run.seen.environments],
            "temporary files": [text for run in self.runs for text in run.seen.files],
            "ANSIBLE_LOG_PATH": [self.kept["log"].read_text(errors="replace")],
            "junit": within(self.kept["junit"]),
            "fact cache": within(self.kept["facts"]),
            "left in the temporary directory": within(self.kept["tmp"]),
            "home directory": within(self.lab.home),
            "reports": within(self.lab.report) if self.lab.report.exists() else [],
            "logs of the lab": [path.read_text(errors="replace") for path in self.lab.state.glob("*.log")],
            "what git would add": [path.read_text(errors="replace") for path in self.added()],
        }

    def added(self) -> list[Path]:
        """The files of the app's checkout that `git add -A` would take."""
        folder = self.lab.dotenv.parent
        words = ["git", "ls-files", "--others", "--modified", "--exclude-standard", "-z"]
        done = subprocess.run(words, cwd=folder, env=self.lab.env, check=True, capture_output=True, text=True)
        return [folder / name for name in done.stdout.split("\0") if name]

    def hits(self, secrets: set[str]) -> set[tuple[str, str]]:
        wanted = {form: secret for secret in secrets for form in forms(secret)}
        return {
            (place, wanted[form])
            for place, texts in self.texts().items()
            for text in texts
            for form in wanted
            if form in text
        }

    def size(self) -> int:
        return sum(len(text) for texts in self.texts().values() for text in texts)


def secrets_of(lab) -> set[str]:
    """All that the systems hold now and that was made by nobody but a run."""
    env = lab.read_env()
    found = {env.get(name) for name in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")}
    for statement in (
        "select secret as it from third_party_auth_oauth2providerconfig",
        "select client_secret as it from oauth2_provider_application",
        "select token as it from oauth2_provider_accesstoken",
    ):
        found |= {row["it"] for row in lab.sql("lms", statement)}
    return {secret for secret in found if secret and len(secret) > 8}


def holders(lab, secrets: set[str]) -> set[str]:
    """The files of the systems that hold one as it is."""
    found = set()
    for path in lab.state.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(secret.encode() in content for secret in secrets):
                found.add(str(path.relative_to(lab.state)))
    return found


def test_the_search_sees_what_is_shown(no_lab, tmp_path):
    """One secret of each kind of character, in every place."""
    no_lab.state.mkdir()
    no_lab.report.mkdir()
    no_lab.dotenv.parent.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=no_lab.dotenv.parent, env=no_lab.env, check=True)
    (tmp_path / "leaky.yml").write_text(LEAKY)
    for number, secret in enumerate(sorted(values(GIVEN))):
        folder = tmp_path / str(number)
        folder.mkdir()
        places = Places(no_lab, folder)
        for path in (no_lab.report / "report.html", no_lab.state / "a.log", no_lab.home / "kept", no_lab.dotenv):
            path.write_text(html.escape(secret))
        (folder / "given.json").write_text(json.dumps({"canary": {"__ansible_unsafe": secret}}))
        places.run(
            "ansible-playbook", "-i", "localhost,", tmp_path / "leaky.yml", "-e", f"@{folder / 'given.json'}"
        ).well()
        assert {place for place, _secret in places.hits({secret})} == set(places.texts()), secret


def test_no_secret_is_anywhere_else(converged, tmp_path):
    """A run with given secrets, the doctor, a failure, a rotation, and the removal, each at -vvvv --diff."""
    places, given = Places(converged, tmp_path), tmp_path / "given.json"
    given.write_text(json.dumps(GIVEN))
    with_them = ("-e", f"@{given}", "-e", f"sso_doctor_report_dir={converged.report}")
    secrets = values(GIVEN) | secrets_of(converged)

    places.run("ansible-playbook", "playbooks/xpro.yml", *with_them).well()
    env = converged.read_env()
    assert {env["OPENEDX_API_CLIENT_SECRET"], env["OPENEDX_SERVICE_WORKER_API_TOKEN"], env["OWN_WORD"]} < values(GIVEN)
    assert holders(converged, values(GIVEN)) == {"lms.sqlite3", "xpro/.env"}
    converged.sql("lms", "update third_party_auth_oauth2providerconfig set secret = secret || '-wrong'")
    assert places.run("ansible-playbook", "playbooks/doctor.yml", "--limit", "xpro", *with_them).code != 0
    rotated = places.run(*command("--limit", "xpro", "-e", f"sso_doctor_report_dir={converged.report}")).well()
    assert "FAILED" not in rotated.out
    secrets |= secrets_of(converged)
    named = converged.sql("lms", "select id, name from oauth2_provider_application")
    converged.sql("lms", "update oauth2_provider_application set name = 'xpro-oauth-app'")
    assert places.run("ansible-playbook", "playbooks/xpro.yml", *with_them).code != 0
    for row in named:
        converged.sql("lms", "update oauth2_provider_application set name = ? where id = ?", row["name"], row["id"])
    places.run("ansible-playbook", "playbooks/remove.yml", "--limit", "xpro", *with_them).well()

    assert places.size() > 1_000_000
    may_be_empty = {"fact cache", "home directory", "left in the temporary directory"}
    assert {place for place, texts in places.texts().items() if not texts} <= may_be_empty
    assert places.hits(secrets) == set()
    print(f"{len(secrets)} secrets, {places.size()} characters in {len(places.texts())} places")
    assert {stat.S_IMODE(path.stat().st_mode) for path in converged.report.iterdir()} == {0o600}
    shutil.rmtree(converged.report)


def every_task_fails_first(places, folder: Path) -> dict[str, str]:
    """The environment in which runs of this lab have each task fail in several ways before it is done."""
    plugins = folder / "callback"
    plugins.mkdir(parents=True)
    (plugins / "fail_first.py").symlink_to(fail_first.__file__)
    (folder / "databases").write_text("\n".join(str(places.lab.database(side)) for side in ("lms", "xpro")))
    enabled = f"{places.env['ANSIBLE_CALLBACKS_ENABLED']},fail_first"
    own = {"ANSIBLE_CALLBACK_PLUGINS": str(plugins), "ANSIBLE_CALLBACKS_ENABLED": enabled}
    return {**own, "FAIL_FIRST": str(folder)}


def test_no_secret_is_anywhere_else_whatever_fails(lab, tmp_path):
    """A first run, the doctor, a rotation and a removal, of which every task fails before it is done."""
    lab.back_to("cloned")
    places, given, folder = Places(lab, tmp_path), tmp_path / "given.json", tmp_path / "fails"
    places.env.update(every_task_fails_first(places, folder))
    python = {"ansible_python_interpreter": str(fail_first.write_python(folder))}
    given.write_text(json.dumps({**GIVEN, **python, "sso_doctor_report_dir": str(lab.report)}))
    secrets = values(GIVEN)
    places.run("ansible-playbook", "playbooks/xpro.yml", "-e", f"@{given}").well()
    places.run("ansible-playbook", "playbooks/doctor.yml", "--limit", "xpro", "-e", f"@{given}").well()
    # A rotation makes new ones, where the inventory gives none.
    given.write_text(json.dumps({**python, "sso_doctor_report_dir": str(lab.report)}))
    secrets |= secrets_of(lab)
    places.run(*command("--limit", "xpro", "-e", f"@{given}")).well()
    secrets |= secrets_of(lab)
    places.run("ansible-playbook", "playbooks/remove.yml", "--limit", "xpro", "-e", f"@{given}").well()

    seen = [line.partition("\t") for line in (folder / "seen").read_text().splitlines()]
    failed, done = (Counter(name for word, _tab, name in seen if word == wanted) for wanted in ("failed", "ok"))
    assert done.keys() - failed.keys() == set()
    assert places.hits(secrets) == set()
    print(f"{sum(failed.values())} failures of {len(done)} tasks, {len(secrets)} secrets, {places.size()} characters")
