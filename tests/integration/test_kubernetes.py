# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets on Kubernetes, where there is no cluster: a kubectl that notes how it is called and runs the lab's sides."""

from __future__ import annotations

import json
import os
import sys

from runs import ROOT

# What a pod would run, runs where the lab runs it.
KUBECTL = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
inside = sys.argv[sys.argv.index("--") + 1 :]
(name,) = (word[len("deployment/") :] for word in sys.argv if word.startswith("deployment/"))
os.execv(sys.executable, [sys.executable, {ctl!r}, "exec", name, "--", *inside])
"""


def test_both_sides_are_reached_by_kubectl(fresh, tmp_path):
    log, program = tmp_path / "argv", tmp_path / "bin/kubectl"
    program.parent.mkdir()
    program.write_text(KUBECTL.format(python=sys.executable, log=str(log), ctl=str(ROOT / "lab/ctl.py")))
    program.chmod(0o755)
    way = {"type": "kubernetes", "kubeconfig": "/etc/kube.yml", "context": "lab", "namespace": "mit"}
    given = {
        "edx_target": {**way, "service": "lms"},
        "mit_app_target": {**way, "service": "xpro", "container": "app"},
        "sso_doctor_report_dir": str(fresh.report),
    }
    command = ("ansible-playbook", "playbooks/site.yml", "--limit", "xpro", "-e", json.dumps(given))
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    run = fresh.ansible(*command, **env).well()
    assert ", 0 failed," in run.out

    calls = [json.loads(line) for line in log.read_text().splitlines()]
    where = ["--kubeconfig", "/etc/kube.yml", "--context", "lab", "--namespace", "mit", "exec", "--stdin"]
    assert all(call[: len(where)] == where for call in calls)
    assert {tuple(call[len(where) : call.index("--")]) for call in calls} == {
        ("deployment/lms",),
        ("deployment/xpro", "--container", "app"),
    }
    # Code and requests come on stdin.
    env_file = fresh.read_env()
    for key in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN"):
        assert env_file[key] not in log.read_text()

    again = fresh.ansible(*command, "--skip-tags", "doctor", **env).well()
    assert again.changed == 0
