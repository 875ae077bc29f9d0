# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What all kinds of objects share: the field table, and how a row is found, compared, written and removed.

A kind is one class in one file. Its table is read twice: by the module, which makes its options from it, and inside the
target, where it says how the stored row is compared. So these files run on both sides: Python 3.8, without Ansible.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import secrets
from dataclasses import dataclass

from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import TO_BE_GENERATED, named, veiled
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import with_fix

OLD, NEW, SAME = "(secret, old)", "(secret, new)", "(secret)"

UPDATE_SECRET = {"type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False}
RENEW_SECRET = {**UPDATE_SECRET, "choices": ["always", "on_create", "renew"]}
LIST_BEHAVIOR = {"type": "str", "choices": ["exact", "add"], "default": "exact"}
USER, APPLICATION = ("@user", "username"), ("@application", "name")


@dataclass(frozen=True)
class Field:
    """One option of a kind.

    :ivar compare: ``plain``; ``words`` (a set kept as text split at white space); ``json`` (an object kept as text);
        ``reference`` (a row, named by its natural key); ``own`` (no column of its own; the kind's own code uses it).
    :ivar orm: the model's field, where it is not called like the option.
    :ivar reference: for ``reference``: the model's label and the column of its natural key.
    :ivar secret: never shown; compared as text or by hash, as the target stores it.
    :ivar hidden: never shown either, because of its name; compared as any other.
    :ivar create_only: set on a new row, never corrected.
    """

    type: str = "str"
    compare: str = "plain"
    orm: str | None = None
    reference: tuple[str, str] = ("", "")
    key: bool = False
    secret: bool = False
    hidden: bool = False
    create_only: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def argument(self):
        """This field as an entry of an argument_spec. Nothing has a default: what is not given is not managed."""
        spec = {"type": self.type, "no_log": self.secret}
        if self.type == "list":
            spec["elements"] = "str"
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.aliases:
            spec["aliases"] = list(self.aliases)
        return spec


def formerly(name):
    """The part of an option's spec by which it can still be given under the name that it had."""
    return {
        "aliases": [name],
        "deprecated_aliases": [{"name": name, "version": "2.0.0", "collection_name": "mitodl.openedx"}],
    }


def table(**entries):
    """A table of a class, in the order in which it is written."""
    return entries


class Problem(Exception):
    """What is wrong with one object, and what to do about it."""

    def __init__(self, message, fix=""):
        super().__init__(with_fix(message, fix))


class Missing(Problem):
    """An object points at one that does not exist."""

    def __init__(self, name, message, fix):
        super().__init__(message, fix)
        self.name = name


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
        return not given
    return check_password(given, stored) if is_hash(stored) else constant_time_compare(given, stored)


class Change:
    """One difference between the declared and the stored object."""

    def __init__(self, field, before, after, secret=False):
        self.field, self.before, self.after, self.secret = field, before, after, secret

    def shown(self):
        if not self.secret:
            before, after = jsonable(self.before), jsonable(self.after)
            return {
                "field": self.field,
                "before": veiled(before, after, OLD, SAME),
                "after": veiled(after, before, NEW, SAME),
            }
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


# So many rows are named where one is expected.
NAMED = 5


def only(found, label, where):
    """The one row that was found, None, or a Problem that names the rows that stand in the way."""
    if len(found) > 1:
        raise Problem(
            "%d rows of %s match %s (ids %s); which one is meant cannot be known."
            % (len(found), label, where, ", ".join(str(row.pk) for row in found)),
            "keep one and delete the others in the Django admin, then run again.",
        )
    return found[0] if found else None


def model_of(label):
    """The Django model of a label; ``@user``, ``@application`` and ``@access_token`` are what the settings name."""
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


class Kind:
    """One kind of object: its model and field table, and how its rows are treated. Subclasses change single steps.

    :ivar name: the name of its module.
    :ivar plural: the option that takes many objects.
    :ivar label: the model, see :func:`model_of`.
    :ivar fields: its options that are facts of the row.
    :ivar options: its other options, about how to treat the row, as entries of an argument_spec.
    """

    name: str
    plural: str
    label: str
    fields: dict[str, Field]
    options: dict[str, dict] = table()
    #: So many of the rows that an object matches say all there is to know.
    most = NAMED

    # -- as the module needs it ------------------------------------------------------------------------------------

    @classmethod
    def key_fields(cls):
        return [name for name, spec in cls.fields.items() if spec.key]

    @classmethod
    def arguments(cls):
        """The argument_spec of one object."""
        spec = {name: field.argument() for name, field in cls.fields.items()}
        spec.update({name: dict(option) for name, option in cls.options.items()})
        spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
        return spec

    # -- inside the target: one field ------------------------------------------------------------------------------

    def __init__(self, plan):
        self.plan, self.model = plan, model_of(self.label)
        self.stored = plan.stored(self.name, self.rows(), self.most)

    def column(self, field):
        return self.fields[field].orm or field

    def rows(self):
        """All rows, in the order in which they count."""
        return self.model._default_manager.order_by("pk")

    def check_columns(self, values):
        """A declared field that this version of the model lacks is an error, never silently dropped."""
        from django.core.exceptions import FieldDoesNotExist

        for field in values:
            if self.fields[field].compare == "own":
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
        if spec.compare == "reference":
            related = getattr(instance, self.column(field))
            return None if related is None else getattr(related, spec.reference[1])
        value = getattr(instance, self.column(field))
        if spec.compare == "words":
            return sorted((value or "").split())
        if spec.compare == "json":
            return parsed(value)
        # A column of decimals gives its numbers in a type of their own, of which 0.3 is not that of the option.
        return float(value) if spec.type == "float" and value is not None else value

    def wanted(self, instance, field, value, options):
        """The declared value in the form in which :meth:`read` gives the stored one."""
        compare = self.fields[field].compare
        if compare == "words":
            extra = self.read(instance, field) if options.get(field + "_behavior") == "add" else []
            return sorted(words(value).union(extra))
        return value

    def write(self, instance, field, value):
        spec = self.fields[field]
        if spec.compare == "reference":
            value = None if value is None else self.plan.reference(spec.reference, value, field)
        elif spec.compare == "words":
            value = "\n".join(value)
        elif spec.compare == "json":
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

    def made_up(self, make):
        """What nobody gave and is shown; a dry run says that it will be generated."""
        return TO_BE_GENERATED if self.plan.request.get("mode") == "check" else make()

    # -- one object ------------------------------------------------------------------------------------------------

    def where(self, obj):
        """The columns by which the row of an object is found."""
        return {self.column(field): value for field, value in obj["key"].items()}

    def find(self, obj):
        """The stored row of an object: exactly one, or None."""
        return only(self.stored.get(self.where(obj)), self.model._meta.label, describe(obj["key"]))

    def wheres(self, obj):
        """All that will be asked about an object if it is there already."""
        return [self.where(obj)]

    def related(self, objects):
        """The relations that are read with the rows of objects."""
        columns = [self.column(field) for field, spec in self.fields.items() if spec.compare == "reference"]
        return [column for column in columns if hasattr(self.model, column)]

    def ahead(self, objects):
        """Read at once what each of many objects will ask for."""
        wheres = []
        for obj in objects:
            # It is said of the object when its turn comes.
            with contextlib.suppress(Problem):
                wheres += self.wheres(obj)
        self.stored.ahead(wheres, self.related(objects))

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
            if spec.secret and spec.compare != "own" and getattr(instance, self.column(field), None)
        }

    def compare(self, obj, instance, created):
        """Bring an unsaved copy of the row in line and list what was different."""
        changes, clear = [], self.generated(obj, instance) if created else {}
        for field, value in obj["values"].items():
            spec = self.fields[field]
            if spec.compare == "own" or (spec.create_only and not created):
                continue
            # An empty one is none. What a model puts into a new row is nothing that was there before.
            kept = field == "client_id" and (not value or (not created and self.kept(instance, field, obj["options"])))
            if spec.secret or kept:
                continue
            before, after = self.read(instance, field), self.wanted(instance, field, value, obj["options"])
            if before != after or (created and after not in (None, "", [], {})):
                self.write(instance, field, after)
                changes.append(Change(field, None if created else before, after, secret=spec.hidden))
        for field, spec in self.fields.items():
            if not spec.secret or spec.compare == "own":
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

    def parting(self, instance, obj):
        """What `state: absent` does to a row, in a word."""
        return "removed"

    def left(self, obj):
        """What `state: absent` does not take away, for those who want to know."""
        return {}

    def beside(self, instance):
        """What there is besides a row that looks as if it counted, in words, and what to do with it."""
        return []

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
            field: veiled(jsonable(self.read(instance, field)), None, SAME)
            for field, spec in self.fields.items()
            if not spec.secret and spec.compare != "own" and hasattr(instance, self.column(field))
        }


def words(entries):
    """A list as the set that is kept in a text: an entry may be several words, as scopes are often written."""
    return {word for entry in entries or () for word in entry.split()}


def parsed(text):
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def describe(key):
    return ", ".join("%s=%s" % (name, value) for name, value in veiled(key).items())


def hidden_in(obj):
    """The texts of a declared object that are secrets by their names alone."""
    return named(obj["key"]) | named(obj["values"])
