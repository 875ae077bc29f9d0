# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The course of an examination: the app, the browser's side, the LMS, and the app again to clean up."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import sys
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _probes
from ansible_collections.mitodl.openedx.plugins.module_utils._browser import browse
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import Target, TargetError
from ansible_collections.mitodl.openedx.plugins.module_utils._hops import FAILED, Seen, diagnose, summary, table

JOBS = {name: (_probes, name) for name in ("app", "app_removal", "lms")}


def person_of(app: dict[str, Any]) -> str:
    """A name for the throw-away person of this run, short enough for Open edX.

    Sorted by time, and with a tag of the app: the doctors of two apps on one LMS leave each other's people alone.
    """
    tag = hashlib.sha256(app["base_url"].encode()).hexdigest()[:4]
    return f"sso-check-{tag}-{int(time.time()):08x}-{secrets.token_hex(2)}"


def same(one: str, other: str | None) -> bool:
    return one.rstrip("/") == (other or "").rstrip("/")


def is_elsewhere(kind: str) -> bool:
    """Whether containers of a target have their gateways on another machine, be it a virtual one."""
    remote = os.environ.get("DOCKER_HOST", "").startswith(("ssh:", "tcp:")) or sys.platform != "linux"
    return kind == "tutor_k8s" or (kind != "command" and remote)


def is_here(address: str) -> bool:
    """Whether an address is one of this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class Doctor:
    """One examination of an app and its LMS."""

    def __init__(self, module: AnsibleModule):
        params, dry = module.params, module.check_mode
        self.module, self.declared = module, params["app"]
        self.targets = {"app": Target(module, params["app_target"]), "lms": Target(module, params["target"])}
        self.seen = Seen(self.declared, warn_days=params["warn_days"])
        for part in ("login", "commands"):
            if dry or not params[part]:
                self.seen.unwanted[part] = f"not done: {'check mode' if dry else f'{part} is false'}"
        self.versions: dict[str, dict[str, str]] = {}
        self.request = {
            "app": self.declared,
            "timeout": params["timeout"],
            "login": "login" not in self.seen.unwanted,
            "commands": "commands" not in self.seen.unwanted,
            "person": person_of(self.declared),
        }

    def ask(self, side: str, job: str, **more: Any) -> dict[str, Any]:
        """Start a side once; a side that does not answer is a finding."""
        try:
            reply = self.targets[side].ask({**self.request, **more, "job": job}, JOBS)
        except TargetError as error:
            self.seen.silent[side] = str(error)
            # Without details Django did not even start; with them it broke off, and may have got as far as the person.
            return {"found": {}, "broke_off": bool(error.details)}
        self.versions[side] = reply["versions"]
        return reply

    def compare_env(self, digests: dict[str, str | None]) -> None:
        """Hold what the app runs with against its .env, where that file is at hand; secrets by their digests."""
        path, facts = Path(self.declared["dotenv"]).expanduser(), self.seen.facts("app.settings")
        if not facts:
            return
        there = path.is_file() and os.access(path, os.R_OK)
        values = {name: value for name, value in read(path).items() if value} if there else {}
        plain = [name for name, found in facts["values"].items() if name in values and not same(values[name], found)]
        secret = [name for name in digests if name in values and _probes.digest(values[name]) != digests[name]]
        self.seen.app["env"] = {"there": there, "differs": sorted(plain + secret)}

    def locate(self) -> None:
        """Tell an address that is gone from one of this machine's, which the gateways of its containers are too."""
        for side in ("app", "lms", "browser"):
            if side != "browser" and is_elsewhere(self.targets[side].target["type"]):
                continue
            for facts in getattr(self.seen, side).values():
                if facts.get("addresses"):
                    facts["here"] = any(map(is_here, facts["addresses"]))

    def examine(self) -> dict[str, Any]:
        start = time.monotonic()
        reply = self.ask("app", "app")
        self.seen.app, self.seen.token_digest, cookie = reply["found"], reply.get("token_digest"), reply.get("cookie")
        if cookie:
            self.module.no_log_values.add(cookie["value"])
        try:
            self.seen.browser = browse(self.declared, cookie, self.module.params["timeout"])
            asked = {"token_digest": self.seen.token_digest, "people": reply.get("people", [])}
            self.seen.lms = self.ask("lms", "lms", **asked)["found"]
        finally:
            if self.request["login"] and (reply.get("broke_off") or "person" in self.seen.app):
                self.seen.app.update(self.ask("app", "app_removal")["found"])
        self.compare_env(reply.get("digests", {}))
        self.locate()
        hops = diagnose(self.seen)
        boots = {side: target.boots for side, target in self.targets.items()}
        count = summary(hops)
        return {
            "changed": False,
            "ok": count[FAILED] == 0,
            "hops": hops,
            "summary": count,
            "first_failed": next((entry for entry in hops if entry["status"] == FAILED), {}),
            "boots": boots,
            "seconds": round(time.monotonic() - start, 2),
            "token_days_left": (self.seen.facts("lms.token") or {}).get("days_left"),
            "versions": self.versions,
            "table": table(hops, boots, time.monotonic() - start),
        }
