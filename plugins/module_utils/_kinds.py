# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The field tables: what each kind of object is made of, said once.

The argument_spec, the comparison, the diff, the redaction and the result of a module all come from its table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Field:
    """One option of a kind.

    :ivar compare: ``plain``; ``words`` (a set kept as text split at white space); ``json`` (an object kept as text);
        ``reference`` (a row, named by its natural key).
    :ivar orm: the model's field, where it is not called like the option.
    :ivar reference: for ``reference``: the model's label and the column of its natural key.
    :ivar secret: never shown; compared as text or by hash, as the target stores it.
    :ivar create_only: set on a new row, never corrected.
    :ivar virtual: no column of its own; the kind's own code in the agent uses it.
    """

    type: str = "str"
    compare: str = "plain"
    orm: str | None = None
    reference: tuple[str, str] | None = None
    key: bool = False
    secret: bool = False
    create_only: bool = False
    virtual: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def argument(self) -> dict[str, Any]:
        """This field as an entry of an argument_spec. Nothing has a default: what is not given is not managed."""
        spec: dict[str, Any] = {"type": self.type, "no_log": self.secret}
        if self.type == "list":
            spec["elements"] = "str"
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.aliases:
            spec["aliases"] = list(self.aliases)
        return spec

    def wire(self) -> dict[str, Any]:
        """This field as the agent needs to know it."""
        return {
            "compare": self.compare,
            "orm": self.orm,
            "reference": self.reference,
            "secret": self.secret,
            "create_only": self.create_only,
            "virtual": self.virtual,
        }


@dataclass(frozen=True)
class Kind:
    """One kind of object: its model, the agent's class for it, its fields, and options about how to treat them.

    :ivar model: a Django model label; ``@user``, ``@application`` and ``@access_token`` are what the settings name.
    :ivar plural: the option that takes many objects.
    """

    model: str
    plural: str
    fields: dict[str, Field]
    agent: str
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        return [name for name, spec in self.fields.items() if spec.key]

    def arguments(self) -> dict[str, Any]:
        """The argument_spec of one object."""
        spec = {name: item.argument() for name, item in self.fields.items()}
        spec.update({name: dict(option) for name, option in self.options.items()})
        spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
        return spec

    def wire(self) -> dict[str, Any]:
        return {
            "kind": self.agent,
            "model": self.model,
            "fields": {name: item.wire() for name, item in self.fields.items()},
        }


UPDATE_SECRET = {"type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False}
RENEW_SECRET = {**UPDATE_SECRET, "choices": ["always", "on_create", "renew"]}
LIST_BEHAVIOR = {"type": "str", "choices": ["exact", "add"], "default": "exact"}
USER, APPLICATION = ("@user", "username"), ("@application", "name")

KINDS = {
    "django_site": Kind(
        model="sites.Site",
        agent="site",
        plural="sites",
        fields={"domain": Field(key=True), "name": Field()},
    ),
    "django_user": Kind(
        model="@user",
        agent="user",
        plural="users",
        fields={
            "username": Field(key=True),
            "email": Field(),
            "name": Field(virtual=True),
            "is_active": Field(type="bool"),
            "is_staff": Field(type="bool"),
            "is_superuser": Field(type="bool"),
            "password": Field(secret=True, virtual=True),
            "usable_password": Field(type="bool", virtual=True),
        },
        options={
            "update_password": dict(UPDATE_SECRET),
            "on_absent": {"type": "str", "choices": ["delete", "deactivate"], "default": "delete"},
        },
    ),
    "oauth_application": Kind(
        model="@application",
        agent="application",
        plural="applications",
        fields={
            "name": Field(key=True),
            "client_id": Field(),
            "client_secret": Field(secret=True),
            "user": Field(compare="reference", reference=USER),
            "redirect_uris": Field(type="list", compare="words"),
            "post_logout_redirect_uris": Field(type="list", compare="words"),
            "client_type": Field(choices=("confidential", "public")),
            "authorization_grant_type": Field(
                choices=("authorization-code", "implicit", "password", "client-credentials", "openid-hybrid")
            ),
            "skip_authorization": Field(type="bool"),
            "algorithm": Field(choices=("", "RS256", "HS256")),
        },
        options={
            "update_secret": dict(RENEW_SECRET),
            "redirect_uris_behavior": dict(LIST_BEHAVIOR),
            "keep_old_as": {"type": "str"},
            "heir": {"type": "str"},
            "heir_takes_credentials": {"type": "bool", "default": False, "no_log": False},
        },
    ),
    "oauth_access_token": Kind(
        model="@access_token",
        agent="access_token",
        plural="access_tokens",
        fields={
            "user": Field(key=True, compare="reference", reference=USER),
            "token": Field(secret=True),
            "application": Field(compare="reference", reference=APPLICATION, create_only=True),
            "scope": Field(type="list", compare="words"),
            "expires_in_days": Field(type="int", virtual=True),
            "renew_before_days": Field(type="int", virtual=True),
        },
        options={"update_secret": dict(RENEW_SECRET), "exclusive": {"type": "bool", "default": False}},
    ),
    "third_party_auth_provider": Kind(
        model="third_party_auth.OAuth2ProviderConfig",
        agent="provider",
        plural="providers",
        fields={
            "backend_name": Field(key=True),
            "site": Field(key=True, compare="reference", reference=("sites.Site", "domain")),
            "enabled": Field(type="bool"),
            "name": Field(),
            "slug": Field(),
            "client_id": Field(orm="key"),
            "client_secret": Field(orm="secret", secret=True),
            "other_settings": Field(type="dict", compare="json"),
            "icon_class": Field(),
            "secondary": Field(type="bool"),
            "visible": Field(type="bool"),
            "skip_hinted_login_dialog": Field(type="bool"),
            "skip_registration_form": Field(type="bool"),
            "skip_email_verification": Field(type="bool"),
            "send_welcome_email": Field(type="bool"),
            "send_to_registration_first": Field(type="bool"),
            "sync_learner_profile_data": Field(type="bool"),
            "enable_sso_id_verification": Field(type="bool"),
            "disable_for_enterprise_sso": Field(type="bool"),
            "max_session_length": Field(type="int"),
        },
        options={"update_secret": dict(UPDATE_SECRET)},
    ),
}
