# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The transport: feed a target's Python the agent and a request on stdin, read one reply.

The program that goes to stdin is the sources of the agent and of the job, followed by one call. ``python -`` is used
and not ``manage.py shell``: it skips the shell's imports, and a non-interactive ``shell`` may not see a late stdin.
"""

from __future__ import annotations

import contextlib
import json
import re
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
    attended_argv,
    start_of,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.keeper import TIMED_OUT
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.once import once
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.program import (
    BOOTSTRAP,
    Jobs,
    prefixed,
    program,
    session_request,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.session import Session
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import masked
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import ended

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

__all__ = ["TARGET_SPEC", "Target", "TargetError"]

RECREATED, WAIT = 137, 120
# So many seconds may a look last whether a container runs again.
LOOK = 30
# Exit statuses of what was killed, as Python, a shell and Docker say it.
KILLED = (-9, -15, 137, 143)
# So much of what a target said is looked at for the end of it.
LENGTH = 100_000
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
        # A session that is lost says nothing at all.
        unharmed = jobs is None and (request.get("mode") == "check" or self._wrote_nothing(request, code, out, err))
        changed = " No row was changed." if unharmed else ""
        reply = parse(out, request["nonce"])
        if reply is None:
            raise TargetError(self._silence(code, out, err, request["nonce"], changed), rc=code)
        if not reply["ok"] and reply["kind"] in ("not_django", "setup"):
            raise TargetError(
                self._clean(
                    f"The {self.label} did not start Django. {ended(reply['message'])}\n{self._hint(reply['message'])}"
                ).strip()
            )
        if not reply["ok"] and reply["kind"] == "crash":
            said = f"The {self.label} failed: {ended(reply['message'])}{changed}\n{self._hint(reply['message'])}"
            raise TargetError(self._clean(said).strip(), exception=self._clean(reply["traceback"]))
        return reply

    def _hint(self, text: str) -> str:
        return hint(text, self.target)

    @staticmethod
    def _wrote_nothing(request: dict[str, Any], code: int, out: str, err: str) -> bool:
        """Whether it is sure that nothing was committed: the agent says when it begins to."""
        return f"<<{request['nonce']} writes>>" not in out and bool(out or err or code != RECREATED)

    def _clean(self, text: str) -> str:
        """A text of others without what the caller keeps secret, in whatever form they have put it."""
        return masked(text[-LENGTH:], getattr(self.module, "no_log_values", ()))

    def _answer(self, request: dict[str, Any], jobs: Jobs) -> tuple[int, str, str]:
        """What came of a request, by the target's session where there is one, else by a start for it alone."""
        start, attended = time.monotonic(), True
        try:
            found = Session.of(self.target)
            if found is not None:
                answer = found.ask(session_request(request, jobs))
                if answer["began"]:
                    self.boots += answer["starts"]
                    return answer["code"], answer["out"], answer["err"]
                # Its Python was not even run: what is there takes no other words than those that were declared.
                attended = False
        except SessionError as error:
            self.module.warn(f"There is no session of the target, which is started for each task instead: {error}")
        finally:
            self.seconds += time.monotonic() - start
        return self._run(request, jobs, attended)

    def _run(self, request: dict[str, Any], jobs: Jobs, attended: bool) -> tuple[int, str, str]:
        """What came of a start for one request.

        :param attended: whether it may be one that ends with this process.
        """
        argv = argv_of(self.target)
        attended = attended and argv[-1] == "-"
        data = program(request, jobs, attended).encode()
        if attended:
            argv, data = attended_argv(argv, BOOTSTRAP), prefixed(data)
        self.boots += 1
        start = time.monotonic()
        try:
            return once(argv, self.target.get("chdir"), data, attended, self.target["timeout"], request["nonce"])
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
            with contextlib.suppress(OSError):
                if once(argv_of(self.target), self.target.get("chdir"), b"pass\n", False, LOOK)[0] == 0:
                    return True
            time.sleep(1)
        return False

    def _silence(self, code: int, out: str, err: str, nonce: str, changed: str) -> str:
        said, fix, marker = "", "", f"<<{nonce} writes>>"
        if marker in out:
            out, changed = out.replace(marker, ""), " It may have written the rows; run this again."
        if code == TIMED_OUT:
            said = f" It did not answer within {self.target['timeout']} seconds (target.timeout)."
            if looked := re.findall(r"^Looked at \d+ objects\.$", out, re.MULTILINE):
                said += f" Its last word: {looked[-1]}"
        elif holds_request(out, nonce) or holds_request(err, nonce):
            said = " What it said holds the request or a part of the reply, and is not shown."
            fix = HINTS["can't open file"]
        elif said := self._clean(err.strip() or out.strip()):
            said = "\n".join(said.splitlines()[-6:]).strip()
            fix = self._hint(said)
            if stopped := next((line for line in said.splitlines() if "is not running" in line), ""):
                # Tutor says much around it.
                said, start = stopped.strip(), shlex.join(start_of(self.target))
                fix = f"Fix: start it first ({start})." if start else "Fix: start it first."
            said = f" It said: {ended(said)}"
        if code in (126, 127) and not fix:
            fix = "Fix: check target.argv, and that the program is installed."
        if code in KILLED and not fix:
            fix = "Fix: it was killed, most often for want of memory: give what runs it more, then run again."
        if self.target["type"] == "command" and code not in (0, TIMED_OUT) and not fix:
            fix = HINTS["can't open file"]
        return f"The {self.label} gave no answer (exit status {code}).{said}{changed}\n{fix}".strip()


def holds_request(text: str, nonce: str) -> bool:
    """Whether something quotes what it was given, as `cat` does, or breaks off in a reply: both hold secrets.

    >>> holds_request("agent.main({'nonce': '12ab\\n34'", "12ab34")
    True
    """
    return nonce in re.sub(r"\s", "", text) or "sent = Sent(" in text


def parse(out: str, nonce: str) -> dict[str, Any] | None:
    """The reply between the markers of this request, whatever else the target printed: the last, for it ends then."""
    for text in reversed(re.findall(rf"<<{nonce}\n(.*)\n{nonce}>>", out)):
        with contextlib.suppress(ValueError):
            reply = json.loads(text)
            if isinstance(reply, dict):
                return reply
    return None


# As Compose says it, in new releases and in old ones.
HINTS = {
    **dict.fromkeys(
        (".env not found", "couldn't find env file"),
        "Fix: the app's .env is missing. Run the app's playbook, which begins it, or copy .env.example.",
    ),
    "no such service": "Fix: check target.service and target.project.",
    "no configuration file provided": "Fix: set target.chdir to the directory of the app's docker-compose.yml.",
    "permission denied while trying to connect": "Fix: add your user to the group docker, and log in again.",
    "Cannot connect to the Docker daemon": "Fix: start Docker, or name its engine in target.docker_host or "
    "target.docker_context.",
    "settings are missing": "Fix: set them in the app's .env (the role mit_app_env does), and have the app read it"
    "{start}.",
    "settings are not configured": "Fix: set target.settings to the Django settings module, such as mitxpro.settings.",
    "DJANGO_SETTINGS_MODULE": "Fix: set target.settings to the Django settings module, such as mitxpro.settings.",
    "has no Django": "Fix: check that target.argv runs the Python of the LMS or of the app, not the machine's own.",
    "database is locked": "Fix: another process writes to this SQLite database all the time: end it, then run again.",
    "can't open file": "Fix: argv of the target (edx_target, mit_app_target) must run Python code from stdin "
    "(python -); chdir is the directory in which it starts.",
}


def hint(text: str, target: dict[str, Any]) -> str:
    """The fix for a failure that is known by its text."""
    start = start_of(target)
    found = next((fix for sign, fix in HINTS.items() if sign.lower() in text.lower()), "")
    return found.replace("{start}", f" ({shlex.join(start)})" if start else "")
