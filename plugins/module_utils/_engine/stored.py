# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The rows that the objects of a request ask for, read many at a time. Inside the target (Python 3.8).

All objects are planned before anything is written, so what was read ahead is what reading each by itself would find.
"""

from __future__ import annotations

#: So many objects are read ahead at once. Older SQLites take 999 values in one query.
AHEAD = 300


def is_plain(value):
    """Whether every database compares a value as Python does, but for the case of letters and for spaces at its end."""
    if isinstance(value, str):
        return value.isascii() and value.isprintable()
    return value is None or isinstance(value, int)


def asks_plainly(where):
    """Whether what matches can be told by the columns of a row. A lookup, as name__iexact, is for the database."""
    return all(is_plain(value) and "__" not in column for column, value in where.items())


def can_be_one(values):
    """Whether a database that compares loosely, as MySQL does, can take two of these for the same."""
    texts = [value.lower().rstrip() for value in values if isinstance(value, str)]
    return len(set(texts)) < len(texts)


def key_of(where):
    return tuple(sorted(where.items()))


class Stored:
    """The rows of a query with the wanted values in some columns, in the order of the query.

    :param most: so many of those that match say all there is to know.
    """

    def __init__(self, queryset, most):
        self.queryset, self.most, self.found = queryset, most, {}

    def get(self, where):
        """The rows of an object: those that were read ahead, or what the database says now."""
        if not asks_plainly(where):
            return list(self.queryset.filter(**where)[: self.most])
        key = key_of(where)
        if key not in self.found:
            self.found[key] = list(self.queryset.filter(**where)[: self.most])
        return self.found[key]

    def ahead(self, wheres, related=()):
        """Read the rows of many objects: a query for all that ask by the same columns, and one for each relation."""
        groups: dict[tuple, list] = {}
        for where in wheres:
            if asks_plainly(where) and key_of(where) not in self.found:
                groups.setdefault(tuple((column, value is None) for column, value in key_of(where)), []).append(where)
        for columns, group in groups.items():
            if given := [column for column, is_empty in columns if not is_empty]:
                self._read(given, group, related)

    def _read(self, columns, group, related):
        from django.db.models import prefetch_related_objects

        wanted = {column: {where[column] for where in group} for column in columns}
        empty = {column: None for column in group[0] if column not in wanted}
        if any(map(can_be_one, wanted.values())):
            return
        found: dict[tuple, list] = {key_of(where): [] for where in group}
        many = {column + "__in": list(values) for column, values in wanted.items()}
        for row in self.queryset.filter(**many, **empty).iterator():
            has = {column: getattr(row, column) for column in columns}
            if not asks_plainly(has) or any(value not in wanted[column] for column, value in has.items()):
                # This database takes more for the same than Python does: it is asked about each object.
                return
            rows = found.get(key_of({**has, **empty}))
            if rows is not None and len(rows) < self.most:
                rows.append(row)
        prefetch_related_objects([row for rows in found.values() for row in rows], *related)
        self.found.update(found)
