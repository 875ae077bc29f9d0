# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The temporary test user, who exists on both sides while a login is tried. Sent into them (Python 3.8)."""

from __future__ import annotations

import importlib
import re

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import NOT_MIGRATED

PREFIX = "sso-check-"
#: Columns in which tables without a foreign key name a person.
COLUMNS = ("uid", "username", "user_name", "email")
KEY = re.compile(r"\b[a-z0-9]{32}\b")
#: No proof takes so many seconds. A user who is younger may be that of another doctor, which needs him.
LIFE = 900


def email_of(request):
    return request["email"].replace("{user}", request["user"])


def prefix_of(name):
    return name[: name.index("-", len(PREFIX)) + 1]


def is_ours(text, name):
    """Whether a user name or an e-mail is that of this run, or of one long before it, which was interrupted then.

    A name is `sso-check-<tag of the app>-<hex seconds>-<random>`.
    """
    if text.startswith(name):
        return True
    prefix = prefix_of(name)
    return text.startswith(prefix) and began(text, prefix) + LIFE < began(name, prefix)


def began(name, prefix):
    """When the run of a test user began, in seconds; what is no name of one began never."""
    seconds = re.compile("[0-9a-f]{8}(?=-)").match(name, len(prefix))
    return int(seconds[0], 16) if seconds else float("inf")


def find_users(name):
    """The rows of the test user of this run, and of runs long before it that were interrupted."""
    from django.contrib.auth import get_user_model
    from django.db.models import Q

    prefix = prefix_of(name)
    rows = get_user_model().objects.filter(Q(username__startswith=prefix) | Q(email__startswith=prefix)).order_by("pk")
    return [row for row in rows if is_ours(row.username, name) or is_ours(row.email, name)]


def remove_users(name, cookies=()):
    """Delete these users with all that hangs on them and all that names them, and say what is left.

    :param cookies: those that this run was given, and whose sessions end.
    """
    from ansible_collections.mitodl.openedx.plugins.module_utils._engine.agent import despite_deadlocks
    from django.db import transaction

    @transaction.atomic
    def delete(user):
        end_sessions(user)
        user.delete()

    found: dict = {"removed": [], "left": [], "traces": {}, "sessions": 0}
    gone = []
    for user in find_users(name):
        key = user.pk
        try:
            despite_deadlocks(lambda user=user: delete(user))
            found["removed"].append(user.email)
            gone.append(key)
        except Exception as error:
            found["left"].append("%s (%s: %s)" % (user.email, type(error).__name__, error))
    if not found["left"]:
        remove_traces(name, gone, found)
    try:
        found["sessions"] = forget_sessions(cookies)
    except Exception as error:
        found["left"].append("sessions (%s: %s)" % (type(error).__name__, error))
    return found


def remove_traces(name, gone, found):
    """Rows that outlive a user, such as a history of links and logins that were begun, access tokens in them.

    :param gone: the keys of the users.
    """
    from ansible_collections.mitodl.openedx.plugins.module_utils._engine.agent import despite_deadlocks
    from django.apps import apps
    from django.db import Error, transaction

    @transaction.atomic
    def delete(model, keys):
        model._base_manager.filter(pk__in=keys).delete()

    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model._meta.swapped or not model._meta.managed:
            continue
        try:
            keys = traces(model, name, gone)
            if keys:
                despite_deadlocks(lambda model=model, keys=keys: delete(model, keys))
                found["traces"][model._meta.db_table] = len(keys)
        except Error as error:
            # A table that lacks its migration has nothing of this run.
            if not NOT_MIGRATED.search(str(error)):
                found["left"].append("%s (%s: %s)" % (model._meta.db_table, type(error).__name__, error))


def traces(model, name, gone):
    """The keys of the rows of a table that belong to these users, or name them."""
    from django.contrib.auth import get_user_model
    from django.db.models import DO_NOTHING, TextField
    from django.db.models.functions import Cast

    rows, keys = model._base_manager, set()
    for field in model._meta.concrete_fields:
        if field.is_relation:
            relation = field.remote_field
            if gone and relation.model is get_user_model() and relation.on_delete is DO_NOTHING:
                keys.update(rows.filter(**{field.attname + "__in": gone}).values_list("pk", flat=True))
        elif field.name in COLUMNS and field.get_internal_type() in ("CharField", "EmailField", "TextField"):
            found = rows.filter(**{field.name + "__startswith": prefix_of(name)}).values_list("pk", field.name)
            keys.update(key for key, text in found if is_ours(text, name))
    if model._meta.label == "social_django.Partial":
        # A login that was begun: who it is stands within its data.
        found = rows.annotate(text=Cast("data", TextField())).filter(text__contains=prefix_of(name))
        for row in found:
            _before, begin, rest = row.text.partition(prefix_of(name))
            if is_ours(begin + rest, name):
                keys.add(row.pk)
    return keys


def end_sessions(user):
    """Sessions are no rows of the user, where they are rows at all: of interrupted runs nobody has the cookies."""
    from django.conf import settings
    from django.utils import timezone

    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return
    for row in store.get_model_class().objects.filter(expire_date__gt=timezone.now()).iterator():
        if row.get_decoded().get("_auth_user_id") == str(user.pk):
            store(row.session_key).delete()


def forget_sessions(cookies):
    """End the sessions of these cookies, wherever this side keeps them, and say how many there were."""
    from django.conf import settings

    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore
    keys = {key for cookie in cookies if cookie["name"] == settings.SESSION_COOKIE_NAME for key in keys_of(cookie)}
    there = [key for key in sorted(keys) if store().exists(key)]
    for key in there:
        store(key).delete()
    return len(there)


def keys_of(cookie):
    """The key of a cookie's session; with Open edX it stands between a version and a signature."""
    return KEY.findall(cookie["value"])


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
