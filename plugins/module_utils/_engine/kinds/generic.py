# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Objects of any model, for which there is no kind of its own."""

from __future__ import annotations

import contextlib

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.alone import Alone
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import (
    Field,
    Problem,
    describe,
    only,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import is_secret

HIDDEN, SHOWN = Field(hidden=True), Field()


def lookup(value):
    """The columns by which a relation names a row: it says them, or it is the primary key."""
    return value if isinstance(value, dict) else {"pk": value}


@contextlib.contextmanager
def refused(field):
    """What Django says of a value that a field cannot have, or of a lookup that is none, as a problem of the object."""
    from django.core.exceptions import FieldError, ValidationError

    try:
        yield
    except (FieldError, TypeError, ValidationError, ValueError) as error:
        raise Problem("%s: %s" % (field, " ".join(getattr(error, "messages", [str(error)])))) from None


class Generic(Alone):
    """Any model, by its own field names: text and numbers plainly, relations by a lookup (a dictionary)."""

    name = "model"

    def __init__(self, plan, obj):
        """Its fields are the model's. The secret ones of an object come apart from the others."""
        self.name = self.label = obj["options"]["model"]
        super().__init__(plan)
        concrete = [field.name for field in self.model._meta.get_fields() if field.concrete]
        self.fields = {name: HIDDEN if is_secret(name) else SHOWN for name in concrete}
        for field, value in obj["options"].get("secrets", {}).items():
            self.column(field)
            if value is not None:
                self.fields[field] = Field(secret=True)
                obj["values"][field] = self.plan.scrub.add(value)
        for field in obj["values"]:
            self.column(field)

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
        where = lookup(value)
        with refused(field):
            row = only(self.plan.referenced(related).get(where), related._meta.label, describe(where))
        if row is None:
            raise Problem("%s: no row of %s matches %s." % (field, related._meta.label, describe(where)))
        return row

    def where(self, obj):
        if not obj["key"]:
            raise Problem("its key is empty, which every row matches.", "name the fields that find the one row.")
        where = {}
        for field, value in obj["key"].items():
            meta = self.model._meta.get_field(self.column(field))
            if value is None or not meta.is_relation:
                self._converted(meta, value)
                where[field] = value
            elif meta.many_to_many:
                where[field] = self._related(field, value)
            else:
                where[meta.attname] = getattr(self._related(field, value), meta.target_field.attname)
        return where

    def related(self, objects):
        many = {field.name for field in self.model._meta.many_to_many}
        return sorted(many & {field for obj in objects for field in obj["values"]})

    def ahead(self, objects):
        for field in self.fields:
            related = self.model._meta.get_field(field).related_model
            values = [{**obj["key"], **obj["values"]}.get(field) for obj in objects] if related else []
            named = [item for value in values for item in (value if isinstance(value, list) else [value])]
            if named := [lookup(value) for value in named if value is not None]:
                # It is said of the object when its turn comes.
                with contextlib.suppress(Problem), refused(field):
                    self.plan.referenced(related).ahead(named)
        super().ahead(objects)

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
        return [row.pk for row in getattr(instance, field).all()] if instance.pk else []

    @staticmethod
    def _converted(meta, value):
        """A value as the database is asked for it."""
        if meta.get_internal_type() == "JSONField":
            return value
        with refused(meta.name):
            return meta.get_prep_value(meta.to_python(value))

    def wanted(self, instance, field, value, options):
        meta = self.model._meta.get_field(field)
        if meta.many_to_many:
            if not isinstance(value, list):
                raise Problem("%s: it is a list, of lookups or primary keys." % field)
            return sorted(self._related(field, item).pk for item in value)
        if meta.is_relation:
            return None if value is None else self._related(field, value).pk
        return self._converted(meta, value)

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

    def save(self, instance, obj):
        super().save(instance, obj)
        for field, keys in instance.__dict__.get("_many", {}).items():
            getattr(instance, field).set(keys)

    def facts(self, instance):
        return {}
