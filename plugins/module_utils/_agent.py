# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The agent: the file that runs inside a target's Django process (Python 3.8 or newer, Django 3.2 to 5.2).

It is sent as text on stdin together with one request and answers with one reply on stdout (see ``_target.py``), so
nothing is installed in the target and nothing secret reaches its command line, environment or disk.

A request is ``{"nonce", "job", "mode": "check" | "apply", "settings", "return_secrets", "history_user",
"expect_settings", "tables", "objects"}``. Each object is ``{"id", "kind", "state", "key", "values", "options"}``;
``tables`` holds the field table of every kind that is used (see ``_kinds.py``). All objects are planned before the
first is written, and written in one transaction.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import secrets
import sys
import time
import traceback

OLD, NEW = "(secret, old)", "(secret, new)"


class Problem(Exception):
    """What is wrong with one object, and what to do about it."""

    def __init__(self, message, fix=""):
        super().__init__(message + (" Fix: " + fix if fix else ""))


class Missing(Problem):
    """An object points at one that does not exist."""

    def __init__(self, name, message, fix):
        super().__init__(message, fix)
        self.name = name


class Abort(Exception):
    """Leaves the transaction, so that nothing of the plan stays written."""


class Scrubber:
    """Remembers every secret that was seen, to keep it out of messages that others wrote (a database error, say)."""

    def __init__(self):
        self.seen = set()

    def add(self, value):
        if isinstance(value, str) and len(value) > 3:
            self.seen.add(value)
        return value

    def __call__(self, text):
        for value in sorted(self.seen, key=len, reverse=True):
            text = text.replace(value, "********")
        return text


def random_secret():
    return secrets.token_urlsafe(32)


def is_hash(value):
    """Whether a text is one of Django's password hashes, such as the one that configure_instance prints as a secret."""
    from django.contrib.auth.hashers import identify_hasher

    try:
        identify_hasher(value)
    except ValueError:
        return False
    return True


def same_secret(given, stored):
    """Compare a clear text with what is stored: as text where the target stores text, by hash where it hashes."""
    from django.contrib.auth.hashers import check_password
    from django.utils.crypto import constant_time_compare

    if not stored:
        return False
    return check_password(given, stored) if is_hash(stored) else constant_time_compare(given, stored)


class Change:
    """One difference between the declared and the stored object."""

    def __init__(self, field, before, after, secret=False):
        self.field, self.before, self.after, self.secret = field, before, after, secret

    def shown(self):
        if not self.secret:
            return {"field": self.field, "before": jsonable(self.before), "after": jsonable(self.after)}
        return {
            "field": self.field,
            "before": OLD if self.before else None,
            "after": NEW if self.after else None,
        }


def jsonable(value):
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set)):
        return [jsonable(item) for item in value]
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def rows(queryset, label, where):
    """The one row of a query, None, or a Problem that names the rows that stand in the way."""
    found = list(queryset[:5])
    if len(found) > 1:
        raise Problem(
            "%d rows of %s match %s (ids %s); which one is meant cannot be known."
            % (len(found), label, where, ", ".join(str(row.pk) for row in found)),
            "keep one and delete the others in the Django admin, then run again.",
        )
    return found[0] if found else None


class Kind:
    """How objects of one model are found, compared, written and removed. Subclasses change single steps."""

    def __init__(self, plan, name, table):
        self.plan, self.name, self.table = plan, name, table
        self.fields = table["fields"]
        self.model = self._model(table["model"])

    @staticmethod
    def _model(label):
        from django.apps import apps
        from django.contrib.auth import get_user_model

        if label == "@user":
            return get_user_model()
        try:
            if label in ("@application", "@access_token"):
                from oauth2_provider import models

                return models.get_application_model() if label == "@application" else models.get_access_token_model()
            return apps.get_model(label)
        except (LookupError, ImportError, RuntimeError, ValueError):
            wanted = {"@application": "oauth2_provider.Application", "@access_token": "oauth2_provider.AccessToken"}
            raise Problem(
                "the target has no model %s." % wanted.get(label, label),
                "check that it is the right target (an LMS, an app) and that the model's Django app is installed.",
            ) from None

    # -- one field -------------------------------------------------------------------------------------------------

    def column(self, field):
        return self.fields[field].get("orm") or field

    def check_columns(self, values):
        """A declared field that this version of the model lacks is an error, never silently dropped."""
        from django.core.exceptions import FieldDoesNotExist

        for field in values:
            if self.fields[field].get("virtual"):
                continue
            try:
                self.model._meta.get_field(self.column(field))
            except FieldDoesNotExist:
                raise Problem(
                    "option %s: the model %s of this target has no field %s."
                    % (field, self.model._meta.label, self.column(field)),
                    "leave the option out; the target runs another version of the package.",
                ) from None

    def read(self, instance, field):
        """The stored value in the form in which it is declared."""
        spec = self.fields[field]
        if spec["compare"] == "reference":
            related = getattr(instance, self.column(field))
            return None if related is None else getattr(related, spec["reference"][1])
        value = getattr(instance, self.column(field))
        if spec["compare"] == "words":
            return sorted((value or "").split())
        if spec["compare"] == "json":
            return parsed(value)
        return value

    def wanted(self, instance, field, value, options):
        """The declared value in the form in which :meth:`read` gives the stored one."""
        compare = self.fields[field]["compare"]
        if compare == "words":
            extra = self.read(instance, field) if options.get(field + "_behavior") == "add" else []
            return sorted(set(value) | set(extra))
        return value

    def write(self, instance, field, value):
        spec = self.fields[field]
        if spec["compare"] == "reference":
            value = None if value is None else self.plan.reference(spec["reference"], value, field)
        elif spec["compare"] == "words":
            value = "\n".join(value)
        elif spec["compare"] == "json":
            value = json.dumps(value)
        setattr(instance, self.column(field), value)

    def kept(self, instance, field, options):
        """Whether a stored credential stays, because the declared one is only meant for where there is none."""
        return options.get("update_secret") == "on_create" and bool(getattr(instance, self.column(field)))

    def secret(self, instance, field, given, options):
        """The clear secret to store, or None to leave what is there."""
        stored = getattr(instance, self.column(field)) or ""
        self.plan.scrub.add(stored)
        if options.get("update_secret") == "renew":
            return random_secret()
        if given is not None:
            if is_hash(given):
                raise Problem(
                    "the value given for %s is a password hash, not a secret." % field,
                    "give the clear text; what configure_instance and the app's admin show is only its hash.",
                )
            return None if self.kept(instance, field, options) or same_secret(given, stored) else given
        return None if stored else random_secret()

    # -- one object ------------------------------------------------------------------------------------------------

    def find(self, obj):
        """The stored row of an object: exactly one, or None."""
        where = {self.column(field): value for field, value in obj["key"].items()}
        queryset = self.model._default_manager.filter(**where).order_by("pk")
        return rows(queryset, self.model._meta.label, describe(obj["key"]))

    def blank(self, obj):
        """A new, unsaved row; the model's own defaults generate what they generate."""
        instance = self.model()
        for field, value in obj["key"].items():
            self.write(instance, field, value)
        return instance

    def generated(self, obj, instance):
        """Secret fields that the model's default filled in a new row: known in clear only now."""
        return {
            field: getattr(instance, self.column(field))
            for field, spec in self.fields.items()
            if spec.get("secret") and not spec.get("virtual") and getattr(instance, self.column(field), None)
        }

    def compare(self, obj, instance, created):
        """Bring an unsaved copy of the row in line and list what was different."""
        changes, clear = [], self.generated(obj, instance) if created else {}
        for field, value in obj["values"].items():
            spec = self.fields[field]
            if spec.get("virtual") or (spec.get("create_only") and not created):
                continue
            if spec.get("secret") or (field == "client_id" and self.kept(instance, field, obj["options"])):
                continue
            before, after = self.read(instance, field), self.wanted(instance, field, value, obj["options"])
            if before != after or (created and after not in (None, "", [], {})):
                self.write(instance, field, after)
                changes.append(Change(field, None if created else before, after))
        for field, spec in self.fields.items():
            if not spec.get("secret") or spec.get("virtual"):
                continue
            given = obj["values"].get(field)
            if created and given is not None:
                setattr(instance, self.column(field), "")
            before = getattr(instance, self.column(field))
            value = self.secret(instance, field, given, obj["options"])
            if value is not None:
                setattr(instance, self.column(field), value)
                clear[field] = value
            if value is not None or (created and before):
                changes.append(Change(field, None if created else before, value != "", secret=True))
            elif before and not is_hash(before):
                clear[field] = before
        return changes, clear

    def validate(self, instance):
        """What the admin's form would refuse, named per field; what only saving completes is left out."""
        from django.core.exceptions import ValidationError
        from django.db.models import Field

        def not_yet(column):
            """A relation that is not saved yet, or an empty column that fills itself when saved (as a checksum)."""
            if column.is_relation:
                related = getattr(instance, column.name) if column.is_cached(instance) else None
                return related is not None and related.pk is None
            return type(column).pre_save is not Field.pre_save and not getattr(instance, column.attname)

        try:
            instance.full_clean(exclude=[column.name for column in self.model._meta.concrete_fields if not_yet(column)])
        except ValidationError as error:
            named = {self.column(field): field for field in self.fields}
            parts = [
                ("" if name == "__all__" else named.get(name, name) + ": ") + " ".join(messages)
                for name, messages in error.message_dict.items()
            ]
            raise Problem("the target's own validation refuses it: " + "; ".join(parts)) from None

    def save(self, instance, obj):
        instance.save()

    def remove(self, instance, obj):
        instance.delete()

    def removal(self, instance, obj):
        """What `state: absent` changes on a stored row."""
        return [Change("state", "present", "absent")]

    def left(self, obj):
        """What `state: absent` does not take away, for those who want to know."""
        return {}

    def last_change(self, instance):
        """Who changed the stored row last and when, as far as the history of Django's admin says."""
        from django.apps import apps

        if not apps.is_installed("django.contrib.admin"):
            return {}
        # Its manager would make a missing row of the content type, and this is asked in check mode too.
        entries = apps.get_model("admin", "LogEntry").objects.filter(
            content_type__app_label=self.model._meta.app_label,
            content_type__model=self.model._meta.model_name,
            object_id=str(instance.pk),
        )
        entry = entries.select_related("user").order_by("-action_time", "-pk").first()
        return {} if entry is None else {"by": entry.user.get_username(), "at": jsonable(entry.action_time)}

    def facts(self, instance):
        """The row as it is now, without its secrets."""
        return {
            field: jsonable(self.read(instance, field))
            for field, spec in self.fields.items()
            if not spec.get("secret") and not spec.get("virtual") and hasattr(instance, self.column(field))
        }


def parsed(text):
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def describe(key):
    return ", ".join("%s=%s" % (name, value) for name, value in key.items())


class Site(Kind):
    """A row of the sites framework; a new one is called like its domain unless it is given a name."""

    def blank(self, obj):
        site = super().blank(obj)
        site.name = site.domain[:50]
        return site


class User(Kind):
    """A person, made the LMS's own way: with a profile where the target keeps profiles, and a usable random password.

    An LMS user without profile breaks the login (500), one with an unusable password is refused (403).
    """

    LMS_USERNAME = 30

    def __init__(self, plan, name, table):
        super().__init__(plan, name, table)
        from django.apps import apps

        try:
            self.profiles = apps.get_model("student", "UserProfile")
        except LookupError:
            self.profiles = None

    def find(self, obj):
        field = self.model.USERNAME_FIELD if not self._has("username") else "username"
        queryset = self.model._default_manager.filter(**{field: obj["key"]["username"]}).order_by("pk")
        return rows(queryset, self.model._meta.label, describe(obj["key"]))

    def _has(self, name):
        return any(field.name == name for field in self.model._meta.concrete_fields)

    def blank(self, obj):
        limit = self.LMS_USERNAME if self.profiles else None
        if limit and len(obj["key"]["username"]) > limit:
            raise Problem("the username is longer than the %d characters that Open edX allows." % limit, "shorten it.")
        return super().blank(obj)

    def compare(self, obj, instance, created):
        values = obj["values"]
        if values.get("email") and (created or instance.email.lower() != values["email"].lower()):
            taken = self.model._default_manager.filter(email__iexact=values["email"]).exclude(pk=instance.pk).first()
            if taken is not None:
                raise Problem(
                    "the e-mail %s belongs to the user %s already." % (values["email"], taken.get_username()),
                    "give another e-mail: it is unique in Open edX and in the apps.",
                )
        changes, clear = super().compare(obj, instance, created)
        name = values.get("name")
        if name is not None and self._has("name") and (created or instance.name != name):
            changes.append(Change("name", None if created else instance.name, name))
            instance.name = name
        elif name is not None and self.profiles is not None and not created:
            profile = self.profiles.objects.filter(user=instance).first()
            if profile is not None and profile.name != name:
                changes.append(Change("name", profile.name, name))
        password = values.get("password")
        stored = "" if created else instance.password
        self.plan.scrub.add(password)
        if created or (password is not None and obj["options"].get("update_password") != "on_create"):
            if created or not same_secret(password, stored):
                instance.set_password(password or random_secret())
                changes.append(Change("password", stored, True, secret=True))
        elif values.get("usable_password") and not instance.has_usable_password():
            instance.set_password(password or random_secret())
            changes.append(Change("password", stored, True, secret=True))
        if not created and self.profiles is not None and not self.profiles.objects.filter(user=instance).exists():
            changes.append(Change("profile", None, "a profile, without which a login fails"))
        return changes, clear

    def save(self, instance, obj):
        instance.save()
        if self.profiles is not None:
            name = obj["values"].get("name")
            profile, created = self.profiles.objects.get_or_create(user=instance, defaults={"name": name or ""})
            if not created and name is not None and profile.name != name:
                profile.name = name
                profile.save()

    # -- a user whom others' rows point at: deleting them would delete those rows as well ----------------------------

    RIGHTS = ("is_active", "is_staff", "is_superuser")

    @staticmethod
    def _tokens(instance):
        """Everything by which somebody acts for the user; refresh tokens first, for they point at the others."""
        from oauth2_provider import models

        getters = (models.get_refresh_token_model, models.get_access_token_model, models.get_grant_model)
        return [getter()._default_manager.filter(user=instance) for getter in getters]

    def removal(self, instance, obj):
        if obj["options"].get("on_absent") != "deactivate":
            return super().removal(instance, obj)
        count = sum(tokens.count() for tokens in self._tokens(instance))
        held = [right for right in self.RIGHTS if getattr(instance, right, False)]
        return [Change(right, True, False) for right in held] + ([Change("tokens", count, 0)] if count else [])

    def remove(self, instance, obj):
        if obj["options"].get("on_absent") != "deactivate":
            super().remove(instance, obj)
            return
        for tokens in self._tokens(instance):
            tokens.delete()
        for right in self.RIGHTS:
            setattr(instance, right, False)
        instance.save()


class Application(Kind):
    """An OAuth2 application: found by its name, or by the client id that is given where it has another name.

    An application has one client id and one secret. So that a client can change to new ones without a gap, a twin keeps
    the old ones (`keep_old_as`), until it leaves what it has to the application that it is the twin of (`heir`).
    """

    def find(self, obj):
        client_id = obj["values"].get("client_id")
        return super().find(obj) or (
            self.model._default_manager.filter(client_id=client_id).first() if client_id else None
        )

    def compare(self, obj, instance, created):
        options = obj["options"]
        if created and (options.get("update_secret") == "renew" or options.get("keep_old_as")):
            raise Problem("there is no such application, so there is nothing to renew.", "make it first.")
        if options.get("keep_old_as"):
            obj = dict(obj, options=dict(options, update_secret="on_create"))
        changes, clear = super().compare(obj, instance, created)
        name = obj["key"]["name"]
        if instance.name != name:
            changes.insert(0, Change("name", instance.name, name))
            instance.name = name
        if options.get("keep_old_as") and not self.model._default_manager.filter(name=options["keep_old_as"]).exists():
            changes += self._split(instance, options["keep_old_as"], clear)
        return changes, clear

    def _split(self, instance, name, clear):
        """New credentials for a row, and a twin of it that keeps the old ones."""
        twin = instance._twin = self.model._default_manager.get(pk=instance.pk)
        twin.pk, twin.name, twin._state.adding = None, name, True
        instance.client_id = self.model._meta.get_field("client_id").get_default()
        instance.client_secret = clear["client_secret"] = random_secret()
        return [
            Change("client_id", twin.client_id, instance.client_id),
            Change("client_secret", twin.client_secret, True, secret=True),
            Change("keep_old_as", None, name),
        ]

    def save(self, instance, obj):
        super().save(instance, obj)
        if hasattr(instance, "_twin"):
            instance._twin.save()

    def removal(self, instance, obj):
        if obj["options"].get("heir"):
            instance._heir = self.plan.reference(("@application", "name"), obj["options"]["heir"], "heir")
        return super().removal(instance, obj)

    def remove(self, instance, obj):
        """An heir gets the tokens and codes that would be deleted, and the credentials where it is to have them."""
        heir = getattr(instance, "_heir", None)
        for relation in self.model._meta.related_objects if heir else ():
            if relation.one_to_many:
                field, model = relation.field.name, relation.related_model
                model._base_manager.filter(**{field: instance}).update(**{field: heir})
        instance.delete()
        if heir and obj["options"].get("heir_takes_credentials"):
            heir.client_id, heir.client_secret = instance.client_id, instance.client_secret
            heir.save()


class AccessToken(Kind):
    """A bearer token of a user. Several rows of one user are normal: every browser login makes one.

    The row is found by its token where one is given, else it is the last to expire of the user and application. A
    renewed token is a row of its own, beside the old one.
    """

    def _owner(self, obj):
        return self.plan.reference(self.fields["user"]["reference"], obj["key"]["user"], "user")

    def find(self, obj):
        if obj["options"].get("update_secret") == "renew":
            return None
        owner, token = self._owner(obj), obj["values"].get("token")
        soft = obj["options"].get("update_secret") == "on_create"
        if token:
            row = self.model._default_manager.filter(token=token).first()
            if row is not None and row.user_id == owner.pk:
                return row
            if obj["state"] == "absent":
                return None
            if row is not None and not soft:
                raise Problem(
                    "the token given belongs to the user %s." % (row.user and row.user.get_username()),
                    "give another token, or none to have one generated.",
                )
            if row is not None:
                obj["values"]["token"] = None
            elif not soft:
                return None
        if owner.pk is None:
            return None
        name = obj["values"].get("application")
        application = name and self.plan.reference(self.fields["application"]["reference"], name, "application")
        if application and application.pk is None:
            return None
        return (
            self.model._default_manager.filter(user=owner, application=application or None).order_by("-expires").first()
        )

    def compare(self, obj, instance, created):
        from django.utils import timezone

        values, now = obj["values"], timezone.now()
        changes, clear = super().compare(obj, instance, created)
        days, margin = values.get("expires_in_days"), values.get("renew_before_days") or 0
        if days is not None and (created or instance.expires < now + datetime.timedelta(days=margin)):
            before = None if created else instance.expires
            instance.expires = now + datetime.timedelta(days=days)
            changes.append(Change("expires", before, instance.expires))
        if instance.expires is None:
            raise Problem("a new token needs to know how long it lives.", "give expires_in_days.")
        if obj["options"].get("exclusive") and self._others(instance):
            changes.append(Change("other tokens", self._others(instance).count(), 0))
        return changes, clear

    def _others(self, instance):
        """The other tokens of the same user and application."""
        if instance.user_id is None or instance.application_id is None:
            return self.model._default_manager.none()
        same = {"user_id": instance.user_id, "application_id": instance.application_id}
        return self.model._default_manager.filter(**same).exclude(pk=instance.pk)

    def save(self, instance, obj):
        super().save(instance, obj)
        if obj["options"].get("exclusive"):
            self._others(instance).delete()

    def facts(self, instance):
        from django.utils import timezone

        left = instance.expires - timezone.now()
        return dict(super().facts(instance), expires=jsonable(instance.expires), days_left=left.days)


class Configuration(Kind):
    """A row of a ConfigurationModel (django-config-models): append-only, the newest of a key counts.

    Saving always inserts, so a row is only written when it differs from the newest one. Removal appends a disabled row.
    """

    def _key(self, obj):
        """The key as columns; None where it points at a row that this request only makes."""
        where = {}
        for field, value in obj["key"].items():
            if self.fields[field]["compare"] == "reference":
                related = self.plan.reference(self.fields[field]["reference"], value, field)
                where[self.column(field) + "_id"] = related.pk
            else:
                where[self.column(field)] = value
        return where

    def newest(self, **where):
        # The order of current() (change_date) with the admin's order (pk) as the tie-break.
        return self.model._default_manager.filter(**where).order_by("-change_date", "-pk").first()

    def find(self, obj):
        where = self._key(obj)
        return None if None in where.values() else self.newest(**where)

    def save(self, instance, obj):
        from django.db import transaction

        instance.pk = None
        instance._state.adding = True
        instance.changed_by = self.plan.history_user()
        instance.save()
        # save() itself clears the cache before the commit, so that a request in between caches the old row again.
        transaction.on_commit(lambda: self.forget(instance))

    def forget(self, instance):
        from edx_django_utils.cache import TieredCache

        keys = [getattr(instance, name) for name in self.model.KEY_FIELDS]
        TieredCache.delete_all_tiers(self.model.cache_key_name(*keys))
        TieredCache.delete_all_tiers(self.model.key_values_cache_key_name())
        for name in self.model.KEY_FIELDS:
            TieredCache.delete_all_tiers(self.model.key_values_cache_key_name(name))

    def last_change(self, instance):
        """Every row of the history says it of itself; no user means that it was no person in the admin."""
        by = instance.changed_by.get_username() if instance.changed_by_id else ""
        return {"by": by, "at": jsonable(instance.change_date)}

    def removal(self, instance, obj):
        return [Change("enabled", True, False)] if instance.enabled else []

    def remove(self, instance, obj):
        instance.enabled = False
        self.save(instance, obj)


class Provider(Configuration):
    """OAuth2ProviderConfig of the LMS: keyed by site and backend name, with a registry that is cached apart.

    The secret may live in the row or in the setting SOCIAL_AUTH_OAUTH_SECRETS; the row wins where both are set.
    """

    def find(self, obj):
        row = super().find(obj)
        if row is None and obj["state"] == "present":
            # Made for another Site (example.com is the admin form's default): its credentials are worth keeping.
            row = self.newest(backend_name=obj["key"]["backend_name"], enabled=True)
        return row

    def compare(self, obj, instance, created):
        changes, clear = super().compare(obj, instance, created)
        site = obj["key"]["site"]
        before = self.read(instance, "site")
        if before != site:
            self.write(instance, "site", site)
            changes.insert(0, Change("site", before, site))
        if not instance.key:
            instance.key = random_secret()
            changes.append(Change("client_id", None, "(generated)"))
        if not changes and instance.enabled and self._unseen(instance):
            changes.append(Change("registry", "stale: running servers do not see this backend yet", "fresh"))
        return changes, clear

    def _unseen(self, instance):
        return instance.backend_name not in self.model.key_values("backend_name", flat=True)

    def left(self, obj):
        """The rows of the history, and the people who logged in through the provider."""
        from django.apps import apps

        backend = obj["key"]["backend_name"]
        people = apps.get_model("social_django", "UserSocialAuth").objects.filter(provider=backend)
        history = self.model._default_manager.filter(backend_name=backend)
        return {"rows": history.count(), "people": people.values("user").distinct().count()}

    def secret(self, instance, field, given, options):
        from django.conf import settings

        stored = instance.secret or ""
        self.plan.scrub.add(stored)
        if is_hash(stored):
            # The hash that configure_instance prints, pasted as the guide says: no login ever worked with it.
            instance.secret = stored = ""
        in_settings = (getattr(settings, "SOCIAL_AUTH_OAUTH_SECRETS", None) or {}).get(instance.backend_name) or ""
        self.plan.scrub.add(in_settings)
        soft = given is None or options.get("update_secret") == "on_create"
        if not stored and in_settings and soft and not is_hash(in_settings):
            return in_settings
        if given == "" and not self.kept(instance, field, options):
            if in_settings:
                raise Problem(
                    "without a secret in the row the one of SOCIAL_AUTH_OAUTH_SECRETS would count.",
                    "remove %s from that setting." % instance.backend_name,
                )
            return "" if stored else None
        return super().secret(instance, field, given, options)

    def save(self, instance, obj):
        from django.db import transaction

        if self.plan.only_registry(obj):
            transaction.on_commit(lambda: self.forget(instance))
        else:
            super().save(instance, obj)


class Generic(Kind):
    """Any model, by its own field names: text and numbers plainly, relations by a lookup (a dictionary)."""

    def __init__(self, plan, name, table):
        super().__init__(plan, name, dict(table, fields={}))
        for field in self.model._meta.get_fields():
            if field.concrete:
                self.fields[field.name] = {"compare": "plain", "secret": False}

    def column(self, field):
        if field not in self.fields:
            raise Problem(
                "the model %s has no field %s." % (self.model._meta.label, field),
                "its fields are %s." % ", ".join(sorted(self.fields)),
            )
        return field

    def _related(self, field, value):
        """A relation's declared value (a lookup, or a primary key) as its row."""
        related = self.model._meta.get_field(field).related_model
        where = value if isinstance(value, dict) else {"pk": value}
        row = rows(related._default_manager.filter(**where).order_by("pk"), related._meta.label, describe(where))
        if row is None:
            raise Problem("%s: no row of %s matches %s." % (field, related._meta.label, describe(where)))
        return row

    def find(self, obj):
        where = {}
        for field, value in obj["key"].items():
            relation = self.model._meta.get_field(self.column(field)).is_relation
            where[field] = self._related(field, value) if relation and value is not None else value
        queryset = self.model._default_manager.filter(**where).order_by("pk")
        return rows(queryset, self.model._meta.label, describe(obj["key"]))

    def prepare(self, obj):
        """Secret values of a generic object come apart from the others, because its fields are not known before."""
        for field, value in obj["options"].get("secrets", {}).items():
            self.column(field)
            self.fields[field]["secret"] = True
            obj["values"][field] = self.plan.scrub.add(value)
        for field in obj["values"]:
            self.column(field)
        return self

    def read(self, instance, field):
        meta = self.model._meta.get_field(field)
        if meta.many_to_many:
            return sorted(instance.__dict__.get("_many", {}).get(field) or self._stored_many(instance, field))
        if meta.is_relation:
            return getattr(instance, meta.attname)
        return (
            meta.get_prep_value(getattr(instance, field))
            if meta.get_internal_type() != "JSONField"
            else getattr(instance, field)
        )

    @staticmethod
    def _stored_many(instance, field):
        return list(getattr(instance, field).values_list("pk", flat=True)) if instance.pk else []

    def wanted(self, instance, field, value, options):
        meta = self.model._meta.get_field(field)
        if meta.many_to_many:
            return sorted(self._related(field, item).pk for item in value)
        if meta.is_relation:
            return None if value is None else self._related(field, value).pk
        if meta.get_internal_type() == "JSONField":
            return value
        try:
            return meta.get_prep_value(meta.to_python(value))
        except Exception as error:
            raise Problem("%s: %s" % (field, " ".join(getattr(error, "messages", [str(error)])))) from None

    def write(self, instance, field, value):
        meta = self.model._meta.get_field(field)
        if meta.many_to_many:
            instance.__dict__.setdefault("_many", {})[field] = value
        elif meta.is_relation and (isinstance(value, dict) or not value):
            setattr(instance, field, self._related(field, value) if value else None)
        elif meta.is_relation:
            setattr(instance, meta.attname, value)
        else:
            setattr(instance, field, meta.to_python(value))

    def generated(self, obj, instance):
        return {}

    def secret(self, instance, field, given, options):
        return None if given is None else super().secret(instance, field, given, options)

    def save(self, instance, obj):
        super().save(instance, obj)
        for field, keys in instance.__dict__.get("_many", {}).items():
            getattr(instance, field).set(keys)

    def facts(self, instance):
        return {}


KINDS = {
    "site": Site,
    "user": User,
    "application": Application,
    "access_token": AccessToken,
    "provider": Provider,
}


class Step:
    """One object of the request with its row, what differs, and its secrets in clear."""

    def __init__(self, obj, kind):
        self.obj, self.kind = obj, kind
        self.instance, self.operation, self.changes, self.clear = None, "unchanged", [], {}
        self.last_change = {}

    def result(self, return_secrets):
        shown = {
            "id": self.obj["id"],
            "kind": self.kind.name,
            "key": jsonable(self.obj["key"]),
            "operation": self.operation,
            "changes": [change.shown() for change in self.changes],
            "fields": self.kind.facts(self.instance)
            if self.instance is not None and self.obj["state"] == "present"
            else {},
        }
        if self.last_change:
            shown["last_change"] = self.last_change
        if self.obj["state"] == "absent":
            shown["left"] = self.kind.left(self.obj)
        if return_secrets:
            shown["secrets"] = self.clear
        return shown


class Plan:
    """Snapshot, plan and apply. Planning touches unsaved objects only; the same plan is shown, counted and applied."""

    def __init__(self, request, scrub):
        self.request, self.scrub = request, scrub
        self.steps, self.errors, self.kinds, self.planned = [], [], {}, {}

    def kind(self, obj):
        name = obj["kind"]
        table = self.request["tables"][name]
        if table["kind"] == "generic":
            return Generic(self, obj["options"]["model"], dict(table, model=obj["options"]["model"])).prepare(obj)
        if name not in self.kinds:
            self.kinds[name] = KINDS[table["kind"]](self, name, table)
        return self.kinds[name]

    def reference(self, reference, value, field):
        """The row that a natural key names: one that this request makes, or a stored one."""
        model_label, column = reference
        model = Kind._model(model_label)
        if (model, value) in self.planned:
            return self.planned[model, value]
        found = rows(
            model._default_manager.filter(**{column: value}).order_by("pk"),
            model._meta.label,
            "%s=%s" % (column, value),
        )
        if found is None:
            raise Missing(
                value,
                "%s: there is no %s with %s %s." % (field, model._meta.label, column, value),
                "create it first, or list it before this object in the same request.",
            )
        return found

    def only_registry(self, obj):
        step = next(step for step in self.steps if step.obj is obj)
        return [change.field for change in step.changes] == ["registry"]

    def add(self, obj):
        kind = self.kind(obj)
        step = Step(obj, kind)
        for field, value in obj["values"].items():
            if kind.fields[field].get("secret"):
                self.scrub.add(value)
        kind.check_columns(obj["values"])
        if obj["state"] == "absent":
            # What points at nothing is not there either.
            with contextlib.suppress(Missing):
                step.instance = kind.find(obj)
            step.changes = kind.removal(step.instance, obj) if step.instance is not None else []
            step.operation = "removed" if step.changes else "unchanged"
        else:
            step.instance = kind.find(obj)
            created = step.instance is None
            if created:
                step.instance = kind.blank(obj)
            step.changes, step.clear = kind.compare(obj, step.instance, created)
            if created:
                step.changes[:0] = [Change(field, None, value) for field, value in obj["key"].items()]
            if step.changes:
                step.operation = "created" if created else "updated"
                step.last_change = {} if created else kind.last_change(step.instance)
                kind.validate(step.instance)
            for value in step.clear.values():
                self.scrub.add(value)
            for name in obj["key"].values():
                if isinstance(name, str):
                    self.planned[kind.model, name] = step.instance
        self.steps.append(step)

    def build(self):
        seen = set()
        refused: set[str] = set()
        for obj in self.request["objects"]:
            same = (
                obj["kind"],
                obj["options"].get("model"),
                json.dumps(obj["key"], sort_keys=True),
                obj["values"].get("application"),
            )
            try:
                if same in seen:
                    raise Problem("it is declared twice in one request.", "declare it once.")
                seen.add(same)
                self.add(obj)
            except Problem as problem:
                # What points at an object that was refused before is not a mistake of its own.
                if not (isinstance(problem, Missing) and problem.name in refused):
                    self.errors.append({"id": obj["id"], "message": str(problem)})
                refused.update(name for name in obj["key"].values() if isinstance(name, str))
        return not self.errors

    def apply(self):
        from django.db import DatabaseError

        for step in self.steps:
            try:
                if step.operation == "removed":
                    step.pk = step.instance.pk
                    step.kind.remove(step.instance, step.obj)
                elif step.operation != "unchanged":
                    step.kind.save(step.instance, step.obj)
            except (DatabaseError, ValueError) as error:
                if is_deadlock(error):
                    raise
                self.errors.append({"id": step.obj["id"], "message": "%s: %s" % (type(error).__name__, error)})
                raise Abort() from error
        if self.request.get("history_user"):
            self.remember(self.request["history_user"])

    def history_user(self):
        """The user under whose name the changes stand in the target's own history; None where none is named."""
        from django.contrib.auth import get_user_model

        name = self.request.get("history_user")
        return get_user_model().objects.filter(username=name).first() if name else None

    def remember(self, username):
        """Entries in the history of Django's admin, as its own pages write them, in the transaction of the changes."""
        from django.apps import apps
        from django.contrib.contenttypes.models import ContentType

        user = self.history_user()
        if user is None or not apps.is_installed("django.contrib.admin"):
            reason = "there is no user %s." % username if user is None else "the target has no django.contrib.admin."
            fix = "name a user who exists, or leave history_user out."
            self.errors.append({"id": "history_user", "message": str(Problem(reason, fix))})
            raise Abort()
        entries = apps.get_model("admin", "LogEntry").objects
        flags = {"created": (1, "added"), "updated": (2, "changed"), "removed": (3, "deleted")}
        for step in self.steps:
            if step.operation in flags:
                # Django takes the key from a row that it deletes; a provider and a deactivated user are still there.
                kept = step.operation == "removed" and step.instance.pk is not None
                flag, word = flags["updated" if kept else step.operation]
                fields = {"fields": [change.field for change in step.changes]} if word == "changed" else {}
                entries.create(
                    user=user,
                    content_type=ContentType.objects.get_for_model(step.kind.model),
                    object_id=step.instance.pk or step.pk,
                    # Not its str(): that of a token is the token.
                    object_repr=" / ".join(str(value) for value in step.obj["key"].values())[:200],
                    action_flag=flag,
                    change_message=json.dumps([{word: fields}]),
                )


def is_deadlock(error):
    """Whether the database gave up this transaction for another (MySQL: 1205, 1213; PostgreSQL: 40001, 40P01)."""
    return error.args[:1] in ((1205,), (1213,)) or getattr(error.__cause__, "sqlstate", "") in ("40001", "40P01")


def despite_deadlocks(work):
    """The result of a transaction, begun again where the database chose it as the victim of a deadlock."""
    from django.db import OperationalError

    for pause in (0.1, 0.5, 2):
        try:
            return work()
        except OperationalError as error:
            if not is_deadlock(error):
                raise
            time.sleep(pause)
    return work()


def lock():
    """Make a second converge wait: two that read before either writes would both insert.

    The Site row is the LMS's own common ground; a target without sites has the content type of its user model.
    """
    from django.apps import apps
    from django.contrib.contenttypes.models import ContentType

    if apps.is_installed("django.contrib.sites"):
        site = apps.get_model("sites", "Site").objects.order_by("pk").values_list("pk", flat=True).first()
        if site is not None:
            apps.get_model("sites", "Site").objects.select_for_update().get(pk=site)
            return
    ContentType.objects.select_for_update().order_by("pk").first()


def other_settings(expected, scrub):
    """An error for each setting with which the target does not run, without its value: it may be a secret."""
    from django.conf import settings

    return [
        {
            "id": "the setting " + name,
            "message": "the target runs with another value. Fix: look for what wins over its .env (environment: of the "
            "compose file, a container that was not recreated).",
        }
        for name, value in expected.items()
        if scrub.add(str(getattr(settings, name, None))) != scrub.add(str(value))
    ]


def converge(request, scrub):
    """Plan all objects; in mode "apply" write the plan, in one transaction, unless any object has an error."""
    from django.db import connection, transaction

    def apply():
        plan = Plan(request, scrub)
        with contextlib.suppress(Abort), transaction.atomic():
            lock()
            if plan.build():
                plan.apply()
        return plan

    errors = other_settings(request.get("expect_settings") or {}, scrub)
    if errors:
        return {"ok": False, "kind": "objects", "errors": errors}
    if request["mode"] == "check":
        plan = Plan(request, scrub)
        plan.build()
    else:
        connection.ensure_connection()
        if connection.vendor == "sqlite" and hasattr(connection, "transaction_mode"):
            # SQLite has no row locks: take its write lock before the first read, not after. (Connecting sets the mode.)
            connection.transaction_mode = "IMMEDIATE"
        plan = despite_deadlocks(apply)
    if plan.errors:
        return {"ok": False, "kind": "objects", "errors": plan.errors}
    return {"ok": True, "objects": [step.result(request.get("return_secrets")) for step in plan.steps]}


def versions():
    import django

    found = {"python": "%d.%d.%d" % sys.version_info[:3], "django": django.get_version()}
    with contextlib.suppress(Exception):
        from importlib.metadata import version

        found["django-oauth-toolkit"] = version("django-oauth-toolkit")
    return found


def boot(request):
    """Start Django in this process, unless a management command has done so."""
    if request.get("settings"):
        os.environ["DJANGO_SETTINGS_MODULE"] = request["settings"]
    try:
        import django
        from django.apps import apps
    except ImportError:
        return {
            "ok": False,
            "kind": "not_django",
            "message": "Python %s starts, but has no Django." % sys.version.split()[0],
        }
    try:
        if not apps.ready:
            django.setup()
    except Exception as error:
        return {"ok": False, "kind": "setup", "message": "%s: %s" % (type(error).__name__, error)}
    return None


def main(text, jobs):
    """Answer one request. What the target prints meanwhile goes to stderr, so that stdout holds the reply alone."""
    request, scrub = json.loads(text), Scrubber()
    sys.stdout.flush()
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        reply = boot(request)
        if reply is None:
            reply = jobs[request["job"]](request, scrub)
            reply["versions"] = versions()
    except (Exception, SystemExit) as error:
        reply = {
            "ok": False,
            "kind": "crash",
            "message": scrub("%s: %s" % (type(error).__name__, error)),
            "traceback": scrub(traceback.format_exc()),
        }
    for found in reply.get("errors", []):
        found["message"] = scrub(found["message"])
    body = "\n<<%s\n%s\n%s>>\n" % (request["nonce"], json.dumps(reply, default=str), request["nonce"])
    with os.fdopen(answer, "w") as stream:
        stream.write(body)
