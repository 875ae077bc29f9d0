# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of a browser on this machine: both sides answer, and the LMS sends people to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, noted, ok, probe, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.trail import out_of_sight
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import (
    JSON,
    anonymous,
    bare,
    refusal,
    wants_a_token,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import (
    PROVIDER_ROLE,
    SETTINGS_ROLE,
    answered,
    differs,
    sentence,
    well_known,
)

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict


@probe("browser.lms_answer")
def visit_lms(look):
    return look.visitor().fetch(look.declared["lms_base_url"] + "/api/user/v1/me") if look.reached("lms") else None


@hop(
    "browser.lms",
    "browser",
    "The LMS answers",
    ("browser.reaches_lms",),
    "browser.lms_answer",
    after=("lms.database", "lms.cache"),
)
def browser_lms(seen: Seen, facts: Facts) -> Verdict:
    """What listens at the LMS's address is an LMS."""
    if facts["status"] in (401, 403):
        return ok(f"The LMS answers at {seen.declared['lms_base_url']}")
    trouble = well_known(facts)
    if trouble is None and facts.get("location"):
        return failed(
            f"{answered(facts)}: the LMS's API is redirected.", "See MITX_REDIRECT_ALLOW_RE_LIST: /api must be in it."
        )
    return trouble or failed(
        f"{answered(facts)}; an LMS answers 401 there.",
        f"See that edx_lms_base_url is the address of the LMS, and read {seen.lms_side.log}.",
    )


@probe("browser.app_answer")
def visit_app(look):
    path = urlsplit(look.declared["discovery_url"]).path or look.declared["user_info_path"]
    answer = look.visitor().fetch(look.declared["base_url"] + path, JSON) if look.reached("app") else None
    return answer and anonymous(answer, look.declared)


@hop(
    "browser.app",
    "browser",
    "The app answers",
    ("browser.reaches_app",),
    "browser.app_answer",
    after=("app.database", "lms.discovery"),
)
def browser_app(seen: Seen, facts: Facts) -> Verdict:
    """What listens at the app's address is the app."""
    expected = "authorization_endpoint" if seen.declared["discovery_url"] else facts.get("field", "username")
    if facts["status"] == 200 and expected in (facts.get("keys") or []):
        return ok(f"The app answers at {seen.declared['base_url']}")
    if wants_a_token(facts) and not seen.declared["discovery_url"]:
        return ok(f"The app answers at {seen.declared['base_url']}, and wants a token")
    wanted = "a JSON answer about nobody (mit_app_user_info_path), or that it wants a token (401, 403)"
    if seen.declared["discovery_url"]:
        wanted = f"a discovery document with {expected} (mit_app_discovery_url)"
    return well_known(facts) or failed(
        f"{answered(facts)}; expected was {wanted}.",
        f"See that mit_app_domain and mit_app_port are the app's, and read {seen.app_side.log}.",
    )


def login_url(look):
    return "%s/auth/login/%s/?auth_entry=login" % (look.declared["lms_base_url"], look.declared["backend_name"])


@probe("browser.authorize")
def ask_for_a_login(look):
    """Where the LMS sends a person who wants to log in, and with which client id and redirect URI."""
    if not look.reached("lms"):
        return None
    look.private["person"] = look.visitor()
    answer = look.private["person"].fetch(login_url(look))
    query = parse_qs(urlsplit(answer.get("location") or "").query)
    answer.update({name: query.get(name, [""])[0] for name in ("client_id", "redirect_uri")})
    # The backend adds its state to the redirect URI; the app compares without it.
    answer.update(redirect_uri=bare(answer["redirect_uri"]), location=bare(answer.get("location") or ""))
    return answer


@hop(
    "browser.authorize",
    "browser",
    "The LMS sends people to the app",
    ("browser.lms",),
    after=(
        "lms.host",
        "lms.cache",
        "lms.third_party_auth",
        "lms.backend",
        "lms.provider",
        "lms.provider_settings",
        "lms.discovery",
    ),
)
def browser_authorize(seen: Seen, facts: Facts) -> Verdict:
    """The running LMS has backend and row, and asks with the client id and redirect URI that the app knows."""
    return authorization(seen, facts) or ok(f"The LMS sends people to {facts['location']}")


def authorization(seen: Seen, facts: Facts) -> Verdict | None:
    declared, status = seen.declared, facts["status"]
    restart = sentence(seen.lms_side.restart)
    if status == 404:
        if declared["backend_name"] in (seen.facts("lms.backend") or {}).get("names", []):
            return failed(
                f"The running LMS does not know the backend {declared['backend_name']} (404), though its settings have "
                "it: the server is older than they are, or runs in another image.",
                restart,
            )
        return failed(f"The running LMS does not know the backend {declared['backend_name']} (404).", SETTINGS_ROLE)
    if status == 500 and "fetch setting of a disabled" in facts["text"]:
        return failed(
            f"The running LMS has no enabled provider row for {declared['backend_name']} on the Site of "
            f"{host_of(declared['lms_base_url'])} (500).",
            f"{PROVIDER_ROLE} If the hop lms.provider is ok, a cache is stale. {restart}",
        )
    if status != 302 or not facts.get("location"):
        return failed(answered(facts), sentence(f"read {seen.lms_side.log}"))
    discovered = (seen.facts("lms.discovery") or {}).get("urls", {}).get("authorization")
    wanted = discovered or declared["authorization_url"]
    if facts["location"] != bare(wanted):
        return failed(
            f"The LMS sends people elsewhere: {differs(wanted, facts['location'])}.",
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


@probe("browser.entrance")
def walk_as_a_stranger(look):
    """The way of somebody who is logged in nowhere, from the LMS's login button to where it ends."""
    if not look.reached("lms") or not look.reached("app"):
        return None
    steps, known = [], set()
    for answer in look.visitor(trusting=True).walk(login_url(look)):
        steps.append(step_of(answer))
        if answer["url"] in known:
            break
        known.add(answer["url"])
    return {"requests": steps}


def step_of(answer):
    """One step of a way, without what travels in its query."""
    step = {"method": "GET", "url": bare(answer["url"]), "status": answer["status"]}
    step.update({name: answer[name] for name in ("error", "kind", "untrusted") if name in answer})
    if answer.get("location"):
        step.update(location=bare(answer["location"]), **refusal(answer["location"]))
    if answer["status"] >= 400:
        step["text"] = answer["text"]
    if answer["status"] == 200:
        step["asks"] = answer["asks"]
    return step


@hop(
    "browser.entrance",
    "browser",
    "A stranger finds where to sign in",
    ("browser.authorize", "browser.app"),
)
def browser_entrance(seen: Seen, facts: Facts) -> Verdict:
    """Whoever is not logged in gets from the LMS's login button to a page of the app, or of its identity provider."""
    last, log = facts["requests"][-1], sentence(f"read {seen.app_side.log}")
    if "error" in last:
        return failed(
            f"The way to where people sign in leads to {last['url']}: {last['error']}.", out_of_sight(seen, last)
        )
    if 300 <= last["status"] < 400:
        return in_a_circle(seen, facts["requests"])
    if last["status"] != 200:
        return failed(f"The way to where people sign in ends with: {answered(last)}.", log)
    if host_of(last["url"]) == host_of(seen.declared["lms_base_url"]) or not last["asks"]:
        return failed(f"The way to where people sign in ends at {last['url']}, where nobody can.", log)
    if any(step.get("untrusted") for step in facts["requests"]):
        return noted(f"People sign in at {last['url']}; this machine does not trust its certificate, so browsers ask")
    return ok(f"People sign in at {last['url']}")


def in_a_circle(seen: Seen, steps: list[Facts]) -> Verdict:
    """A way that comes back to where it was. Apps that a gateway logs in have no login page of their own."""
    places = list(dict.fromkeys(step["url"] for step in steps[1:]))
    fact = f"Whoever is not logged in to the app turns round for ever: {' and '.join(places)} lead to each other."
    declared = seen.declared
    if declared["api_gateway"]:
        return failed(
            f"{fact} What answers at {declared['base_url']} is not the app's gateway, or it does not ask people in.",
            f"See that mit_app_api_gateway_port is the gateway's. {sentence(seen.app_side.start)}",
        )
    if declared["api_gateway_port"]:
        return warning(
            f"{fact} The app has no login page of its own: its gateway asks people in, and is not used here.",
            f"Log in at {declared['base_url']}/admin/login/ first, and press the LMS's button then. Or run the app "
            "behind its gateway (mit_app_api_gateway: true; docs/signing-in.md says what that needs).",
        )
    return failed(fact, f"See LOGIN_URL of the app. {sentence(f'read {seen.app_side.log}')}")


@probe("browser.admin")
def visit_admin(look):
    url = look.declared["lms_base_url"] + "/admin/login/"
    return {"requests": [step_of(answer) for answer in look.visitor().walk(url)]} if look.reached("lms") else None


@hop("browser.admin", "browser", "Local administrators can still log in", ("browser.lms",))
def browser_admin(seen: Seen, facts: Facts) -> Verdict:
    """When the login through the app is broken, somebody must be able to get in and mend it."""
    first, last = facts["requests"][0], facts["requests"][-1]
    away = next((step for step in facts["requests"] if "/auth/login/" in step.get("location", "")), None)
    if away is None and "error" in last and last is not first:
        return warning(
            f"{first['url']} leads to {last['url']}: {last['error']}.",
            f"{out_of_sight(seen, last)} Until then local administrators log in at "
            f"{seen.declared['lms_base_url']}/login?skip_authn_mfe=true.",
        )
    if away is None and last["status"] == 200:
        own = last is first
        return ok(f"{first['url']} answers with its own form" if own else f"{first['url']} leads to {last['url']}")
    return failed(
        f"{answered(away or last)}: a local administrator cannot log in.",
        "Switch the redirect of anonymous people off (MITX_REDIRECT_ENABLED = False), or put ^/admin into "
        "MITX_REDIRECT_ALLOW_RE_LIST.",
    )
