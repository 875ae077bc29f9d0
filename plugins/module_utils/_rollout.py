# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The pods of an LMS that Tutor runs on Kubernetes: whether they can be reached, and how new ones replace them."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._compose import last_line
from ansible_collections.mitodl.openedx.plugins.module_utils._kubectl import exec_argv, kubectl, workload


class RolloutError(Exception):
    """New pods did not replace the old ones; says why."""


class Rollout:
    """What runs the LMS or an app, and the replacement of its pods.

    Tutor's names of ConfigMaps end in a hash of what is in them. So `tutor k8s start` gives the LMS new pods where its
    settings changed, and leaves it alone where they did not.
    """

    def __init__(self, module, target):
        self.module, self.target, self.name = module, target, workload(target)
        #: The pods of before, which are to go.
        self.old: Sequence[str] = ()

    @property
    def service(self):
        """What Tutor calls the LMS."""
        return self.name.rpartition("/")[2]

    @property
    def label(self):
        """Which pods are its own, as Tutor labels them."""
        return f"--selector=app.kubernetes.io/name={self.service}"

    @property
    def description(self):
        """The command that tells what keeps them from starting."""
        return kubectl(self.target, "describe", "pods", self.label)

    def execute(self, *argv):
        """Status, output and errors of a command in one of them."""
        return self._run(exec_argv(self.target, argv))

    def run(self, *words):
        """The same of a command of kubectl; 127 where there is none."""
        return self._run(kubectl(self.target, *words))

    def _run(self, argv):
        try:
            return self.module.run_command(argv, handle_exceptions=False, expand_user_and_vars=False)
        except OSError as error:
            return 127, "", f"{argv[0]}: {error.strerror}"

    def context_problem(self):
        """Why Tutor, which has no option for a context, would speak to another cluster, and what to do; or nothing."""
        wanted = self.target.get("context")
        current = self.run("config", "current-context")[1].strip() if wanted else ""
        if current == (wanted or ""):
            return ""
        command = shlex.join(kubectl(self.target, "config", "view", "--minify", "--flatten"))
        return (
            f"edx_target.context is {wanted}, and Tutor speaks to the current context of the kubeconfig, which is "
            f"{current or 'not set'}. Give edx_target.kubeconfig a file in which it is the current one: "
            f"{command} > FILE."
        )

    def look_up(self):
        """Whether the deployment is there, and why kubectl cannot say it."""
        words = ("get", self.name, "--ignore-not-found", "--output=name")
        code, out, err = self.run(*words)
        if not code:
            return bool(out.strip()), ""
        return False, (
            f"`{shlex.join(kubectl(self.target, *words))}` failed: {last_line(err or out) or f'status {code}'}. "
            "Correct kubeconfig, context and namespace of edx_target, or mend what it complains of."
        )

    def renew(self, run, apply):
        """Have the cluster replace the pods by those of what was rendered.

        :param run: runs a command that has to succeed, and returns what it said.
        :param apply: the command that has the cluster take it.
        """
        template = kubectl(self.target, "get", self.name, "--ignore-not-found", "--output=jsonpath={.spec.template}")
        self.old = run(kubectl(self.target, "get", "pods", self.label, "--output=name")).split()
        before = run(template)
        run(apply)
        if run(template) == before:
            run(kubectl(self.target, "rollout", "restart", self.name))

    def look(self, old: Sequence[str], waited: int, params: Mapping[str, Any]):
        """One look of a long wait for the new pods, no longer than somebody wants to hear nothing.

        :param old: the pods that have to be gone. One that is ending is no replica any more, and code can still be run
            in it.
        :param waited: the seconds that others have waited before.
        :param params: ``wait``, so many seconds in all, and ``period``, those of one look.
        :returns: what the next look goes on from; None where nothing is to be waited for.
        :raises RolloutError: they did not come in time, or will not come at all.
        """
        passed = waited + min(params["period"], params["wait"] - waited)
        until = time.monotonic() + passed - waited
        steps = [("rollout", "status", self.name), *([("wait", "--for=delete", *old)] if old else [])]
        for words in steps:
            # 0 would be for ever.
            code, out, err = self.run(*words, f"--timeout={max(1, round(until - time.monotonic()))}s")
            if code:
                said = last_line(out) or last_line(err) or f"status {code}"
                if "timed out" not in err or passed >= params["wait"]:
                    raise RolloutError(f"{said} ({last_line(err)})" if out.strip() else said)
                return {"waited": passed, "reason": said}
        return None
