#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Tutor and the collection find as ``kubectl`` where there is no cluster: its pods are the sides of the lab.

Below $CLUSTER it keeps what was applied, and notes how it is called (``calls``) and what comes on its stdin
(``stdin``). Kustomizations are rendered by the real one, $KUBECTL. A deployment whose template changes gets new pods,
which is a restart of its side: the LMS with the settings that are in the volumes of its pods then, the app as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import yaml

HOME, STATE = Path(os.environ["CLUSTER"]), Path(os.environ["LAB_STATE"])
LAB = Path(__file__).resolve().parents[1] / "lab"
#: The current context of the kubeconfig, and where the LMS's pods have its settings.
CONTEXT = "staging"
SETTINGS = "lms/envs/tutor/"
#: The sides of the lab, by the deployments that run them.
SIDES = {"lms": "lms", "web": "xpro", "xpro": "xpro"}


def path_of(kind: str, name: str) -> Path:
    return HOME / f"{kind.lower()}-{name}.json"


def find(kind: str, name: str) -> dict:
    """An object; nothing where there is none."""
    path = path_of(kind, name)
    return json.loads(path.read_text()) if path.exists() else {}


def put(found: dict) -> None:
    """Keep an object; new pods where it is a deployment that has another template."""
    name = found["metadata"]["name"]
    before = find(found["kind"], name)
    path_of(found["kind"], name).write_text(json.dumps(found))
    if found["kind"] == "Deployment" and before.get("spec", {}).get("template") != found["spec"]["template"]:
        roll_out(found)


def pods(name: str) -> list[str]:
    return find("pods", name).get("names", [])


def roll_out(deployment: dict) -> None:
    """Two new pods for those that were there."""
    name = deployment["metadata"]["name"]
    first = max((int(pod.rpartition("-")[2]) for pod in pods(name)), default=0) + 1
    names = [f"pod/{name}-{number}" for number in (first, first + 1)]
    path_of("pods", name).write_text(json.dumps({"names": names}))
    if name == "lms":
        mount(deployment["spec"]["template"]["spec"])
    if name in SIDES:
        subprocess.run([sys.executable, LAB / "ctl.py", "restart", SIDES[name]], check=True, capture_output=True)


def mount(pod: dict) -> None:
    """Have the lab's LMS read what its pod has mounted: the package, and what Tutor's own settings do with it."""
    (place,) = [one for one in pod["containers"][0]["volumeMounts"] if one["mountPath"].endswith(SETTINGS)]
    (volume,) = [one for one in pod["volumes"] if one["name"] == place["name"]]
    files = dict(mounted(volume))
    folder = STATE / "lms/lms/envs/tutor"
    shutil.rmtree(folder / "mit_apps", ignore_errors=True)
    for path, text in files.items():
        if path.startswith("mit_apps/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    ours = [line for line in files["production.py"].splitlines() if "mit_apps" in line]
    own = (LAB / "lms/lms/envs/tutor/development.py").read_text()
    (folder / "development.py").write_text("\n".join([own, *ours, ""]))


def mounted(volume: dict):
    """The files of a volume, by their paths in it."""
    for source in volume.get("projected", {}).get("sources", [volume]):
        data = find("ConfigMap", source["configMap"]["name"])["data"]
        items = source["configMap"].get("items") or [{"key": key, "path": key} for key in data]
        yield from ((item["path"], data[item["key"]]) for item in items)


def apply(words: list[str]) -> None:
    folder, selector = words[words.index("--kustomize") + 1], words[words.index("--selector") + 1]
    rendered = subprocess.run([os.environ["KUBECTL"], "kustomize", folder], check=True, capture_output=True, text=True)
    found = [one for one in yaml.safe_load_all(rendered.stdout) if is_selected(one["metadata"]["labels"], selector)]
    for one in sorted(found, key=lambda one: one["kind"] == "Deployment"):
        put(one)


def is_selected(labels: dict, selector: str) -> bool:
    key, equals, value = selector.partition("=")
    if equals:
        return labels.get(key) == value
    key, values = re.fullmatch(r"(\S+) notin \((.*)\)", selector).groups()
    return labels.get(key) not in values.split(",")


def execute(words: list[str]) -> int:
    """Run a command where the pod would; what comes on stdin is noted on its way."""
    (name,) = (word.removeprefix("deployment/") for word in words if word.startswith("deployment/"))
    command = [sys.executable, LAB / "ctl.py", "exec", SIDES.get(name, "lms"), "--", *words[words.index("--") + 1 :]]
    child = subprocess.Popen(command, stdin=subprocess.PIPE)

    def hand_on() -> None:
        notes = (HOME / "stdin").open("ab", buffering=0)
        with contextlib.suppress(BrokenPipeError), notes, child.stdin as pipe:
            while data := os.read(0, 65536):
                notes.write(data)
                pipe.write(data)
                pipe.flush()

    threading.Thread(target=hand_on, daemon=True).start()
    return child.wait()


def write() -> dict:
    """An object from stdin."""
    data = sys.stdin.read()
    with (HOME / "stdin").open("a") as notes:
        notes.write(data)
    return json.loads(data)


def main(words: list[str]) -> int:
    with (HOME / "calls").open("a") as log:
        log.write(json.dumps([os.environ.get("KUBECONFIG"), words]) + "\n")
    while words[0] in ("--kubeconfig", "--context", "--namespace"):
        words = words[2:]
    kind, _, name = words[1].partition("/") if len(words) > 1 else ("", "", "")
    if words == ["config", "current-context"]:
        print(CONTEXT)
    elif words[0] == "apply":
        apply(words)
    elif words[0] == "exec":
        return execute(words)
    elif words[:2] == ["get", "pods"]:
        label = next(word for word in words if word.startswith("--selector=")).rpartition("=")[2]
        print("\n".join(pods(label)))
    elif words[:2] == ["get", "namespaces"]:
        print(words[2])
    elif words[0] == "get":
        found = find(kind, name)
        template = found.get("spec", {}).get("template")
        print(json.dumps(template if "jsonpath" in words[-1] else found) if found else "")
    elif words[0] in ("create", "replace"):
        put(write())
    elif words[0] == "patch":
        found = find(kind, name)
        patch = json.loads(words[-1].partition("=")[2])["spec"]["template"]["metadata"]
        template = {**found["spec"]["template"], "metadata": {**found["spec"]["template"]["metadata"], **patch}}
        put({**found, "spec": {**found["spec"], "template": template}})
    elif words[:2] == ["rollout", "restart"]:
        roll_out(find("deployment", words[2].rpartition("/")[2]))
    elif words[:2] != ["rollout", "status"] and words[:2] != ["wait", "--for=delete"]:
        sys.exit(f"the stand-in does not know {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
