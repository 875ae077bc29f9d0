# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Rows that are only removed alone: Django removes with a row whatever points at it, where nobody looks before."""

from __future__ import annotations

from collections import Counter

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Kind, Problem, describe


def taken_with(instance, gone):
    """How many rows of which models Django would remove with a row, besides what is a part of it.

    :param gone: the keys of the rows, by their models, that are not there any more by then.
    """
    from django.db import router
    from django.db.models.deletion import Collector, ProtectedError, RestrictedError

    model = instance._meta.concrete_model
    parts = {model: {instance.pk}}
    for parent in instance._meta.get_parent_list():
        parts[parent] = {getattr(instance, model._meta.get_ancestor_link(parent).attname)}
    collector = Collector(router.db_for_write(model, instance=instance))
    found: Counter = Counter()
    try:
        collector.collect([instance])
    except (ProtectedError, RestrictedError) as error:
        # It would refuse by itself, when it comes to it.
        rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
        collector.data, collector.fast_deletes = {}, []
        for row in rows:
            collector.data.setdefault(row._meta.concrete_model, set()).add(row)
    for other, rows in collector.data.items():
        found[other] += len({row.pk for row in rows} - parts.get(other, set()) - gone.get(other, set()))
    for rows in collector.fast_deletes:
        found[rows.model] += rows.exclude(pk__in=gone.get(rows.model, ())).count()
    # The table of a relation to many belongs to the model that has the relation.
    return {other._meta.label: n for other, n in found.items() if n and other._meta.auto_created not in parts}


class Alone(Kind):
    """A kind whose rows are only removed where Django removes no other with them."""

    def _goes_alone(self, instance, obj, gone):
        others = taken_with(instance, gone)
        if others:
            counts = ["%d of %s" % (others[label], label) for label in sorted(others)]
            raise Problem(
                "with %s %s other rows would be removed, because they point at it: %s."
                % (self.model._meta.label, describe(obj["key"]), ", ".join(counts)),
                "remove these first, which objects of a model before this one may do, or have them point at another "
                "row in a task before.",
            )

    def removal(self, instance, obj):
        self._goes_alone(instance, obj, self.plan.gone)
        self.plan.gone.setdefault(instance._meta.concrete_model, set()).add(instance.pk)
        return super().removal(instance, obj)

    def remove(self, instance, obj):
        # What was written before it in this request may point at it.
        self._goes_alone(instance, obj, {})
        super().remove(instance, obj)
