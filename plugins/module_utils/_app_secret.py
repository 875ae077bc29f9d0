# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The environment of an app on Kubernetes: a Secret made from its ``.env``, and the pods that run with it."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from pathlib import Path

from ansible_collections.mitodl.openedx.plugins.module_utils._compose import last_line
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import session
from ansible_collections.mitodl.openedx.plugins.module_utils._kubectl import kubectl
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._rollout import Rollout, RolloutError
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import HIDDEN

LABEL = {"app.kubernetes.io/managed-by": "mitodl.openedx"}
# Says in the template of the pods what they begin with, as Kustomize says it in the name of a Secret that it makes.
MARK = "mitodl.openedx/environment"


class Environment:
    """What an app is to have in its environment, and what its workload in the cluster has."""

    def __init__(self, module):
        self.module, self.params = module, module.params
        self.target, self.name = self.params["target"], self.params["name"]
        self.rollout = Rollout(module, self.target)
        self.values: dict[str, str] = {}

    def converge(self):
        """Make the Secret, let the pods run with it, and return what the module returns."""
        path = Path(self.params["dotenv"])
        if self.module.check_mode and not path.exists():
            return {"changed": True, "boots": 0}
        self.values = read(path)
        secret = json.loads(
            self._ask("get", f"secret/{self.name}", "--ignore-not-found", "--output=json").strip() or "{}"
        )
        workload = json.loads(self._ask("get", self.rollout.name, "--output=json"))
        self._refuse(secret, workload)
        data = {key: as_base64(value) for key, value in self.values.items()}
        is_same = bool(secret) and (secret.get("data") or {}) == data
        mark = digest_of(data)
        result = {"changed": not is_same or mark_of(workload) != mark, "boots": 0}
        if self.module.check_mode or not result["changed"]:
            return result
        if not is_same:
            self._write(secret, data)
        self._replace_pods(workload, mark)
        # What it has started is in a pod of before.
        return {**result, "boots": session.drop(self.target)}

    def _refuse(self, secret, workload):
        """Stop before the first write where that would be somebody else's, or of no use."""
        labels = secret.get("metadata", {}).get("labels") or {}
        if secret and not LABEL.items() <= labels.items():
            by_hand = shlex.join(kubectl(self.target, "label", f"secret/{self.name}", *map("=".join, LABEL.items())))
            self.module.fail_json(
                msg=f"The Secret {self.name} is not of this collection, which would replace all of it by what is in "
                f"{self.params['dotenv']}. Give mit_app_kubernetes_secret another name; or, when its keys are in that "
                f"file, hand it over: {by_hand}"
            )
        if self.name not in secrets_of(workload):
            self.module.fail_json(
                msg=f"{self.rollout.name} does not take its environment from the Secret {self.name}, which "
                "mit_app_kubernetes_secret names. Give its container envFrom: [{secretRef: {name: "
                f"{self.name}}}}}], or correct the name."
            )

    def _write(self, secret, data):
        """Have the Secret hold the data."""
        # What is there, with other data: nobody else's change of it is lost, and nothing is kept beside it, as
        # `kubectl apply` keeps it.
        metadata = secret.get("metadata") or {"name": self.name, "labels": LABEL}
        kind = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque"}
        manifest = {**kind, **secret, "metadata": metadata, "data": data}
        self._ask("replace" if secret else "create", "--filename=-", "--output=name", data=json.dumps(manifest))

    def _replace_pods(self, workload, mark):
        """Have the cluster replace the pods by those that begin with it, and wait for it."""
        labels = ",".join(map("=".join, sorted(workload["spec"]["selector"]["matchLabels"].items())))
        pods = self._ask("get", "pods", f"--selector={labels}", "--output=name").split()
        template = {"metadata": {"annotations": {MARK: mark}}}
        self._ask("patch", self.rollout.name, "--type=merge", f"--patch={json.dumps({'spec': {'template': template}})}")
        # The pods of a StatefulSet have the names of those before them.
        old = pods if workload["kind"] == "Deployment" else ()
        seconds = self.params["wait"]
        try:
            self.rollout.look(old, 0, {"wait": seconds, "period": seconds})
        except RolloutError as error:
            log = shlex.join(kubectl(self.target, "logs", self.rollout.name))
            self.module.fail_json(
                msg=f"The Secret {self.name} is written, and the pods that begin with it have not replaced the old "
                f"ones: {error}. See {log}"
            )

    def _ask(self, *words, data=None):
        """The output of a command of kubectl that has to succeed."""
        argv = kubectl(self.target, *words)
        try:
            code, out, err = self.module.run_command(
                argv, data=data, handle_exceptions=False, expand_user_and_vars=False
            )
        except OSError as error:
            code, out, err = 127, "", f"{argv[0]}: {error.strerror}"
        if code:
            said = last_line(err or out)
            for value in filter(None, self.values.values()):
                said = said.replace(value, HIDDEN).replace(as_base64(value), HIDDEN)
            self.module.fail_json(
                msg=f"`{shlex.join(argv)}` failed: {printable(said) or f'status {code}'}. Correct kubeconfig, context, "
                "namespace and service of mit_app_target, or mend what it complains of."
            )
        return out


def as_base64(text):
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def digest_of(data):
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def mark_of(workload):
    """The digest of what the pods of a workload began with; None where nobody noted one."""
    return (workload["spec"]["template"].get("metadata", {}).get("annotations") or {}).get(MARK)


def secrets_of(workload):
    """The names of the Secrets that the environment of a workload's containers comes from.

    >>> container = {"envFrom": [{"secretRef": {"name": "all"}}], "env": [{"name": "A", "value": "1"}]}
    >>> secrets_of({"spec": {"template": {"spec": {"containers": [container]}}}})
    {'all'}
    """
    containers = workload["spec"]["template"]["spec"]["containers"]
    whole = [source.get("secretRef", {}) for one in containers for source in one.get("envFrom") or []]
    keys = [entry.get("valueFrom", {}).get("secretKeyRef", {}) for one in containers for entry in one.get("env") or []]
    return {found["name"] for found in (*whole, *keys) if found.get("name")}
