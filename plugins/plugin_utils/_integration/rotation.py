# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""A rotation of the credentials between an app and its LMS: what may not be rotated, and the objects of every step.

New credentials are put beside the old ones, both sides are switched to them and prove it, and the old ones are revoked;
where the proof fails it goes back. There is no file of state: the rows and the ``.env`` say where an interrupted one
stood.

The client secret of the LMS in the app is in two databases, and people are in the middle of logins: with two client ids
theirs would change between the two halves of a login. So the client id stays, and while the two sides change one after
the other the LMS sends no secret, which the app takes from a public client. A public client with a secret that is right
is taken as well: there is no moment in which what one side sends is not what the other takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.claims import ROTATED_OUT, rotation_of
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import credentials
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared, Row, row

PARTS = ("api_token", "lms_client", "app_client")
# Of what the inventory may give, this one is not renewed by a rotation.
KEPT = "mit_app_edx_client_id"


class RotationError(ValueError):
    """A rotation that cannot begin: its message names the app, what is in the way and what to do."""


@dataclass(frozen=True)
class Rotation:
    """One rotation of one app.

    :ivar parts: what is rotated.
    :ivar begun: by part, the row that the LMS returned in the first step, with its secrets.
    :ivar renewed: the application in the app as the step that renewed its secret returned it.
    :ivar restored: what the step that found the credentials from before returned.
    :ivar back: whether it is being undone.
    :ivar token: with which API token the app runs after a run that ends it.
    """

    declared: Declared
    parts: tuple[str, ...] = PARTS
    token_days: int = 3650
    begun: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    renewed: Mapping[str, Any] = field(default_factory=dict)
    restored: Mapping[str, Any] = field(default_factory=dict)
    back: bool = False
    token: str = ""

    @property
    def app(self) -> Mapping[str, Any]:
        return self.declared.app

    def taking_over(self, notes: Iterable[str]) -> Rotation:
        """This rotation with all that those had begun whose place it takes: it ends with what they left.

        :param notes: the ``note`` of each.
        """
        begun = {part for note in notes for part in note.split()}
        return replace(self, parts=tuple(part for part in PARTS if part in begun or part in self.parts))

    def after_begin(self, rows: Sequence[Mapping[str, Any]]) -> Rotation:
        """This rotation with what the first step returned: a row for each part."""
        return replace(self, begun=dict(zip(self.parts, rows, strict=True)))

    @property
    def switches_client(self) -> bool:
        """Whether the LMS and the app get another client secret for the LMS in the app."""
        return "app_client" in self.parts

    @property
    def restarts(self) -> bool:
        """Whether the app gets other credentials, which it reads from its environment when it starts."""
        return self.parts != ("app_client",)

    @property
    def previous_client(self) -> str:
        """The application that keeps the old client id and secret. While there is one, a rotation is not finished."""
        return str(self.app["lms_application"]) + ROTATED_OUT

    @property
    def previous_provider_secret(self) -> str:
        """With which secret the LMS came to the app before; empty where that is not known."""
        return str(self.begun.get("app_client", {}).get("secrets", {}).get("client_secret") or "")

    @property
    def restores(self) -> bool:
        """Whether the client secret from before comes back. Where nobody knows it, the way back is a new one."""
        return self.back and bool(self.previous_provider_secret)

    @property
    def claim(self) -> str:
        """What a run holds in the LMS from its first step to its last."""
        return rotation_of(self.app["lms_application"])

    @property
    def note(self) -> str:
        """What whoever takes it over has to rotate, too."""
        return " ".join(self.parts)

    def check(self) -> None:
        """Refuse what cannot be rotated.

        :raises RotationError: the inventory gives a credential itself, or the app was never integrated.
        """
        name, given = self.app["name"], self.declared.given
        if variables := [
            variable
            for part in self.parts
            for variable in credentials.VARIABLES[part]
            if variable != KEPT and given.get(variable)
        ]:
            raise RotationError(
                f"{name}: the inventory gives {', '.join(variables)}, so that the next run of the app's playbook would "
                "bring the old value back. Remove the variable and rotate, or change its value and run the app's "
                "playbook. Nothing was changed."
            )
        if self.app["target"].get("type") == "none":
            raise RotationError(
                f"{name}: nothing is run in the app (mit_app_target is none), so nothing can switch it over. Give the "
                "new secret in mit_app_edx_client_secret, register it in the app, and run the app's playbook. Nothing "
                "was changed."
            )
        if "api_token" in self.parts and not self.app["api"]:
            raise RotationError(f"{name}: the app only logs people in, and has no API token. Nothing was changed.")
        needed = {"client_id", "token"} if self.app["api"] else {"client_id"}
        if not needed <= credentials.in_env(self.declared.env).keys():
            raise RotationError(
                f"{name}: {self.app['dotenv']} has no credentials of Open edX yet, so there is nothing to rotate. Run "
                "the app's playbook first. Nothing was changed."
            )
        if self.restarts and self.app["starts_by"] == "command" and not self.app["restart_argv"]:
            raise RotationError(
                f"{name}: the app reads its credentials when it starts, and a target of type "
                f"{self.app['target'].get('type', 'command')} has no restart of its own. Give the command in "
                "mit_app_restart_argv. Nothing was changed."
            )

    # -- the app's environment -----------------------------------------------------------------------------------------

    def new_env(self) -> tuple[dict[str, str], dict[str, str]]:
        """What the ``.env`` gets, by what the first step made: values, and secrets."""
        client, token = self.begun.get("lms_client"), self.begun.get("api_token")
        return environment(client, token["secrets"]["token"] if token else None)

    def previous_env(self, rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], dict[str, str]]:
        """What it had before.

        :param rows: the application that kept the old client id and secret, where they were rotated.
        """
        return environment(rows[0] if rows else None, self.previous_token if "api_token" in self.parts else None)

    def expected_settings(self, step: Step) -> dict[str, str]:
        """With what settings the app has to run: that it has its new environment is proved at every request to it."""
        if step.side == "lms":
            return {}
        if self.back:
            return {**self.restored["env_values"], **self.restored["env_secrets"]} if self.restored else {}
        values, secrets = self.new_env()
        return {**values, **secrets}

    @property
    def previous_token(self) -> str:
        return self.declared.env["OPENEDX_SERVICE_WORKER_API_TOKEN"]

    # -- objects, as ``django_objects`` takes them ---------------------------------------------------------------------

    def begin(self) -> list[Row]:
        """An object for each part: the LMS gets the new credentials of the app beside the old ones.

        An empty secret that is only for where there is none reads the one that is there.
        """
        first = {
            "api_token": row(
                "oauth_access_token",
                user=self.app["service_worker"],
                application=self.app["lms_application"],
                update_secret="renew",
                scope=["read", "write"],
                expires_in_days=self.token_days,
            ),
            "lms_client": row("oauth_application", name=self.app["lms_application"], keep_old_as=self.previous_client),
            "app_client": self.provider(client_secret="", update_secret="on_create"),
        }
        return [first[part] for part in self.parts]

    def provider(self, **options: Any) -> Row:
        return row(
            "third_party_auth_provider", site=self.app["lms_site"], backend_name=self.app["backend_name"], **options
        )

    def provider_without_secret(self) -> list[Row]:
        return [self.provider(client_secret="")]

    def provider_with_secret(self) -> list[Row]:
        """The secret that the app was given in the step before, or the one from before."""
        secret = self.previous_provider_secret if self.restores else self.renewed["secrets"]["client_secret"]
        return [self.provider(client_secret=secret)]

    def client(self, **options: Any) -> list[Row]:
        """The application of the LMS in the app."""
        return [row("oauth_application", name=self.app["edx_application"], **options)]

    def public_client(self) -> list[Row]:
        return self.client(client_type="public")

    def renewed_client(self) -> list[Row]:
        """A new secret, or the one from before."""
        if self.restores:
            return self.client(client_secret=self.previous_provider_secret)
        return self.client(update_secret="renew")

    def confidential_client(self) -> list[Row]:
        return self.client(client_type="confidential")

    def previous(self) -> list[Row]:
        return [row("oauth_application", name=self.previous_client)] if "lms_client" in self.parts else []

    def revoke(self) -> list[Row]:
        """What the LMS loses last: the old credentials, or the new ones where it goes back."""
        worker, rows = self.app["service_worker"], []
        if "lms_client" in self.parts:
            rows.append(self.without_previous_client(transfer_credentials=self.back))
        if "api_token" in self.parts:
            new, old = self.begun["api_token"]["secrets"]["token"], self.previous_token
            kept, revoked = (old, new) if self.back else (new, old)
            rows += [
                row("oauth_access_token", user=worker, token=revoked, state="absent"),
                row(
                    "oauth_access_token",
                    user=worker,
                    application=self.app["lms_application"],
                    token=kept,
                    expires_in_days=self.token_days,
                    exclusive=True,
                ),
            ]
        return rows

    def without_previous_client(self, **options: Any) -> Row:
        return row(
            "oauth_application",
            name=self.previous_client,
            state="absent",
            transfer_tokens_to=self.app["lms_application"],
            **options,
        )

    def only_token(self, **options: Any) -> list[Row]:
        """The one token of the service worker, and none beside it."""
        if not self.app["api"]:
            return []
        own = {"user": self.app["service_worker"], "application": self.app["lms_application"], "exclusive": True}
        return [row("oauth_access_token", expires_in_days=self.token_days, **own, **options)]

    def surplus(self) -> list[Row]:
        """What works besides the credentials that the app is to have."""
        return [self.without_previous_client(), *self.only_token()]

    def finish(self) -> list[Row]:
        """What is taken away when a run has converged both sides after a rotation that was broken off."""
        return [self.without_previous_client(), *self.only_token(**({"token": self.token} if self.token else {}))]

    # -- words ---------------------------------------------------------------------------------------------------------

    def planned(self, grace_seconds: int) -> str:
        """What a run does after its first step, for a dry run."""
        name, steps = self.app["name"], []
        if self.restarts:
            steps.append(f"write {self.app['dotenv']}, restart the app")
        if self.switches_client:
            steps.append("give the LMS a new secret for the app")
        revoked = f", and revoke the old ones {grace_seconds} seconds later" if self.restarts else ""
        return f"{name}: a run would rotate {', '.join(self.parts)}: {', '.join([*steps, 'prove it'])}{revoked}."

    def waits(self, grace_seconds: int) -> list[str]:
        """Why a run waits before it revokes the old credentials, and how to have it not; empty where it does not."""
        if not self.restarts or grace_seconds <= 0:
            return []
        said = (
            f"{self.app['name']}: the new credentials work. The old ones stay valid for {grace_seconds} s more, for "
            "requests and tasks that still use them, and are revoked then (-e rotate_grace_seconds=0 does not wait)."
        )
        return [said]

    def ends(self, asked: Rotation) -> str:
        """Which rotations it ends that nobody asked for, because they were broken off."""
        more = ", ".join(part for part in self.parts if part not in asked.parts)
        return f"{self.app['name']}: a rotation of {more} was broken off; this one ends it, too." if more else ""

    def done(self) -> str:
        return f"{self.app['name']}: rotated {', '.join(self.parts)}."

    def went_back(self) -> str:
        """What an undo that was seen to work has done."""
        if self.switches_client and not self.restores:
            return (
                "The old credentials are in use again, and the new ones are removed; but the secret with which the LMS "
                "comes to the app is a new one, because the LMS did not have the old one."
            )
        return "The old credentials are in use again, and the new ones are removed."

    def finished(self) -> str:
        return f"{self.app['name']}: what a rotation that was broken off had left is revoked."

    def left(self, found: Sequence[Mapping[str, Any]] | None, why: str, confidential: bool = False) -> str:
        """What a rotation leaves that could neither go on nor back, and the way out.

        :param found: the surplus rows as the LMS would remove them; None where it does not answer.
        :param why: what stood in the way of going back; nothing where all but the last step was done.
        :param confidential: whether the app was seen to ask the LMS for its client secret.
        """
        parts = [f"Switching back failed, too: {why}" if why else "The old credentials are not revoked."]
        if found is None:
            parts.append("The LMS does not answer, so what is left in it is not known.")
        elif surplus := [self.surplus_in_words(entry) for entry in found if entry["operation"] != "unchanged"]:
            parts.append(f"Left in the LMS, and accepted by it: {', '.join(surplus)}.")
        if why and self.switches_client:
            parts.append(
                "The app asks the LMS for its client secret, so nobody logs in until then if they differ in it."
                if confidential
                else "The app may take the LMS without its client secret until then."
            )
        parts.append(
            f"Fix: mend that, then run `ansible-playbook mitodl.openedx.rotate --limit {self.app['host']}` again, or "
            "the app's playbook: either ends it."
        )
        return " ".join(parts)

    def surplus_in_words(self, entry: Mapping[str, Any]) -> str:
        if entry["kind"] == "oauth_application":
            return f"the application {self.previous_client}"
        more = next((change["before"] for change in entry["changes"] if change["field"] == "other tokens"), 0)
        return f"{more + 1} API tokens of {self.app['service_worker']}"


def parts_of(rotate: str, api: bool = True) -> tuple[str, ...]:
    """What is rotated; all is what the app has."""
    return tuple(part for part in PARTS if api or part != "api_token") if rotate == "all" else (rotate,)


def environment(client: Mapping[str, Any] | None, token: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """An application of the LMS and a token as keys of an app's ``.env``: values, and secrets."""
    values = {"OPENEDX_API_CLIENT_ID": client["fields"]["client_id"]} if client else {}
    secrets = {"OPENEDX_API_CLIENT_SECRET": client["secrets"]["client_secret"]} if client else {}
    return values, secrets if token is None else {**secrets, "OPENEDX_SERVICE_WORKER_API_TOKEN": token}


@dataclass(frozen=True)
class Step:
    """One request to one side.

    :ivar secrets: whether the answer has to carry secrets, for the steps after it.
    :ivar reads: whether nothing is written.
    :ivar releases: whether the rotation ends with it.
    """

    side: str
    objects: Callable[[Rotation], list[Row]]
    secrets: bool = False
    reads: bool = False
    releases: bool = False


STEPS = {
    "begin": Step("lms", Rotation.begin, secrets=True),
    "verify_environment": Step("app", Rotation.client, reads=True),
    "accept_no_secret": Step("app", Rotation.public_client),
    "send_no_secret": Step("lms", Rotation.provider_without_secret),
    "renew_secret": Step("app", Rotation.renewed_client, secrets=True),
    "store_secret": Step("lms", Rotation.provider_with_secret),
    "require_secret": Step("app", Rotation.confidential_client),
    "find_previous": Step("lms", Rotation.previous, secrets=True, reads=True),
    "revoke": Step("lms", Rotation.revoke, releases=True),
    "find_surplus": Step("lms", Rotation.surplus, reads=True),
    "finish": Step("lms", Rotation.finish, releases=True),
}
