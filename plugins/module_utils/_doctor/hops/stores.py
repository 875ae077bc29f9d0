# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of what both sides keep their data in: their databases, and the LMS's cache."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import NOT_MIGRATED, sentence

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import Side


READ_ONLY = re.compile(r"read-?\s?only", re.IGNORECASE)


# -- the databases -----------------------------------------------------------------------------------------------------


def ask_database(look):
    """Try to write to the database without leaving anything, and read from it; where it is, for a fix."""
    from django.contrib.auth import get_user_model
    from django.db import Error, connection, transaction

    settings = connection.settings_dict
    host, port = str(settings.get("HOST") or ""), str(settings.get("PORT") or "")
    found = {
        "vendor": getattr(connection, "display_name", connection.vendor),
        "host": host,
        "where": ":".join(filter(None, (host, port))) or str(settings["NAME"]),
    }
    try:
        with transaction.atomic():
            if look.request["writes"]:
                # An update of no row: a database that is read-only refuses that too. It comes first, because SQLite
                # refuses at once who has read and then writes, where another one has written meanwhile.
                get_user_model().objects.filter(pk=-1).update(last_login=None)
            get_user_model().objects.first()
    except Error as error:
        found["error"] = "%s: %s" % (type(error).__name__, " ".join(str(error).split()))
    return found


@probe("app.database")
def ask_database_of_app(look):
    return ask_database(look)


@hop("app.database", "app", "The app's database answers", ("app.starts",))
def app_database(seen: Seen, facts: Facts) -> Verdict:
    """The app can read and write its rows."""
    return database(seen.app_side, facts)


@probe("lms.database")
def ask_database_of_lms(look):
    return ask_database(look)


@hop("lms.database", "lms", "The LMS's database answers", ("lms.starts",))
def lms_database(seen: Seen, facts: Facts) -> Verdict:
    """The LMS can read and write its rows."""
    return database(seen.lms_side, facts)


def database(side: Side, facts: Facts) -> Verdict:
    if "error" not in facts:
        return ok(f"{side.name[0].upper()}{side.name[1:]}'s database answers ({facts['vendor']}, {facts['where']})")
    name = f"{facts['vendor']} at {facts['where']}"
    fix = f"{sentence(side.start_service(facts['host'], name))} If it is running, read {side.log}."
    if NOT_MIGRATED.search(facts["error"]):
        fix = sentence(side.migrate)
    elif READ_ONLY.search(facts["error"]):
        fix = (
            "Make it writable again (of MySQL, SET GLOBAL read_only = OFF; of a file, its mode and a disk with space)."
        )
    elif facts["vendor"] == "SQLite":
        fix = f"See that {facts['where']} is a file that {side.name} can read and write."
    return failed(f"{name}, the database of {side.name}, refuses: {facts['error']}.", fix)


# -- the cache ---------------------------------------------------------------------------------------------------------


@probe("lms.cache")
def try_cache(look):
    """Put something into the cache that sessions, limits and the registry use, and take it out again.

    Under Tutor a Redis that is down is no error: it only keeps nothing.
    """
    from django.core.cache import caches

    alias = look.setting("SESSION_CACHE_ALIAS") or "default"
    location = (look.setting("CACHES") or {}).get(alias, {}).get("LOCATION") or ""
    first = location[0] if isinstance(location, (list, tuple)) else location
    parts = urlsplit(str(first))
    # Without the password that may stand in it.
    where = "%s://%s%s" % (parts.scheme, parts.netloc.rpartition("@")[2], parts.path) if parts.netloc else str(first)
    found = {"where": where, "host": parts.hostname or "", "kept": False}
    key = "mitodl.openedx:" + look.request["user"]
    try:
        caches[alias].set(key, key, 60)
        found["kept"] = caches[alias].get(key) == key
        caches[alias].delete(key)
    except Exception as error:
        found["error"] = "%s: %s" % (type(error).__name__, " ".join(str(error).split()))
    return found


@hop("lms.cache", "lms", "The LMS's cache keeps what it is given", ("lms.starts",))
def lms_cache(seen: Seen, facts: Facts) -> Verdict:
    """Sessions, the limits of requests and the registry of providers live in the cache; without it all are refused."""
    if facts["kept"]:
        return ok(f"The LMS's cache keeps what it is given ({facts['where'] or 'in its memory'})")
    where, told = f"the cache at {facts['where']}", f": {facts['error']}" if facts.get("error") else ""
    side = seen.lms_side
    return failed(
        f"The LMS's cache ({facts['where'] or 'no address'}) keeps nothing{told}. Nobody stays logged in, and the LMS "
        "takes every limit of requests for reached: 429 for tokens, 403 for registrations.",
        f"{sentence(side.start_service(facts['host'], where))} If it is running, see CACHES in the LMS's settings.",
    )
