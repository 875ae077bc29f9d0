# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The temporary test user, who exists on both sides while a login is tried. Sent into them (Python 3.8)."""

from __future__ import annotations

import importlib

PREFIX = "sso-check-"


def find_users(name):
    """The rows of the test user of this run, and of runs before it that were interrupted.

    A name is `sso-check-<tag of the app>-<hex seconds>-<random>`, so a run that began later is left alone.
    """
    from django.contrib.auth import get_user_model
    from django.db.models import Q

    prefix = name[: name.index("-", len(PREFIX)) + 1]
    rows = get_user_model().objects.filter(Q(username__startswith=prefix) | Q(email__startswith=prefix)).order_by("pk")
    return [
        row
        for row in rows
        if next(part for part in (row.username, row.email.split("@")[0]) if part.startswith(prefix)) <= name
    ]


def remove_users(name):
    """Delete these users with all that hangs on them, and say who is left."""
    from ansible_collections.mitodl.openedx.plugins.module_utils._engine.agent import despite_deadlocks
    from django.db import transaction

    @transaction.atomic
    def delete(user):
        end_sessions(user)
        user.delete()

    found: dict = {"removed": [], "left": []}
    for user in find_users(name):
        try:
            despite_deadlocks(lambda user=user: delete(user))
            found["removed"].append(user.email)
        except Exception as error:
            found["left"].append("%s (%s: %s)" % (user.email, type(error).__name__, error))
    return found


def end_sessions(user):
    """Sessions are no rows of the user, where they are rows at all."""
    from django.conf import settings
    from django.utils import timezone

    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return
    for row in store.get_model_class().objects.filter(expire_date__gt=timezone.now()).iterator():
        if row.get_decoded().get("_auth_user_id") == str(user.pk):
            store(row.session_key).delete()


def start_session(user):
    """A session like the one that a login leaves in the browser, as its cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "path": settings.SESSION_COOKIE_PATH}
