# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report that Ansible writes: before it stops, for all apps, with the default place, and without secrets.

What the document and its page say is looked at in unit/roles/test_report.py.
"""

from __future__ import annotations

import json

import jsonschema
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.history import with_this
from reports import CASES, made, page_of
from runs import ROOT, ansible

SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
CANARY = "canary-3f1c5b9e77d24a08"
# The plays of one run: every result as a run has it, which is no template whatever it says; `absent` has none.
PLAYBOOK = """
- hosts: {case}
  gather_facts: false
  tasks:
    - ansible.builtin.set_fact:
        sso_doctor_result: "{{{{ lookup('ansible.builtin.file', inventory_hostname ~ '.json') | from_json }}}}"
        sso_plan_result: "{{{{ lookup('ansible.builtin.file', inventory_hostname ~ '.plan.json') | from_json }}}}"
      when: inventory_hostname != 'absent'
    - mitodl.openedx.sso_report:
        dir: "{case}"
      run_once: true
"""


def written(folder):
    """The document, after it was held against its schema, and all that stands in the report's directory."""
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(texts) == {"history.json", "report.html", "report.json"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    document = json.loads(texts["report.json"])
    jsonschema.validate(document, SCHEMA)
    return document, texts


def secrets_of(lab):
    """Everything secret that the two sides hold."""
    env = lab.read_env()
    found = {env["OPENEDX_API_CLIENT_SECRET"], env["OPENEDX_SERVICE_WORKER_API_TOKEN"], env["SECRET_KEY"]}
    for side, statement in (
        ("lms", "select secret as it from third_party_auth_oauth2providerconfig"),
        ("lms", "select client_secret as it from oauth2_provider_application"),
        ("lms", "select token as it from oauth2_provider_accesstoken"),
        ("lms", "select password as it from auth_user"),
        ("xpro", "select client_secret as it from oauth2_provider_application"),
        ("xpro", "select token as it from oauth2_provider_accesstoken"),
    ):
        found |= {row["it"] for row in lab.sql(side, statement)}
    return {secret for secret in found if secret and len(secret) > 5}


def test_a_broken_chain_is_drawn_before_the_play_stops(converged, tmp_path):
    """With wrong secrets on both sides, which facts could quote; in the directory that the command is given in."""
    converged.sql(
        "lms", "update oauth2_provider_application set redirect_uris = replace(redirect_uris, 'http:', 'https:')"
    )
    converged.sql("lms", "update third_party_auth_oauth2providerconfig set secret = ?", CANARY)
    text = converged.dotenv.read_text()
    token = converged.read_env()["OPENEDX_SERVICE_WORKER_API_TOKEN"]
    converged.dotenv.write_text(text.replace(token, f"{CANARY}-token"))
    secrets = {*secrets_of(converged), token}
    assert {CANARY, f"{CANARY}-token"} <= secrets

    book, inventory = ROOT / "playbooks/doctor.yml", ROOT / "inventories/lab"
    run = converged.ansible(
        "ansible-playbook", book, "-i", inventory, "--limit", "xpro", "-vvv", "--diff", cwd=tmp_path
    )
    assert run.code != 0
    assert run.recap["xpro"]["failed"] == 1, run.out
    assert f"{tmp_path}/report/report.html" in run.out
    document, texts = written(tmp_path / "report")
    (app,) = document["apps"]
    failed = {hop["id"] for hop in app["hops"] if hop["status"] == "failed"}
    assert {"lms.application", "lms.secret", "lms.token"} <= failed
    assert (document["ok"], app["ok"]) == (False, False)
    assert "The login chain is broken" in texts["report.html"]
    shown = {**texts, "output": run.out}
    assert [(secret, name) for secret in secrets for name, said in shown.items() if secret in said] == []


def test_site_writes_one_report_of_both_apps_though_one_stops_it(converged):
    """A declaration that only the doctor sees is one that the playbook does not mend before."""
    worker = "{{ {'service_worker': 'nobody'} if inventory_hostname == 'mitxonline' else {} }}"
    wrong = {
        "wrong": worker,
        "sso_doctor_app": "{{ mit_app_facts.app | combine(wrong) }}",
        "sso_doctor_commands": False,
    }
    run = converged.playbook("-e", json.dumps(wrong), book="site", doctor=True)
    assert run.code != 0
    assert (run.recap["mitxonline"]["failed"], run.recap["xpro"]["failed"]) == (1, 0), run.out
    # The play ended there for both.
    assert "of the LMS for all apps" not in run.out
    document, _ = written(converged.report)
    assert {app["name"]: (app["ok"], app["first_failed"]) for app in document["apps"]} == {
        "xpro": (True, None),
        "mitxonline": (False, "app.settings"),
    }


def test_ansible_writes_the_same(tmp_path):
    """For all hosts of a play at once, also when one has no result, and as text whatever it says."""
    for case in ("broken", "hostile"):
        for host, one in CASES[case].items():
            declared, found, drift = one or ({}, {}, [])
            (tmp_path / f"{host}.json").write_text(json.dumps({**found, "examined": declared}))
            (tmp_path / f"{host}.plan.json").write_text(json.dumps({"drift": drift}))
    hosts = {case: {"hosts": dict.fromkeys(CASES[case])} for case in ("broken", "hostile")}
    (tmp_path / "hosts.json").write_text(json.dumps(hosts))
    (tmp_path / "book.yml").write_text("".join(PLAYBOOK.format(case=case) for case in hosts))
    run = ansible("ansible-playbook", "-i", "hosts.json", "-c", "local", "book.yml", env={}, cwd=tmp_path).well()
    for case in hosts:
        folder = tmp_path / case
        assert f"{folder}/report.html" in run.out
        assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
            "history.json": 0o600,
            "report.html": 0o600,
            "report.json": 0o600,
        }
        written = json.loads((folder / "report.json").read_text())
        wanted = {**made(case), "written": written["written"], "ansible": written["ansible"]}
        for given, one in zip(wanted["apps"], written["apps"], strict=True):
            given["token"]["expires"] = one["token"]["expires"]
        assert written == wanted
        assert (folder / "report.html").read_text() == page_of(wanted, with_this("", wanted))
