# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops inside the app: its settings and its row for the LMS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import same
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.applications import application, find_applications
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import (
    FAILED,
    Verdict,
    failed,
    hop,
    ok,
    probe,
    skipped,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import digest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import (
    APP_ROLE,
    BOTH_ROLES,
    differs,
    sentence,
)

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts

SETTINGS = (
    "OPENEDX_API_BASE_URL",
    "OPENEDX_API_CLIENT_ID",
    "OPENEDX_OAUTH_APP_NAME",
    "OPENEDX_OAUTH_PROVIDER",
    "OPENEDX_SERVICE_WORKER_USERNAME",
    "OPENEDX_SOCIAL_LOGIN_PATH",
    "SITE_BASE_URL",
)
#: What an app lacks that is not integrated, where no other hop explains that already.
PARTS = (
    "app.application",
    "app.links",
    "lms.third_party_auth",
    "lms.application",
    "lms.backend",
    "lms.provider",
    "lms.worker",
    "commands.sync",
)
SECRETS = ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")


@probe("app.settings")
def find_settings(look):
    """What the app runs with; of secrets the digests, for the machine and for the LMS."""
    look.handover["digests"] = {name: digest(look.scrub.add(in_force(look, name))) for name in SECRETS}
    # Of what is shown is hidden whatever reads like a secret, and so would differ from the .env.
    look.handover["running"] = {name: in_force(look, name) for name in SETTINGS}
    return {"values": look.handover["running"]}


def in_force(look, name):
    """A Django setting; of an app that has none of this name, what its process has in its environment."""
    value = look.setting(name)
    return os.environ.get(name) if value is None else value


# -- its settings ------------------------------------------------------------------------------------------------------


@probe("machine.env")
def compare_env(look):
    """Hold what the app runs with against its .env, where that file is at hand; secrets by their digests."""
    from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import REMOVED, read

    running, digests = look.request["running"], look.request["digests"]
    if running is None:
        return None
    path = Path(look.declared["dotenv"]).expanduser()
    there = path.is_file() and os.access(path, os.R_OK)
    values = {name: value for name, value in read(path).items() if value} if there else {}
    plain = [name for name in running if name in values and not same_url(values[name], running[name])]
    secret = [name for name in digests if name in values and digest(values[name]) != digests[name]]
    has = any(running.values()) or any(digests.values())
    client_id = running.get("OPENEDX_API_CLIENT_ID") or ""
    integrated = any(one not in (None, digest(REMOVED)) for one in (digest(client_id), *digests.values()))
    return {
        "there": there,
        "differs": sorted(plain + secret),
        "has": has,
        "integrated": integrated,
        "client_id": client_id,
    }


def same_url(one, other):
    # Apps take the last slash off.
    return same(one.rstrip("/"), (other or "").rstrip("/"))


@hop("app.env", "app", "The app runs with its .env", ("app.starts",), "machine.env")
def app_env(seen: Seen, facts: Facts) -> Verdict:
    """What the .env says has arrived in the app: the container is not older than the file, and nothing wins over it."""
    if not facts["there"]:
        return skipped(f"{seen.dotenv} cannot be read from here")
    if not facts["has"] and not seen.declared["api"]:
        return skipped(f"nothing of {seen.dotenv} is in the app's environment, and a login needs nothing of it")
    if facts["differs"]:
        return failed(
            f"The app runs with other values than {seen.dotenv} has: {', '.join(facts['differs'])}.",
            f"{sentence(seen.app_side.reread)} If it stays so, {seen.app_side.env_wins}.",
        )
    if not facts["integrated"] and (facts["client_id"] or seen.declared["api"]):
        left = "no credentials"
        if facts["client_id"]:
            left = f"OPENEDX_API_CLIENT_ID={facts['client_id']}, as after a removal"
        return Verdict(
            FAILED,
            f"The app is not integrated with this LMS: {seen.dotenv} has {left}.",
            "Run the app's playbook; or take the app out of the inventory, if it was removed for good.",
            explains=PARTS,
        )
    return ok(f"The app runs with the values of {seen.dotenv}")


@hop("app.settings", "app", "The app runs with the declared settings", ("app.starts",), after=("app.env",))
def app_settings(seen: Seen, facts: Facts) -> Verdict:
    """What the running app was started with is what the inventory declares, whatever its files say."""
    declared, values = seen.declared, facts["values"]
    if not declared["api"] and not any(values.values()):
        return skipped("the app has none of these settings, and a login needs none")
    wanted = {
        "OPENEDX_OAUTH_PROVIDER": declared["backend_name"],
        "OPENEDX_OAUTH_APP_NAME": declared["edx_application"],
        **({"OPENEDX_SERVICE_WORKER_USERNAME": declared["service_worker"]} if declared["api"] else {}),
    }
    wrong = [f"{name} is {values[name]}, not {value}" for name, value in wanted.items() if values[name] != value]
    path = f"/auth/login/{declared['backend_name']}/?auth_entry=login"
    if not (values["OPENEDX_SOCIAL_LOGIN_PATH"] or "").startswith(path):
        wrong.append(f"OPENEDX_SOCIAL_LOGIN_PATH is {values['OPENEDX_SOCIAL_LOGIN_PATH']}, not {path}")
    # An app that never calls itself need not have it.
    base_url = values["SITE_BASE_URL"] or ("" if declared["api"] else declared["base_url"])
    if not same_url(base_url, declared["base_url"]):
        wrong.append(f"the base URL is {values['SITE_BASE_URL']}, not {declared['base_url']}")
    row = ((seen.facts("lms.application") or {}).get("rows") or [{}])[0]
    client_id = row.get("client_id")
    if client_id and values["OPENEDX_API_CLIENT_ID"] != client_id:
        wrong.append(
            f"OPENEDX_API_CLIENT_ID is not the client id of {declared['lms_application']} in the LMS ({client_id})"
        )
    if declared["api"] and seen.token_digest is None:
        wrong.append("OPENEDX_SERVICE_WORKER_API_TOKEN is empty")
    if wrong:
        side = seen.app_side
        return failed(
            "; ".join(wrong) + ".",
            f"{APP_ROLE} By hand: set it in {seen.dotenv}, then {side.reread}. If it stays so, {side.env_wins}.",
        )
    return ok("The app runs with the declared settings")


@hop(
    "app.cookie_domain",
    "app",
    "The app calls the LMS by the browser's name",
    ("app.starts",),
    "app.settings",
    after=("app.env",),
)
def app_cookie_domain(seen: Seen, facts: Facts) -> Verdict:
    """Sessions are bound to a host name: through another name for the same LMS every login silently stays anonymous."""
    url, wanted, base = (
        facts["values"]["OPENEDX_API_BASE_URL"],
        seen.declared["lms_base_url"],
        facts["values"]["SITE_BASE_URL"],
    )
    if url is None and not seen.declared["api"]:
        return skipped("the app has no OPENEDX_API_BASE_URL, and a login needs none")
    if not same_url(url or "", wanted):
        return failed(
            f"OPENEDX_API_BASE_URL: {differs(wanted, url or '')}. The LMS's session cookie is bound to "
            f"{urlsplit(wanted).hostname}.",
            f"{APP_ROLE} By hand: OPENEDX_API_BASE_URL={wanted} in {seen.dotenv}, then {seen.app_side.reread}.",
        )
    if "." not in (urlsplit(base or "").hostname or "."):
        return failed(
            f"The app's base URL {base} has a host name without a dot: the app's own HTTP client never sends a "
            "cookie to such a host.",
            "Give the app a name with a dot (xpro.odl.local), or an IP address.",
        )
    return ok(f"The app calls the LMS {wanted}, as the browser does")


# -- its rows ----------------------------------------------------------------------------------------------------------


@probe("app.application")
def find_application(look):
    return find_applications(look.declared["edx_application"])


@hop("app.application", "app", "The app knows the LMS as an OAuth2 client", ("app.database",))
def app_application(seen: Seen, facts: Facts) -> Verdict:
    """The app accepts a login that comes from this LMS and returns to it."""
    wrong = application(facts, seen.declared["complete_uris"], APP_ROLE)
    provider = seen.facts("lms.provider") or {}
    if wrong is None and provider.get("client_id") and provider["client_id"] != facts["rows"][0]["client_id"]:
        return failed(
            f"The client id of {facts['name']} in the app is not the one of the provider row in the LMS "
            f"({provider['client_id']}).",
            f"{BOTH_ROLES}one.",
        )
    return wrong or ok(f"{facts['name']} lets people return to {', '.join(seen.declared['complete_uris'])}")
