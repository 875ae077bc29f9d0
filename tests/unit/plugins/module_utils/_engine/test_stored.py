# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that are read ahead, of databases that compare texts in different ways; real ones are in test_growth.py."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.stored import Stored

NAMES = ("one", "Two", "three", "strasse", "twice", "twice", "5")


class Query(list):
    """Rows as Django filters them, of a database that takes texts for the same that `fold` makes the same."""

    def __init__(self, rows, fold, asked):
        super().__init__(rows)
        self.fold, self.asked = fold, asked

    def filter(self, **where):
        self.asked.append(where)

        def is_in(row):
            found = []
            for column, value in where.items():
                name, _, many = column.partition("__")
                wanted = value if many == "in" else [value]
                found.append(self.fold(getattr(row, name)) in map(self.fold, wanted))
            return all(found)

        return Query(filter(is_in, self), self.fold, self.asked)

    def iterator(self):
        return iter(self)


def strictly(value):
    return value


def loosely(value):
    """As MySQL does by default."""
    return value.lower().rstrip().replace("ß", "ss") if isinstance(value, str) else value


@pytest.fixture(params=[strictly, loosely])
def stored(request, monkeypatch):
    models = ModuleType("django.db.models")
    models.prefetch_related_objects = lambda rows, *related: [setattr(row, "related", related) for row in rows]
    for name in ("django", "django.db"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, models.__name__, models)
    rows = [SimpleNamespace(pk=number, name=name, owner=None) for number, name in enumerate(NAMES)]
    return Stored(Query(rows, request.param, []), 5)


def found(stored, *names):
    return [[row.name for row in stored.get({"name": name})] for name in names]


def test_one_query_for_all_that_are_there_and_all_that_are_not(stored):
    stored.ahead([{"name": name} for name in ("one", "twice", "gone")], ["owner"])
    assert found(stored, "one", "twice", "gone") == [["one"], ["twice", "twice"], []]
    assert len(stored.queryset.asked) == 1
    assert stored.get({"name": "one"})[0].related == ("owner",)


@pytest.mark.parametrize(
    "names",
    [("one", "two"), ("TWO", "Two"), ("one", "one "), ("one", "straße"), ("one", 5), ("ONE", "one", "three")],
    ids=str,
)
def test_what_a_database_takes_for_the_same_is_what_it_finds_for_each(stored, names):
    stored.ahead([{"name": name} for name in names])
    each = [[row.name for row in stored.queryset.filter(name=name)] for name in names]
    assert found(stored, *names) == each


def test_empty_columns_and_others_are_asked_apart(stored):
    stored.ahead([{"name": "one", "owner": None}, {"name": "Two", "owner": None}, {"name": "three"}, {}])
    assert [row.pk for row in stored.get({"name": "Two", "owner": None})] == [1]
    assert [where.keys() for where in stored.queryset.asked] == [{"name__in", "owner"}, {"name__in"}]


def test_a_lookup_is_for_the_database(stored):
    stored.ahead([{"name__in": "one"}, {"name": 1.5}])
    assert not stored.queryset.asked
    assert [row.name for row in stored.get({"name__in": ["one"]})] == ["one"]


def test_no_more_than_say_all(stored):
    stored.most = 1
    stored.ahead([{"name": "twice"}, {"name": "one"}])
    assert [row.pk for row in stored.get({"name": "twice"})] == [4]
