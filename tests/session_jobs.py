# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that integration/test_sessions.py sends into the lab's LMS."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import agent


def meanwhile(database, statement):
    """What another process would do: on a connection of its own."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def cached(request, scrub):
    """What a process keeps for itself, before and after others changed it and it was told to forget."""
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sites.models import Site
    from django.core.cache.backends.locmem import LocMemCache
    from edx_django_utils.cache import RequestCache

    def look():
        return {
            "site": Site.objects.get_current().name,
            "content type": ContentType.objects.get_by_natural_key("auth", "group").pk,
            "of a request": RequestCache("any").get_cached_response("key").is_found,
            "of the process": LocMemCache("any", {}).get("key"),
        }

    RequestCache("any").set("key", 1)
    LocMemCache("any", {}).set("key", 1)
    before = look()
    for statement in request["statements"]:
        meanwhile(request["database"], statement)
    kept = look()
    agent.forget()
    return {"ok": True, "before": before, "kept": kept, "after": look()}


def seen(request, scrub):
    """What a request sees of a site, a provider and a content type."""
    from django.apps import apps
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sites.models import Site

    providers = apps.get_model("third_party_auth", "OAuth2ProviderConfig")
    found = providers.current(request["backend"])
    return {
        "ok": True,
        "site": Site.objects.get_current().name,
        "provider": found.name,
        "registry": sorted(providers.key_values("backend_name", flat=True)),
        "content type": ContentType.objects.get_by_natural_key("auth", "group").pk,
    }


def write_and_wait(request, scrub):
    """A change that is not committed yet."""
    from django.contrib.sites.models import Site
    from django.db import transaction

    with transaction.atomic():
        Site.objects.create(domain="never.example.org", name="never")
        with open(request["mark"], "w") as mark:
            mark.write(str(os.getpid()))
        time.sleep(request["seconds"])
    return {"ok": True}
