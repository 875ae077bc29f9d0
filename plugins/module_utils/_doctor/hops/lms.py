# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops inside the LMS: its settings, its Site and its row for the app."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.applications import application, find_applications
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe, skipped, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import PROVIDER_ROLE, SETTINGS_ROLE, sentence

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict


# -- its address and its cookie ----------------------------------------------------------------------------------------


@probe("lms.addresses")
def find_addresses(look):
    """What the LMS takes for its own address, and for whom its session cookie is."""
    return {
        "root": look.setting("LMS_ROOT_URL"),
        "name": look.setting("SESSION_COOKIE_NAME"),
        "domain": look.setting("SESSION_COOKIE_DOMAIN"),
        "secure": look.setting("SESSION_COOKIE_SECURE"),
        "samesite": look.setting("SESSION_COOKIE_SAMESITE") or None,
    }


@hop("lms.host", "lms", "The LMS takes the declared address for its own", ("lms.starts",), "lms.addresses")
def lms_host(seen: Seen, facts: Facts) -> Verdict:
    """Where the LMS leads people and for which host its session cookie is; both come from Tutor's LMS_HOST."""
    wanted, own, domain = urlsplit(seen.declared["lms_base_url"]).hostname or "", facts["root"], facts["domain"]
    side = seen.lms_side
    fix = f"{sentence(side.set_host(wanted))} {sentence(side.restart)} Or correct edx_lms_base_url."
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


@probe("app.cookie")
def find_cookie_of_app(look):
    return {"name": look.setting("SESSION_COOKIE_NAME"), "domain": look.setting("SESSION_COOKIE_DOMAIN")}


@hop("lms.cookies", "lms", "Browsers keep and tell apart the session cookies", ("lms.starts",), "lms.addresses")
def lms_cookies(seen: Seen, facts: Facts) -> Verdict:
    """The LMS's session cookie suits the scheme of its address, and the app has none of the same name beside it."""
    lms, app = urlsplit(seen.declared["lms_base_url"]), urlsplit(seen.declared["base_url"])
    restart = sentence(seen.lms_side.restart)
    if lms.scheme == "http" and facts["secure"]:
        return failed(
            "SESSION_COOKIE_SECURE is on, but the LMS's address begins with http: the session is never sent back.",
            f"Set SESSION_COOKIE_SECURE = False in the LMS's settings, or use https. {restart}",
        )
    if (facts["samesite"] or "").lower() == "none" and not facts["secure"]:
        return failed(
            "The LMS's session cookie is SameSite=None without Secure: browsers drop it, and nobody is logged in.",
            f'Set SESSION_COOKIE_SAMESITE = "Lax" in the LMS\'s settings, or use https. {restart}',
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
            f"{restart}",
        )
    return ok(f"Browsers keep the LMS's session cookie {facts['name']}")


# -- the settings of the collection ------------------------------------------------------------------------------------

# Without these nobody is registered or logged in; the others are a matter of comfort.
VITAL = ("AUTHENTICATION_BACKENDS", "ALLOW_PUBLIC_ACCOUNT_CREATION")


@probe("lms.settings")
def find_settings(look):
    """What the collection's package of settings would still change, had it the last word: nothing, when all is well."""
    from django.conf import settings

    package = next(
        (
            module
            for name, module in sorted(sys.modules.items())
            if name.endswith(".mit_apps") and hasattr(module, "configure")
        ),
        None,
    )
    if package is None:
        return {"package": None, "differs": {}}

    found = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    wanted = dict(found)
    if "FEATURES" in found:
        # The only one that is changed in place: here in copies.
        found["FEATURES"], wanted["FEATURES"] = dict(found["FEATURES"]), dict(found["FEATURES"])
    package.configure(wanted)
    # Where anonymous people are sent is another matter, and judged by where they end.
    changed = [name for name in wanted if not name.startswith("MITX_") and found.get(name) != wanted[name]]
    return {
        "package": package.__name__,
        "differs": {name: difference(name, found.get(name), wanted[name]) for name in changed},
    }


def difference(name, found, wanted):
    """How a setting differs, in words; of a list and a dictionary only what is lacking in it."""
    if isinstance(wanted, dict):
        there = found or {}
        parts = [difference(key, there.get(key), value) for key, value in wanted.items() if there.get(key) != value]
        return "%s: %s" % (name, ", ".join(parts))
    if isinstance(wanted, (list, tuple)):
        return "%s lacks %s" % (name, ", ".join(str(item) for item in wanted if item not in (found or [])))
    return "%s is %s, not %s" % (name, found, wanted)


@hop("lms.settings", "lms", "The settings of the collection are in force", ("lms.starts",))
def lms_settings(seen: Seen, facts: Facts) -> Verdict:
    """Nothing after them, such as a later line of private.py or another Tutor plugin, replaces what they set."""
    if not facts["package"]:
        return skipped("the LMS does not use the collection's settings (role edx_private_settings)")
    if not facts["differs"]:
        return ok(f"{facts['package']} is in force")
    judge = failed if any(name in VITAL for name in facts["differs"]) else warning
    return judge(
        f"Replaced after {facts['package']} had set them: {'; '.join(facts['differs'].values())}.",
        f"Take {', '.join(facts['differs'])} out of what is read later: lines below the collection's block in "
        f"private.py, or another Tutor plugin. {sentence(seen.lms_side.restart)}",
    )


# -- its rows, and its login backend -----------------------------------------------------------------------------------


@probe("lms.site")
def find_site(look):
    from django.contrib.sites.models import Site

    row = Site.objects.filter(domain__iexact=look.declared["lms_site"]).order_by("pk").first()
    domains = list(Site.objects.order_by("pk").values_list("domain", flat=True)[:20])
    return {"id": row and row.pk, "domains": domains, "default": look.setting("SITE_ID")}


@hop("lms.site", "lms", "The LMS has the Site of its address", ("lms.starts",))
def lms_site(seen: Seen, facts: Facts) -> Verdict:
    """A request's Host header, port included, selects this Site; else the default one counts, where no provider is."""
    if facts["id"] is None:
        return failed(
            f"No Site has the domain {seen.declared['lms_site']}; there are {', '.join(facts['domains'])}.",
            PROVIDER_ROLE,
        )
    return ok(f"Site {seen.declared['lms_site']} (id {facts['id']})")


@probe("lms.application")
def find_application(look):
    found = find_applications(look.declared["lms_application"])
    return dict(found, restricted=is_restricted(found["name"]))


def is_restricted(name):
    from django.apps import apps

    try:
        model = apps.get_model("oauth_dispatch", "RestrictedApplication")
    except LookupError:
        return False
    return model.objects.filter(application__name=name).exists()


@hop("lms.application", "lms", "The LMS knows the app as an OAuth2 client", ("lms.starts",))
def lms_application(seen: Seen, facts: Facts) -> Verdict:
    """The LMS gives the app tokens of its learners, at exactly the address at which the app waits for them."""
    wrong = application(facts, seen.declared["redirect_uris"], PROVIDER_ROLE)
    if wrong is None and facts["restricted"]:
        return failed(
            f"{facts['name']} is a restricted application: every token that the LMS makes for it has expired at birth.",
            f"Delete its row at {seen.declared['lms_base_url']}/admin/oauth_dispatch/restrictedapplication/.",
        )
    return wrong or ok(f"{facts['name']} lets codes go to {', '.join(seen.declared['redirect_uris'])}")


@probe("lms.backend")
def find_backends(look):
    from django.utils.module_loading import import_string

    found: dict = {"names": [], "errors": []}
    for path in look.setting("AUTHENTICATION_BACKENDS"):
        try:
            found["names"].append(getattr(import_string(path), "name", None))
        except ImportError as error:
            found["errors"].append("%s: %s" % (path, error))
    return found


@hop("lms.backend", "lms", "The login backend is in the settings", ("lms.starts",))
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
