# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of the role sso_plan in a play of two apps, with what the roles before them register made up here."""

from __future__ import annotations

import json
import re

import pytest
from runs import ansible

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.set_fact:
        mit_app_facts: "{{ given.mit_app_facts }}"
        edx_oauth_provider_result: "{{ given.edx_oauth_provider_result }}"
        edx_private_settings_result: "{{ given.edx_private_settings_result }}"
        mit_app_env_dotenv: "{{ given.mit_app_env_dotenv }}"
        mit_app_env_result: "{{ given.mit_app_env_result }}"
        sso_plan_answer: "{{ given.sso_plan_answer | default({}) }}"
      vars:
        given: "{{ lookup('ansible.builtin.file', inventory_hostname ~ '.json') | from_json }}"
    - mitodl.openedx.sso_plan:
      register: plan
    - mitodl.openedx.sso_guide:
        findings: "{{ plan.findings }}"
        unknown: "{{ plan.unknown }}"
        hops: []
      register: guide
    - mitodl.openedx.show_lines:
        lines: ["RESULT {{ inventory_hostname }} {{ {'plan': plan, 'guide': guide} | to_json }}"]
"""
SECRET = "canary-5d0f7c1e"


def planned(kind, operation="unchanged", changes=(), **key):
    return {
        "kind": kind,
        "key": key,
        "operation": operation,
        "changes": [dict(zip(("field", "before", "after"), change, strict=True)) for change in changes],
        "secrets": {"token": SECRET},
    }


def app(host):
    return {
        "host": host,
        "name": host,
        "profile": "mitxpro",
        "backend_name": f"ol-{host}",
        "lms_application": f"{host}-oauth-app",
        "edx_application": "edx-oauth-app",
        "complete_uris": [],
        "service_worker": f"{host}_serviceworker",
        "network_mode": "hostname",
        "api": True,
        "target": {},
        "sync_command": ["sync_courseruns"],
        "repair_command": ["repair_missing_courseware_records"],
    }


def variables(host):
    rows = [planned("django_site", domain="lms:8000"), planned("django_user", username="edx")]
    for one in ("xpro", "online"):
        operation, changes = ("updated", [("name", "{{ 7 * 7 }}", "b")]) if one == "online" else ("unchanged", [])
        rows += [
            planned("django_user", username=f"{one}_serviceworker"),
            planned("oauth_application", name=f"{one}-oauth-app"),
            planned("oauth_access_token", user=f"{one}_serviceworker", application=f"{one}-oauth-app"),
            planned("third_party_auth_provider", operation, changes, site="lms:8000", backend_name=f"ol-{one}"),
        ]
    settings = {one: {"changed": one == "online", "backend_status": 302} for one in ("xpro", "online")}
    leader = {
        "edx_oauth_provider_result": {"objects": rows, "boots": 1},
        "edx_private_settings_result": {"apps": settings, "changed": True},
    }
    keys = ["OPENEDX_IP", "OPENEDX_API_BASE_URL", "OPENEDX_SERVICE_WORKER_USERNAME", "OPENEDX_SERVICE_WORKER_API_TOKEN"]
    keys += ["OPENEDX_OAUTH_PROVIDER", "OPENEDX_SOCIAL_LOGIN_PATH", "OPENEDX_API_CLIENT_ID"]
    return {
        "mit_app_facts": {
            "app": app(host),
            "lms": {
                "leader": "xpro",
                "apps": ["xpro", "online"],
                "superusers": [{"username": "edx"}],
                "target": {"type": "tutor_dev"},
            },
            "found": {"dotenv": {"exists": True, "mtime": 1763892662.5}},
        },
        "mit_app_env_dotenv": {
            "kept": [*keys, "OPENEDX_API_CLIENT_SECRET"],
            "changes": [{"key": "LOGOUT_REDIRECT_URL", "operation": "set", "secret": False}],
            "diff": [{"before": "", "after": "LOGOUT_REDIRECT_URL=http://lms/logout\\n"}],
        },
        "mit_app_env_result": {"objects": [planned("oauth_application", name="edx-oauth-app")], "boots": 1},
        **(leader if host == "xpro" else {name: {} for name in leader}),
    }


def nothing(host):
    """On a machine where there is nothing yet."""
    found = variables(host)["mit_app_facts"]
    lms = {"base_url": "http://lms:8000", "target": {"type": "tutor_dev"}, "start_argv": [], "restart_argv": []}
    mine = {"dir": "/src/xpro", "repo": "https://git.example.com/xpro", "version": "v1"}
    online = {"refusal": "Docker does not answer."} if host == "online" else {"preparations": ["checkout"]}
    return {
        "mit_app_facts": {
            **found,
            "app": {**found["app"], **mine},
            "lms": {**found["lms"], **lms},
            "refusal": "",
            "preparations": [],
            **online,
        },
        "sso_plan_answer": {"silent": ["lms"], "reasons": {"lms": "Connection refused"}, "tls": {}},
        "mit_app_env_dotenv": {},
        "mit_app_env_result": {},
        "edx_oauth_provider_result": {},
        "edx_private_settings_result": {},
    }


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return play(tmp_path_factory.mktemp("plan"), variables)


def play(folder, known):
    (folder / "book.yml").write_text(PLAYBOOK)
    for host in ("xpro", "online"):
        (folder / f"{host}.json").write_text(json.dumps(known(host)))
    run = ansible("ansible-playbook", "-i", "xpro,online,", "book.yml", env={}, cwd=folder).well()
    return {host: json.loads(text) for host, text in re.findall(r"(?m)^RESULT (\w+) (.*)$", run.out)}


def test_each_app_is_told_what_concerns_it(said):
    xpro, online = (said[host]["plan"] for host in ("xpro", "online"))
    missing = {"field": "state", "old": "missing", "new": "present", "by": "", "at": "2025-11-23T10:11:02+00:00"}
    assert xpro["drift"] == [{"object": ".env: LOGOUT_REDIRECT_URL", **missing}]
    assert [(entry["object"], entry["old"], entry["new"]) for entry in online["drift"]] == [
        ("LMS: provider ol-online", "{{ 7 * 7 }}", "b"),
        ("LMS settings: backend ol-online", "(as they are)", "written, and the LMS restarted"),
        (".env: LOGOUT_REDIRECT_URL", "missing", "present"),
    ]
    for host, plan in (("xpro", xpro), ("online", online)):
        (other,) = {"xpro", "online"} - {host}
        assert [thing["name"] for thing in plan["findings"] if other in thing["name"]] == []
        assert plan["lines"][-1] == f"Django starts: 1 of the LMS for all apps, 1 of {host}."
        assert plan["changed"] is False
    assert xpro["drift_lines"][0] == "xpro: 1 declared fact differs"
    assert SECRET not in json.dumps(said)


def test_the_guide_without_the_doctor(said):
    states = {action["number"]: action["state"] for action in said["xpro"]["guide"]["actions"]}
    assert len(states) == 26
    assert {number for number, state in states.items() if state == "differs"} == {13}
    assert states[1] == states[25] == "not tried"
    assert states[26] == "done"
    assert said["xpro"]["guide"]["lines"][0] == "xpro: the manual guide"


def test_where_nothing_is_there_it_says_what_is_missing(tmp_path):
    said = play(tmp_path, nothing)
    down = (
        "http://lms:8000 does not answer (Connection refused). Start the LMS (tutor dev start -d). A new installation "
        "needs `tutor dev launch` once. Or correct edx_lms_base_url."
    )
    clone = "xpro: /src/xpro is not there. A run clones https://git.example.com/xpro (v1) to it."
    assert said["xpro"]["plan"]["unknown"] == [clone, down]
    assert said["online"]["plan"]["unknown"] == ["online: Docker does not answer.", down]
    assert said["xpro"]["plan"]["lines"][1:] == [clone, down]
    assert (said["xpro"]["plan"]["findings"], said["xpro"]["plan"]["drift"]) == ([], [])
    actions = {action["number"]: action for action in said["xpro"]["guide"]["actions"]}
    assert (actions[5]["state"], actions[5]["why"]) == (
        "not tried",
        "what is there cannot be compared yet, as said above",
    )
    assert actions[7]["state"] == "not applicable"
