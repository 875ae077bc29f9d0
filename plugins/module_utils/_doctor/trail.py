# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The trail of a login: which of its requests went wrong first, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Callable
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import (
    APP_ROLE,
    PROVIDER_ROLE,
    SETTINGS_ROLE,
    answered,
    sentence,
    well_known,
)

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict

REGISTRATION, COMPLETE, LMS_AUTHORIZE, LMS_TOKEN = (
    "/user_api/v1/account/registration/",
    "/auth/complete/",
    "/oauth2/authorize",
    "/oauth2/access_token",
)


def culprit(seen: Seen, requests: list[Facts], elsewhere: Callable[[Seen, Facts], Verdict | None]) -> Verdict | None:
    """The first request of a login that went wrong, and why.

    :param elsewhere: judges a request to a third place that was not answered.
    """
    lms, app = host_of(seen.declared["lms_base_url"]), host_of(seen.declared["base_url"])
    for step in requests:
        host = host_of(step["url"])
        if "error" in step:
            if host not in (lms, app):
                return elsewhere(seen, step)
            return failed(f"{step['url']} does not answer ({step['error']}).", "See the network hops above.")
        verdict = at_lms(seen, step) if host == lms else at_app(seen, step) if host == app else None
        if verdict is None and step["status"] >= 500:
            verdict = failed(answered(step), sentence(f"read {log_of(seen, step)}"))
        if verdict is not None:
            return verdict
    return None


def log_of(seen: Seen, step: Facts) -> str:
    """The log of what answered a request."""
    logs = {
        host_of(seen.declared["lms_base_url"]): seen.lms_side.log,
        host_of(seen.declared["base_url"]): seen.app_side.log,
    }
    return logs.get(host_of(step["url"]), f"the log of what serves {host_of(step['url'])}")


def out_of_reach(seen: Seen, step: Facts) -> Verdict:
    """Of the app's own requests: it follows them from where it runs, and can be told to end elsewhere."""
    ends = ((seen.facts("app.settings") or {}).get("values") or {}).get("OPENEDX_SOCIAL_LOGIN_PATH") or ""
    return failed(
        f"The login leads to {step['url']}, which cannot be reached from there ({step['error']}).",
        sentence(seen.app_side.map_host(urlsplit(step["url"]).hostname or ""))
        if "next=" in ends
        else f"{APP_ROLE} The app's login then ends at the LMS itself (&next= in OPENEDX_SOCIAL_LOGIN_PATH).",
    )


def not_served(seen: Seen, step: Facts) -> Verdict | None:
    """Of a browser's requests. A form to register means that the LMS does not know the user."""
    if asks_to_register(step):
        return None
    return failed(f"The login leads to {step['url']}: {step['error']}.", out_of_sight(seen, step))


def asks_to_register(step: Facts) -> bool:
    """Whether a page is the form of the LMS, or of its micro-frontend, for people whom it does not know."""
    return "/register" in urlsplit(step["url"]).path


def out_of_sight(seen: Seen, step: Facts) -> str:
    """The fix where a browser's way leads to a third place, which this machine does not reach."""
    host, lms = urlsplit(step["url"]).hostname, urlsplit(seen.declared["lms_base_url"]).hostname
    start = f"start what serves {host_of(step['url'])}"
    if host == f"apps.{lms}":
        start = seen.lms_side.start_micro_frontends
    elif seen.declared["api_gateway"]:
        start = seen.app_side.start
    if step.get("kind") == "name":
        return f"{sentence(start)} Before that, add this line to /etc/hosts of this machine: 127.0.0.1 {host}"
    return sentence(start)


def at_lms(seen: Seen, step: Facts) -> Verdict | None:
    path, status, location = urlsplit(step["url"]).path, step["status"], step.get("location", "")
    leads_to = urlsplit(location).path if host_of(location) == host_of(step["url"]) else ""
    if path == REGISTRATION and status != 200:
        return registration(seen, step)
    if path.startswith("/auth/login/") and status >= 400:
        return failed(answered(step), "See the hop browser.authorize.")
    if path.startswith(COMPLETE) and leads_to.startswith("/login"):
        return kept_out(seen) or failed(
            f"The LMS got the code but not the user, and went to {location}.",
            "It could not redeem the code or read the user info: see lms.secret, lms.reaches_app and "
            "lms.user_info. If they are ok, the LMS has "
            "an inactive account of the same e-mail, or the registry is stale (lms.registry).",
        )
    if status == 403:
        return failed(
            f"{answered(step)}.",
            "The account in the LMS has no usable password ('disabled'): set one in the LMS's admin.",
        )
    if path.rstrip("/") == LMS_AUTHORIZE and status >= 400:
        return failed(
            f"The LMS refuses the app's request: {answered(step)}.",
            f"Client id or redirect URI are not those of the LMS. {PROVIDER_ROLE}",
        )
    if path.rstrip("/") == LMS_AUTHORIZE and "/login" in leads_to:
        return failed(
            f"After the login the LMS does not know the user: it went to {location}.",
            "The session cookie was lost: see app.cookie_domain.",
        )
    if path.rstrip("/") == LMS_TOKEN and status >= 400:
        return failed(f"The LMS refuses to redeem the code: {answered(step)}.", "See the hop app.client.")
    return None


INVALID_TOKEN = "tpa-invalid-access-token"
UNAUTHORIZED = "Unauthorized email address"
ALLOWED_EMAIL = 'Give the temporary test user an address that is allowed (sso_doctor_email: "{user}@allowed.example").'
#: What a refused registration says, why it was refused, and the fix.
REFUSALS = (
    (
        INVALID_TOKEN,
        "it got no user by the token: it could not ask the app for them, or a step of its login pipeline refused them",
        "See the hops lms.reaches_user_info and lms.user_info. If they are ok, read {log}.",
    ),
    (
        "creation not allowed",
        "it allows no new accounts (ALLOW_PUBLIC_ACCOUNT_CREATION)",
        f"{SETTINGS_ROLE} If it stays so, see lms.settings and lms.site_configuration.",
    ),
    (
        "Third party authentication is required",
        "it wants people to come through its login page (ENABLE_REQUIRE_THIRD_PARTY_AUTH), and an app registers them",
        "Set ENABLE_REQUIRE_THIRD_PARTY_AUTH = False in the LMS's settings.",
    ),
    (
        "cache is unavailable",
        "its cache keeps nothing",
        "See the hop lms.cache; if that is ok, the running server has another cache.",
    ),
    (
        UNAUTHORIZED,
        "it allows other e-mail addresses only (REGISTRATION_EMAIL_PATTERNS_ALLOWED)",
        ALLOWED_EMAIL,
    ),
    (
        "forbidden-request",
        "registrations per address are limited, and all of an app come from one",
        "Raise REGISTRATION_RATELIMIT in the LMS's settings (the role edx_private_settings does).",
    ),
    (
        '"password": [{"user_message": "This field is required."}]',
        "it does not ask the app who the user is, because ENABLE_THIRD_PARTY_AUTH is off",
        "See the hops lms.third_party_auth and lms.site_configuration.",
    ),
)


def kept_out(seen: Seen) -> Verdict | None:
    """Whether lists of the login backend leave the temporary test user out; social-core says only AuthForbidden."""
    lists = (seen.facts("lms.whitelists") or {}).get("refusing") or {}
    if not lists:
        return None
    told = " and ".join(f"{name} ({', '.join(values)})" for name, values in lists.items())
    return failed(
        f"The LMS lets only some e-mail addresses of the app log in: {told}.",
        f"{ALLOWED_EMAIL} Or take {' and '.join(lists)} out of the LMS's settings. {sentence(seen.lms_side.restart)}",
    )


def registration(seen: Seen, step: Facts) -> Verdict:
    status, text = step["status"], step.get("text", "")
    if INVALID_TOKEN in text and (verdict := kept_out(seen)):
        return verdict
    for sign, why, fix in REFUSALS:
        if sign in text:
            return failed(
                f"The LMS refused the registration ({status}): {why}.", fix.replace("{log}", seen.lms_side.log)
            )
    wrong = [f"{name}: {told}" for name, told in complaints(text).items()] if status == 400 else []
    if wrong:
        return failed(
            f"The LMS refused the registration (400): {'; '.join(wrong)}.",
            "Where a field is named that the app does not send, make it optional in the LMS: "
            "REGISTRATION_EXTRA_FIELDS in its settings or in the site configuration.",
        )
    return well_known(step) or failed(
        f"The LMS refused the registration: {answered(step)}.", sentence(f"read {seen.lms_side.log}")
    )


def complaints(text: str) -> dict[str, str]:
    """The fields of a form that the LMS complains about, with what it says."""
    try:
        body = json.loads(text)
        return {
            name: " ".join(error["user_message"] for error in errors)
            for name, errors in body.items()
            if isinstance(errors, list)
        }
    except (ValueError, AttributeError, KeyError, TypeError):
        return {}


def refused(seen: Seen, why: str) -> Verdict:
    """What the app sends the LMS instead of a code, in the words of OAuth2."""
    if why.startswith("invalid_scope"):
        fix = (
            "Take SCOPE out of the other settings of the provider row, or give in mit_app_scopes what the app has. "
            f"{PROVIDER_ROLE}"
        )
    elif why.startswith("invalid_request"):
        fix = (
            "Where it misses a code challenge, switch PKCE_REQUIRED off in OAUTH2_PROVIDER of the app's settings: the "
            f"LMS sends none. Else {seen.app_side.log} says what it misses."
        )
    elif why.startswith(("server_error", "temporarily_unavailable")):
        fix = sentence(f"read {seen.app_side.log}")
    else:
        fix = f"Compare the application of the LMS in the app's admin with what is declared. {APP_ROLE}"
    return failed(f"The app gives the LMS no code: {why}.", fix)


def at_app(seen: Seen, step: Facts) -> Verdict | None:
    status, location = step["status"], step.get("location", "")
    if "refused" in step:
        return refused(seen, step["refused"])
    authorize = urlsplit(seen.declared["authorization_url"]).path.rstrip("/")
    if not urlsplit(step["url"]).path.startswith(authorize):
        return None
    if status == 400 or status >= 500:
        return failed(
            f"The app refuses the request of the LMS: {answered(step)}.",
            f"Client id or redirect URI are not the app's. {APP_ROLE}",
        )
    # A redirect that only mends the address, such as one that adds the slash, leads nowhere else.
    if COMPLETE not in location and status == 302 and step["url"].rstrip("/") != location.rstrip("/"):
        return failed(
            f"The app does not know the user who comes from the LMS and sends them to {location}.",
            "The session cookie does not reach the app: its base URL must be the address that the LMS's provider "
            "row names.",
        )
    return None
