# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops at which one side calls the other: the credentials of both, tried from where they are used."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of, port_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, follows, hop, ok, probe
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops.accounts import token_owner
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops.network import (
    is_down,
    lms_of_the_app,
    published,
    reached,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import (
    CONNECT_SECONDS,
    JSON,
    NO_ANSWER,
    Stay,
    anonymous,
    fetch,
    reach,
    reason,
    try_client,
    wants_a_token,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import (
    APP_ROLE,
    BOTH_ROLES,
    PROVIDER_ROLE,
    SETTINGS_ROLE,
    answered,
    sentence,
    well_known,
)

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side


#: What the LMS cannot answer without.
LMS_STORES = ("lms.database", "lms.cache")


# -- the way there -----------------------------------------------------------------------------------------------------


def by_proxy(url):
    """Through which proxy the code of a side asks for an address, and what comes of it; None where it asks directly."""
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or parts.scheme not in ("http", "https") or urllib.request.proxy_bypass(parts.hostname or ""):
        return {"proxy": None}
    found = {"proxy": "//" + urllib.parse.urlsplit(proxy).netloc.rpartition("@")[2], "host": parts.hostname}
    try:
        with urllib.request.build_opener(Stay()).open(url, timeout=CONNECT_SECONDS):
            return found
    except urllib.error.HTTPError as error:
        # A proxy answers such a status itself, where it cannot go on.
        return dict(found, error="it answers %d" % error.code) if error.code in (407, 502, 503, 504) else found
    except NO_ANSWER as error:
        return dict(found, **reason(error))


def directly(side: Side, facts: Facts) -> Verdict:
    name = side.name[0].upper() + side.name[1:]
    if not facts["proxy"]:
        return ok(f"{name} asks directly")
    proxy = facts["proxy"].lstrip("/")
    if "error" not in facts:
        return ok(f"{name} asks through the proxy {proxy}")
    return failed(
        f"{name} asks {facts['host']} through the proxy {proxy}, and gets nowhere: {facts['error']}.",
        f"Add {facts['host']} to NO_PROXY (and no_proxy) in the environment of {side.name}, then {side.apply}.",
    )


@probe("app.proxy")
def look_for_a_proxy_of_the_app(look):
    return by_proxy(lms_of_the_app(look) + "/api/user/v1/me") if look.reached("lms") else None


@hop("app.proxy", "network", "No proxy stands between the app and the LMS", ("app.reaches_lms",))
def app_proxy(seen: Seen, facts: Facts) -> Verdict:
    """The app's requests follow its environment, and a proxy knows no names of this machine."""
    return directly(seen.app_side, facts)


# -- the client secrets ------------------------------------------------------------------------------------------------


def looks_hashed(secret):
    from django.contrib.auth.hashers import identify_hasher

    try:
        identify_hasher(secret or "")
    except ValueError:
        return False
    return True


def unexpected(seen: Seen, place: str, facts: Facts, otherwise: Verdict) -> Verdict:
    """The verdict of an answer that says nothing of what was asked; once, where a browser gets the same."""
    trouble, outside = well_known(facts), seen.facts(f"browser.{place}_answer")
    if trouble and outside and well_known(outside):
        return follows(f"browser.{place}")
    if facts["status"] >= 500:
        side = {"lms": seen.lms_side, "app": seen.app_side}[place]
        return failed(f"{answered(facts)}.", sentence(f"look at {side.log}"))
    return trouble or otherwise


def credentials(seen: Seen, place: str, facts: Facts, accepts: str, wrong: Verdict) -> Verdict:
    """Judge a bogus code: who gets as far as the code had the right credentials."""
    if facts.get("answer") == "invalid_grant":
        return ok(accepts)
    if facts.get("answer") == "invalid_client" or facts["status"] == 401:
        return wrong
    return unexpected(
        seen,
        place,
        facts,
        failed(
            f"{answered(facts)}; expected was 400 invalid_grant.",
            "See that the address is that of a token endpoint, its slash at the end included.",
        ),
    )


@probe("app.client")
def try_client_of_app(look):
    client_id, secret = look.setting("OPENEDX_API_CLIENT_ID"), look.secret_setting("OPENEDX_API_CLIENT_SECRET")
    if not look.reached("lms") or not (client_id or secret):
        return None
    uri = (look.declared["redirect_uris"] or [""])[0]
    answer = try_client(lms_of_the_app(look) + "/oauth2/access_token", client_id, secret, uri)
    return dict(answer, hashed=looks_hashed(secret))


@hop(
    "app.client",
    "app",
    "The LMS accepts the app's client secret",
    ("app.reaches_lms",),
    after=(*LMS_STORES, "app.settings"),
)
def app_client(seen: Seen, facts: Facts) -> Verdict:
    """The app can redeem codes at the LMS with the client id and secret that it runs with."""
    if facts.get("hashed"):
        why = "the secret is a password hash, which an admin shows instead of it."
    else:
        why = f"they are not those of {seen.declared['lms_application']}."
    return credentials(
        seen,
        "lms",
        facts,
        "The LMS accepts the app's client id and secret",
        failed(
            "The LMS refuses the client id or secret that the app runs with (OPENEDX_API_CLIENT_ID, "
            f"OPENEDX_API_CLIENT_SECRET): {why}",
            f"{APP_ROLE} By hand: copy them from the LMS's admin into {seen.dotenv}, then {seen.app_side.reread}.",
        ),
    )


# -- the API token -----------------------------------------------------------------------------------------------------


def try_token(look, path):
    token = look.secret_setting("OPENEDX_SERVICE_WORKER_API_TOKEN")
    if not look.reached("lms") or not token:
        return None
    headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
    return fetch(lms_of_the_app(look) + path, headers=headers)


@probe("app.me")
def ask_who_the_token_is(look):
    return try_token(look, "/api/user/v1/me")


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


@hop(
    "app.token",
    "app",
    "The LMS accepts the app's API token",
    ("app.reaches_lms",),
    "app.me",
    after=(*LMS_STORES, "app.settings", "lms.token"),
)
def app_token(seen: Seen, facts: Facts) -> Verdict:
    """The app calls the LMS's API as the service worker."""
    body, username = facts.get("json"), token_owner(seen)
    if facts["status"] == 200 and username == seen.declared["service_worker"]:
        return ok(f"The API token is that of {username}")
    if facts["status"] == 200 and username:
        return failed(f"The API token is that of {username}, not of {seen.declared['service_worker']}.", APP_ROLE)
    for sign, (cause, fix) in TOKEN_CAUSES.items():
        if sign in str(body):
            return failed(f"{facts['status']}: {cause}.", fix)
    return unexpected(seen, "lms", facts, failed(answered(facts), sentence(f"look at {seen.lms_side.log}")))


@probe("app.accounts")
def look_up_an_account(look):
    query = urllib.parse.urlencode({"email": look.declared["service_worker_email"]})
    return try_token(look, "/api/user/v1/accounts?" + query)


@hop("app.token_staff", "app", "The API token has staff rights", ("app.token",), "app.accounts")
def app_token_staff(seen: Seen, facts: Facts) -> Verdict:
    """Only staff may look up accounts by e-mail, which the app does when a registration is refused."""
    if facts["status"] in (200, 404):
        return ok("The API token has staff rights")
    if facts["status"] == 403:
        return failed(
            f"{seen.declared['service_worker']} is no staff: the LMS refuses to look up accounts by e-mail.",
            PROVIDER_ROLE,
        )
    return failed(answered(facts), sentence(f"look at {seen.lms_side.log}"))


# -- what the LMS calls at the app -------------------------------------------------------------------------------------


ENDPOINTS = {
    "authorization": "authorization_endpoint",
    "token": "token_endpoint",
    "user_info": "userinfo_endpoint",
}


@probe("lms.discovery")
def discover(look):
    """The addresses that a discovery document names, where the provider row has one."""
    url = (look.found["provider"].get("other_settings") or {}).get("DISCOVERY_URL")
    if not url:
        return {}
    answer = fetch(url, headers={"Accept": "application/json"})
    document = answer.pop("json", None)
    document = document if isinstance(document, dict) else {}
    return dict(answer, urls={name: document.get(field) for name, field in ENDPOINTS.items()})


@hop("lms.discovery", "network", "The LMS learns the app's addresses", ("lms.provider_settings",))
def lms_discovery(seen: Seen, facts: Facts) -> Verdict:
    """The provider row names them; or from inside the LMS its discovery document can be read and names them all."""
    if not facts.get("url"):
        return ok("The provider row names the app's addresses")
    url, host = facts["url"], urllib.parse.urlsplit(facts["url"]).hostname or ""
    if host_of(url) == host_of(seen.declared["base_url"]) and is_down(seen, facts, "app"):
        return follows("browser.reaches_app")
    if "error" in facts:
        found = {**facts, "host": host, "port": port_of(url), "addresses": [host]}
        resolve = f"{SETTINGS_ROLE} By hand: {seen.lms_side.map_host(host)}. Or correct mit_app_discovery_url."
        return well_known(facts) or reached("from inside the LMS", found, resolve, published(seen.app_side))
    correct = "Correct mit_app_discovery_url, the address of the app's OpenID discovery document"
    if facts["status"] != 200:
        return failed(
            f"The LMS finds no discovery document at {url}: it answered {facts['status']}.",
            f"{correct}; or read {seen.app_side.log}.",
        )
    has_user_info = (seen.facts("lms.provider") or {}).get("other_settings", {}).get("USER_INFO_URL")
    wanted = [name for name in ENDPOINTS if name != "user_info" or not has_user_info]
    lacking = [ENDPOINTS[name] for name in wanted if not facts["urls"].get(name)]
    if lacking:
        return failed(
            f"What answers the LMS at {url} names no {' and no '.join(lacking)}.",
            f"{correct}. Without it the paths of the profile count.",
        )
    return ok(f"The LMS reads the discovery document {url}")


def url_of_app(look, name):
    """Where the LMS looks for the app's token endpoint and user info."""
    row = look.found["provider"].get("other_settings") or {}
    if name == "user_info" and row.get("USER_INFO_URL"):
        return row["USER_INFO_URL"]
    discovery = look.found.get("discovery", {})
    if "url" in discovery or "broken" in discovery:
        return discovery.get("urls", {}).get(name)
    api_root = row.get("API_ROOT") or ""
    urls = {
        "token": row.get("ACCESS_TOKEN_URL"),
        "user_info": api_root and api_root.rstrip("/") + look.declared["user_info_path"],
    }
    return urls[name]


@probe("lms.token_url")
def lms_to_token_url(look):
    url = url_of_app(look, "token")
    return reach(url) if url else None


@hop(
    "lms.reaches_app",
    "network",
    "The LMS reaches the app's token endpoint",
    ("lms.provider_settings",),
    "lms.token_url",
)
def lms_reaches_app(seen: Seen, facts: Facts) -> Verdict:
    """From inside the LMS the address in the provider row resolves to something that listens."""
    return lms_reaches(seen, facts)


@probe("lms.user_info_url")
def lms_to_user_info_url(look):
    url = url_of_app(look, "user_info")
    return reach(url) if url else None


@hop(
    "lms.reaches_user_info",
    "network",
    "The LMS reaches the app's user info",
    ("lms.provider_settings",),
    "lms.user_info_url",
)
def lms_reaches_user_info(seen: Seen, facts: Facts) -> Verdict:
    """From inside the LMS the API root in the provider row resolves to something that listens."""
    return lms_reaches(seen, facts)


def lms_reaches(seen: Seen, facts: Facts) -> Verdict:
    if is_down(seen, facts, "app"):
        return follows("browser.reaches_app")
    declared = {host_of(seen.declared["access_token_url"]), host_of(seen.declared["api_root"])}
    if host_of(facts["url"]) not in declared and seen.declared.get("discovery_url"):
        fix = (
            f"The app's discovery document names this address, which is not the declared one. {APP_ROLE} By hand: in "
            f"MITx Online MITXONLINE_DOCKER_BASE_URL in {seen.dotenv} decides, then {seen.app_side.reread}."
        )
        return reached("from inside the LMS", facts, fix, fix)
    return reached(
        "from inside the LMS",
        facts,
        f"{SETTINGS_ROLE} By hand: {seen.lms_side.map_host(facts['host'])}.",
        published(seen.app_side),
    )


@probe("lms.proxy")
def look_for_a_proxy_of_the_lms(look):
    return by_proxy(look.found["user_info_url"]["url"]) if look.reached("user_info_url") else None


@hop("lms.proxy", "network", "No proxy stands between the LMS and the app", ("lms.reaches_user_info",))
def lms_proxy(seen: Seen, facts: Facts) -> Verdict:
    """The LMS's requests follow its environment, and a proxy knows no names of this machine."""
    return directly(seen.lms_side, facts)


@probe("lms.secret")
def try_client_of_lms(look):
    if not look.reached("token_url"):
        return None
    row, secret = look.found["provider"], look.private.get("client_secret")
    uri = look.declared["complete_uris"][0]
    answer = try_client(look.found["token_url"]["url"], row["client_id"], secret, uri)
    return dict(answer, source=row["source"], hashed=looks_hashed(secret))


@hop(
    "lms.secret",
    "lms",
    "The app accepts the LMS's client secret",
    ("lms.reaches_app",),
    after=("app.database", "app.application"),
)
def lms_secret(seen: Seen, facts: Facts) -> Verdict:
    """The LMS can redeem codes at the app with the client id and secret that it uses."""
    if facts["hashed"]:
        cause = f"the secret in {facts['source']} is a password hash: all that configure_instance and the admin show"
    elif facts["source"] is None:
        cause = "the LMS has no client secret, neither in the provider row nor in SOCIAL_AUTH_OAUTH_SECRETS"
    else:
        cause = f"the client id or the secret (from {facts['source']}) is not the app's"
    return credentials(
        seen,
        "app",
        facts,
        f"The app accepts the client secret from {facts['source']}",
        failed(
            f"The app refuses the LMS: {cause}.",
            f"Register in the app the client that {seen.dotenv} has (OPENEDX_SSO_CLIENT_ID, OPENEDX_SSO_CLIENT_SECRET, "
            "OPENEDX_SSO_REDIRECT_URI), or restart it if it reads them there."
            if seen.app_side.kind == "none"
            else f"{BOTH_ROLES}secret.",
        ),
    )


@probe("lms.user_info")
def ask_for_user_info(look):
    if not look.reached("user_info_url"):
        return None
    return anonymous(fetch(look.found["user_info_url"]["url"], headers=JSON), look.declared)


@hop("lms.user_info", "lms", "The app's user info answers the LMS", ("lms.reaches_user_info",), after=("app.database",))
def lms_user_info(seen: Seen, facts: Facts) -> Verdict:
    """Where the LMS asks who logged in, the app answers: without a token nobody, with status 200, or that it wants one.

    The endpoint of MITx Online's discovery document refuses a person without a name at Open edX instead: 409.
    """
    if facts["status"] == 409 and "edx_username" in facts["text"]:
        return ok(f"{facts['url']} answers, and wants somebody with an edx_username")
    if wants_a_token(facts):
        return ok(f"{facts['url']} answers, and wants a token")
    if facts["status"] == 200 and facts.get("field") in (facts.get("keys") or []) and not facts["username"]:
        return ok(f"{facts['url']} answers, anonymously")
    return unexpected(
        seen,
        "app",
        facts,
        failed(
            f"{answered(facts)}; expected was a JSON answer about nobody, or that it wants a token (401, 403).",
            "See that API_ROOT is the address of the app and nothing else answers there, and that "
            "mit_app_user_info_path is where it says who a token belongs to.",
        ),
    )
