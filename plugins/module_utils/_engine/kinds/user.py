# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Users of the LMS and of the apps."""

from __future__ import annotations

import contextlib

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import (
    UPDATE_SECRET,
    Change,
    Field,
    Kind,
    Problem,
    random_secret,
    same_secret,
    table,
)


class User(Kind):
    """A person, made the LMS's own way: with a profile where the target keeps profiles, and a usable random password.

    An LMS user without profile breaks the login (500), one with an unusable password is refused (403).
    """

    name, plural, label = "django_user", "users", "@user"
    fields = table(
        username=Field(key=True),
        email=Field(),
        name=Field(compare="own"),
        is_active=Field(type="bool"),
        is_staff=Field(type="bool"),
        is_superuser=Field(type="bool"),
        password=Field(secret=True, compare="own"),
        usable_password=Field(type="bool", compare="own"),
    )
    options = table(
        update_password=UPDATE_SECRET,
        on_absent={"type": "str", "choices": ["delete", "deactivate"], "default": "delete"},
    )

    LMS_USERNAME = 30

    def __init__(self, plan):
        super().__init__(plan)
        from django.apps import apps

        self.profiles, self.to_profile = None, ""
        with contextlib.suppress(LookupError):
            self.profiles = apps.get_model("student", "UserProfile")
            self.to_profile = self.profiles._meta.get_field("user").remote_field.get_accessor_name()

    def where(self, obj):
        return {"username" if self._has("username") else self.model.USERNAME_FIELD: obj["key"]["username"]}

    def related(self, objects):
        return [self.to_profile] if self.to_profile else []

    def _has(self, name):
        return any(field.name == name for field in self.model._meta.concrete_fields)

    def blank(self, obj):
        if self.profiles and len(obj["key"]["username"]) > self.LMS_USERNAME:
            problem = "the username is longer than the %d characters that Open edX allows." % self.LMS_USERNAME
            raise Problem(problem, "shorten it.")
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
        profile = getattr(instance, self.to_profile, None) if self.to_profile and not created else None
        if name is not None and not self._has("name") and profile is not None and profile.name != name:
            changes.append(Change("name", profile.name, name))
        # An empty one is none: Django would take it for a password that everybody knows.
        password = values.get("password") or None
        stored = "" if created else instance.password
        self.plan.scrub.add(password)
        if created or (password is not None and obj["options"].get("update_password") != "on_create"):
            if created or not same_secret(password, stored):
                instance.set_password(password or random_secret())
                changes.append(Change("password", stored, True, secret=True))
        # A user whom somebody made in a shell has none at all, which Django takes for a usable one and refuses to save.
        elif values.get("usable_password") and not (stored and instance.has_usable_password()):
            instance.set_password(password or random_secret())
            changes.append(Change("password", stored, True, secret=True))
        if not created and self.to_profile and profile is None:
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

    def parting(self, instance, obj):
        return "deactivated" if obj["options"].get("on_absent") == "deactivate" else super().parting(instance, obj)

    def remove(self, instance, obj):
        if obj["options"].get("on_absent") != "deactivate":
            super().remove(instance, obj)
            return
        for tokens in self._tokens(instance):
            tokens.delete()
        for right in self.RIGHTS:
            setattr(instance, right, False)
        instance.save()
