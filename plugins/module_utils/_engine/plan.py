# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Snapshot, plan and apply, inside the target (Python 3.8 or newer, Django 3.2 to 5.2).

A request is ``{"mode": "check" | "apply", "return_secrets", "history_user", "expect_settings", "objects"}``. Each
object is ``{"id", "kind", "state", "key", "values", "options"}``. All objects are planned before the first is written,
and written in one transaction.
"""

from __future__ import annotations

import contextlib
import json

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.agent import despite_deadlocks, is_deadlock
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.claims import claim
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import (
    NAMED,
    Change,
    Kind,
    Missing,
    Problem,
    hidden_in,
    jsonable,
    model_of,
    only,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.generic import Generic
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.stored import AHEAD, Stored
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import is_secret, veiled


class Abort(Exception):
    """Leaves the transaction, so that nothing of the plan stays written."""


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
            "key": veiled(jsonable(self.obj["key"])),
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
            if self.operation == "removed":
                shown["parting"] = self.kind.parting(self.instance, self.obj)
        elif self.instance is not None and (beside := self.kind.beside(self.instance)):
            shown["beside"] = beside
        if return_secrets:
            shown["secrets"] = self.clear
        return shown


class Plan:
    """Snapshot, plan and apply. Planning touches unsaved objects only; the same plan is shown, counted and applied."""

    def __init__(self, request, scrub):
        self.request, self.scrub = request, scrub
        self.steps, self.errors, self.kinds, self.planned, self.warnings = [], [], {}, {}, []
        self.held, self.read = {}, {}
        #: The keys, by their models, of rows that this request removes: of any model, and of tokens.
        self.gone: dict[type, set] = {}

    def stored(self, name, queryset, most):
        """What is read of some rows, which all objects share that ask for them under this name."""
        return self.read.setdefault(name, Stored(queryset, most))

    def referenced(self, model):
        """The rows of a model that others point at."""
        return self.stored(model, model._default_manager.order_by("pk"), NAMED)

    def kind(self, obj):
        name = obj["kind"]
        if name == Generic.name:
            return Generic(self, obj)
        if name not in self.kinds:
            self.kinds[name] = KINDS[name](self)
        return self.kinds[name]

    def reference(self, reference, value, field):
        """The row that a natural key names: one that this request makes, or a stored one."""
        model_label, column = reference
        model = model_of(model_label)
        if (model, value) in self.planned:
            return self.planned[model, value]
        found = only(self.referenced(model).get({column: value}), model._meta.label, "%s=%s" % (column, value))
        if found is None:
            raise Missing(
                value,
                "%s: there is no %s with %s %s." % (field, model._meta.label, column, value),
                "create it first, or list it before this object in the same request.",
            )
        return found

    def ahead_of_references(self, reference, values):
        """Read at once the rows that these natural keys name, except those that this request has looked at."""
        model_label, column = reference
        with contextlib.suppress(Problem):
            model = model_of(model_label)
            self.referenced(model).ahead([{column: value} for value in values if (model, value) not in self.planned])

    def ahead(self, objects):
        """Read at once what these objects will ask for if they are there already."""
        kinds: dict[str, tuple[Kind, list]] = {}
        for obj in objects:
            # What is wrong with an object is said when its turn comes.
            with contextlib.suppress(Problem):
                kind = self.kind(obj)
                kinds.setdefault(kind.name, (kind, []))[1].append(obj)
        for kind, its in kinds.values():
            kind.ahead(its)

    def add(self, obj):
        for value in hidden_in(obj):
            self.scrub.add(value)
        kind = self.kind(obj)
        step = Step(obj, kind)
        for field, value in obj["values"].items():
            if kind.fields[field].secret:
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
                step.changes[:0] = [
                    Change(field, None, value, secret=is_secret(field)) for field, value in obj["key"].items()
                ]
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
        for number, obj in enumerate(self.request["objects"]):
            if number % AHEAD == 0:
                if number:
                    self.scrub.looked(number)
                end = number + AHEAD
                self.ahead(self.request["objects"][number:end])
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
        return self.has_history(self.planned) and not self.errors

    def apply(self):
        from django.core.exceptions import ValidationError
        from django.db import DatabaseError

        for step in self.steps:
            try:
                if step.operation == "removed":
                    step.pk = step.instance.pk
                    step.kind.remove(step.instance, step.obj)
                elif step.operation != "unchanged":
                    step.kind.save(step.instance, step.obj)
            except Problem as problem:
                self.errors.append({"id": step.obj["id"], "message": str(problem)})
                raise Abort() from problem
            except (DatabaseError, ValidationError, ValueError) as error:
                if is_deadlock(error):
                    raise
                said = " ".join(getattr(error, "messages", [str(error)]))
                self.errors.append({"id": step.obj["id"], "message": "%s: %s" % (type(error).__name__, said)})
                raise Abort() from error
        if self.request.get("history_user"):
            self.remember()

    def history_user(self):
        """The user under whose name the changes stand in the target's own history; None where none is named."""
        from django.contrib.auth import get_user_model

        name = self.request.get("history_user")
        return get_user_model().objects.filter(username=name).first() if name else None

    def has_history(self, planned=()):
        """Whether changes can stand in that history, or need not; else that is an error.

        :param planned: what this request makes, where it is not written yet.
        """
        name = self.request.get("history_user")
        if not name:
            return True
        from django.apps import apps
        from django.contrib.auth import get_user_model

        if not apps.is_installed("django.contrib.admin"):
            reason = "the target has no django.contrib.admin."
        elif self.history_user() is None and (get_user_model(), name) not in planned:
            reason = "there is no user %s." % name
        else:
            return True
        fix = "name a user who exists, or leave history_user out."
        self.errors.append({"id": "history_user", "message": str(Problem(reason, fix))})
        return False

    def remember(self):
        """Entries in the history of Django's admin, as its own pages write them, in the transaction of the changes."""
        from django.apps import apps
        from django.contrib.contenttypes.models import ContentType

        if not self.has_history():
            raise Abort()
        user = self.history_user()
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
                    object_repr=" / ".join(str(value) for value in veiled(step.obj["key"]).values())[:200],
                    action_flag=flag,
                    change_message=json.dumps([{word: fields}]),
                )


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

    def hold(plan, writes):
        """Whether nobody else holds what this request belongs to."""
        if request.get("claims"):
            plan.held, plan.errors = claim(request["claims"], writes)
        return not plan.errors

    def apply():
        plan = Plan(request, scrub)
        with contextlib.suppress(Abort), transaction.atomic():
            lock()
            if hold(plan, True) and plan.build():
                plan.apply()
                scrub.writes()
        return plan

    errors = other_settings(request.get("expect_settings") or {}, scrub)
    if errors:
        return {"ok": False, "kind": "objects", "errors": errors}
    if request["mode"] == "check":
        plan = Plan(request, scrub)
        if hold(plan, False):
            plan.build()
    else:
        connection.ensure_connection()
        if connection.vendor == "sqlite" and hasattr(connection, "transaction_mode"):
            # SQLite has no row locks: take its write lock before the first read, not after. (Connecting sets the mode.)
            connection.transaction_mode = "IMMEDIATE"
        plan = despite_deadlocks(apply)
    if plan.errors:
        return {"ok": False, "kind": "objects", "errors": plan.errors}
    reply = {"ok": True, "objects": [step.result(request.get("return_secrets")) for step in plan.steps]}
    return {**reply, "held": plan.held, "warnings": plan.warnings}
