# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The course of an examination: the app, the browser's side, the LMS, and the app again to clean up."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import sys
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils._compose import Docker
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine, compose_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor import catalogue
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen, diagnose, message, summary
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import FAILED, PROBES
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import Look
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import OUTSIDE, Side
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.table import heading, table, way_in
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.trail import UNAUTHORIZED
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.visitor import Visitor
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import NOT_ASKED_FOR, NOT_TRIED
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import Target, TargetError
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import is_here
from ansible_collections.mitodl.openedx.plugins.module_utils._kubectl import KINDS
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._requests import trusted

JOBS = {"examine": (catalogue, "examine")}
#: The probe that the app is asked for last of all, in a request of its own.
LAST = "app.removal"
DEFAULT_EMAIL = "{user}@example.com"
#: Where an engine listens whose containers have their gateways on this machine.
OWN_ENGINE = ("unix:///var/run/docker.sock", "unix:///run/docker.sock")


def name_temporary_user(app: dict[str, Any]) -> str:
    """A name for the temporary test user of this run, short enough for Open edX.

    Sorted by time, and with a tag of the app: the doctors of two apps on one LMS leave each other's users alone.
    """
    tag = hashlib.sha256(app["base_url"].encode()).hexdigest()[:4]
    return f"sso-check-{tag}-{int(time.time()):08x}-{secrets.token_hex(2)}"


def email_like(patterns: list[str], user: str) -> str | None:
    """An address of the user that one of the LMS's patterns allows, made of what stands behind the at sign in them."""
    for pattern in patterns:
        for domain in re.findall(r"@\(?(?:\?:)?([\w.\\|-]+)", pattern):
            for choice in domain.replace("\\", "").split("|"):
                email = f"{{user}}@{choice.strip('.')}"
                with contextlib.suppress(re.error):
                    if any(re.match(f"{each}$", email.replace("{user}", user)) for each in patterns):
                        return email
    return None


def is_elsewhere(kind: str, endpoint: str) -> bool:
    """Whether containers of a target have their gateways on another machine, be it a virtual one, or a namespace.

    :param endpoint: the engine's address. That of Docker Desktop, of Colima and of a rootless one is no socket of the
        system; nothing where it is not known.
    """
    own = endpoint in ("", *OWN_ENGINE) and sys.platform == "linux"
    return kind in KINDS or (kind not in ("command", "none") and not own)


def authorities(module: AnsibleModule, trusts: dict[str, Any]) -> dict[str, Any]:
    """The same as web.trust takes it, for the targets, which do not have these files."""
    texts = []
    for path in dict.fromkeys(value for value in trusts.values() if isinstance(value, str)):
        try:
            # Only their comments have other letters, which ssl does not take.
            with open(path, encoding="ascii", errors="ignore") as file:
                texts.append(file.read())
            problem = "" if "-----BEGIN " in texts[-1] else "it has none"
        except OSError as error:
            problem = str(error)
        if problem:
            module.fail_json(
                msg=f"{path} (edx_ca_path or mit_app_ca_path) cannot be read as a certificate in PEM: {problem}. Name "
                "the file of the authority."
            )
    return {
        "authorities": "\n".join(texts),
        "unchecked": [host for host, value in trusts.items() if value is False],
    }


def side_of(name: str, target: dict[str, Any], options: dict[str, Any]) -> Side:
    return Side(name, target, options.get("start_argv") or (), options.get("restart_argv") or ())


class Doctor:
    """One examination of an app and its LMS."""

    def __init__(self, module: AnsibleModule):
        params = module.params
        self.module, self.declared = module, params["app"]
        self.targets = {"app": Target(module, params["app_target"]), "lms": Target(module, params["target"])}
        #: Whether nothing can be run in the app: it is looked at from outside.
        self.outside = params["app_target"]["type"] == "none"
        self.seen = Seen(
            self.declared,
            side_of("the app", params["app_target"], self.declared),
            side_of("the LMS", params["target"], params.get("lms") or {}),
            warn_days=params["warn_days"],
        )
        for part in ("login", "commands"):
            if self.outside or module.check_mode or not params[part]:
                why = "check mode" if module.check_mode else OUTSIDE if self.outside else NOT_ASKED_FOR
                self.seen.unwanted[part] = NOT_TRIED + why
        self.cookies: list[dict[str, str]] = []
        self.versions: dict[str, dict[str, str]] = {}
        lms = params.get("lms") or {}
        #: Whom the browser's side trusts besides the authorities of this machine.
        self.trusts = trusted(
            (self.declared["lms_base_url"], lms.get("ca_path"), lms.get("validate_certs", True)),
            (self.declared["base_url"], self.declared.get("ca_path"), self.declared.get("validate_certs", True)),
        )
        self.request = {
            "app": self.declared,
            "timeout": params["timeout"],
            "user": name_temporary_user(self.declared),
            "email": params["email"],
            "writes": not module.check_mode,
            "trust": authorities(module, self.trusts),
        }

    def places(self, side: str) -> list[str]:
        """The wanted probes of a side, in the order of the catalogue."""
        probes = [PROBES[place] for place in catalogue.PLACES]
        if side == "app" and self.outside:
            return []
        return [probe.place for probe in probes if probe.side == side and probe.part not in self.seen.unwanted]

    def ask(self, side: str, places: list[str], **more: Any) -> dict[str, Any]:
        """Let probes run inside the app or the LMS; a side that does not answer is a finding."""
        if not places:
            return {"found": {}, "handover": {}}
        try:
            reply = self.targets[side].ask({**self.request, **more, "job": "examine", "probes": places}, JOBS)
        except TargetError as error:
            self.seen.silent[side] = str(error)
            # Without details Django did not even start; with them it broke off, and may have got as far as the user.
            return {"found": {}, "handover": {}, "broke_off": bool(error.details)}
        self.versions[side] = reply["versions"]
        return reply

    def look(self, side: str, **more: Any) -> dict[str, Any]:
        """Let probes run on this machine."""
        visitors: list[Visitor] = []

        def visitor(trusting: bool = False) -> Visitor:
            visitors.append(Visitor(trusting, self.trusts))
            return visitors[-1]

        found = catalogue.run(Look({**self.request, **more}, visitor=visitor), self.places(side)).found
        for one in visitors:
            self.hold(one.given)
        return found

    def hold(self, cookies: list[dict[str, str]]) -> None:
        """Keep cookies until their sessions are ended; nobody reads them."""
        self.cookies += cookies
        for cookie in cookies:
            self.module.no_log_values.add(cookie["value"])

    def locate(self) -> None:
        """Tell an address that is gone from one of this machine's, which the gateways of its containers are too."""
        kinds = {side: target.target["type"] for side, target in self.targets.items()}
        endpoints = self.endpoints()
        for side in ("app", "lms", "browser"):
            if side != "browser" and is_elsewhere(kinds[side], endpoints[side]):
                continue
            for facts in getattr(self.seen, side).values():
                if facts.get("addresses"):
                    facts["here"] = any(map(is_here, facts["addresses"]))

    def endpoints(self) -> dict[str, str]:
        """The address of each side's engine, asked for once where both have the same."""
        found, known = {}, {}
        for side, target in self.targets.items():
            engine = tuple(at_engine(target.target, []))
            if target.target["type"] not in ("command", "none", *KINDS) and engine not in known:
                known[engine] = Docker.of(self.module, target.target).endpoint()
            found[side] = known.get(engine, "")
        return found

    def collect(self) -> None:
        """Let all sides be looked at; a second time where the LMS wants other e-mail addresses than the first had."""
        self.look_around()
        email = self.allowed_email()
        if email:
            self.request["email"] = email
            self.seen.unwanted.setdefault("commands", "")
            self.look_around()
            self.seen.unwanted = {part: why for part, why in self.seen.unwanted.items() if why}
        self.locate()

    def allowed_email(self) -> str | None:
        """An address that the LMS allows, where it refused that of the temporary test user and nobody gave one."""
        requests = (self.seen.facts("app.user") or {}).get("requests", [])
        if self.request["email"] != DEFAULT_EMAIL or not any(UNAUTHORIZED in step.get("text", "") for step in requests):
            return None
        patterns = (self.seen.facts("lms.registration") or {}).get("patterns") or []
        return email_like(patterns, self.request["user"])

    def look_around(self) -> None:
        """Ask each side in its turn; whatever happens, the temporary test user does not stay."""
        app = self.places("app")
        reply = self.ask("app", [place for place in app if place != LAST])
        self.seen.app.update(reply["found"])
        given = reply["handover"]
        cookie, digests = given.get("cookie"), given.get("digests", {})
        self.seen.token_digest = digests.get("OPENEDX_SERVICE_WORKER_API_TOKEN")
        self.hold(given.get("cookies", []))
        try:
            self.seen.browser = self.look("browser", cookie=cookie)
            running = given.get("running")
            compose = compose_of(self.targets["app"].target)
            self.seen.machine = self.look("machine", running=running, digests=digests, compose=compose)
            asked = {"token_digest": self.seen.token_digest, "people": given.get("people", []), "cookies": self.cookies}
            self.seen.lms = self.ask("lms", self.places("lms"), **asked)["found"]
        finally:
            if LAST in app and (reply.get("broke_off") or "user" in self.seen.app):
                self.seen.app.update(self.ask("app", [LAST], cookies=self.cookies)["found"])

    def examine(self) -> dict[str, Any]:
        start = time.monotonic()
        self.collect()
        hops = printable(diagnose(self.seen))
        boots = {side: target.boots for side, target in self.targets.items()}
        count = summary(hops)
        return {
            "changed": False,
            "ok": count[FAILED] == 0,
            "hops": hops,
            "summary": count,
            "message": message(hops),
            "first_failed": next((entry for entry in hops if entry["status"] == FAILED), {}),
            "boots": boots,
            "seconds": round(time.monotonic() - start, 2),
            "token_days_left": (self.seen.facts("lms.token") or {}).get("days_left"),
            "versions": printable(self.versions),
            "table": [
                heading(self.declared),
                *table(hops, boots, time.monotonic() - start),
                *way_in(hops, self.declared),
            ],
        }
