# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops inside the LMS: its settings, its Site and its row for the app."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import port_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.applications import application, find_applications
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe, skipped, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import (
    PROVIDER_ROLE,
    SETTINGS_ROLE,
    differs,
    sentence,
)

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
        "path": look.setting("SESSION_COOKIE_PATH") or "/",
        "redirect_is_https": bool(look.setting("SOCIAL_AUTH_REDIRECT_IS_HTTPS")),
        "reads_scheme": bool(look.setting("SECURE_PROXY_SSL_HEADER")),
    }


@hop("lms.host", "lms", "The LMS takes the declared address for its own", ("lms.starts",), "lms.addresses")
def lms_host(seen: Seen, facts: Facts) -> Verdict:
    """Where the LMS leads people and for which host its session cookie is; both come from Tutor's LMS_HOST."""
    declared, own, domain = seen.declared["lms_base_url"], facts["root"], facts["domain"]
    parts = urlsplit(declared)
    wanted, side = parts.hostname or "", seen.lms_side
    fix = f"{sentence(side.set_host(wanted))} {sentence(side.restart)} Or correct edx_lms_base_url."
    if own and urlsplit(own).hostname != wanted:
        return failed(f"The LMS takes {own} for its own address, which is not {declared}.", fix)
    if own and urlsplit(own).scheme != parts.scheme:
        is_https = parts.scheme == "https"
        proxy = ", as when a proxy in front of it ends TLS" if is_https else ""
        return failed(
            f"The LMS takes {own} for its own address, and people come to it by {parts.scheme}{proxy}: "
            f"{differs(declared, own)}.",
            f"{sentence(side.set_https(is_https))} {sentence(side.restart)} Or correct edx_lms_base_url.",
        )
    if domain and not of_domain(wanted, domain):
        return failed(
            f"The LMS's session cookie is for {domain}, so browsers drop it at {wanted} and nobody stays logged in.",
            fix,
        )
    if parts.scheme == "https" and not facts["redirect_is_https"] and not facts["reads_scheme"]:
        return failed(
            "What ends TLS in front of the LMS speaks http to it, and the LMS does not read what that says of people's "
            "requests (SECURE_PROXY_SSL_HEADER is not set), so that it has them come back from a login by http.",
            'Set SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") in the LMS\'s settings, and have the '
            f"proxy send the header X-Forwarded-Proto: https. {sentence(side.restart)}",
        )
    if facts["redirect_is_https"] and parts.scheme == "http":
        return failed(
            "The LMS lets people come back from a login by https (SOCIAL_AUTH_REDIRECT_IS_HTTPS), but its address is "
            "http.",
            f"Set SOCIAL_AUTH_REDIRECT_IS_HTTPS = False in the LMS's settings, or use https. {sentence(side.restart)}",
        )
    if own and port_of(own) != port_of(declared):
        return warning(
            f"The LMS takes {own} for its own address, and people come to {declared}: links in its pages and e-mails "
            f"lead elsewhere; {differs(declared, own)}.",
            f"Set LMS_ROOT_URL to {declared} in the LMS's settings. {sentence(side.restart)} Or correct "
            "edx_lms_base_url.",
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
    if facts["path"] != "/":
        return failed(
            f"The LMS's session cookie is for the path {facts['path']} only: elsewhere nobody is logged in.",
            f'Set SESSION_COOKIE_PATH = "/" in the LMS\'s settings. {restart}',
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
VITAL = ("AUTHENTICATION_BACKENDS", "ALLOW_PUBLIC_ACCOUNT_CREATION", "ENABLE_THIRD_PARTY_AUTH")


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
    told = "; ".join(facts["differs"].values())
    judge = failed if any(name in told for name in VITAL) else warning
    return judge(
        f"Replaced after {facts['package']} had set them: {told}.",
        f"Take {', '.join(facts['differs'])} out of what is read later: lines below the collection's block in "
        f"private.py, or another Tutor plugin. {sentence(seen.lms_side.restart)}",
    )


# -- third-party authentication ----------------------------------------------------------------------------------------

THIRD_PARTY_AUTH = "ENABLE_THIRD_PARTY_AUTH"


@probe("lms.third_party_auth")
def find_third_party_auth(look):
    """Flat and in FEATURES: which of the two counts differs between releases."""
    features = look.setting("FEATURES")
    return {
        "flat": truth(look.setting(THIRD_PARTY_AUTH)),
        "features": truth(features.get(THIRD_PARTY_AUTH)) if hasattr(features, "get") else None,
    }


def truth(value):
    return None if value is None else bool(value)


@hop(
    "lms.third_party_auth",
    "lms",
    "Logging in through others is switched on",
    ("lms.starts",),
    after=("lms.settings",),
)
def lms_third_party_auth(seen: Seen, facts: Facts) -> Verdict:
    """Without ENABLE_THIRD_PARTY_AUTH the LMS has no address below /auth/, however often it is restarted."""
    on = {facts["flat"], facts["features"]} - {None}
    is_404 = (seen.facts("browser.authorize") or {}).get("status") == 404
    if True in on and not (False in on and is_404):
        return ok(f"{THIRD_PARTY_AUTH} is on")
    return failed(
        f"{THIRD_PARTY_AUTH} is off in the LMS's settings: every login through another system is a 404.",
        f"{SETTINGS_ROLE} By hand: set it to true below FEATURES in the LMS's YAML file (with Tutor: the patch "
        f"lms-env-features). {sentence(seen.lms_side.restart)}",
    )


@probe("lms.registration", part="login")
def find_registration(look):
    """Which e-mail addresses may register, for the temporary test user to have one of them."""
    return {"patterns": look.setting("REGISTRATION_EMAIL_PATTERNS_ALLOWED")}


# -- its rows, and its login backend -----------------------------------------------------------------------------------


@probe("lms.site")
def find_site(look):
    from django.contrib.sites.models import Site

    row = Site.objects.filter(domain__iexact=look.declared["lms_site"]).order_by("pk").first()
    domains = list(Site.objects.order_by("pk").values_list("domain", flat=True)[:20])
    return {"id": row and row.pk, "domains": domains, "default": look.setting("SITE_ID")}


@hop("lms.site", "lms", "The LMS has the Site of its address", ("lms.database",))
def lms_site(seen: Seen, facts: Facts) -> Verdict:
    """A request's Host header, port included, selects this Site; else the default one counts, where no provider is."""
    if facts["id"] is None:
        return failed(
            f"No Site has the domain {seen.declared['lms_site']}; there are {', '.join(facts['domains'])}.",
            PROVIDER_ROLE,
        )
    return ok(f"Site {seen.declared['lms_site']} (id {facts['id']})")


# Settings that an integration relies on, of those that the LMS looks up in the configuration of the Site first.
OF_SITE = (
    "ALLOW_PUBLIC_ACCOUNT_CREATION",
    THIRD_PARTY_AUTH,
    "LMS_ROOT_URL",
    "REGISTRATION_EXTRA_FIELDS",
    "SESSION_COOKIE_DOMAIN",
)


@probe("lms.site_configuration")
def find_site_configuration(look):
    """What the configuration of the Site that requests of the declared address have puts in the place of settings."""
    from django.apps import apps

    with contextlib.suppress(LookupError):
        site = look.found["site"].get("id") or look.setting("SITE_ID")
        rows = apps.get_model("site_configuration", "SiteConfiguration").objects.filter(site_id=site, enabled=True)
        row = rows.select_related("site").first()
        if row is not None:
            values = {name: row.site_values[name] for name in OF_SITE if name in (row.site_values or {})}
            return {"id": row.pk, "site": row.site.domain, "values": values}
    return {"values": {}}


@hop("lms.site_configuration", "lms", "No site configuration is in the way", ("lms.database",), after=("lms.site",))
def lms_site_configuration(seen: Seen, facts: Facts) -> Verdict:
    """Values of a Site's row in the table siteconfiguration win over the settings that the collection writes."""
    wrong = {
        name: why for name, value in facts["values"].items() if (why := trouble(name, value, seen.declared)) is not None
    }
    if not wrong:
        return ok("No site configuration is in the way")
    told = "; ".join(f"{name} is {json.dumps(facts['values'][name])}: {why}" for name, why in wrong.items())
    return failed(
        f"The site configuration of {facts['site']} wins over the settings: {told}.",
        f"Take {', '.join(wrong)} out of it in the LMS's admin "
        f"({seen.declared['lms_base_url']}/admin/site_configuration/siteconfiguration/{facts['id']}/change/). Running "
        f"servers see it after 5 minutes; or {seen.lms_side.restart}.",
    )


def trouble(name: str, value: Any, declared: Facts) -> str | None:
    """What a value of a site configuration does to a login; None where it does nothing."""
    host = urlsplit(declared["lms_base_url"]).hostname or ""
    if name == "ALLOW_PUBLIC_ACCOUNT_CREATION":
        return None if value else "the LMS makes no accounts"
    if name == THIRD_PARTY_AUTH:
        return None if value else "the LMS takes nobody's word but its own for who registers"
    if name == "REGISTRATION_EXTRA_FIELDS":
        fields = value.items() if isinstance(value, dict) else ()
        required = sorted(field for field, kind in fields if kind == "required" and field not in GIVEN)
        return f"the app does not send {', '.join(required)}" if required else None
    if name == "SESSION_COOKIE_DOMAIN":
        return None if not value or of_domain(host, str(value)) else f"browsers drop the session cookie at {host}"
    return None if urlsplit(str(value)).hostname == host else f"the LMS leads people away from {host}"


# What the apps send with a registration.
GIVEN = ("country", "honor_code", "terms_of_service")


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


@hop("lms.application", "lms", "The LMS knows the app as an OAuth2 client", ("lms.database",))
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
