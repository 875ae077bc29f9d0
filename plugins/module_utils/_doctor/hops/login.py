# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of a whole login: the app registers a temporary test user, who then comes with a browser."""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import (
    failed,
    follows,
    hop,
    ok,
    probe,
    skipped,
    warning,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops.browser import login_url, step_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops.network import lms_of_the_app
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import Deadline
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.recorder import recorded
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.temporary_user import (
    email_of,
    find_users,
    remove_users,
    start_session,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.trail import (
    asks_to_register,
    culprit,
    log_of,
    not_served,
    out_of_reach,
    out_of_sight,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import JSON, fetch
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import PROVIDER_ROLE, answered, sentence

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict

#: Hops whose failure shows in a login, too.
WAY = (
    "browser.reaches_app",
    "app.database",
    "app.settings",
    "app.cookie_domain",
    "app.application",
    "lms.database",
    "lms.cache",
    "lms.host",
    "lms.cookies",
    "lms.third_party_auth",
    "lms.site_configuration",
    "lms.application",
    "lms.backend",
    "lms.provider",
    "lms.provider_settings",
    "lms.reaches_app",
    "lms.reaches_user_info",
    "app.proxy",
    "lms.proxy",
    "lms.secret",
    "lms.user_info",
    "app.client",
    "browser.authorize",
)


# -- the app registers the user ----------------------------------------------------------------------------------------


@probe("app.user", part="login")
def register_user(look):
    """A user with a session, as after a login in the app, taken through the app's own registration at the LMS."""
    if look.declared["api"] and not look.reached("lms"):
        return None
    from django.conf import settings
    from django.contrib.auth import get_user_model

    name, api_module = look.request["user"], look.declared["api_module"]
    remove_users(name)
    token = look.setting("MITOL_HUBSPOT_API_PRIVATE_TOKEN")
    settings.MITOL_HUBSPOT_API_PRIVATE_TOKEN = None  # nobody's customer: only this process forgets the token
    try:
        model = get_user_model()
        columns = {field.name for field in model._meta.concrete_fields}
        extra = {"name": "SSO Check"} if "name" in columns else {}
        user = model.objects.create_user(name, email=email_of(look.request), password=None, is_active=True, **extra)
        address = getattr(user, "legal_address", None)
        if address is not None and not address.country:
            address.country = "US"  # Open edX asks for a country, unless the form hides it
            address.save()
        cookie, cookies = start_session(user), look.handover.setdefault("cookies", [])
        cookies.append(cookie)
        found = {"username": name, "requests": []}
        if api_module:
            found.update(register(user, api_module, lms_of_the_app(look), cookies))
        look.handover["cookie"] = cookie
        return found
    finally:
        settings.MITOL_HUBSPOT_API_PRIVATE_TOKEN = token


def register(user, api_module, lms, cookies):
    """Run the app's own registration and token dance. Only an access token stored for the user means success."""
    from django.apps import apps

    label = api_module.split(".")[0]
    with recorded(cookies) as requests:
        try:
            importlib.import_module(api_module).create_user(user)
            error = None
        except (Exception, Deadline) as caught:
            error = "%s: %s" % (type(caught).__name__, caught)
    user = type(user).objects.get(pk=user.pk)
    stored = apps.get_model(label, "OpenEdxApiAuth").objects.filter(user=user).first()
    found = {
        "requests": requests,
        "failure": error,
        "authorized": bool(stored and stored.access_token),
        "username": user.username,
    }
    if found["authorized"]:
        found["used"] = use(lms, stored.access_token)
    with contextlib.suppress(LookupError):
        other = apps.get_model(label, "OpenEdxUser").objects.filter(user=user).first()
        if other is not None:
            found.update(username=other.edx_username, refused=other.sync_error_data)
    return found


def use(lms, token):
    """Ask the LMS who somebody is by their own token, as the app does when it acts for them."""
    answer = fetch(lms + "/api/user/v1/me", headers={**JSON, "Authorization": "Bearer " + token})
    body = answer.pop("json", None)
    said = body if isinstance(body, dict) else {}
    return dict(answer, username=said.get("username"), code=said.get("error_code"))


@hop(
    "login.app",
    "app",
    "The app registers a user at the LMS",
    ("app.reaches_lms", "app.application"),
    "app.user",
    "login",
    WAY,
)
def login_app(seen: Seen, facts: Facts) -> Verdict:
    """A temporary test user is registered at the LMS by the app's own code, which then obtains tokens for them."""
    if not seen.declared["api_module"]:
        return skipped("the app registers nobody at the LMS (api_module is empty)")
    if facts["authorized"]:
        return ok(f"A temporary test user was registered and got tokens ({len(facts['requests'])} requests)")
    verdict = culprit(seen, facts["requests"], out_of_reach)
    if verdict is not None:
        return verdict
    why = facts["failure"] or (
        f"the LMS refused the registration: {facts['refused']}"
        if facts.get("refused")
        else "no access token was stored"
    )
    return failed(f"{seen.declared['api_module']}.create_user: {why}.", sentence(f"read {seen.app_side.log}"))


# -- the user comes with a browser -------------------------------------------------------------------------------------


@hop("login.token", "app", "The token of that user works at the LMS", ("login.app",), "app.user", "login")
def login_token(seen: Seen, facts: Facts) -> Verdict:
    """What the app does for a learner, such as an enrollment, it does with the token that it got for them."""
    used = facts.get("used")
    if used is None:
        return skipped("the app got no token")
    if used["username"] == facts["username"]:
        return ok("The LMS takes the token of the temporary test user for theirs")
    if used["code"] == "token_expired":
        return failed(
            "The LMS gave the user a token that had expired at its birth.",
            f"See lms.application, and that the clocks of both sides agree. {sentence(f'read {seen.lms_side.log}')}",
        )
    return failed(
        f"The LMS does not take the token that it gave the user: {answered(used)}.",
        sentence(f"read {seen.lms_side.log}"),
    )


@probe("browser.login", part="login")
def walk_through_login(look):
    """Follow a login to its end, noting each step, then ask the LMS who is logged in."""
    cookie, person = look.request["cookie"], look.private.get("person")
    if not cookie or person is None or not look.reached("app"):
        return None
    person.keep(cookie, look.declared["base_url"])
    steps = [step_of(answer) for answer in person.walk(login_url(look))]
    me = person.fetch(look.declared["lms_base_url"] + "/api/user/v1/me", JSON)
    body = me.get("json")
    return {"requests": steps, "username": body.get("username") if isinstance(body, dict) else None}


@hop(
    "login.browser",
    "browser",
    "A user logs in at the LMS through the app",
    ("browser.authorize", "browser.app"),
    "browser.login",
    "login",
    (*WAY, "login.app"),
)
def login_browser(seen: Seen, facts: Facts) -> Verdict:
    """The whole way of a browser: LMS, app, LMS, and at its end the LMS knows the user."""
    user = seen.facts("app.user") or {}
    last = facts["requests"][-1]
    if facts["username"] and facts["username"] == user.get("username"):
        if "error" in last or last["status"] >= 500:
            return warning(
                f"The user is logged in, but the way ended with: {answered(last)}.",
                out_of_sight(seen, last) if "error" in last else sentence(f"read {log_of(seen, last)}"),
            )
        return ok(f"A temporary test user logged in through the app ({len(facts['requests'])} steps)")
    if facts["username"]:
        return failed(
            f"The LMS takes the user {user.get('username')} for {facts['username']}.",
            "Give each app a backend name of its own.",
        )
    verdict = culprit(seen, facts["requests"], not_served)
    if verdict is None and asks_to_register(last) and not seen.declared["api_module"]:
        if "error" in last:
            return warning(
                f"The LMS accepts the login and asks the new user to register at {last['url']}: {last['error']}.",
                out_of_sight(seen, last),
            )
        return ok("The LMS accepts the login and asks the new user to register")
    if verdict is None and asks_to_register(last) and not user.get("authorized"):
        return follows("login.app")
    return verdict or failed(
        f"The way ended at {answered(last)}, and nobody is logged in.", sentence(f"read {seen.lms_side.log}")
    )


# -- the LMS remembers the user ----------------------------------------------------------------------------------------


@probe("lms.linked", part="login")
def find_link(look):
    """Whether the login linked the user of the LMS to the user of the app."""
    from django.apps import apps

    name = look.request["user"]
    users = [user for user in find_users(name) if user.username == name or user.email.startswith(name)]
    links = apps.get_model("social_django", "UserSocialAuth").objects.filter(
        provider=look.declared["backend_name"], user__in=users
    )
    return {"exists": bool(users), "linked": links.exists()}


@hop(
    "login.linked",
    "lms",
    "The LMS linked the user to the app",
    ("lms.database", "login.app"),
    "lms.linked",
    "login",
    ("lms.registry",),
)
def login_linked(seen: Seen, facts: Facts) -> Verdict:
    """The LMS remembers the user by the backend, so that the next login finds the same account."""
    backend = seen.declared["backend_name"]
    if not facts["exists"]:
        return failed("The LMS has no account of the temporary test user.", "See the hop login.app.")
    if not facts["linked"]:
        return failed(
            f"The account in the LMS is not linked to {backend}: the registry did not see the provider.",
            f"{PROVIDER_ROLE} {sentence(seen.lms_side.restart)}",
        )
    return ok(f"The account in the LMS is linked to {backend}")
