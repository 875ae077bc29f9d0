# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The catalogue of hops: every link of the login chain, what it proves, and what the evidence says about it.

A hop is one function from evidence to a verdict. It reads data and nothing else, so each cause can be tried without a
system. The order is that of causes: the first hop that failed names the root.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

OK, FAILED, WARNING, SKIPPED = "ok", "failed", "warning", "skipped"
MARKS = {OK: "[ ok ]", FAILED: "[FAIL]", WARNING: "[warn]", SKIPPED: "[skip]"}
WIDTH = 92  # and 8 more for the indentation of a task's result

RESTART_LMS = "Restart the LMS (tutor dev restart lms)."
PROVIDER_ROLE = "Run the app's playbook again (role edx_oauth_provider): it brings the row in line."
APP_ROLE = "Run the app's playbook again (role mit_app_env): it brings the app in line."
CONTAINERS_BLOCKED = "Allow connections of containers to this machine (sudo ufw allow from 172.16.0.0/12)."
SETTINGS_ROLE = "Run the app's playbook again (role edx_private_settings), which also restarts the LMS."

Facts = dict[str, Any]


class Verdict(NamedTuple):
    status: str
    fact: str
    fix: str = ""


def ok(fact: str) -> Verdict:
    return Verdict(OK, fact)


def failed(fact: str, fix: str) -> Verdict:
    return Verdict(FAILED, fact, fix)


def warning(fact: str, fix: str = "") -> Verdict:
    return Verdict(WARNING, fact, fix)


def skipped(fact: str) -> Verdict:
    return Verdict(SKIPPED, fact)


@dataclass
class Seen:
    """What was declared, and what the probes of each side found."""

    declared: Facts
    app: Facts = field(default_factory=dict)
    lms: Facts = field(default_factory=dict)
    browser: Facts = field(default_factory=dict)
    #: Why a side gave no evidence at all, by its name.
    silent: dict[str, str] = field(default_factory=dict)
    #: Why a group of hops was not wanted: ``login``, ``commands``.
    unwanted: dict[str, str] = field(default_factory=dict)
    token_digest: str | None = None
    warn_days: int = 30

    def facts(self, place: str) -> Facts | None:
        side, _dot, probe = place.partition(".")
        return getattr(self, side).get(probe)

    @property
    def dotenv(self) -> str:
        return self.declared.get("dotenv") or "the app's .env"


class Hop(NamedTuple):
    id: str
    side: str
    title: str
    proves: str
    judge: Callable[[Seen, Facts], Verdict]
    evidence: str
    needs: tuple[str, ...]
    part: str


CATALOGUE: list[Hop] = []


def hop(
    identifier: str, side: str, title: str, evidence: str, needs: tuple[str, ...] = (), part: str = ""
) -> Callable[..., Any]:
    """Enter a judge into the catalogue.

    :param evidence: the probe that it judges, as ``side.probe``; without its facts the hop is skipped.
    :param needs: hops without which this one says nothing.
    :param part: the part of the run that can be left out, ``login`` or ``commands``.
    """

    def enter(judge: Callable[[Seen, Facts], Verdict]) -> Callable[[Seen, Facts], Verdict]:
        CATALOGUE.append(Hop(identifier, side, title, (judge.__doc__ or "").strip(), judge, evidence, needs, part))
        return judge

    return enter


def diagnose(seen: Seen) -> list[dict[str, Any]]:
    """Judge every hop of the catalogue, in its order."""
    done: dict[str, dict[str, Any]] = {}
    for item in CATALOGUE:
        facts = seen.facts(item.evidence)
        verdict = verdict_of(item, seen, facts, done)
        done[item.id] = {
            "id": item.id,
            "side": item.side,
            "title": item.title,
            "proves": item.proves,
            **verdict._asdict(),
            "seconds": (facts or {}).get("seconds", 0.0),
        }
    return list(done.values())


def verdict_of(item: Hop, seen: Seen, facts: Facts | None, done: dict[str, dict[str, Any]]) -> Verdict:
    if item.part in seen.unwanted:
        return skipped(seen.unwanted[item.part])
    for need in item.needs:
        if done[need]["status"] == FAILED:
            return skipped(f"not judged, because {need} failed")
        if done[need]["status"] == SKIPPED:
            return skipped(done[need]["fact"])
    if facts is None and not item.evidence.endswith(".starts"):
        return skipped("not judged, because an earlier hop of this side did not get so far")
    if facts and "broken" in facts:
        return failed(
            f"The probe itself broke: {facts['broken']}", "Look at the log of this side; with -vvv run it again."
        )
    return item.judge(seen, facts or {})


def summary(hops: list[dict[str, Any]]) -> dict[str, int]:
    return {status: sum(entry["status"] == status for entry in hops) for status in MARKS}


def table(hops: list[dict[str, Any]], boots: dict[str, int], seconds: float) -> list[str]:
    """The result for a terminal: a line per hop, and under each that is not ok the fact and the fix."""
    wide = max(len(entry["id"]) for entry in hops)
    lines = []
    for entry in hops:
        status, fact = entry["status"], " ".join(entry["fact"].split())
        short = fact if status in (OK, SKIPPED) else entry["title"]
        lines.append(timed(f"{MARKS[status]} {entry['id']:<{wide}}  {short}", entry["seconds"]))
        if status in (FAILED, WARNING):
            lines += wrapped("fact: ", fact) + (wrapped("fix:  ", entry["fix"]) if entry["fix"] else [])
    count = summary(hops)
    lines.append(
        f"{len(hops)} hops: {count[OK]} ok, {count[FAILED]} failed, {count[WARNING]} warnings, {count[SKIPPED]} "
        "skipped; "
        f"starts: app {boots['app']}, LMS {boots['lms']}; {seconds:.1f} s"
    )
    return lines


def timed(line: str, seconds: float) -> str:
    """A line cut to the width of the table, with the time at its end where that is worth a look."""
    time = f"{seconds:6.1f} s" if seconds >= 0.05 else ""
    room = WIDTH - len(time)
    line = line if len(line) <= room else line[: room - 3] + "..."
    return f"{line:<{room}}{time}" if time else line


def wrapped(label: str, text: str) -> list[str]:
    pad = " " * len(MARKS[OK] + " ")
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=pad + label,
        subsequent_indent=pad + " " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )


# -- small words -------------------------------------------------------------------------------------------------------


def said(answer: Facts) -> str:
    """An answer as a sentence."""
    if "error" in answer:
        return f"{answer['url']}: {answer['error']}"
    text = f': "{answer["text"][:160]}"' if answer.get("text") and answer["status"] >= 400 else ""
    where = f" to {answer['location']}" if answer.get("location") else ""
    return f"{answer['url']} answered {answer['status']}{where}{text}"


def host_of(url: str | None) -> str:
    return urlsplit(url or "").netloc


def differs(wanted: str, found: str) -> str:
    """In which part two URLs differ: an address that is almost right is the hardest to see."""
    if wanted.rstrip("/") == found.rstrip("/"):
        return f"{found} differs from {wanted} by the slash at its end"
    one, other = urlsplit(wanted), urlsplit(found)
    parts = [
        ("scheme", one.scheme, other.scheme),
        ("host", one.hostname, other.hostname),
        ("port", port_of(wanted), port_of(found)),
        ("path", one.path, other.path),
        ("query", one.query, other.query),
    ]
    named = [f"{name} ({right!s}, not {wrong!s})" for name, right, wrong in parts if right != wrong]
    return f"{found} differs from {wanted} in its {' and '.join(named)}"


def port_of(url: str) -> int | None:
    parts = urlsplit(url)
    try:
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None


def nearest(wanted: str, found: list[str]) -> str:
    """The entry that a missing URL was most likely meant to be."""

    def likeness(url: str) -> int:
        one, other = urlsplit(wanted), urlsplit(url)
        return sum(
            a == b
            for a, b in zip(
                (one.scheme, one.hostname, port_of(wanted), one.path),
                (other.scheme, other.hostname, port_of(url), other.path),
            )
        )

    return max(found, key=likeness)


def missing_uris(wanted: list[str], found: list[str]) -> list[str]:
    return [differs(uri, nearest(uri, found)) if found else f"{uri} is missing" for uri in wanted if uri not in found]


def reached(name: str, facts: Facts, resolve: str, connect: str, blocked: str = CONTAINERS_BLOCKED) -> Verdict:
    """Judge the resolution of a name and the connection to it.

    :param resolve: the fix where the name leads nowhere, or to an address that is gone.
    :param connect: the fix where nothing listens.
    :param blocked: the fix where something keeps connections away.
    """
    address = f"{facts['host']}:{facts['port']}"
    if facts.get("kind") == "name":
        return failed(f"{name}: {facts['host'] or facts['url']!s}: {facts['error']}.", resolve)
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


def application(facts: Facts, wanted: list[str], fix: str) -> Verdict | None:
    """What can be wrong with an OAuth2 application; None when nothing is."""
    rows, name = facts["rows"], facts["name"]
    if not rows:
        return failed(f"There is no OAuth2 application {name}.", fix)
    if len(rows) > 1:
        ids = ", ".join(str(row["id"]) for row in rows)
        return failed(
            f"{len(rows)} OAuth2 applications are called {name} (ids {ids}); the code expects one.",
            "Delete the others in the Django admin.",
        )
    row = rows[0]
    wrong = missing_uris(wanted, row["redirect_uris"])
    if wrong:
        return failed(f"Redirect URIs of {name}: {'; '.join(wrong)}.", fix)
    expected = {
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "skip_authorization": True,
    }
    wrong = [f"{name} is {row[name]}, not {value}" for name, value in expected.items() if row[name] != value]
    return failed(f"{facts['name']}: {'; '.join(wrong)}.", fix) if wrong else None


# -- the two sides start, and reach each other -------------------------------------------------------------------------


def silence(message: str, fix: str) -> Verdict:
    """A side gave no answer. The transport knows the fix of the commonest reasons."""
    fact, _mark, known = message.partition("Fix: ")
    return failed(fact.strip(), known.strip() or fix)


@hop("app.starts", "app", "The app's Django starts", "app.starts")
def app_starts(seen: Seen, _facts: Facts) -> Verdict:
    """The app's own environment is complete, and this machine can run code in it."""
    if "app" in seen.silent:
        return silence(
            seen.silent["app"], "Start the app, and see that its settings are complete (docker compose logs web)."
        )
    return ok("The app's Django starts")


@hop("lms.starts", "lms", "The LMS's Django starts", "lms.starts")
def lms_starts(seen: Seen, _facts: Facts) -> Verdict:
    """The LMS's settings, its backends included, can be imported, and this machine can run code in it."""
    if "lms" in seen.silent:
        if "No module named" in seen.silent["lms"] or "ImportError" in seen.silent["lms"]:
            return failed(
                seen.silent["lms"].partition("Fix: ")[0].strip(),
                "Correct that path in the LMS's settings (AUTHENTICATION_BACKENDS in private.py or a Tutor plugin), or "
                f"install its package in the image of the LMS. {RESTART_LMS}",
            )
        return silence(seen.silent["lms"], "Start the LMS (tutor dev start -d) and read its log (tutor dev logs lms).")
    return ok("The LMS's Django starts")


def etc_hosts(url: str) -> str:
    return (
        f"Add this line to /etc/hosts of this machine: 127.0.0.1 {urlsplit(url).hostname} (the app's playbook does it "
        "with mit_app_manage_hosts: true)"
    )


@hop("browser.reaches_lms", "network", "This machine reaches the LMS", "browser.lms")
def browser_reaches_lms(seen: Seen, facts: Facts) -> Verdict:
    """A browser here resolves the LMS's name and connects."""
    return reached(
        "from this machine",
        facts,
        etc_hosts(seen.declared["lms_base_url"]),
        "Start the LMS (tutor dev start -d).",
        "Where it is running, restart it (tutor dev restart lms).",
    )


@hop("browser.reaches_app", "network", "This machine reaches the app", "browser.app")
def browser_reaches_app(seen: Seen, facts: Facts) -> Verdict:
    """A browser here resolves the app's name and connects."""
    return reached(
        "from this machine",
        facts,
        etc_hosts(seen.declared["base_url"]),
        "Start the app (docker compose up -d).",
        "Where it is running, restart it (docker compose restart).",
    )


@hop("app.reaches_lms", "network", "The app reaches the LMS", "app.lms", ("app.starts",))
def app_reaches_lms(_seen: Seen, facts: Facts) -> Verdict:
    """From inside the app the LMS's name resolves to something that listens."""
    return reached(
        "from inside the app",
        facts,
        f'Map the name in the app\'s compose file: extra_hosts: ["{facts["host"]}:host-gateway"], then docker '
        "compose up -d.",
        "Start the LMS; its port must be published on all interfaces (0.0.0.0).",
    )


@hop("app.reaches_itself", "network", "The app reaches its own address", "app.self", ("app.starts",))
def app_reaches_itself(_seen: Seen, facts: Facts) -> Verdict:
    """The app's own part of the login ends at its public address, so that must be reachable from inside."""
    return reached(
        "from inside the app",
        facts,
        f"Give the app's web server the network alias {facts['host']} in the compose file, or map the name to "
        "host-gateway.",
        "Start the app's web server (docker compose up -d).",
    )


# -- the app's settings and rows ---------------------------------------------------------------------------------------


@hop("app.env", "app", "The app runs with its .env", "app.env", ("app.starts",))
def app_env(seen: Seen, facts: Facts) -> Verdict:
    """What the .env says has arrived in the app: the container is not older than the file, and nothing wins over it."""
    if not facts["there"]:
        return skipped(f"{seen.dotenv} cannot be read from here")
    if facts["differs"]:
        return failed(
            f"The app runs with other values than {seen.dotenv} has: {', '.join(facts['differs'])}.",
            "docker compose up -d (a restart does not read the file). If it stays so, environment: of a compose file "
            "wins over the .env: take it out there.",
        )
    return ok(f"The app runs with the values of {seen.dotenv}")


@hop("app.settings", "app", "The app runs with the declared settings", "app.settings", ("app.starts",))
def app_settings(seen: Seen, facts: Facts) -> Verdict:
    """What the running app was started with is what the inventory declares, whatever its files say."""
    declared, values = seen.declared, facts["values"]
    wanted = {
        "OPENEDX_OAUTH_PROVIDER": declared["backend_name"],
        "OPENEDX_OAUTH_APP_NAME": declared["edx_application"],
        "OPENEDX_SERVICE_WORKER_USERNAME": declared["service_worker"],
    }
    wrong = [f"{name} is {values[name]}, not {value}" for name, value in wanted.items() if values[name] != value]
    path = f"/auth/login/{declared['backend_name']}/?auth_entry=login"
    if not (values["OPENEDX_SOCIAL_LOGIN_PATH"] or "").startswith(path):
        wrong.append(f"OPENEDX_SOCIAL_LOGIN_PATH is {values['OPENEDX_SOCIAL_LOGIN_PATH']}, not {path}")
    if (values["SITE_BASE_URL"] or "").rstrip("/") != declared["base_url"]:
        wrong.append(f"the base URL is {values['SITE_BASE_URL']}, not {declared['base_url']}")
    row = ((seen.facts("lms.application") or {}).get("rows") or [{}])[0]
    client_id = row.get("client_id")
    if client_id and values["OPENEDX_API_CLIENT_ID"] != client_id:
        wrong.append(
            f"OPENEDX_API_CLIENT_ID is not the client id of {declared['lms_application']} in the LMS ({client_id})"
        )
    if not declared["api_module"] and not any(values.values()):
        return skipped("the app has none of these settings")
    if seen.token_digest is None:
        wrong.append("OPENEDX_SERVICE_WORKER_API_TOKEN is empty")
    if wrong:
        return failed(
            "; ".join(wrong) + ".",
            f"{APP_ROLE} By hand: set it in {seen.dotenv}, then docker compose up -d (a restart does not read the "
            "file); environment: of the compose file wins.",
        )
    return ok("The app runs with the declared settings")


@hop("app.cookie_domain", "app", "The app calls the LMS by the browser's name", "app.settings", ("app.starts",))
def app_cookie_domain(seen: Seen, facts: Facts) -> Verdict:
    """Sessions are bound to a host name: through another name for the same LMS every login silently stays anonymous."""
    url, wanted, base = (
        facts["values"]["OPENEDX_API_BASE_URL"],
        seen.declared["lms_base_url"],
        facts["values"]["SITE_BASE_URL"],
    )
    if url is None and not seen.declared["api_module"]:
        return skipped("the app has no OPENEDX_API_BASE_URL")
    if (url or "").rstrip("/") != wanted:
        return failed(
            f"OPENEDX_API_BASE_URL: {differs(wanted, url or '')}. The LMS's session cookie is bound to "
            f"{urlsplit(wanted).hostname}.",
            f"{APP_ROLE} By hand: OPENEDX_API_BASE_URL={wanted} in {seen.dotenv}, then docker compose up -d.",
        )
    if "." not in (urlsplit(base or "").hostname or "."):
        return failed(
            f"The app's base URL {base} has a host name without a dot: the app's own HTTP client never sends a "
            "cookie to such a host.",
            "Give the app a name with a dot (xpro.odl.local), or an IP address.",
        )
    return ok(f"The app calls the LMS {wanted}, as the browser does")


@hop("app.application", "app", "The app knows the LMS as an OAuth2 client", "app.application", ("app.starts",))
def app_application(seen: Seen, facts: Facts) -> Verdict:
    """The app accepts a login that comes from this LMS and returns to it."""
    wrong = application(facts, seen.declared["complete_uris"], APP_ROLE)
    provider = seen.facts("lms.provider") or {}
    if wrong is None and provider.get("client_id") and provider["client_id"] != facts["rows"][0]["client_id"]:
        return failed(
            f"The client id of {facts['name']} in the app is not the one of the provider row in the LMS "
            f"({provider['client_id']}).",
            "Run the app's playbook again (roles edx_oauth_provider and mit_app_env): it gives both sides the same "
            "one.",
        )
    return wrong or ok(f"{facts['name']} lets people return to {', '.join(seen.declared['complete_uris'])}")


# -- the LMS's rows and settings ---------------------------------------------------------------------------------------


@hop("lms.host", "lms", "The LMS takes the declared address for its own", "lms.addresses", ("lms.starts",))
def lms_host(seen: Seen, facts: Facts) -> Verdict:
    """Where the LMS leads people and for which host its session cookie is; both come from Tutor's LMS_HOST."""
    wanted, own, domain = urlsplit(seen.declared["lms_base_url"]).hostname or "", facts["root"], facts["domain"]
    fix = f"Set the host (tutor config save --set LMS_HOST={wanted}). {RESTART_LMS} Or correct edx_lms_base_url."
    if own and urlsplit(own).hostname != wanted:
        return failed(f"The LMS takes {own} for its own address, which is not {seen.declared['lms_base_url']}.", fix)
    if domain and not of_domain(wanted, domain):
        return failed(
            f"The LMS's session cookie is for {domain}, so browsers drop it at {wanted} and nobody stays logged in.",
            fix,
        )
    return ok(f"The LMS takes {own or wanted} for its own address")


def of_domain(host: str, domain: str) -> bool:
    """Whether a host is a cookie domain or below it."""
    bare = domain.lstrip(".").lower()
    return host.lower() == bare or host.lower().endswith("." + bare)


@hop("lms.cookies", "lms", "Browsers keep and tell apart the session cookies", "lms.addresses", ("lms.starts",))
def lms_cookies(seen: Seen, facts: Facts) -> Verdict:
    """The LMS's session cookie suits the scheme of its address, and the app has none of the same name beside it."""
    lms, app = urlsplit(seen.declared["lms_base_url"]), urlsplit(seen.declared["base_url"])
    if lms.scheme == "http" and facts["secure"]:
        return failed(
            "SESSION_COOKIE_SECURE is on, but the LMS's address begins with http: the session is never sent back.",
            f"Set SESSION_COOKIE_SECURE = False in the LMS's settings, or use https. {RESTART_LMS}",
        )
    if (facts["samesite"] or "").lower() == "none" and not facts["secure"]:
        return failed(
            "The LMS's session cookie is SameSite=None without Secure: browsers drop it, and nobody is logged in.",
            f'Set SESSION_COOKIE_SAMESITE = "Lax" in the LMS\'s settings, or use https. {RESTART_LMS}',
        )
    other = seen.facts("app.cookie") or {}
    mine, theirs = facts["domain"] or lms.hostname or "", other.get("domain") or app.hostname or ""
    # A cookie of the one is sent to the other too; ports do not keep them apart.
    shared = of_domain(app.hostname or "", mine) if facts["domain"] else app.hostname == lms.hostname
    shared = shared or (of_domain(lms.hostname or "", theirs) if other.get("domain") else False)
    if shared and other.get("name") == facts["name"]:
        return warning(
            f"The LMS (cookie domain {mine}) and the app (cookie domain {theirs}) both call their session cookie "
            f"{facts['name']}, and browsers send both to one of them: a login may end with AuthStateMissing.",
            "Give the LMS a cookie name of its own (SESSION_COOKIE_NAME), or the two hosts without a common domain. "
            f"{RESTART_LMS}",
        )
    return ok(f"Browsers keep the LMS's session cookie {facts['name']}")


# Without these nobody is registered or logged in; the others are a matter of comfort.
VITAL = ("AUTHENTICATION_BACKENDS", "ALLOW_PUBLIC_ACCOUNT_CREATION")


@hop("lms.settings", "lms", "The settings of the collection are in force", "lms.settings", ("lms.starts",))
def lms_settings(_seen: Seen, facts: Facts) -> Verdict:
    """Nothing after them, such as a later line of private.py or another Tutor plugin, replaces what they set."""
    if not facts["package"]:
        return skipped("the LMS does not use the collection's settings (role edx_private_settings)")
    if not facts["differs"]:
        return ok(f"{facts['package']} is in force")
    judge = failed if any(name in VITAL for name in facts["differs"]) else warning
    return judge(
        f"Replaced after {facts['package']} had set them: {'; '.join(facts['differs'].values())}.",
        f"Take {', '.join(facts['differs'])} out of what is read later: lines below the collection's block in "
        f"private.py, or another Tutor plugin. {RESTART_LMS}",
    )


@hop("lms.site", "lms", "The LMS has the Site of its address", "lms.site", ("lms.starts",))
def lms_site(seen: Seen, facts: Facts) -> Verdict:
    """A request's Host header, port included, selects this Site; else the default one counts, where no provider is."""
    if facts["id"] is None:
        return failed(
            f"No Site has the domain {seen.declared['lms_site']}; there are {', '.join(facts['domains'])}.",
            PROVIDER_ROLE,
        )
    return ok(f"Site {seen.declared['lms_site']} (id {facts['id']})")


@hop("lms.application", "lms", "The LMS knows the app as an OAuth2 client", "lms.application", ("lms.starts",))
def lms_application(seen: Seen, facts: Facts) -> Verdict:
    """The LMS gives the app tokens of its learners, at exactly the address at which the app waits for them."""
    wrong = application(facts, seen.declared["redirect_uris"], PROVIDER_ROLE)
    return wrong or ok(f"{facts['name']} lets codes go to {', '.join(seen.declared['redirect_uris'])}")


@hop("lms.backend", "lms", "The login backend is in the settings", "lms.backend", ("lms.starts",))
def lms_backend(seen: Seen, facts: Facts) -> Verdict:
    """AUTHENTICATION_BACKENDS holds a class whose name is the backend name."""
    if seen.declared["backend_name"] not in facts["names"]:
        broken = f" Not importable: {'; '.join(facts['errors'])}." if facts["errors"] else ""
        return failed(
            f"No class of AUTHENTICATION_BACKENDS has the name {seen.declared['backend_name']} (there are "
            f"{', '.join(filter(None, facts['names']))}).{broken}",
            "The running LMS still has it, so only what starts now lacks it: a job's container has another image, or "
            f"the settings were changed since. {SETTINGS_ROLE}"
            if (seen.facts("browser.authorize") or {}).get("status") == 302
            else f"{SETTINGS_ROLE} By hand: install ol-social-auth and put ol_social_auth.backends.OLOAuth2 into "
            "AUTHENTICATION_BACKENDS.",
        )
    return ok(f"Backend {seen.declared['backend_name']} is in AUTHENTICATION_BACKENDS")


@hop("lms.provider", "lms", "The provider row is enabled on the right Site", "lms.provider", ("lms.site",))
def lms_provider(seen: Seen, facts: Facts) -> Verdict:
    """Only the newest row of a Site and backend counts; disabled, missing or on another Site, a login is a 500."""
    where = f"{seen.declared['backend_name']} on {seen.declared['lms_site']}"
    others = (
        f" There is an enabled row on {', '.join(facts['others'])}, which serves only that Site."
        if facts["others"]
        else ""
    )
    if not facts["exists"]:
        return failed(f"There is no provider row for {where}.{others}", PROVIDER_ROLE)
    if not facts["enabled"]:
        return failed(
            f"The newest provider row for {where} (of {facts['changed']}) is disabled.{others}", PROVIDER_ROLE
        )
    if others:
        return warning(
            f"The provider row for {where} is enabled.{others}",
            "Disable the other row in the LMS's admin, if no other host name is meant.",
        )
    return ok(f"Provider row for {where} is enabled")


@hop("lms.provider_settings", "lms", "The provider row points at the app", "lms.provider", ("lms.provider",))
def lms_provider_settings(seen: Seen, facts: Facts) -> Verdict:
    """The row sends people and the LMS's own requests to the app's addresses as declared."""
    if "unreadable" in facts:
        return failed(
            f"The other settings of the provider row are no JSON object ({facts['unreadable']}).", PROVIDER_ROLE
        )
    declared = seen.declared
    wanted = {
        "AUTHORIZATION_URL": declared["authorization_url"],
        "ACCESS_TOKEN_URL": declared["access_token_url"],
        "API_ROOT": declared["api_root"],
    }
    if declared.get("discovery_url"):
        wanted["DISCOVERY_URL"] = declared["discovery_url"]
    found = facts["other_settings"]
    wrong = [
        f"{name}: {differs(value, str(found.get(name) or ''))}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    if found.get("DISCOVERY_URL") and not declared.get("discovery_url"):
        wrong.append(f"DISCOVERY_URL is set ({found['DISCOVERY_URL']}) and wins over the other addresses")
    if not facts["client_id"]:
        wrong.append("the client id is empty")
    if wrong:
        others = str(found.get("AUTHORIZATION_URL") or declared["base_url"])
        shared = (
            ""
            if host_of(others) == host_of(declared["base_url"])
            else " If the row is another app's, give that app a backend name of its own."
        )
        return failed("; ".join(wrong) + ".", PROVIDER_ROLE + shared)
    if facts["slug"] != declared["backend_name"]:
        return warning(
            f"The slug of the provider row is {facts['slug']}, not {declared['backend_name']}: LMS releases that look "
            "for it by the backend's name show no login button.",
            PROVIDER_ROLE,
        )
    return ok(f"Provider row points at {declared['api_root']}")


@hop("lms.registry", "lms", "Running servers see the provider", "lms.registry", ("lms.provider", "lms.backend"))
def lms_registry(seen: Seen, facts: Facts) -> Verdict:
    """The LMS caches which backends have rows; while that is stale, new people end at the login form."""
    fix = f"{PROVIDER_ROLE} By hand: wait 10 minutes, or clear the LMS's cache."
    if seen.declared["backend_name"] not in facts["names"]:
        return failed(f"The cached list of backends with a row is stale: it holds {facts['names']}.", fix)
    if not facts["row"]:
        return failed("Running servers have an older provider row in their cache than the database has.", fix)
    return ok("Running servers see the provider row")


@hop("lms.worker", "lms", "The service worker may do its work", "lms.worker", ("lms.starts",))
def lms_worker(seen: Seen, facts: Facts) -> Verdict:
    """The user behind the API token is active, staff, and not one whom the LMS refuses for a lacking password."""
    name = seen.declared["service_worker"]
    if not facts["exists"]:
        return failed(f"The LMS has no user {name}.", PROVIDER_ROLE)
    lacks = [label for label, good in (("active", facts["is_active"]), ("staff", facts["is_staff"])) if not good]
    if lacks:
        return failed(f"{name} is not {' and not '.join(lacks)}.", PROVIDER_ROLE)
    if not facts["usable_password"]:
        return failed(f"{name} has no usable password, which the LMS takes for 'disabled by admin'.", PROVIDER_ROLE)
    if facts.get("profile") is False:
        return warning(f"{name} has no profile: pages that show the account fail.", PROVIDER_ROLE)
    return ok(f"{name} is active and staff")


def owner_of_token(seen: Seen) -> str | None:
    """Whom the LMS takes the app for."""
    body = (seen.facts("app.me") or {}).get("json")
    return body.get("username") if isinstance(body, dict) else None


@hop("lms.token", "lms", "The API token is valid for long enough", "lms.token", ("lms.worker",))
def lms_token(seen: Seen, facts: Facts) -> Verdict:
    """The row of the token that the app runs with exists and does not expire soon."""
    name = seen.declared["service_worker"]
    if not facts["rows"]:
        return failed(f"{name} has no access token.", PROVIDER_ROLE)
    if seen.token_digest and not facts["same"]:
        owner = owner_of_token(seen)
        if owner and owner != name:
            return failed(f"The token that the app runs with is that of {owner}, not of {name}.", APP_ROLE)
        return failed(f"The token that the app runs with is none of the {facts['rows']} of {name}.", APP_ROLE)
    if facts["days_left"] < 0:
        return failed(f"The token expired {-facts['days_left']:.1f} days ago.", PROVIDER_ROLE)
    if facts["days_left"] < seen.warn_days:
        return warning(f"The token expires in {facts['days_left']:.1f} days.", PROVIDER_ROLE)
    return ok(f"The API token is valid for {facts['days_left']:.0f} days")


@hop("lms.people", "lms", "Nobody who is tied to the app is locked out", "lms.people", ("lms.starts",))
def lms_people(_seen: Seen, facts: Facts) -> Verdict:
    """People whom the LMS knows through the app have what it wants of an account: a usable password and a profile."""
    wrong = [
        f"{some(facts[key])}: {what}"
        for key, what in (
            ("locked", "no usable password, which the LMS answers with 403 'Your account is disabled'"),
            ("bare", "no profile, at which a login ends with 500"),
        )
        if facts[key]["count"]
    ]
    fixes = [
        fix
        for key, fix in (
            ("locked", "Set a password in the LMS's admin, unless the account is meant to be disabled."),
            ("bare", "Add a user profile in the LMS's admin."),
        )
        if facts[key]["count"]
    ]
    if wrong:
        return warning(f"People who cannot log in through the app: {'; '.join(wrong)}.", " ".join(fixes))
    return ok("Everybody who is tied to the app has a password and a profile")


def some(facts: Facts) -> str:
    """A few names, and how many there are beside them."""
    more = facts["count"] - len(facts["names"])
    return ", ".join(facts["names"]) + (f" and {more} more" if more else "")


@hop("lms.privileged", "lms", "No account of the LMS's staff can be taken over", "lms.privileged", ("lms.starts",))
def lms_privileged(_seen: Seen, facts: Facts) -> Verdict:
    """The LMS ties people to accounts by their e-mail alone, so the e-mail of a superuser in the app is a superuser."""
    fix = (
        "Let that person log in through the app once, which ties the two together for good; or give the account in the "
        "LMS an e-mail that nobody can have in the app."
    )
    if facts["has"]["count"]:
        return warning(
            f"Somebody in the app has the e-mail of {some(facts['has'])}: their login through the app is that account.",
            fix,
        )
    if facts["could"]["count"]:
        return warning(
            f"Whoever registers in the app with the e-mail of {some(facts['could'])} becomes that account in the LMS.",
            fix,
        )
    return ok("The e-mails of the LMS's staff are tied to the app already, or nobody's")


# -- the credentials, tried --------------------------------------------------------------------------------------------


def credentials(facts: Facts, accepts: str, wrong: Verdict) -> Verdict:
    """Judge a bogus code: who gets as far as the code had the right credentials."""
    if facts.get("answer") == "invalid_grant":
        return ok(accepts)
    if facts.get("answer") == "invalid_client" or facts["status"] == 401:
        return wrong
    return failed(
        f"{said(facts)}; expected was 400 invalid_grant.",
        "See that the address is that of a token endpoint, its slash at the end included.",
    )


@hop("app.client", "app", "The LMS accepts the app's client secret", "app.client", ("app.reaches_lms",))
def app_client(seen: Seen, facts: Facts) -> Verdict:
    """The app can redeem codes at the LMS with the client id and secret that it runs with."""
    return credentials(
        facts,
        "The LMS accepts the app's client id and secret",
        failed(
            "The LMS refuses the client id or secret that the app runs with (OPENEDX_API_CLIENT_ID, "
            "OPENEDX_API_CLIENT_SECRET): "
            + (
                "the secret is a password hash, which an admin shows instead of it."
                if facts.get("hashed")
                else f"they are not those of {seen.declared['lms_application']}."
            ),
            f"{APP_ROLE} By hand: copy them from the LMS's admin into {seen.dotenv}, then docker compose up -d.",
        ),
    )


TOKEN_CAUSES = {
    "token_nonexistent": ("the LMS does not know the token that the app runs with", APP_ROLE),
    "token_expired": ("the token is expired", PROVIDER_ROLE),
    "user_not_active": ("the service worker is not active", PROVIDER_ROLE),
    "user_is_disabled": (
        "the service worker has no usable password, which the LMS takes for 'disabled by admin'",
        PROVIDER_ROLE,
    ),
    "token_malformed": ("the token has spaces or other characters that no token has", APP_ROLE),
    "token_not_provided": ("the app runs with an empty token", APP_ROLE),
    "credentials were not provided": (
        "the LMS did not see the Authorization header",
        "See that no proxy between the app and the LMS removes it.",
    ),
}


@hop("app.token", "app", "The LMS accepts the app's API token", "app.me", ("app.reaches_lms",))
def app_token(seen: Seen, facts: Facts) -> Verdict:
    """The app calls the LMS's API as the service worker."""
    body, username = facts.get("json"), owner_of_token(seen)
    if facts["status"] == 200 and username == seen.declared["service_worker"]:
        return ok(f"The API token is that of {username}")
    if facts["status"] == 200 and username:
        return failed(f"The API token is that of {username}, not of {seen.declared['service_worker']}.", APP_ROLE)
    for sign, (cause, fix) in TOKEN_CAUSES.items():
        if sign in str(body):
            return failed(f"{facts['status']}: {cause}.", fix)
    return failed(said(facts), "Look at the LMS's log (tutor dev logs lms).")


@hop("app.token_staff", "app", "The API token has staff rights", "app.accounts", ("app.token",))
def app_token_staff(seen: Seen, facts: Facts) -> Verdict:
    """Only staff may look up accounts by e-mail, which the app does when a registration is refused."""
    if facts["status"] in (200, 404):
        return ok("The API token has staff rights")
    if facts["status"] == 403:
        return failed(
            f"{seen.declared['service_worker']} is no staff: the LMS refuses to look up accounts by e-mail.",
            PROVIDER_ROLE,
        )
    return failed(said(facts), "Look at the LMS's log (tutor dev logs lms).")


def lms_reaches(seen: Seen, facts: Facts) -> Verdict:
    declared = {host_of(seen.declared["access_token_url"]), host_of(seen.declared["api_root"])}
    if host_of(facts["url"]) not in declared and seen.declared.get("discovery_url"):
        fix = (
            f"The app's discovery document names this address, which is not the declared one. {APP_ROLE} By hand: in "
            f"MITx Online MITXONLINE_DOCKER_BASE_URL in {seen.dotenv} decides, then docker compose up -d."
        )
        return reached("from inside the LMS", facts, fix, fix)
    return reached(
        "from inside the LMS",
        facts,
        f'{SETTINGS_ROLE} By hand: extra_hosts: ["{facts["host"]}:host-gateway"] for the service lms in '
        "env/dev/docker-compose.override.yml.",
        "Start the app; its port must be published on all interfaces (0.0.0.0).",
    )


@hop(
    "lms.reaches_app",
    "network",
    "The LMS reaches the app's token endpoint",
    "lms.token_url",
    ("lms.provider_settings",),
)
def lms_reaches_app(seen: Seen, facts: Facts) -> Verdict:
    """From inside the LMS the address in the provider row resolves to something that listens."""
    return lms_reaches(seen, facts)


@hop(
    "lms.reaches_user_info",
    "network",
    "The LMS reaches the app's user info",
    "lms.user_info_url",
    ("lms.provider_settings",),
)
def lms_reaches_user_info(seen: Seen, facts: Facts) -> Verdict:
    """From inside the LMS the API root in the provider row resolves to something that listens."""
    return lms_reaches(seen, facts)


@hop("lms.secret", "lms", "The app accepts the LMS's client secret", "lms.secret", ("lms.reaches_app",))
def lms_secret(_seen: Seen, facts: Facts) -> Verdict:
    """The LMS can redeem codes at the app with the client id and secret that it uses."""
    fix = (
        "Run the app's playbook again (roles edx_oauth_provider and mit_app_env): it gives both sides the same secret."
    )
    if facts["hashed"]:
        cause = f"the secret in {facts['source']} is a password hash: all that configure_instance and the admin show"
    elif facts["source"] is None:
        cause = "the LMS has no client secret, neither in the provider row nor in SOCIAL_AUTH_OAUTH_SECRETS"
    else:
        cause = f"the client id or the secret (from {facts['source']}) is not the app's"
    return credentials(
        facts,
        f"The app accepts the client secret from {facts['source']}",
        failed(f"The app refuses the LMS: {cause}.", fix),
    )


@hop("lms.user_info", "lms", "The app's user info answers the LMS", "lms.user_info", ("lms.reaches_user_info",))
def lms_user_info(_seen: Seen, facts: Facts) -> Verdict:
    """Where the LMS asks who logged in, the app answers. Without a token it answers nobody, with status 200.

    The endpoint of MITx Online's discovery document refuses a person without a name at Open edX instead: 409.
    """
    if facts["status"] == 409 and "edx_username" in facts["text"]:
        return ok(f"{facts['url']} answers, and wants somebody with an edx_username")
    if facts["status"] == 200 and "username" in (facts.get("keys") or []) and not facts["username"]:
        return ok(f"{facts['url']} answers, anonymously")
    return failed(
        f"{said(facts)}; expected was a JSON answer about nobody.",
        "See that API_ROOT is the address of the app and nothing else answers there.",
    )


# -- from the browser --------------------------------------------------------------------------------------------------


@hop("browser.lms", "browser", "The LMS answers", "browser.lms_answer", ("browser.reaches_lms",))
def browser_lms(seen: Seen, facts: Facts) -> Verdict:
    """What listens at the LMS's address is an LMS."""
    if facts["status"] in (401, 403):
        return ok(f"The LMS answers at {seen.declared['lms_base_url']}")
    if facts.get("location"):
        return failed(
            f"{said(facts)}: the LMS's API is redirected.", "See MITX_REDIRECT_ALLOW_RE_LIST: /api must be in it."
        )
    return failed(
        f"{said(facts)}; an LMS answers 401 there.",
        "See that edx_lms_base_url is the address of the LMS, and read its log (tutor dev logs lms).",
    )


@hop("browser.app", "browser", "The app answers", "browser.app_answer", ("browser.reaches_app",))
def browser_app(seen: Seen, facts: Facts) -> Verdict:
    """What listens at the app's address is the app."""
    if facts["status"] == 200 and "username" in (facts.get("keys") or []):
        return ok(f"The app answers at {seen.declared['base_url']}")
    return failed(
        f"{said(facts)}; expected was a JSON answer about nobody.",
        "See that mit_app_domain and mit_app_port are the app's, and read its log.",
    )


@hop("browser.authorize", "browser", "The LMS sends people to the app", "browser.authorize", ("browser.lms",))
def browser_authorize(seen: Seen, facts: Facts) -> Verdict:
    """The running LMS has backend and row, and asks with the client id and redirect URI that the app knows."""
    return authorization(seen, facts) or ok(f"The LMS sends people to {facts['location']}")


def authorization(seen: Seen, facts: Facts) -> Verdict | None:
    declared, status = seen.declared, facts["status"]
    if status == 404:
        if declared["backend_name"] in (seen.facts("lms.backend") or {}).get("names", []):
            return failed(
                f"The running LMS does not know the backend {declared['backend_name']} (404), though its settings have "
                "it: the server is older than they are, or runs in another image.",
                RESTART_LMS,
            )
        return failed(f"The running LMS does not know the backend {declared['backend_name']} (404).", SETTINGS_ROLE)
    if status == 500 and "fetch setting of a disabled" in facts["text"]:
        return failed(
            f"The running LMS has no enabled provider row for {declared['backend_name']} on the Site of "
            f"{host_of(declared['lms_base_url'])} (500).",
            f"{PROVIDER_ROLE} If the hop lms.provider is ok, a cache is stale. {RESTART_LMS}",
        )
    if status != 302 or not facts.get("location"):
        return failed(said(facts), "Read the LMS's log (tutor dev logs lms).")
    if facts["location"] != bare_url(declared["authorization_url"]):
        return failed(
            f"The LMS sends people elsewhere: {differs(declared['authorization_url'], facts['location'])}.",
            PROVIDER_ROLE,
        )
    if facts["redirect_uri"] not in declared["complete_uris"]:
        uri = facts["redirect_uri"] or "(none)"
        return failed(
            f"The redirect URI of the LMS: {differs(declared['complete_uris'][0], uri)}.",
            "Give edx_lms_base_url as the browser writes it.",
        )
    row = ((seen.facts("app.application") or {}).get("rows") or [{}])[0]
    if row.get("client_id") and facts["client_id"] != row["client_id"]:
        return failed(
            f"The LMS presents the client id {facts['client_id'] or '(none)'}, which is not the app's "
            f"({row['client_id']}).",
            PROVIDER_ROLE,
        )
    return None


def bare_url(url: str) -> str:
    return url.split("?", 1)[0]


@hop("browser.admin", "browser", "Local administrators can still log in", "browser.admin", ("browser.lms",))
def browser_admin(_seen: Seen, facts: Facts) -> Verdict:
    """When the login through the app is broken, somebody must be able to get in and mend it."""
    if facts["status"] == 200:
        return ok(f"{facts['url']} answers with its own form")
    if (
        facts["status"] in (301, 302)
        and "/auth/login/" not in facts["location"]
        and host_of(facts["location"]) == host_of(facts["url"])
    ):
        return ok(f"{facts['url']} leads to the LMS's own login")
    return failed(
        f"{said(facts)}: a local administrator cannot log in.",
        "Switch the redirect of anonymous people off (MITX_REDIRECT_ENABLED = False), or put ^/admin into "
        "MITX_REDIRECT_ALLOW_RE_LIST.",
    )


# -- a whole login -----------------------------------------------------------------------------------------------------


REGISTRATION, COMPLETE, LMS_AUTHORIZE, LMS_TOKEN = (
    "/user_api/v1/account/registration/",
    "/auth/complete/",
    "/oauth2/authorize",
    "/oauth2/access_token",
)


def culprit(seen: Seen, requests: list[Facts]) -> Verdict | None:
    """The first request of a login that went wrong, and why."""
    lms, app = host_of(seen.declared["lms_base_url"]), host_of(seen.declared["base_url"])
    for step in requests:
        parts, status = urlsplit(step["url"]), step["status"]
        on_lms, path, location = parts.netloc == lms, parts.path, step.get("location", "")
        if "error" in step and parts.netloc not in (lms, app):
            return failed(
                f"The login leads to {step['url']}, which cannot be reached from there ({step['error']}).",
                f"Map {parts.hostname} to host-gateway in the app's compose file, or end the app's login at a page "
                "of the LMS: "
                "append &next=/robots.txt to OPENEDX_SOCIAL_LOGIN_PATH.",
            )
        if "error" in step:
            return failed(f"{step['url']} does not answer ({step['error']}).", "See the network hops above.")
        if on_lms and path == REGISTRATION and status != 200:
            return registration(step)
        if on_lms and path.startswith("/auth/login/") and status >= 400:
            return failed(said(step), "See the hop browser.authorize.")
        if parts.netloc == app and path.startswith("/oauth2/authorize") and (status == 400 or status >= 500):
            return failed(
                f"The app refuses the request of the LMS: {said(step)}.",
                f"Client id or redirect URI are not the app's. {APP_ROLE}",
            )
        if (
            parts.netloc == app
            and path.startswith("/oauth2/authorize")
            and COMPLETE not in location
            and status == 302
            and not same_place(step)
        ):
            return failed(
                f"The app does not know the person who comes from the LMS and sends them to {location}.",
                "The session cookie does not reach the app: its base URL must be the address that the LMS's provider "
                "row names.",
            )
        if (
            on_lms
            and path.startswith(COMPLETE)
            and host_of(location) == lms
            and urlsplit(location).path.startswith("/login")
        ):
            return failed(
                f"The LMS got the code but not the person, and went to {location}.",
                "It could not redeem the code or read the user info: see lms.secret, lms.reaches_app and "
                "lms.user_info. If they are ok, the LMS has "
                "an inactive account of the same e-mail, or the registry is stale (lms.registry).",
            )
        if on_lms and status == 403:
            return failed(
                f"{said(step)}.",
                "The account in the LMS has no usable password ('disabled'): set one in the LMS's admin.",
            )
        if on_lms and path.rstrip("/") == LMS_AUTHORIZE and status >= 400:
            return failed(
                f"The LMS refuses the app's request: {said(step)}.",
                f"Client id or redirect URI are not those of the LMS. {PROVIDER_ROLE}",
            )
        if on_lms and path.rstrip("/") == LMS_AUTHORIZE and "/login" in location and host_of(location) == lms:
            return failed(
                f"After the login the LMS does not know the person: it went to {location}.",
                "The session cookie was lost: see app.cookie_domain.",
            )
        if on_lms and path.rstrip("/") == LMS_TOKEN and status >= 400:
            return failed(f"The LMS refuses to redeem the code: {said(step)}.", "See the hop app.client.")
        if status >= 500:
            return failed(said(step), "Read the log of that side.")
    return None


def same_place(step: Facts) -> bool:
    """A redirect that only mends the address, such as one that adds the slash."""
    return step["url"].rstrip("/") == step.get("location", "").rstrip("/")


def registration(step: Facts) -> Verdict:
    status, text = step["status"], step.get("text", "")
    if "tpa-invalid-access-token" in text or (status == 400 and "access_token" in text):
        return failed(
            "The LMS refused the registration: it could not ask the app who the person is.",
            "See the hops lms.reaches_user_info and lms.user_info.",
        )
    if "creation not allowed" in text:
        return failed(
            "The LMS refused the registration: it allows no new accounts (ALLOW_PUBLIC_ACCOUNT_CREATION).",
            SETTINGS_ROLE,
        )
    if status in (403, 429):
        return failed(
            f"The LMS refused the registration ({status}): registrations per address are limited, and all of an app "
            "come from one.",
            "Raise REGISTRATION_RATELIMIT in the LMS's settings (the role edx_private_settings does).",
        )
    return failed(f"The LMS refused the registration: {said(step)}.", "Read the LMS's log (tutor dev logs lms).")


@hop(
    "login.app",
    "app",
    "The app registers a person at the LMS",
    "app.person",
    ("app.reaches_lms", "app.application"),
    "login",
)
def login_app(seen: Seen, facts: Facts) -> Verdict:
    """A throw-away person is registered at the LMS by the app's own code, which then obtains tokens for them."""
    if not seen.declared["api_module"]:
        return skipped("the app registers nobody at the LMS (api_module is empty)")
    if facts["authorized"]:
        return ok(f"A throw-away person was registered and got tokens ({len(facts['requests'])} requests)")
    verdict = culprit(seen, facts["requests"])
    if verdict is not None:
        return verdict
    why = facts["failure"] or (
        f"the LMS refused the registration: {facts['refused']}"
        if facts.get("refused")
        else "no access token was stored"
    )
    return failed(f"{seen.declared['api_module']}.create_user: {why}.", "Read the app's log (docker compose logs web).")


@hop(
    "login.browser",
    "browser",
    "A person logs in at the LMS through the app",
    "browser.login",
    ("browser.authorize", "browser.app"),
    "login",
)
def login_browser(seen: Seen, facts: Facts) -> Verdict:
    """The whole way of a browser: LMS, app, LMS, and at its end the LMS knows the person."""
    person = seen.facts("app.person") or {}
    last = facts["requests"][-1]
    if facts["username"] and facts["username"] == person.get("username"):
        if "error" in last or last["status"] >= 500:
            return warning(
                f"The person is logged in, but the way ended with: {said(last)}.", "See why that page does not answer."
            )
        return ok(f"A throw-away person logged in through the app ({len(facts['requests'])} steps)")
    if facts["username"]:
        return failed(
            f"The LMS takes the person {person.get('username')} for {facts['username']}.",
            "Give each app a backend name of its own.",
        )
    verdict = culprit(seen, facts["requests"])
    if verdict is None and not seen.declared["api_module"] and "/register" in last["url"]:
        return ok("The LMS accepts the login and asks the new person to register")
    if verdict is None and "/register" in last["url"] and not person.get("authorized"):
        return skipped("not judged, because login.app failed: the LMS does not know the person")
    return verdict or failed(
        f"The way ended at {said(last)}, and nobody is logged in.", "Read the LMS's log (tutor dev logs lms)."
    )


@hop("login.linked", "lms", "The LMS tied the person to the app", "lms.linked", ("lms.starts", "login.app"), "login")
def login_linked(seen: Seen, facts: Facts) -> Verdict:
    """The LMS remembers the person by the backend, so that the next login finds the same account."""
    if not facts["exists"]:
        return failed("The LMS has no account of the throw-away person.", "See the hop login.app.")
    if not facts["linked"]:
        return failed(
            f"The account in the LMS is not tied to {seen.declared['backend_name']}: the registry did not see the "
            "provider.",
            f"{PROVIDER_ROLE} {RESTART_LMS}",
        )
    return ok(f"The account in the LMS is tied to {seen.declared['backend_name']}")


# -- the app's own commands --------------------------------------------------------------------------------------------


UPSTREAM = {
    "chunk_size must be provided": "it cannot run with the Django version of this checkout, whatever the LMS answers",
}


def command(facts: Facts, pattern: str) -> tuple[re.Match[str] | None, Verdict | None]:
    """The summary line of a command, and the verdict where there is none."""
    found = re.search(pattern, facts["output"])
    failure = facts.get("failure", "")
    known = next((text for sign, text in UPSTREAM.items() if sign in failure), None)
    if known:
        return None, warning(
            f"{facts['command']}: known upstream defect: {known} ({failure}).",
            "Nothing to do here: the integration is not at fault.",
        )
    if found is None:
        last = failure or (facts["errors"] or facts["output"]).strip()[-200:] or "it printed nothing"
        return None, failed(
            f"{facts['command']} did not finish: {last}.", "Run the command in the app by hand and read its log."
        )
    return found, None


@hop("commands.sync", "app", "The app reads its courses from the LMS", "app.sync", ("app.reaches_lms",), "commands")
def commands_sync(_seen: Seen, facts: Facts) -> Verdict:
    """The app's command calls the LMS's course API. Its summary counts: its exit status is 0 also after failures."""
    found, verdict = command(facts, r"Sync complete: (\d+) updated, (\d+) failures[^\r\n]*")
    if found is None:
        return verdict or skipped("")
    if int(found[2]):
        return failed(
            f"{facts['command']}: {found[0]}",
            "See app.token; then run the command in the app by hand and read its log.",
        )
    return ok(found[0])


@hop(
    "commands.repair",
    "app",
    "The app repairs people without an LMS account",
    "app.repair",
    ("app.reaches_lms",),
    "commands",
)
def commands_repair(seen: Seen, facts: Facts) -> Verdict:
    """A registration for everybody who lacks it. People with a trouble of their own are no broken integration."""
    found, verdict = command(facts, r"Repair Complete: (\d+) repaired, (\d+) failures[^\r\n]*")
    if found is None:
        return verdict or skipped("")
    if int(found[2]):
        who = " ".join(facts["errors"].split())[:300]
        text = f"{facts['command']}: {found[0]}: {who}"
        if (seen.facts("app.person") or {}).get("authorized"):
            return warning(f"{text} (a new person works: login.app)", "Look at these people one by one.")
        return failed(text, "See login.app, which names the request that goes wrong.")
    return ok(found[0])


# -- nothing is left ---------------------------------------------------------------------------------------------------


def removal(facts: Facts) -> Verdict:
    if facts["left"]:
        return failed(f"Could not remove: {'; '.join(facts['left'])}.", "Delete these people in the Django admin.")
    return ok(f"Removed {len(facts['removed'])} throw-away account{'' if len(facts['removed']) == 1 else 's'}")


@hop("lms.removal", "lms", "The throw-away person is gone from the LMS", "lms.removal", part="login")
def lms_removal(_seen: Seen, facts: Facts) -> Verdict:
    """The account, its link, tokens and sessions in the LMS are removed, those of interrupted runs too."""
    return removal(facts)


@hop("app.removal", "app", "The throw-away person is gone from the app", "app.removal", part="login")
def app_removal(_seen: Seen, facts: Facts) -> Verdict:
    """The account in the app is removed with its tokens, those of interrupted runs too."""
    return removal(facts)
