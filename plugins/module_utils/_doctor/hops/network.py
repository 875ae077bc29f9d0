# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of the network: the two sides start, and each place reaches what it has to call."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import (
    FAILED,
    failed,
    follows,
    hop,
    ok,
    probe,
    skipped,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import OUTSIDE
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import reach
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import sentence

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side

ONLY_LOGS_IN = "the app only logs people in: it calls neither the LMS nor itself"
#: The variables of the inventory that say where people reach a side.
ADDRESS_OF = {"app": "mit_app_domain or mit_app_port", "lms": "edx_lms_base_url"}
CONTAINERS_BLOCKED = "Allow connections of containers to this machine (sudo ufw allow from 172.16.0.0/12)."


# -- the two sides start -----------------------------------------------------------------------------------------------


@hop("app.starts", "app", "The app's Django starts", evidence="")
def app_starts(seen: Seen, _facts: Facts) -> Verdict:
    """The app's own environment is complete, and this machine can run code in it."""
    if seen.app_side.kind == "none":
        return skipped(OUTSIDE)
    if "app" in seen.silent:
        side = seen.app_side
        fix = sentence(f"{side.start}, and see that its settings are complete: {side.log}")
        return no_answer(seen.silent["app"], side, fix)
    return ok("The app's Django starts")


@hop("lms.starts", "lms", "The LMS's Django starts", evidence="")
def lms_starts(seen: Seen, _facts: Facts) -> Verdict:
    """The LMS's settings, its backends included, can be imported, and this machine can run code in it."""
    if "lms" in seen.silent:
        message, side = seen.silent["lms"], seen.lms_side
        if "No module named" in message or "ImportError" in message:
            return failed(
                message.partition("Fix: ")[0].strip(),
                "Correct that path in the LMS's settings (AUTHENTICATION_BACKENDS in private.py or a Tutor plugin), or "
                f"install its package in the image of the LMS. {sentence(side.restart)}",
            )
        return no_answer(message, side, sentence(f"{side.start} and read {side.log}"))
    return ok("The LMS's Django starts")


def no_answer(message: str, side: Side, fix: str) -> Verdict:
    """A side gave no answer. The transport knows the fix of the commonest reasons."""
    fact, _mark, known = message.partition("Fix: ")
    if "is not running" in message:
        return failed(fact.strip(), sentence(side.start))
    return failed(fact.strip(), known.strip() or fix)


# -- each place reaches what it has to call ----------------------------------------------------------------------------


@probe("browser.lms")
def browser_to_lms(look):
    return reach(look.declared["lms_base_url"])


@hop("browser.reaches_lms", "network", "This machine reaches the LMS", evidence="browser.lms")
def browser_reaches_lms(seen: Seen, facts: Facts) -> Verdict:
    """A browser here resolves the LMS's name and connects."""
    return browser_reaches(seen, facts, "lms", seen.declared["lms_base_url"], seen.lms_side)


@probe("browser.app")
def browser_to_app(look):
    return reach(look.declared["base_url"])


@hop("browser.reaches_app", "network", "This machine reaches the app", evidence="browser.app")
def browser_reaches_app(seen: Seen, facts: Facts) -> Verdict:
    """A browser here resolves the app's name and connects."""
    return browser_reaches(seen, facts, "app", seen.declared["base_url"], seen.app_side)


def browser_reaches(seen: Seen, facts: Facts, place: str, url: str, side: Side) -> Verdict:
    if facts.get("kind") == "refused" and seen.is_stopped(place):
        return follows(f"{place}.starts")
    return reached(
        "from this machine",
        facts,
        f"Add this line to /etc/hosts of this machine: 127.0.0.1 {urlsplit(url).hostname} (the app's playbook does it "
        "with mit_app_manage_hosts: true)",
        f"{sentence(side.start)} Or correct {ADDRESS_OF[place]}.",
        f"If it is running, {side.restart}.",
    )


def lms_of_the_app(look):
    """Where the app looks for the LMS."""
    return (look.setting("OPENEDX_API_BASE_URL") or look.declared["lms_base_url"]).rstrip("/")


@probe("app.lms")
def app_to_lms(look):
    return reach(lms_of_the_app(look)) if look.declared["api"] else {}


@hop("app.reaches_lms", "network", "The app reaches the LMS", ("app.starts",), "app.lms")
def app_reaches_lms(seen: Seen, facts: Facts) -> Verdict:
    """From inside the app the LMS's name resolves to something that listens."""
    if not seen.declared["api"]:
        return skipped(ONLY_LOGS_IN)
    if is_down(seen, facts, "lms"):
        return follows("browser.reaches_lms")
    verdict = reached(
        "from inside the app",
        facts,
        sentence(seen.app_side.map_host(facts["host"])),
        published(seen.lms_side),
    )
    # One that is not integrated asks at the address that it comes with.
    env = seen.facts("machine.env") or {}
    is_integrated = env.get("integrated") or not env.get("there")
    return verdict if is_integrated or verdict.status != FAILED else follows("app.env")


@probe("app.self")
def app_to_itself(look):
    return reach(look.setting("SITE_BASE_URL") or look.declared["base_url"]) if look.declared["api"] else {}


@hop("app.reaches_itself", "network", "The app reaches its own address", ("app.starts",), "app.self")
def app_reaches_itself(seen: Seen, facts: Facts) -> Verdict:
    """The app's own part of the login ends at its public address, so that must be reachable from inside."""
    if not seen.declared["api"]:
        return skipped(ONLY_LOGS_IN)
    if is_down(seen, facts, "app"):
        return follows("browser.reaches_app")
    return reached(
        "from inside the app",
        facts,
        f"Give the app's web server the network alias {facts['host']}, or {seen.app_side.map_host(facts['host'])}.",
        sentence(f"{seen.app_side.start}, its web server included"),
    )


def is_down(seen: Seen, facts: Facts, place: str) -> bool:
    """Whether nothing listens at either end: then it is not the way between the containers that is wrong."""
    return facts.get("kind") == "refused" == (seen.facts(f"browser.{place}") or {}).get("kind")


def published(side: Side) -> str:
    return sentence(f"{side.start}; its port must be published on all interfaces, 0.0.0.0")


def reached(name: str, facts: Facts, resolve: str, connect: str, blocked: str = CONTAINERS_BLOCKED) -> Verdict:
    """Judge the resolution of a name and the connection to it.

    :param resolve: the fix where the name leads nowhere, or to an address that is gone.
    :param connect: the fix where nothing listens.
    :param blocked: the fix where something keeps connections away.
    """
    address = f"{facts['host']}:{facts['port']}"
    if not facts["host"]:
        return failed(
            f"{name}: {facts['url'] or 'an empty text'}: {facts['error']}.",
            "Correct it where it is set. Those of the integration are set by the app's playbook: run it again.",
        )
    if facts.get("kind") == "name":
        return failed(f"{name}: {facts['host']}: {facts['error']}.", resolve)
    where = f"{address} ({', '.join(facts['addresses'])})"
    if facts.get("kind") in ("timeout", "unreachable"):
        nobody = f"{name}: {where} resolves, but nobody answers: {facts['error']}."
        if facts.get("here") is False:
            return failed(
                f"{nobody} That address is gone: it is none of this machine's, so no gateway of a Docker network that "
                "is there.",
                resolve,
            )
        return failed(f"{nobody} A firewall drops it, or what listens there accepts nobody.", f"{blocked} {connect}")
    if "error" in facts:
        return failed(f"{name}: {where}: {facts['error']}.", connect)
    return ok(f"{name}: {where} answers")
