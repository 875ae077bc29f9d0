# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""From the variables of Ansible's hosts to the typed declarations of the domain layer.

Each variable is described once, in the argument specs of the roles: the role mit_app has those of an app (entry point
``main``) and of an LMS (entry point ``lms``).
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible import errors
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv
from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import plain
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TargetError, argv_of, complete
from ansible_collections.mitodl.openedx.plugins.module_utils._http import SILENT
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import (
    backend_names,
    inventory,
    moves,
    profiles,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import is_integrated
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import App, InventoryError, Lms
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.plain import is_omitted, without_omitted

ROLES = Path(__file__).resolve().parents[2] / "roles"
# What our own roles note about a host; a test holds this against what they register.
NOTED = (
    "edx_oauth_provider_other_files",
    "edx_oauth_provider_result",
    "edx_private_settings_result",
    "mit_app_clone",
    "mit_app_env_compose",
    "mit_app_env_declared",
    "mit_app_env_dotenv",
    "mit_app_env_restarted",
    "mit_app_env_result",
    "mit_app_env_secret",
    "mit_app_env_seeded",
    "mit_app_env_up",
    "mit_app_facts",
    "mit_app_found",
    "mit_app_found_again",
    "mit_app_gateway",
    "mit_app_hosts_lines",
    "mit_app_left",
    "mit_app_left_files",
    "mit_app_providers",
)
# The roles of which each works once for all apps of an LMS.
OF_WHOLE_LMS = ("edx_oauth_provider_", "edx_private_settings_", "tutor_bootstrap_")
# What a template says that leaves a whole variable out, from ansible-core 2.19 on.
LEFT_OUT = getattr(errors, "AnsibleValueOmittedError", KeyError)
# What was seen of an app's machine and is no secret.
FOUND = ("checkout", "cli_context", "directory", "dotenv", "names", "obstacle", "status")
# What says, besides its address, how Ansible reaches a host, and as whom.
WAYS = ("ansible_connection", "ansible_user", "ansible_port", "ansible_become", "ansible_become_user")
# Old names, which go on working until 2.0.0.
RENAMED = {
    "mit_app_env_history_user": "mit_app_history_user",
    "mit_app_env_restart_argv": "mit_app_restart_argv",
    "mit_app_env_seed_argv": "mit_app_seed_argv",
    "edx_oauth_provider_lms_base_url": "edx_lms_base_url",
    "edx_oauth_provider_superusers": "edx_superusers",
    "edx_oauth_provider_target": "edx_target",
    "edx_private_settings_envs_dir": "edx_envs_dir",
    "edx_private_settings_lms_base_url": "edx_lms_base_url",
    "edx_private_settings_restart_argv": "edx_restart_argv",
    "edx_private_settings_strategy": "edx_settings_strategy",
    "edx_private_settings_target": "edx_target",
}


class Variables(Mapping[str, Any]):
    """The variables of a host, each worked out when it is read; of the task's own host with those of play and roles.

    One that its template leaves out is not there.
    """

    def __init__(self, variables: Mapping[str, Any], template: Callable[[Any], Any]):
        self.variables, self.template = variables, template

    def __getitem__(self, name: str) -> Any:
        try:
            value = self.template(self.variables[name])
        except LEFT_OUT:
            raise KeyError(name) from None
        if is_omitted(value):
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self.variables  # without working it out, which may fail

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)


@functools.cache
def specs() -> dict[str, dict[str, dict[str, Any]]]:
    """The options of every role and entry point, by ``role.entry_point``."""
    found = {}
    for path in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        for entry, spec in yaml_load(path.read_text(encoding="utf-8"))["argument_specs"].items():
            found[f"{path.parts[-3]}.{entry}"] = spec.get("options", {})
    return found


@functools.cache
def known_names() -> frozenset[str]:
    """Every variable with a prefix of ours that something reads or notes."""
    return frozenset((*NOTED, *RENAMED, *(name for options in specs().values() for name in options)))


@functools.cache
def offered_names() -> frozenset[str]:
    """The variables that somebody may have meant: those of apps and LMSs, and those that the other roles describe."""
    theirs = (options for entry, options in specs().items() if not entry.startswith("mit_app."))
    return frozenset((*specs()["mit_app.main"], *specs()["mit_app.lms"], *(name for one in theirs for name in one)))


@functools.cache
def plain_options() -> dict[str, dict[str, Any]]:
    """The numbers and switches of the roles, without what a run works out of the variables of app and LMS."""
    return {
        name: {"type": option["type"]}
        for entry, options in specs().items()
        if not entry.startswith("mit_app.")
        for name, option in options.items()
        if option.get("type") in ("bool", "int")
    }


@functools.cache
def read_by(entry: str) -> frozenset[str]:
    """The variables that an entry point of the role mit_app describes, by their old names too."""
    spec = specs()[f"mit_app.{entry}"]
    return frozenset((*spec, *(old for old, name in RENAMED.items() if name in spec)))


def validated(label: str, spec: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with the types of their spec; what is not given is not there. A path stays as it is: it is another
    machine's.

    :raises InventoryError: a value has the wrong type, or is none of its choices.
    """
    own = {
        name: {**entry, "type": "str"} if entry.get("type") == "path" else dict(entry) for name, entry in spec.items()
    }
    result = ArgumentSpecValidator(own).validate(dict(values))
    if result.error_messages:
        raise InventoryError(f"{label}: {'; '.join(result.error_messages)}")
    return {name: value for name, value in result.validated_parameters.items() if value is not None}


def decrypted(value: Any) -> Any:
    """A value that Ansible Vault keeps until it is asked for as text, as it does until ansible-core 2.18."""
    return str(value) if getattr(value, "__ENCRYPTED__", False) else value


def check_target(label: str, target: Mapping[str, Any]) -> None:
    """Refuse a target that cannot be, before the first module finds it out in the middle of a run.

    :raises InventoryError: it has a key or a type that no target has, or lacks its command.
    """
    try:
        argv_of(complete(dict(target)))
    except TargetError as error:
        raise InventoryError(f"{label}: {str(error).removeprefix('target: ')}") from None


# What a claim to a name is made of.
CLAIMS = frozenset(
    (
        *("mit_app_backend_name", "mit_app_lms_base_url", "mit_app_profile", "mit_app_profiles", "mit_app_scheme"),
        *("mit_app_api_gateway", "mit_app_network_mode", *(f"mit_app_{name}" for name in profiles.FIELDS)),
    )
)


class Declarations:
    """The declarations of the hosts of a play, as far as one task sees them.

    :param task_vars: the variables of the task's host.
    :param template: how a variable of them is worked out; those of other hosts come worked out.
    """

    def __init__(self, task_vars: Mapping[str, Any], template: Callable[[Any], Any]):
        self.host: str = str(task_vars["inventory_hostname"])
        self.own = Variables(task_vars, template)
        self.hostvars = task_vars["hostvars"]
        self.groups: Mapping[str, list[str]] = task_vars["groups"]
        self.play_hosts: list[str] = [str(host) for host in task_vars["ansible_play_hosts"]]
        # A task sees one state of the variables; Ansible would gather and template them anew each time.
        self._variables: dict[str, Mapping[str, Any]] = {self.host: self.own}
        self._read: dict[tuple[str, str, frozenset[str]], dict[str, Any]] = {}

    # -- variables ---------------------------------------------------------------------------------------------------

    def of(self, host: str) -> Mapping[str, Any]:
        if host not in self._variables:
            self._variables[host] = Variables(self.hostvars[host], lambda value: value)
        return self._variables[host]

    def read(self, host: str, entry: str, names: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The variables of a host that an entry point of the role mit_app describes, or some of them."""
        if (host, entry, names) not in self._read:
            own, every = self.of(host), specs()[f"mit_app.{entry}"]
            spec = {name: every[name] for name in every if name in names} if names else every
            values = {}
            for old, name in (*RENAMED.items(), *((name, name) for name in spec)):
                if name in spec and old in own:
                    with contextlib.suppress(KeyError):
                        values[name] = own[old]
            self._read[host, entry, names] = validated(host, spec, without_omitted(values))
        return self._read[host, entry, names]

    def old_names(self, host: str) -> list[str]:
        """A line for each variable of a host that has another name now."""
        own = self.of(host)
        return [f"{host}: the variable {old} is called {name} now." for old, name in RENAMED.items() if old in own]

    def check_names(self, host: str) -> None:
        """Refuse a variable with a prefix of ours that nothing reads.

        :raises InventoryError: it names the host, the variable and what was most likely meant.
        """
        listed = self.read(host, "main", frozenset(("mit_app_site_variables",)))["mit_app_site_variables"]
        known = known_names() | {*listed}
        if lines := inventory.unknown_names(host, map(str, self.of(host)), known, offered_names()):
            raise InventoryError(
                "\n".join(lines) + "\nCorrect the name; or list it in mit_app_site_variables, where it is your own."
            )

    def check_types(self, host: str) -> None:
        """Refuse what is no number or switch where a role reads one, before the first step rather than at that role's.

        :raises InventoryError: it names the host and the variable.
        """
        own, given = self.of(host), {}
        for name in plain_options():
            with contextlib.suppress(KeyError):
                given[name] = own[name]
        validated(host, plain_options(), given)

    def check_places(self, host: str, edx_host: str) -> None:
        """Refuse a variable where nothing reads it: one of an app on the host of its LMS, or the other way round; and
        one of the whole LMS of which its apps have different values, as only those of one of them count.

        :raises InventoryError: it names the variables, and where each belongs.
        """
        app, lms = self.hostvars[host], self.hostvars[edx_host]
        of_lms, of_apps = read_by("lms"), known_names() - read_by("lms") - {*NOTED}
        lines = [
            *(f"{host}: {name} is read from the LMS's host {edx_host} only." for name in of_lms & {*app} - {*lms}),
            *(f"{edx_host}: {name} is read from the hosts of apps only." for name in of_apps & {*lms} - {*app}),
        ]
        if shared := [name for name in of_apps & {*app} if name.startswith(OF_WHOLE_LMS)]:
            lines += [
                f"{host}: {name} is about the whole LMS, and differs from that of {other}."
                for other in self.same_lms(edx_host, self.every_app)
                for name in shared
                if self.hostvars[other].get(name) != app[name]
            ]
        if lines:
            raise InventoryError("\n".join([*sorted(lines), "Give it there, or to all hosts (all: vars:)."]))

    def given(self, host: str) -> dict[str, Any]:
        return self.read(host, "main")

    def named_alike(self, host: str, edx_host: str) -> str:
        """Why another app of the LMS would have rows of the same names as this one; empty where none would."""

        def name(one: str) -> str:
            return str(self.of(one).get("mit_app_name") or inventory.name_of(one))

        def application(one: str) -> str:
            return str(self.of(one).get("mit_app_lms_application") or inventory.application_of(name(one)))

        is_given = "mit_app_name" in self.given(host)
        for other in self.same_lms(edx_host, self.every_app):
            if other != host and not is_given and name(other) == name(host):
                return (
                    f"it is called {name(host)} after its host, and so is {other} on the same LMS, and so would be "
                    "their rows. Give each its mit_app_name."
                )
            if other != host and application(other) == application(host):
                return (
                    f"its OAuth2 application in the LMS is called {application(host)}, and so is that of {other}. Give "
                    "each its own mit_app_name, and mit_app_lms_application if it has one."
                )
        return ""

    # -- typed ---------------------------------------------------------------------------------------------------------

    def edx_host(self, host: str) -> str:
        found = inventory.edx_host_of(self.of(host), list(self.groups.get("edx", [])))
        if found not in self.groups.get("edx", []):
            raise InventoryError(
                f"{host}: mit_app_edx_host is '{found}', which is no host of the group edx. Declare the LMS as a host "
                "of the group edx."
            )
        return str(found)

    def lms(self, host: str, given: Mapping[str, Any]) -> Lms:
        """The LMS of an app's host."""
        edx_host = self.edx_host(host)
        try:
            lms = inventory.read_lms(edx_host, self.read(edx_host, "lms"), given.get("mit_app_lms_base_url") or "")
        except InventoryError as error:
            raise InventoryError(f"{host}: {error}") from None
        companion, apps = lms.companion_auth, self.groups.get("mit_apps", [])
        if companion and not (companion in apps and self.same_lms(edx_host, [companion])):
            raise InventoryError(
                f"{host}: edx_companion_auth of {edx_host} is '{companion}', which is no app of that LMS. Give one of "
                "its hosts in the group mit_apps, or leave it out."
            )
        return lms

    def superusers(self, edx_host: str) -> list[dict[str, Any]]:
        """Those of an LMS with the passwords that the inventory gives for new ones."""
        return [dict(user) for user in self.read(edx_host, "lms").get("edx_superusers") or []]

    def profile(self, host: str, given: Mapping[str, Any]) -> profiles.Profile:
        spec = specs()["mit_app.main"]
        fields = {name: spec[f"mit_app_{name}"] for name in profiles.FIELDS}
        described = given.get("mit_app_profiles") or {}
        overrides = {name: given[f"mit_app_{name}"] for name in profiles.FIELDS if f"mit_app_{name}" in given}
        try:
            profiles.check_own(described)
            own = {
                name: validated(f"{host}: mit_app_profiles.{name}", fields, entry) for name, entry in described.items()
            }
            return profiles.read_profile(given["mit_app_profile"], own, overrides)
        except profiles.ProfileError as error:
            raise InventoryError(f"{host}: {error}") from None

    def app(self, host: str, backend_name: str = "") -> tuple[App, Lms, dict[str, Any]]:
        """The app of a host with its LMS and its variables; what was seen of it so far counts.

        :raises InventoryError: the declaration cannot be.
        """
        given = self.given(host)
        lms = self.lms(host, given)
        app = inventory.read_app(
            host,
            given,
            self.profile(host, given),
            lms,
            backend_name=backend_name or given.get("mit_app_backend_name") or "",
            env=self.env(host),
            gateway=self.gateway(host),
            project=self.seen(host).get("project") or "",
        )
        check_target(f"{host}: edx_target of {lms.host}", lms.target)
        if app.target.get("type") != "none":
            check_target(f"{host}: mit_app_target", app.target)
        try:
            _dotenv.edit("", values={name: decrypted(value) for name, value in {**app.env_required, **app.env}.items()})
        except _dotenv.DotenvError as error:
            raise InventoryError(
                f"{host}: what the inventory declares for its .env cannot be written: {error}"
            ) from None
        return app, lms, given

    # -- what was seen -------------------------------------------------------------------------------------------------

    def seen(self, host: str) -> Mapping[str, Any]:
        """What the last look at an app's machine said; a task that was skipped has noted something, too."""
        looks = [self.of(host).get(name) or {} for name in ("mit_app_found_again", "mit_app_found")]
        return next((look for look in looks if "env" in look), {})

    def env(self, host: str) -> dict[str, str]:
        """What the app's ``.env`` said when the run began."""
        return dict(self.seen(host).get("env") or {})

    def gateway(self, host: str) -> str:
        """The gateway of the app's network, where that was made in this run or was there."""
        own = self.of(host)
        return (own.get("mit_app_gateway") or {}).get("address") or self.seen(host).get("gateway") or ""

    def found(self, host: str) -> dict[str, Any]:
        """The rest of what was seen: no secrets."""
        seen = self.seen(host)
        found = {name: value for name, value in seen.items() if name in FOUND}
        return {**found, "answers": seen.get("status", -1) not in SILENT}

    def declared(self, host: str) -> Declared:
        """An app that was resolved, for the rows of its LMS."""
        app, given = self.of(host)["mit_app_facts"]["app"], self.given(host)
        lms = self.lms(host, given)
        env = moves.offered(self.env(host), lms.base_url, lms.former_sites, self.other_addresses(lms.host))
        return Declared(app, given, env)

    # -- the LMSs that an app left -------------------------------------------------------------------------------------

    def other_addresses(self, edx_host: str) -> dict[str, str]:
        """The other LMSs of the inventory by their addresses."""
        found = {}
        for other in self.groups.get("edx", []):
            # A mistake in the declaration of another LMS is named when that one is meant.
            with contextlib.suppress(InventoryError):
                found[inventory.read_lms(other, self.read(other, "lms")).base_url] = str(other)
        return {address: other for address, other in found.items() if other != edx_host}

    def former(self, host: str) -> list[moves.Left]:
        """The LMSs that may still know an app which belongs to another one now."""
        given, env = self.given(host), self.env(host)
        lms = self.lms(host, given)
        found = moves.formers(env, lms.base_url, lms.former_sites)
        known = self.other_addresses(lms.host) if found else {}
        return [moves.Left(one, host, known.get(plain(one.base_url), "")) for one in found]

    def where_it_was(self, host: str, left: moves.Left) -> dict[str, Any]:
        """The facts of an app and of an LMS that it left, as they were together, for a removal there."""
        given, env = self.given(host), self.env(host)
        lms = inventory.read_lms(left.edx_host, self.read(left.edx_host, "lms"))
        app = inventory.read_app(
            host, given, self.profile(host, given), lms, backend_name=left.former.backend_name, env=env
        )
        return {"lms": lms.facts(), "app": app.facts(), "other_apps": self.with_dotenv(left.edx_host, [host])}

    # -- the apps of one LMS -------------------------------------------------------------------------------------------

    @property
    def every_app(self) -> list[str]:
        """The hosts of mit_apps, and of the play: a playbook may be about a host that is in no group."""
        return [*dict.fromkeys([*map(str, self.groups.get("mit_apps", [])), *self.play_hosts])]

    def same_lms(self, edx_host: str, hosts: list[str]) -> list[str]:
        edx_hosts = list(self.groups.get("edx", []))
        return [host for host in hosts if inventory.edx_host_of(self.of(host), edx_hosts) == edx_host]

    def begins_lms(self, host: str, edx_host: str) -> bool:
        """Whether a task of an app's host may begin the session of its LMS: it does the work on that one, and Ansible
        reaches both in the same way.
        """

        def way(one: str) -> list[Any]:
            own = self.of(one)
            is_local = own.get("ansible_connection") == "local"
            return ["" if is_local else own.get("ansible_host", one), *map(own.get, WAYS)]

        leads = self.same_lms(edx_host, self.play_hosts)[0] == host
        return leads and self.read(edx_host, "lms").get("edx_session", True) and way(host) == way(edx_host)

    def has_all(self, edx_host: str) -> bool:
        """Whether every app of an LMS takes part in this play."""
        return set(self.same_lms(edx_host, self.every_app)) <= set(self.play_hosts)

    def others(self, edx_host: str) -> list[dict[str, str]]:
        """The apps of an LMS that this play leaves alone, with where their ``.env`` is."""
        return self.with_dotenv(edx_host, self.play_hosts)

    def with_dotenv(self, edx_host: str, besides: list[str]) -> list[dict[str, str]]:
        """The apps of an LMS besides some, with where their ``.env`` is."""
        found = []
        for host in self.same_lms(edx_host, self.every_app):
            own = self.of(host)
            directory = (own.get("mit_app_dir") or "").rstrip("/")
            dotenv = own.get("mit_app_dotenv") or (f"{directory}/.env" if directory else "")
            if host not in besides and dotenv:
                found.append({"host": host, "dotenv": dotenv})
        return found

    def claims(self, edx_host: str) -> list[backend_names.Claim]:
        """What every app of an LMS says of its name, those that this play leaves alone included."""
        return [self.claim(host) for host in self.same_lms(edx_host, self.every_app)]

    def claim(self, host: str) -> backend_names.Claim:
        takes_part = host in self.play_hosts
        try:
            # Each app works out the claims of all, so no more is read than that: to template the rest takes long.
            given = self.read(host, "main", CLAIMS)
            lms = self.lms(host, given)
            addresses = inventory.app_addresses(given, self.profile(host, given), self.gateway(host))
        except InventoryError:
            if takes_part:
                raise
            # Its mistake is named when it is its turn.
            return backend_names.Claim(
                host, given=str(self.of(host).get("mit_app_backend_name") or ""), takes_part=False
            )
        env = self.env(host) if takes_part else {}
        # What it is called on another LMS says nothing of this one.
        if moves.left(env, lms.base_url, lms.former_sites):
            env = {}
        return backend_names.Claim(
            host=host,
            profile=given.get("mit_app_profile", ""),
            given=given.get("mit_app_backend_name") or "",
            in_env=env.get("OPENEDX_OAUTH_PROVIDER", ""),
            integrated=is_integrated(env),
            addresses=addresses,
            takes_part=takes_part,
        )

    def rows(self, leader: str) -> list[backend_names.Row]:
        """The provider rows of the LMS, where it was asked for them."""
        seen = (self.of(leader).get("mit_app_providers") or {}).get("providers") or []
        return [backend_names.Row(row["backend_name"], row["enabled"], tuple(row["addresses"])) for row in seen]
