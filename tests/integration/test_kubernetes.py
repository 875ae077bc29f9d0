# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sides on Kubernetes, without a cluster: cluster_stand_in.py answers, and its pods are the sides of the lab."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from documents import examples
from dotenv import dotenv_values
from programs import VERSIONS, kubectl, tutor_of
from runs import ROOT

SECRETS = ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")


class Cluster:
    """A machine with the real Tutor and a kubectl that answers for a cluster."""

    def __init__(self, lab, home: Path):
        self.lab, self.home, self.root = lab, home / "cluster", home / "tutor"
        self.home.mkdir()
        self.kubeconfig = home / "kube.yml"
        self.bin = home / "bin"
        self.bin.mkdir()
        self.program("kubectl", sys.executable, str(ROOT / "tests/cluster_stand_in.py"))
        (home / "plugins").mkdir()
        self.env = {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "CLUSTER": str(self.home),
            "TUTOR_PLUGINS_ROOT": str(home / "plugins"),
        }

    def program(self, name: str, *argv: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
        path.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """How kubectl was called since the last question, by the collection; by Tutor it has to have the kubeconfig."""
        log = self.home / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        found = []
        for line in lines:
            kubeconfig, argv = json.loads(line)
            if argv[0] != "--kubeconfig":
                assert kubeconfig == str(self.kubeconfig), argv
            found.append(argv)
        return found

    def object(self, name: str):
        return json.loads((self.home / f"{name}.json").read_text())

    def put(self, name: str, found) -> None:
        (self.home / f"{name}.json").write_text(json.dumps(found))

    @property
    def secret(self) -> dict[str, str]:
        data = self.object("secret-mitxpro-env")["data"]
        return {name: base64.b64decode(value).decode() for name, value in data.items()}


@pytest.fixture
def cluster(fresh, tmp_path):
    return Cluster(fresh, tmp_path)


def test_both_sides_are_reached_by_kubectl(cluster):
    lab = cluster.lab
    way = {"type": "kubernetes", "kubeconfig": "/etc/kube.yml", "context": "staging", "namespace": "mit"}
    given = {
        "edx_target": {**way, "service": "lms"},
        "mit_app_target": {**way, "service": "xpro", "container": "app"},
    }
    command = ("ansible-playbook", "playbooks/site.yml", "--limit", "xpro", "--skip-tags", "doctor")
    lab.ansible(*command, "-e", json.dumps(given), **cluster.env).well()
    where = ["--kubeconfig", "/etc/kube.yml", "--context", "staging", "--namespace", "mit", "exec", "--stdin"]
    calls = cluster.calls()
    assert all(call[: len(where)] == where for call in calls)
    assert {tuple(call[len(where) : call.index("--")]) for call in calls} == {
        ("deployment/lms",),
        ("deployment/xpro", "--container", "app"),
    }
    # Code and requests come on stdin.
    for key in (*SECRETS, "OPENEDX_SERVICE_WORKER_USERNAME"):
        assert lab.read_env()[key] not in str(calls)
    for text in ("import django", lab.read_env()["OPENEDX_SERVICE_WORKER_USERNAME"]):
        assert text in (cluster.home / "stdin").read_text()


# -- an LMS of `tutor k8s`, and an app with a Secret: the inventory of the page ----------------------------------------


def inventory(cluster: Cluster) -> Path:
    """The one that the page shows, at the addresses and places of the lab; without what the lab's own has besides."""
    (text,) = (piece.text for piece in examples("docs/kubernetes.md"))
    for shown, own in (
        ("https://lms.example.edu", cluster.lab.lms),
        ("/srv/tutor", str(cluster.root)),
        ("/srv/kube.yml", str(cluster.kubeconfig)),
        ("/srv/mitxpro/.env", str(cluster.lab.dotenv)),
        ("xpro.example.edu", "127.0.0.1"),
        ("mit_app_scheme: https", "mit_app_scheme: http"),
        ("mit_app_port: 443", f"mit_app_port: {cluster.lab.app.rpartition(':')[2]}"),
    ):
        assert shown in text
        text = text.replace(shown, own)
    found = yaml.safe_load(text)
    found["edx"]["hosts"]["lms"].update(edx_settings_strategy="tutor_plugin", edx_start_argv=[], edx_restart_argv=[])
    found["mit_apps"]["hosts"]["xpro"].update(mit_app_restart_argv=[])
    path = cluster.home.with_name("k8s.yml")
    path.write_text(yaml.safe_dump(found))
    return path


@pytest.fixture
def launched(cluster):
    """A cluster with an LMS that `tutor k8s` runs, and an app whose environment is to come from a Secret."""
    program = tutor_of(VERSIONS[0])
    cluster.program("tutor", str(program))
    cluster.env["KUBECTL"] = str(kubectl())
    own = {**cluster.lab.env, **cluster.env, "KUBECONFIG": str(cluster.kubeconfig)}
    for words in (["config", "save", "--set", "LMS_HOST=localhost"], ["k8s", "start"]):
        subprocess.run([program, "--root", cluster.root, *words], env=own, check=True, capture_output=True)
    container = {"name": "app", "envFrom": [{"secretRef": {"name": "mitxpro-env"}}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    cluster.put("deployment-web", {"kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
    cluster.put("pods-web", {"names": ["pod/web-1", "pod/web-2"]})
    cluster.calls()
    return cluster


def test_an_lms_of_tutor_and_an_app_with_a_secret(launched):
    lab = launched.lab
    where = ("-i", str(ROOT / "inventories/lab"), "-i", str(inventory(launched)))

    def run(book, *words):
        report = ("-e", f"sso_doctor_report_dir={lab.report}")
        command = ("ansible-playbook", f"playbooks/{book}.yml", "--limit", "xpro", *where, *report, *words)
        return lab.ansible(*command, **launched.env)

    def env():
        return {name: value or "" for name, value in dotenv_values(lab.dotenv).items()}

    def changes(calls, namespace=None):
        """What is done in the cluster, in one namespace or in any; Tutor has that of the LMS in what it applies."""
        verbs = ("apply", "create", "replace", "patch", "rollout", "wait")
        found = [(call[5], call[6:]) if call[0] == "--kubeconfig" else ("openedx", call) for call in calls]
        return [words for where, words in found if words[0] in verbs and namespace in (None, where)]

    planned = run("site", "--check", "--skip-tags", "doctor").well()
    assert planned.changed
    assert changes(launched.calls()) == []

    settings = lab.envs / "tutor/mit_apps"
    assert not settings.exists()
    first = run("site").well()
    assert ", 0 failed," in first.out
    assert (settings / "apps.d/xpro.json").is_file()
    calls = launched.calls()
    lms = changes(calls, "openedx")
    assert [call[:1] if call[0] == "apply" else call for call in lms] == [
        ["apply"],
        ["apply"],
        ["rollout", "status", "deployment/lms", lms[2][-1]],
        ["wait", "--for=delete", "pod/lms-1", "pod/lms-2", lms[3][-1]],
    ]
    assert [call[-1] for call in lms[:2]] == ["app.kubernetes.io/name=openedx", "app.kubernetes.io/name=lms"]
    assert [call[0] for call in changes(calls, "mitxpro")] == ["create", "patch", "rollout", "wait"]
    assert launched.secret == env()
    for key in SECRETS:
        encoded = base64.b64encode(env()[key].encode()).decode()
        assert not any(text in str(calls) + first.out for text in (env()[key], encoded))
        assert encoded in (launched.home / "stdin").read_text()

    second = run("site").well()
    assert second.changed == 0
    assert changes(launched.calls()) == []
    # A dry run reads the .env of before, and says all the same that its pods would be replaced.
    step = r"Give the app's environment to its pods\].*?\n(ok|changed): "
    for book, says in (("site", "ok"), ("remove", "changed")):
        dry = run(book, "--check", "--skip-tags", "doctor").well()
        assert re.findall(f"(?s){step}", dry.out) == [says], dry.out
        assert bool(dry.changed) == (says == "changed")
    assert changes(launched.calls()) == []

    assert "drift was not looked for" not in run("doctor", "-e", "drift_fail=true").well().out
    run("explain").well()
    drifted = run("doctor", "--tags", "drift", "-e", "drift_fail=true", "-e", "edx_private_settings_hide_country=false")
    assert drifted.code
    assert changes(launched.calls()) == []

    token = env()["OPENEDX_SERVICE_WORKER_API_TOKEN"]
    run("rotate", "-e", "rotate=api_token", "-e", "rotate_grace_seconds=0").well()
    assert launched.secret == env()
    assert launched.secret["OPENEDX_SERVICE_WORKER_API_TOKEN"] != token
    assert [call[0] for call in changes(launched.calls())] == ["replace", "patch", "rollout", "wait"]

    run("remove").well()
    assert not settings.exists()
    assert launched.secret == env()
    assert not set(SECRETS) & {name for name, value in launched.secret.items() if len(value) > 20}
    assert run("remove").well().changed == 0
