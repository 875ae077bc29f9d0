# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of the provider row, by which the LMS knows the app as a place to log in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of, same
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.temporary_user import email_of
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import PROVIDER_ROLE, differs

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict


def provider_model():
    from django.apps import apps

    return apps.get_model("third_party_auth", "OAuth2ProviderConfig")


def newest(**where):
    # The order in which the LMS itself chooses; the admin's order decides between equals.
    return provider_model().objects.filter(**where).order_by("-change_date", "-pk").first()


@probe("lms.provider")
def find_provider(look):
    """The row that counts for the site and backend, and the rows on other sites. The secret stays in this process."""
    site, backend = look.found["site"].get("id"), look.declared["backend_name"]
    found: dict = {"others": []}
    for other in set(
        provider_model().objects.filter(backend_name=backend).exclude(site_id=site).values_list("site_id", flat=True)
    ):
        row = newest(backend_name=backend, site_id=other)
        if row.enabled:
            found["others"].append(row.site.domain)
    row = newest(backend_name=backend, site_id=site) if site else None
    if row is None:
        return dict(found, exists=False)
    in_settings = (look.setting("SOCIAL_AUTH_OAUTH_SECRETS") or {}).get(backend)
    look.private["client_secret"] = look.scrub.add(row.secret or in_settings)
    found.update(
        exists=True,
        enabled=row.enabled,
        client_id=row.key,
        slug=row.slug,
        changed=row.change_date.isoformat(),
        source="the provider row" if row.secret else "SOCIAL_AUTH_OAUTH_SECRETS" if in_settings else None,
    )
    try:
        found["other_settings"] = dict(json.loads(row.other_settings or "{}"))
    except (TypeError, ValueError) as error:
        found["unreadable"] = str(error)
    return found


@probe("lms.whitelists", part="login")
def find_whitelists(look):
    """The lists of e-mails and domains of the login backend that leave the temporary test user out, by their settings.

    One list is enough to be let in, and no list lets in everybody, as in auth_allowed of social-core.
    """
    email = email_of(look.request).lower()
    lists = dict(filter(None, (whitelist(look, name) for name in ("WHITELISTED_EMAILS", "WHITELISTED_DOMAINS"))))
    known = {entry.lower() for values in lists.values() for entry in values}
    return {"refusing": {} if known & {email, email.partition("@")[2]} else lists}


def whitelist(look, name):
    """A list of the backend, if there is one: of the provider row, or of the setting nearest to the backend."""
    row = (look.found.get("provider") or {}).get("other_settings") or {}
    if name in row:
        return ("%s in the other settings of the provider row" % name, row[name]) if row[name] else None
    backend = re.sub(r"\W", "_", look.declared["backend_name"]).upper()
    for setting in ("SOCIAL_AUTH_%s_%s" % (backend, name), "SOCIAL_AUTH_" + name, name):
        value = look.setting(setting)
        if value is not None:
            return (setting, list(value)) if value else None
    return None


@hop("lms.provider", "lms", "The provider row is enabled on the right Site", ("lms.site",))
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
            "If no other host name is meant, disable the other row in the LMS's admin; or name its Site in "
            "edx_former_sites and run the app's playbook again (role edx_oauth_provider).",
        )
    return ok(f"Provider row for {where} is enabled")


@hop("lms.provider_settings", "lms", "The provider row points at the app", ("lms.provider",), "lms.provider")
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
        if found.get(name) != value and not (name == "DISCOVERY_URL" and same(value, found.get(name)))
    ]
    wrong += [
        f"{name} is {found.get(name)}, not {value}"
        for name, value in declared["provider_settings"].items()
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


@probe("lms.registry")
def find_registry(look):
    """What running servers see: they share this process's cache, and ask it before the database."""
    from edx_django_utils.cache import TieredCache

    site, backend = look.found["site"].get("id"), look.declared["backend_name"]
    model = provider_model()
    found = {"names": list(model.key_values("backend_name", flat=True)), "row": True}
    cached = TieredCache.get_cached_response(model.cache_key_name(site, backend)) if site else None
    if cached is not None and cached.is_found:
        row = newest(backend_name=backend, site_id=site)
        found["row"] = cached.value.pk == (row and row.pk)
    return found


@hop("lms.registry", "lms", "Running servers see the provider", ("lms.provider", "lms.backend", "lms.cache"))
def lms_registry(seen: Seen, facts: Facts) -> Verdict:
    """The LMS caches which backends have rows; while that is stale, new people end at the login form."""
    fix = f"{PROVIDER_ROLE} By hand: wait 10 minutes, or clear the LMS's cache."
    if seen.declared["backend_name"] not in facts["names"]:
        return failed(f"The cached list of backends with a row is stale: it holds {facts['names']}.", fix)
    if not facts["row"]:
        return failed("Running servers have an older provider row in their cache than the database has.", fix)
    return ok("Running servers see the provider row")
