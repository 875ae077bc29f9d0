# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The transport: feed a target's Python the agent and a request on stdin, read one reply.

The program that goes to stdin is the sources of the agent and of the job, followed by one call. ``python -`` is used
and not ``manage.py shell``: it skips the shell's imports, and a non-interactive ``shell`` may not see a late stdin.
"""

from __future__ import annotations

import json
import secrets
import shlex
import time
from typing import TYPE_CHECKING, Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import plan
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.channel import SessionError
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import (
    TARGET_SPEC,
    TargetError,
    argv_of,
    start_of,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.program import Jobs, program, session_request
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.session import Session

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

__all__ = ["TARGET_SPEC", "Target", "TargetError"]

RECREATED, WAIT = 137, 120
CONVERGE: Jobs = {"converge": (plan, "converge")}


class Target:
    """A target and how often it was started."""

    def __init__(self, module: AnsibleModule, target: dict[str, Any]):
        self.module, self.target = module, target
        self.boots, self.seconds = 0, 0.0

    @property
    def label(self) -> str:
        """The target as messages name it."""
        return f"{self.target['type']} target ({' '.join(argv_of(self.target))})"

    def ask(self, request: dict[str, Any], jobs: Jobs | None = None) -> dict[str, Any]:
        """The target's reply, by its session or by one start. A container that was recreated meanwhile is asked again.

        :raises TargetError: when no reply came, or the reply says that Django could not be started.
        """
        request = {**request, "nonce": secrets.token_hex(8), "settings": self.target.get("settings")}
        code, out, err = self._answer(request, jobs or CONVERGE)
        if code == RECREATED and request["nonce"] not in out and self._answers_again():
            code, out, err = self._answer(request, jobs or CONVERGE)
        reply = parse(out, request["nonce"])
        if reply is None:
            raise TargetError(self._silence(code, out, err), rc=code)
        if not reply["ok"] and reply["kind"] in ("not_django", "setup"):
            raise TargetError(
                f"The {self.label} did not start Django. {reply['message']}\n{hint(reply['message'])}".strip()
            )
        if not reply["ok"] and reply["kind"] == "crash":
            raise TargetError(f"The {self.label} failed: {reply['message']}", exception=reply["traceback"])
        return reply

    def _answer(self, request: dict[str, Any], jobs: Jobs) -> tuple[int, str, str]:
        """What came of a request, by the target's session where there is one, else by a start for it alone."""
        start = time.monotonic()
        try:
            found = Session.of(self.target)
            if found is not None:
                answer = found.ask(session_request(request, jobs))
                if answer["began"]:
                    self.boots += answer["starts"]
                    return answer["code"], answer["out"], answer["err"]
        except SessionError as error:
            self.module.warn(f"There is no session of the target, which is started for each task instead: {error}")
        finally:
            self.seconds += time.monotonic() - start
        return self._run(argv_of(self.target), program(request, jobs))

    def _run(self, argv: list[str], text: str) -> tuple[int, str, str]:
        self.boots += 1
        start = time.monotonic()
        timeout = self.target["timeout"]
        limit = ["timeout", str(timeout)] if self.module.get_bin_path("timeout") else []

        def run(data: str) -> tuple[int, str, str]:
            return self.module.run_command(
                [*limit, *argv],
                data=data,
                cwd=self.target.get("chdir"),
                handle_exceptions=False,
                errors="surrogateescape",
                expand_user_and_vars=False,
            )

        try:
            try:
                return run(text)
            except BrokenPipeError:
                # It ended before it had read all (its container is stopped, say), and what it said is lost: ask again.
                return run("")
        except OSError as error:
            raise TargetError(
                f"The {self.label} cannot be run: {error}. "
                "Fix: check target.argv and target.chdir, and that the program is installed."
            ) from None
        finally:
            self.seconds += time.monotonic() - start

    def _answers_again(self) -> bool:
        """After exit status 137 (the container was replaced): wait until its Python runs again."""
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            code, _out, _err = self.module.run_command(
                argv_of(self.target), data="pass\n", cwd=self.target.get("chdir")
            )
            if code == 0:
                return True
            time.sleep(1)
        return False

    def _silence(self, code: int, out: str, err: str) -> str:
        tail = "\n".join((err.strip() or out.strip()).splitlines()[-6:])
        said = f" It said: {tail}" if tail else ""
        if code == 124:
            said = f" It did not answer within {self.target['timeout']} seconds (target.timeout)."
        fix = hint(tail)
        if "is not running" in tail:
            start = shlex.join(start_of(self.target))
            fix = f"Fix: start it first ({start})." if start else "Fix: start it first."
        if code in (126, 127) and not fix:
            fix = "Fix: check target.argv, and that the program is installed."
        return f"The {self.label} gave no answer (exit status {code}).{said}\n{fix}".strip()


def parse(out: str, nonce: str) -> dict[str, Any] | None:
    """The reply between the markers of this request, whatever else the target printed."""
    start, end = out.find(f"<<{nonce}\n"), out.find(f"\n{nonce}>>")
    return json.loads(out[start + len(nonce) + 3 : end]) if 0 <= start < end else None


HINTS = {
    "no such service": "Fix: check target.service and target.project.",
    "no configuration file provided": "Fix: set target.chdir to the directory of the app's docker-compose.yml.",
    "env file": "Fix: the app's .env is missing. Run the app's playbook, which begins it, or copy .env.example.",
    "permission denied while trying to connect": "Fix: add your user to the group docker, and log in again.",
    "Cannot connect to the Docker daemon": "Fix: start Docker, or point DOCKER_HOST at the engine.",
    "settings are missing": "Fix: set them in the app's .env (the role mit_app_env does) and restart the app.",
    "settings are not configured": "Fix: set target.settings to the Django settings module, such as mitxpro.settings.",
    "DJANGO_SETTINGS_MODULE": "Fix: set target.settings to the Django settings module, such as mitxpro.settings.",
    "has no Django": "Fix: check that target.argv runs the Python of the LMS or of the app, not the machine's own.",
    "can't open file": "Fix: target.argv must run Python code from stdin (python -), in the directory with manage.py.",
}


def hint(text: str) -> str:
    """The fix for a failure that is known by its text."""
    return next((fix for sign, fix in HINTS.items() if sign.lower() in text.lower()), "")
