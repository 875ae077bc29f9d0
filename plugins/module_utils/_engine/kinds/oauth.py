# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The rows of django-oauth-toolkit: applications and access tokens."""

from __future__ import annotations

import datetime

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import (
    APPLICATION,
    LIST_BEHAVIOR,
    RENEW_SECRET,
    USER,
    Change,
    Field,
    Kind,
    Problem,
    formerly,
    jsonable,
    random_secret,
    table,
    words,
)


class Application(Kind):
    """An OAuth2 application: found by its name, or by the client id that is given where it has another name.

    An application has one client id and one secret. So that a client can change to new ones without a gap, a second
    application keeps the old ones (`keep_old_as`), the previous client, until it is removed and the tokens that were
    made with it go to the application that it comes from (`transfer_tokens_to`).
    """

    name, plural, label = "oauth_application", "applications", "@application"
    fields = table(
        name=Field(key=True),
        client_id=Field(),
        client_secret=Field(secret=True),
        user=Field(compare="reference", reference=USER),
        redirect_uris=Field(type="list", compare="words"),
        post_logout_redirect_uris=Field(type="list", compare="words"),
        client_type=Field(choices=("confidential", "public")),
        authorization_grant_type=Field(
            choices=("authorization-code", "implicit", "password", "client-credentials", "openid-hybrid")
        ),
        skip_authorization=Field(type="bool"),
        algorithm=Field(choices=("", "RS256", "HS256")),
    )
    options = table(
        update_secret=RENEW_SECRET,
        redirect_uris_behavior=LIST_BEHAVIOR,
        redirect_uris_absent={"type": "list", "elements": "str", "default": []},
        on_absent={"type": "str", "choices": ["delete", "withdraw"], "default": "delete"},
        keep_old_as={"type": "str"},
        transfer_tokens_to={"type": "str", "no_log": False, **formerly("heir")},
        transfer_credentials={
            "type": "bool",
            "default": False,
            "no_log": False,
            **formerly("heir_takes_credentials"),
        },
    )

    def find(self, obj):
        client_id = obj["values"].get("client_id")
        return super().find(obj) or (
            self.model._default_manager.filter(client_id=client_id).first() if client_id else None
        )

    def blank(self, obj):
        instance = super().blank(obj)
        instance.client_id = self._new_client_id()
        return instance

    def _new_client_id(self):
        return self.made_up(self.model._meta.get_field("client_id").get_default)

    def wanted(self, instance, field, value, options):
        found = super().wanted(instance, field, value, options)
        gone = words(options.get("redirect_uris_absent")) if field == "redirect_uris" else ()
        return [uri for uri in found if uri not in gone] if gone else found

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
        """New credentials for a row, and a copy of it that keeps the old ones."""
        previous = instance._previous = self.model._default_manager.get(pk=instance.pk)
        previous.pk, previous.name, previous._state.adding = None, name, True
        instance.client_id = self._new_client_id()
        instance.client_secret = clear["client_secret"] = random_secret()
        return [
            Change("client_id", previous.client_id, instance.client_id),
            Change("client_secret", previous.client_secret, True, secret=True),
            Change("keep_old_as", None, name),
        ]

    def save(self, instance, obj):
        super().save(instance, obj)
        if hasattr(instance, "_previous"):
            instance._previous.save()

    def _rest(self, instance, obj):
        """The redirect URIs of an application that stays, without those that are taken away."""
        return sorted(set(self.read(instance, "redirect_uris")) - words(obj["values"].get("redirect_uris")))

    def removal(self, instance, obj):
        if obj["options"].get("on_absent") == "withdraw":
            there, rest = self.read(instance, "redirect_uris"), self._rest(instance, obj)
            return [Change("redirect_uris", there, rest)] if rest != there else []
        if obj["options"].get("transfer_tokens_to"):
            name = obj["options"]["transfer_tokens_to"]
            instance._successor = self.plan.reference(APPLICATION, name, "transfer_tokens_to")
        return super().removal(instance, obj)

    def parting(self, instance, obj):
        return "withdrawn" if obj["options"].get("on_absent") == "withdraw" else super().parting(instance, obj)

    def remove(self, instance, obj):
        """Tokens and codes, which would be deleted, and credentials go to another application where that is wanted."""
        if obj["options"].get("on_absent") == "withdraw":
            # Only this column: a save would hash a secret that is stored in clear.
            uris = "\n".join(self._rest(instance, obj))
            self.model._default_manager.filter(pk=instance.pk).update(redirect_uris=uris)
            return
        successor = getattr(instance, "_successor", None)
        for relation in self.model._meta.related_objects if successor else ():
            if relation.one_to_many:
                field, model = relation.field.name, relation.related_model
                model._base_manager.filter(**{field: instance}).update(**{field: successor})
        instance.delete()
        if successor and obj["options"].get("transfer_credentials"):
            successor.client_id, successor.client_secret = instance.client_id, instance.client_secret
            successor.save()


class AccessToken(Kind):
    """A bearer token of a user. Several rows of one user are normal: every browser login makes one.

    The row is found by its token where one is given, else it is the last to expire of the user and application. A
    renewed token is a row of its own, beside the old one.
    """

    name, plural, label = "oauth_access_token", "access_tokens", "@access_token"
    fields = table(
        user=Field(key=True, compare="reference", reference=USER),
        token=Field(secret=True),
        application=Field(compare="reference", reference=APPLICATION, create_only=True),
        scope=Field(type="list", compare="words"),
        expires_in_days=Field(type="int", compare="own"),
        renew_before_days=Field(type="int", compare="own"),
    )
    options = table(update_secret=RENEW_SECRET, exclusive={"type": "bool", "default": False})
    # Whether there is another one beside it.
    most = 2

    def rows(self):
        return self.model._default_manager.order_by("-expires", "pk")

    def wheres(self, obj):
        found, token = [], obj["values"].get("token")
        if token:
            found.append({"token": token})
        if not token or obj["options"].get("exclusive"):
            owner, application = self._belongs_to(obj)
            found.append({"user_id": owner.pk, "application_id": application and application.pk})
        return found

    def ahead(self, objects):
        self.plan.ahead_of_references(USER, {obj["key"]["user"] for obj in objects})
        self.plan.ahead_of_references(APPLICATION, {obj["values"].get("application") for obj in objects} - {None})
        super().ahead(objects)

    def _belongs_to(self, obj):
        """The user and the application of a token."""
        name = obj["values"].get("application")
        return (
            self.plan.reference(USER, obj["key"]["user"], "user"),
            self.plan.reference(APPLICATION, name, "application") if name else None,
        )

    def find(self, obj):
        if obj["options"].get("update_secret") == "renew":
            return None
        owner, token = self.plan.reference(USER, obj["key"]["user"], "user"), obj["values"].get("token")
        if token:
            row = next(iter(self.stored.get({"token": token})), None)
            if row is not None and row.user_id == owner.pk:
                return row
            if obj["state"] == "absent":
                return None
            if obj["options"].get("update_secret") != "on_create":
                if row is None:
                    return None
                raise Problem(
                    "the token given belongs to the user %s." % (row.user and row.user.get_username()),
                    "give another token, or none to have one generated.",
                )
            if row is not None:
                obj["values"]["token"] = None
        if owner.pk is None:
            return None
        owner, application = self._belongs_to(obj)
        if application is not None and application.pk is None:
            return None
        return next(iter(self._all_of(owner.pk, application and application.pk)), None)

    def _all_of(self, owner, application):
        """The tokens of a user and an application, the last to expire first."""
        return self.stored.get({"user_id": owner, "application_id": application})

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
        if obj["options"].get("exclusive") and self._has_others(instance):
            # One that an object before this removes by its name is said there.
            count = self._others(instance).exclude(pk__in=self._gone).count()
            changes += [Change("other tokens", count, 0)] if count else []
        return changes, clear

    @property
    def _gone(self):
        """The keys of the tokens that this request removes."""
        return self.plan.gone.setdefault(self.model._meta.concrete_model, set())

    def _has_others(self, instance):
        same = instance.user_id, instance.application_id
        return None not in same and any(row.pk != instance.pk for row in self._all_of(*same))

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

    def _besides(self, instance, obj):
        """What `state: absent` removes besides a row: without a token all of its key, else each run would find one."""
        same = {"user_id": instance.user_id, "application_id": instance.application_id}
        rows = self.model._default_manager
        return rows.none() if obj["values"].get("token") else rows.filter(**same).exclude(pk=instance.pk)

    def removal(self, instance, obj):
        self._gone.add(instance.pk)
        count = self._besides(instance, obj).count()
        return [*super().removal(instance, obj), *([Change("other tokens", count, 0)] if count else [])]

    def parting(self, instance, obj):
        """The key is the user, who is not without a token where one of several goes."""
        from django.utils import timezone

        others = self.model._default_manager.filter(user_id=instance.user_id, expires__gt=timezone.now())
        stays = obj["values"].get("token") and others.exclude(pk__in=self._gone).exists()
        return "removed, another token of the user stays" if stays else super().parting(instance, obj)

    def remove(self, instance, obj):
        self._besides(instance, obj).delete()
        super().remove(instance, obj)

    def facts(self, instance):
        from django.utils import timezone

        left = instance.expires - timezone.now()
        return dict(super().facts(instance), expires=jsonable(instance.expires), days_left=left.days)
