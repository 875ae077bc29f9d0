# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secret of an app's environment, with a kubectl that keeps one and notes what it is called with."""

from __future__ import annotations

import base64
import json
import os
import sys

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import app_secret
from modules import run_here

WHERE = "--namespace mit"
TEMPLATE = {"metadata": {}, "spec": {"containers": [{"envFrom": [{"secretRef": {"name": "app-env"}}]}]}}
WORKLOAD = {
    "kind": "Deployment",
    "spec": {"selector": {"matchLabels": {"app": "web", "tier": "front"}}, "template": TEMPLATE},
}
KUBECTL = """#!{python}
import json, pathlib, sys
home, words = pathlib.Path({home!r}), sys.argv[3:]
with open(home / "calls", "a") as log:
    print(*sys.argv[1:], file=log)
def read(name):
    return json.loads((home / name).read_text()) if (home / name).exists() else None
if words[0] in ("create", "replace"):
    found = json.loads(sys.stdin.read())
    if (home / "refuses").exists():
        sys.exit("Error: it has " + found["data"]["TOKEN"] + ", not canary-1")
    assert words[0] == ("replace" if (home / "secret").exists() else "create")
    (home / "secret").write_text(json.dumps(found))
elif words[0] == "patch":
    workload = read("workload")
    workload["spec"]["template"]["metadata"] = json.loads(words[-1][8:])["spec"]["template"]["metadata"]
    (home / "workload").write_text(json.dumps(workload))
elif words[:2] == ["get", "pods"]:
    print("pod/web-1")
elif words[0] == "get":
    found = read("secret" if words[1].startswith("secret/") else "workload")
    print(json.dumps(found) if found else "")
elif words[0] == "rollout" and (home / "stuck").exists():
    sys.exit("error: timed out waiting for the condition")
"""


class App:
    def __init__(self, home):
        self.home, self.dotenv = home, home / ".env"
        self.dotenv.write_text("TOKEN=canary-1\nURL=http://${TOKEN}.example.org\n")
        (home / "kubectl").write_text(KUBECTL.format(python=sys.executable, home=str(home)))
        (home / "kubectl").chmod(0o755)
        self.put("workload", WORKLOAD)

    def put(self, name, found):
        (self.home / name).write_text(json.dumps(found))

    def run(self, check=False, **changes):
        target = {"type": "kubernetes", "namespace": "mit", **changes}
        given = {"target": target, "name": "app-env", "dotenv": str(self.dotenv), "_ansible_check_mode": check}
        return run_here(app_secret, given)

    def calls(self):
        """What was called besides questions for objects."""
        log = self.home / "calls"
        lines = [line.removeprefix(f"{WHERE} ") for line in log.read_text().splitlines()]
        log.unlink()
        return [line for line in lines if not line.startswith(("get secret", "get deployment", "get statefulset"))]

    @property
    def secret(self):
        return json.loads((self.home / "secret").read_text())

    @property
    def values(self):
        return {name: base64.b64decode(value).decode() for name, value in self.secret["data"].items()}


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return App(tmp_path)


def test_it_holds_what_the_env_holds_and_the_pods_begin_with_it(app):
    assert app.run(check=True)["changed"]
    assert app.calls() == []
    done = app.run()
    assert done["changed"]
    assert app.values == {"TOKEN": "canary-1", "URL": "http://canary-1.example.org"}
    assert app.secret["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "mitodl.openedx"}
    calls = app.calls()
    template = json.loads((app.home / "workload").read_text())["spec"]["template"]
    mark = template["metadata"]["annotations"]["mitodl.openedx/environment"]
    patch = {"spec": {"template": {"metadata": {"annotations": {"mitodl.openedx/environment": mark}}}}}
    assert calls == [
        "create --filename=- --output=name",
        "get pods --selector=app=web,tier=front --output=name",
        f"patch deployment/web --type=merge --patch={json.dumps(patch)}",
        "rollout status deployment/web --timeout=600s",
        calls[-1],
    ]
    assert calls[-1].startswith("wait --for=delete pod/web-1 --timeout=")
    assert "canary" not in json.dumps([done, calls])
    for check in (True, False):
        assert app.run(check=check)["changed"] is False
    assert app.calls() == []


def test_it_has_no_more_than_the_env_and_keeps_what_is_said_of_it(app):
    app.run()
    said = {"annotations": {"a": "mine"}, "resourceVersion": "7"}
    app.put("secret", {**app.secret, "metadata": {**app.secret["metadata"], **said}})
    assert app.run()["changed"] is False
    app.dotenv.write_text("TOKEN=canary-2\n")
    app.calls()
    assert app.run()["changed"]
    assert app.values == {"TOKEN": "canary-2"}
    # With its version: where somebody changes it meanwhile, the cluster refuses this.
    assert said.items() <= app.secret["metadata"].items()
    assert app.calls()[0].startswith("replace --filename=-")


def test_pods_that_a_broken_off_run_left_with_the_old_ones_are_replaced(app):
    app.run()
    app.put("workload", WORKLOAD)
    app.calls()
    assert app.run(check=True)["changed"]
    assert app.run()["changed"]
    assert [call.split()[0] for call in app.calls()] == ["get", "patch", "rollout", "wait"]


def test_pods_of_a_stateful_set_have_the_names_of_those_before(app):
    app.put("workload", {**WORKLOAD, "kind": "StatefulSet"})
    assert app.run(service="statefulset/web")["changed"]
    assert [call.split()[0] for call in app.calls()] == ["create", "get", "patch", "rollout"]


def test_what_is_somebody_elses_or_of_no_use_is_left(app):
    app.put("secret", {"kind": "Secret", "metadata": {"name": "app-env", "labels": {"a": "b"}}, "data": {}})
    before = app.secret
    failed = app.run()["msg"]
    said = "The Secret app-env is not of this collection, which would replace all of it by what is in"
    assert failed.startswith(f"{said} {app.dotenv}.")
    label = "label secret/app-env app.kubernetes.io/managed-by=mitodl.openedx"
    assert failed.endswith(f"hand it over: kubectl {WHERE} {label}")
    assert (app.secret, app.calls()) == (before, [])
    (app.home / "secret").unlink()
    app.put("workload", {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{}]}}}})
    failed = app.run()["msg"]
    assert "deployment/web does not take its environment from the Secret app-env" in failed
    assert "envFrom: [{secretRef: {name: app-env}}], or correct the name." in failed
    assert app.calls() == []


def test_what_goes_wrong_is_said_without_what_is_secret(app):
    (app.home / "refuses").touch()
    failed = app.run()["msg"]
    assert "failed: Error: it has ********, not ********. Correct kubeconfig, context, namespace and serv" in failed
    (app.home / "refuses").unlink()
    (app.home / "stuck").touch()
    failed = app.run()["msg"]
    assert "have not replaced the old ones: error: timed out waiting for the condition. See kubectl" in failed


def test_a_dry_run_before_there_is_an_env(app):
    app.dotenv.unlink()
    assert app.run(check=True) == {"changed": True, "boots": 0, "invocation": app.run(check=True)["invocation"]}
