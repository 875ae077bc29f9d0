# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""OAuth2 providers of the LMS, and how rows of any configuration model are treated."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.by_email import is_nobodys, superusers
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import (
    UPDATE_SECRET,
    Change,
    Field,
    Kind,
    Problem,
    is_hash,
    jsonable,
    random_secret,
    table,
)


class Configuration(Kind):
    """A row of a ConfigurationModel (django-config-models): append-only, the newest of a key counts.

    Saving always inserts, so a row is only written when it differs from the newest one. Removal appends a disabled row.
    """

    most = 1

    def rows(self):
        # The order of current() (change_date) with the admin's order (pk) as the tie-break.
        return self.model._default_manager.order_by("-change_date", "-pk")

    def where(self, obj):
        """The key as columns; None where it points at a row that this request only makes."""
        where = {}
        for field, value in obj["key"].items():
            if self.fields[field].compare == "reference":
                related = self.plan.reference(self.fields[field].reference, value, field)
                where[self.column(field) + "_id"] = related.pk
            else:
                where[self.column(field)] = value
        return where

    def newest(self, where):
        return next(iter(self.stored.get(where)), None)

    def find(self, obj):
        where = self.where(obj)
        return None if None in where.values() else self.newest(where)

    def ahead(self, objects):
        for field, spec in self.fields.items():
            if spec.key and spec.compare == "reference":
                self.plan.ahead_of_references(spec.reference, {obj["key"][field] for obj in objects})
        super().ahead(objects)

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

    def parting(self, instance, obj):
        return "disabled"

    def remove(self, instance, obj):
        instance.enabled = False
        self.save(instance, obj)


class Provider(Configuration):
    """OAuth2ProviderConfig of the LMS: keyed by site and backend name, with a registry that is cached apart.

    The secret may live in the row or in the setting SOCIAL_AUTH_OAUTH_SECRETS; the row wins where both are set.
    """

    name, plural, label = "third_party_auth_provider", "providers", "third_party_auth.OAuth2ProviderConfig"
    fields = table(
        backend_name=Field(key=True),
        site=Field(key=True, compare="reference", reference=("sites.Site", "domain")),
        enabled=Field(type="bool"),
        name=Field(),
        slug=Field(),
        client_id=Field(orm="key"),
        client_secret=Field(orm="secret", secret=True),
        other_settings=Field(type="dict", compare="json"),
        icon_class=Field(),
        secondary=Field(type="bool"),
        visible=Field(type="bool"),
        skip_hinted_login_dialog=Field(type="bool"),
        skip_registration_form=Field(type="bool"),
        skip_email_verification=Field(type="bool"),
        send_welcome_email=Field(type="bool"),
        send_to_registration_first=Field(type="bool"),
        sync_learner_profile_data=Field(type="bool"),
        enable_sso_id_verification=Field(type="bool"),
        disable_for_enterprise_sso=Field(type="bool"),
        max_session_length=Field(type="int"),
    )
    options = table(update_secret=UPDATE_SECRET, refuse_takeover={"type": "bool", "default": False})
    #: The backends that running servers see.
    seen = None
    #: The superusers, read once for all providers, with those whom the first steps of the plan make; and how many.
    superusers = None
    looked = 0

    def find(self, obj):
        row = super().find(obj)
        if row is None and obj["state"] == "present":
            # Made for another Site (example.com is the admin form's default): its credentials are worth keeping, as
            # long as its newest row is enabled.
            newest: dict = {}
            for one in self.rows().filter(backend_name=obj["key"]["backend_name"]):
                newest.setdefault(one.site_id, one)
            row = next((one for one in newest.values() if one.enabled), None)
        return row

    def compare(self, obj, instance, created):
        was_enabled = instance.enabled and not created
        changes, clear = super().compare(obj, instance, created)
        if instance.enabled and not was_enabled:
            self._refuse_takeover(obj)
        site = obj["key"]["site"]
        before = self.read(instance, "site")
        if before != site:
            self.write(instance, "site", site)
            gone = {**obj["key"], "site": before}
            is_gone = any(one["state"] == "absent" and one["key"] == gone for one in self.plan.request["objects"])
            what = "is disabled" if is_gone else "stays enabled"
            changes.insert(0, Change("site", before, "%s: a row of its own; that of %s %s" % (site, before, what)))
        if not instance.key:
            instance.key = self.made_up(random_secret)
            changes.append(Change("client_id", None, "(generated)"))
        if not changes and instance.enabled and self._unseen(instance):
            changes.append(Change("registry", "stale: running servers do not see this backend yet", "fresh"))
            instance._only_registry = True
        return changes, clear

    def _refuse_takeover(self, obj):
        """The LMS links people to accounts by e-mail alone: whoever has a superuser's in the app becomes one."""
        backend = obj["key"]["backend_name"]
        if self.superusers is None:
            self.superusers = superusers()
        first, self.looked = self.looked, len(self.plan.steps)
        self.superusers += [
            (step.instance, ())
            for step in self.plan.steps[first:]
            if any(change.field == "is_superuser" and change.after for change in step.changes)
        ]
        found = [user for user, links in self.superusers if backend not in links and not is_nobodys(user.email)]
        if not found:
            return
        named = ", ".join("%s (%s)" % (user.get_username(), user.email) for user in found[:5])
        more = " and %d more" % (len(found) - 5) if len(found) > 5 else ""
        what = "whoever has the e-mail of %s%s in the app becomes that superuser of the LMS at the first login" % (
            named,
            more,
        )
        fix = (
            "see that these addresses are the same person's in the app and let them log in first, which links the two "
            "for good; or give the accounts an e-mail that nobody can have there, such as edx@localhost."
        )
        if obj["options"].get("refuse_takeover"):
            raise Problem("it is not enabled, because %s." % what, fix)
        self.plan.warnings.append(str(Problem("%s: %s." % (backend, what), fix)))

    def _unseen(self, instance):
        if self.seen is None:
            self.seen = frozenset(self.model.key_values("backend_name", flat=True))
        return instance.backend_name not in self.seen

    def left(self, obj):
        """The rows of the history, the people who logged in through the provider, and what is on record of that."""
        from django.apps import apps

        backend = obj["key"]["backend_name"]

        def rows(app, model, **where):
            # A release that lacks the model has none of its rows.
            return (
                apps.get_model(app, model)._base_manager.filter(**where)
                if model.lower() in apps.all_models[app]
                else ()
            )

        links = rows("social_django", "UserSocialAuth", provider=backend)
        records = {
            "link_history": rows("support", "HistoricalUserSocialAuth", provider=backend),
            "logins_begun": rows("social_django", "Partial", backend=backend),
        }
        # To disable one is to write a row.
        to_come = self.plan.request["mode"] == "check" and sum(
            step.kind.name == self.name and step.operation == "removed" and step.obj["key"]["backend_name"] == backend
            for step in self.plan.steps
        )
        return {
            "rows": self.model._default_manager.filter(backend_name=backend).count() + to_come,
            "people": links.values("user").distinct().count(),
            **{name: found.count() for name, found in records.items() if found != ()},
        }

    @staticmethod
    def _in_settings(instance):
        from django.conf import settings

        return (getattr(settings, "SOCIAL_AUTH_OAUTH_SECRETS", None) or {}).get(instance.backend_name) or ""

    def beside(self, instance):
        in_settings = self._in_settings(instance)
        if not in_settings:
            return []
        what = "a password hash" if is_hash(in_settings) else "a secret"
        return [
            "SOCIAL_AUTH_OAUTH_SECRETS has %s for %s, which does not count beside that of the row: take it out of "
            "the LMS's settings (private.py, say)" % (what, instance.backend_name)
        ]

    def secret(self, instance, field, given, options):
        in_settings = self._in_settings(instance)
        self.plan.scrub.add(in_settings)
        if is_hash(instance.secret or ""):
            # The hash that configure_instance prints, pasted as the guide says: no login ever worked with it.
            self.plan.scrub.add(instance.secret)
            instance.secret = ""
        on_create = given is None or options.get("update_secret") == "on_create"
        if not instance.secret and in_settings and on_create and not is_hash(in_settings):
            return in_settings
        if given == "" and in_settings and not self.kept(instance, field, options):
            raise Problem(
                "without a secret in the row the one of SOCIAL_AUTH_OAUTH_SECRETS would count.",
                "remove %s from that setting." % instance.backend_name,
            )
        return super().secret(instance, field, given, options)

    def save(self, instance, obj):
        from django.db import transaction

        if hasattr(instance, "_only_registry"):
            transaction.on_commit(lambda: self.forget(instance))
        else:
            super().save(instance, obj)
