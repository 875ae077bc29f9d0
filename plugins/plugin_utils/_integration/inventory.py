# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What the inventory declares, as typed values: an LMS from the variables of a host of ``edx``, an app from one of
``mit_apps``.

The variables come with the types of their argument specs. What is checked here is what no type can say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import PORTS, host_of, plain
from ansible_collections.mitodl.openedx.plugins.module_utils._compose import profiles_in
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.sides import commands_of
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from ansible_collections.mitodl.openedx.plugins.module_utils._meant import no_such, strangers
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import (
    USER_INFO_FIELDS,
    USER_INFO_PATH,
    Profile,
)

PREFIXES = ("edx_", "mit_app_")
LMS_BASE_URL = "http://local.openedx.io:8000"
TUTOR_VERSION = "21.0.9"
DEMO_COURSES = (
    {"key": "course-v1:edX+DemoX+Demo_Course", "title": "Demonstration Course"},
    {"key": "course-v1:edX+E2E-101+course", "title": "E2E Test Course"},
)
# What an entry of a list says; a superuser is made as django_user does it.
ENTRIES = {"edx_superusers": tuple(KINDS["django_user"].arguments()), "edx_courses": ("key", "title", "start", "end")}
# The worker of the manual guide, with the e-mail that it has there.
GUIDE_WORKER, GUIDE_EMAIL = "mit_Application_serviceworker", "service@mitx.odl.local"
# Only the seed data: the platform "none" leaves the application alone, and no superuser is asked for.
SEED = (
    "docker",
    "compose",
    "exec",
    "-T",
    "web",
    "./manage.py",
    "configure_instance",
    "none",
    "--dont-create-superuser",
)
API_TOKEN = "OPENEDX_SERVICE_WORKER_API_TOKEN"


class InventoryError(ValueError):
    """A declaration that cannot be: its message names the host, the variable, what is wrong and what to give."""


@dataclass(frozen=True)
class Lms:
    """One LMS, and how it is reached and run.

    :ivar name: the host name in its address.
    :ivar site: the domain of its Site: host and port of its address.
    :ivar studio_url: the address of its Studio.
    :ivar ca_path: the file of the authorities that its certificate is trusted by, on the machines that ask it.
    :ivar former_sites: domains that it had before, on which no provider row of an app is to stay enabled.
    :ivar refuse_takeover: whether no provider is enabled while a superuser's e-mail could be somebody's in an app.
    :ivar tutor: what the role tutor_bootstrap is to do with Tutor (``edx_tutor_*``).
    """

    host: str
    base_url: str
    name: str
    site: str
    studio_url: str
    target: dict[str, Any]
    settings_strategy: str = "tutor_plugin"
    envs_dir: str = ""
    start_argv: list[str] = field(default_factory=list)
    restart_argv: list[str] = field(default_factory=list)
    reset_argv: list[str] = field(default_factory=list)
    reset_destroys: list[str] = field(default_factory=list)
    tutor: dict[str, Any] = field(default_factory=dict)
    former_sites: list[str] = field(default_factory=list)
    superusers: list[dict[str, Any]] = field(default_factory=list)
    courses: list[dict[str, Any]] = field(default_factory=list)
    companion_auth: str = ""
    history_user: str = ""
    refuse_takeover: bool = False
    ca_path: str = ""
    validate_certs: bool = True

    def facts(self) -> dict[str, Any]:
        """What later tasks read: without the passwords of people and the values of Tutor's configuration."""
        found = asdict(self)
        found["superusers"] = [
            {name: user[name] for name in user if name != "password"} for user in found["superusers"]
        ]
        del found["tutor"]["config"]
        return found


@dataclass(frozen=True)
class App:
    """One app with everything that is derived from its variables, its profile and its LMS.

    :ivar provider_settings: further settings of the provider row, for an app that is no copy of MITxPro.
    :ivar own_backend: whether only the backend of this collection can read them, and not that of ol-social-auth.
    :ivar api: whether the app itself calls the LMS, or only logs people in.
    :ivar links: the keys of the ``.env`` with addresses that the app leads people to.
    :ivar api_gateway: whether people reach the app through its gateway, which has them log in.
    :ivar api_gateway_port: the port of that gateway, also where it is not used; 0 for an app that needs none.
    :ivar starts_by: how it is brought up with a new environment: ``compose``, its own ``command``, by the Secret that
        its pods on ``kubernetes`` have it from, or by ``nothing`` that is known of.
    :ivar restart_due: the note that this is due by its own command, since its ``.env`` changed; empty where it has
        none.
    :ivar log_argv: what shows the app's log, as far as its target says it.
    :ivar network_labels: the labels by which compose takes the app's network for its own.
    """

    host: str
    name: str
    profile: str
    edx_host: str
    domain: str
    port: int
    base_url: str
    server_base_url: str
    lms_base_url: str
    lms_site: str
    backend_name: str
    display_name: str
    visible: bool
    lms_application: str
    edx_application: str
    service_worker: str
    service_worker_email: str
    redirect_uris: list[str]
    complete_uris: list[str]
    logout_uri: str
    user_info_path: str
    authorization_url: str
    access_token_url: str
    api_root: str
    discovery_url: str
    provider_settings: dict[str, Any]
    own_backend: bool
    api: bool
    target: dict[str, Any]
    dir: str
    dotenv: str
    openedx_ip: str
    base_url_env: str
    env: dict[str, Any]
    env_required: dict[str, Any]
    links: dict[str, str]
    api_gateway: bool
    api_gateway_port: int
    api_gateway_hosts: list[str]
    api_module: str
    sync_command: list[str]
    repair_command: list[str]
    migrated_application: bool
    starts_by: str
    restart_due: str
    log_argv: list[str]
    restart_argv: list[str]
    kubernetes_secret: str
    reset_argv: list[str]
    reset_destroys: list[str]
    seed_argv: list[str]
    history_user: str
    repo: str
    version: str
    network_mode: str
    network: str
    network_labels: dict[str, str]
    manage_network: bool
    manage_hosts: bool
    hosts_file: str
    ca_path: str
    validate_certs: bool

    @property
    def environment(self) -> dict[str, dict[str, Any]]:
        """The keys of the ``.env`` that the inventory and the profile give, with their values, which may be secrets."""
        return {"env": self.env, "env_required": self.env_required}

    def facts(self) -> dict[str, Any]:
        """What later tasks read: without the values of the environment."""
        return {**asdict(self), **{name: dict.fromkeys(keys) for name, keys in self.environment.items()}}

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses by which a provider row points at this app."""
        return (self.base_url, self.server_base_url)


def unknown_names(host: str, names: Iterable[str], known: Collection[str], offered: Collection[str]) -> list[str]:
    """A line for each variable with a prefix of ours that nothing reads, with the name that was most likely meant.

    :param offered: those of the known names that people give.
    """
    wrong = (name for name in sorted(names) if name.startswith(PREFIXES) and name not in known)
    return [f"{host}: {no_such('variable', name, offered)}" for name in wrong]


def edx_host_of(given: Mapping[str, Any], edx_hosts: list[str]) -> str:
    """The inventory host of an app's LMS: the one that it names, or the first of the group."""
    return given.get("mit_app_edx_host") or (edx_hosts[0] if edx_hosts else "")


def read_lms(host: str, given: Mapping[str, Any], base_url: str = "") -> Lms:
    """The LMS of a host of ``edx``.

    :param base_url: the address that an app gives for it (``mit_app_lms_base_url``), which wins.
    :raises InventoryError: the declaration cannot be.
    """

    def require(condition: object, message: str) -> None:
        if not condition:
            raise InventoryError(message)

    url = base_url or given.get("edx_lms_base_url") or LMS_BASE_URL
    found = re.fullmatch(r"(?i)https?://[a-z0-9.-]+(?::([0-9]{1,5}))?/*", url)
    variable = "mit_app_lms_base_url" if base_url else "edx_lms_base_url"
    require(
        found and 0 < int(found[1] or 80) < 65536,
        f"{variable} is '{url}'. Give the address of the LMS as the browser knows it, such as {LMS_BASE_URL}.",
    )
    strategy, envs_dir = given.get("edx_settings_strategy") or "tutor_plugin", given.get("edx_envs_dir") or ""
    require(
        strategy in ("tutor_plugin", "private_py"),
        f"edx_settings_strategy of {host} is neither tutor_plugin nor private_py. Give one of the two.",
    )
    require(
        strategy != "private_py" or envs_dir,
        f"edx_envs_dir of {host} is empty. The strategy private_py needs the directory lms/envs of a mounted "
        "edx-platform.",
    )
    require(
        given.get("edx_target"), f"edx_target of {host} is not given. Say how the LMS runs, such as type: tutor_dev."
    )
    for variable, names in (("edx_superusers", ("username",)), ("edx_courses", ("key", "title"))):
        for entry in given.get(variable) or ():
            unknown = strangers("key", entry, ENTRIES[variable], "An entry")
            require(not unknown, f"{variable} of {host}: {unknown}")
        lacking = [name for name in names if not all(entry.get(name) for entry in given.get(variable) or ())]
        require(
            not lacking,
            f"{variable} of {host} has an entry without {' and '.join(lacking)}. Give it, or remove the entry.",
        )
    target = {**given["edx_target"], **engine_of(host, given, "edx")}
    url = plain(url.rstrip("/"))
    superusers = [dict(entry) for entry in given.get("edx_superusers") or []]
    # A course has an instructor.
    makes_courses = superusers and str(target.get("type", "command")).startswith("tutor_")
    return Lms(
        host=host,
        base_url=url,
        name=urlsplit(url).hostname or "",
        site=host_of(url),
        studio_url=plain((given.get("edx_studio_base_url") or studio_of(url)).rstrip("/")),
        target=target,
        settings_strategy=strategy,
        envs_dir=envs_dir,
        tutor={
            "venv": given.get("edx_tutor_venv") or "",
            "version": given.get("edx_tutor_version") or TUTOR_VERSION,
            "config": given.get("edx_tutor_config") or {},
            "launch": given.get("edx_tutor_launch") or False,
            "launch_options": given.get("edx_tutor_launch_options") or [],
            "pip_requirements": given.get("edx_tutor_pip_requirements") or [],
            "build_images": given.get("edx_tutor_build_images") or False,
        },
        courses=[dict(entry) for entry in given.get("edx_courses", DEMO_COURSES if makes_courses else ())],
        superusers=superusers,
        companion_auth=given.get("edx_companion_auth") or "",
        history_user=given.get("edx_history_user") or "",
        refuse_takeover=given.get("edx_refuse_takeover") or False,
        ca_path=given.get("edx_ca_path") or "",
        validate_certs=given.get("edx_validate_certs", True),
        **{
            name: list(given.get(f"edx_{name}") or [])
            for name in ("start_argv", "restart_argv", "reset_argv", "reset_destroys", "former_sites")
        },
    )


def studio_of(lms_base_url: str) -> str:
    """Where Tutor has the Studio of an LMS: at a name below the LMS's, in its development mode at a port of its own."""
    parts = urlsplit(lms_base_url)
    return f"{parts.scheme}://studio.{parts.hostname}{':8001' if parts.port else ''}"


def app_port(given: Mapping[str, Any], profile: Profile) -> int:
    return int(profile.api_gateway_port if given.get("mit_app_api_gateway") else profile.port)


def app_addresses(given: Mapping[str, Any], profile: Profile, gateway: str = "") -> tuple[str, str]:
    """The addresses of an app, for people and for servers."""
    scheme, port = given.get("mit_app_scheme") or "http", app_port(given, profile)
    suffix = "" if port == PORTS[scheme] else f":{port}"
    base_url = f"{scheme}://{profile.domain.lower()}{suffix}"
    if given.get("mit_app_network_mode") != "gateway" or not gateway:
        return base_url, base_url
    host = f"[{gateway}]" if ":" in gateway else gateway
    return base_url, f"{scheme}://{host}{suffix}"


def read_app(
    host: str,
    given: Mapping[str, Any],
    profile: Profile,
    lms: Lms,
    *,
    backend_name: str = "",
    env: Mapping[str, str] | None = None,
    gateway: str = "",
    project: str = "",
) -> App:
    """The app of a host of ``mit_apps``.

    :param backend_name: what the app is called on its LMS, as far as that is settled.
    :param env: what the app's ``.env`` says now.
    :param gateway: the address of the app's Docker network's gateway, for the network mode ``gateway``.
    :param project: what Compose calls the app's project, as far as it was asked.
    :raises InventoryError: the declaration cannot be.
    """
    name = given.get("mit_app_name") or name_of(host)
    with_gateway = given.get("mit_app_api_gateway") or False
    domain, scheme = profile.domain.lower(), given.get("mit_app_scheme") or "http"
    port = app_port(given, profile)
    directory = (given.get("mit_app_dir") or "").rstrip("/")
    target = target_of(host, given.get("mit_app_target"), directory, profile)
    if target.get("type") != "none":
        target.update(engine_of(host, given, "mit_app"))
    worker = given.get("mit_app_service_worker") or known_worker(env or {}) or worker_of(name)
    guide_email = GUIDE_EMAIL if worker == GUIDE_WORKER else ""
    check_app(host, given, profile, port, worker, target, directory)

    base_url, server_base_url = app_addresses(given, profile, gateway)
    further = dict.fromkeys((int(profile.port), int(profile.api_gateway_port), *profile.extra_ports))
    bases = [base_url, *(plain(f"{scheme}://{domain}:{other}") for other in further if other not in (port, 0))]
    links = {
        name: value.replace("{app}", base_url).replace("{lms}", lms.base_url).replace("{studio}", lms.studio_url)
        for name, value in profile.dotenv_addresses.items()
    }
    discovery_url = given.get("mit_app_discovery_url") or ""
    # An app may have a variable for the addresses in its discovery document that the LMS's server calls.
    discovery = {profile.server_base_url_env: server_base_url} if discovery_url and profile.server_base_url_env else {}
    by_command = target.get("type", "command") == "command"
    network = given.get("mit_app_network") or default_network(directory, target.get("project") or project)
    dotenv = given.get("mit_app_dotenv") or f"{directory}/.env"
    begun_by = starts_by(target, given)
    return App(
        host=host,
        name=name,
        profile=given.get("mit_app_profile") or "generic",
        edx_host=lms.host,
        domain=domain,
        port=port,
        base_url=base_url,
        server_base_url=server_base_url,
        lms_base_url=lms.base_url,
        lms_site=lms.site,
        backend_name=backend_name,
        display_name=given.get("mit_app_display_name") or f"Login with {name}"[:50],
        visible=given.get("mit_app_visible", True),
        lms_application=given.get("mit_app_lms_application") or application_of(name),
        edx_application=given.get("mit_app_edx_application") or "edx-oauth-app",
        service_worker=worker,
        service_worker_email=given.get("mit_app_service_worker_email")
        or guide_email
        or f"{as_word(name)}-service@mitx.odl.local",
        redirect_uris=[base + path for base in bases for path in profile.redirect_paths]
        + list(given.get("mit_app_extra_redirect_uris") or []),
        complete_uris=[f"{lms.base_url}/auth/complete/{backend_name}/"],
        logout_uri=base_url + profile.logout_path if profile.logout_path else "",
        user_info_path=profile.user_info_path,
        authorization_url=base_url + profile.authorize_path,
        access_token_url=server_base_url + profile.token_path,
        api_root=f"{server_base_url}/",
        discovery_url=discovery_url,
        provider_settings=provider_settings(profile, server_base_url),
        own_backend=bool(profile.user_info_fields) or profile.user_info_path != USER_INFO_PATH,
        # What an app uses already it goes on using.
        api=profile.calls_the_lms
        or (profile.api is None and bool(given.get("mit_app_api_token") or (env or {}).get(API_TOKEN))),
        target=target,
        dir=directory,
        dotenv=dotenv,
        openedx_ip="127.0.0.1" if by_command else "host-gateway",
        base_url_env=profile.base_url_env,
        env={
            **profile.dotenv_values,
            **discovery,
            **links,
            **(gateway_values(profile.api_gateway_values, env or {}) if with_gateway else {}),
        },
        env_required={**profile.dotenv_defaults, **(profile.api_gateway_defaults if with_gateway else {})},
        links=links,
        api_gateway=with_gateway,
        api_gateway_port=int(profile.api_gateway_port),
        api_gateway_hosts=list(profile.api_gateway_hosts) if with_gateway else [],
        api_module=profile.api_module,
        sync_command=list(profile.sync_command),
        repair_command=list(profile.repair_command),
        migrated_application=bool(profile.migrated_application),
        starts_by=begun_by,
        # Named like a backup, which git is told to ignore.
        restart_due=f"{dotenv}.restart~" if begun_by == "command" else "",
        log_argv=commands_of({"type": "command", **target}).get("log", []),
        restart_argv=list(given.get("mit_app_restart_argv") or []),
        kubernetes_secret=given.get("mit_app_kubernetes_secret") or "",
        reset_argv=list(given.get("mit_app_reset_argv") or []),
        reset_destroys=list(given.get("mit_app_reset_destroys") or []),
        seed_argv=list(
            given.get("mit_app_seed_argv") or (at_engine(target, [*SEED]) if target.get("type") == "compose" else [])
        ),
        history_user=given.get("mit_app_history_user") or "",
        repo=given.get("mit_app_repo") or "",
        version=str(given.get("mit_app_version") or ""),
        network_mode=given.get("mit_app_network_mode") or "hostname",
        network=network,
        network_labels=compose_labels(network),
        manage_network=given.get("mit_app_manage_network") or False,
        manage_hosts=given.get("mit_app_manage_hosts") or False,
        hosts_file=given.get("mit_app_hosts_file") or "/etc/hosts",
        ca_path=given.get("mit_app_ca_path") or "",
        validate_certs=given.get("mit_app_validate_certs", True),
    )


def name_of(host: str) -> str:
    """What an app is called where nothing else is said: its host, the first part of a domain name.

    >>> name_of("mitxonline.odl.local"), name_of("192.0.2.7")
    ('mitxonline', '192.0.2.7')
    """
    return host if re.fullmatch(r"[0-9.]+|.*:.*", host) else host.partition(".")[0]


def application_of(name: str) -> str:
    """What the OAuth2 application of an app in its LMS is called by default."""
    return f"{name}-oauth-app"


def as_word(name: str) -> str:
    """A name in the letters that a username and an e-mail may have."""
    return re.sub(r"[^A-Za-z0-9_.+-]+", "-", name).strip("-") or "app"


def worker_of(name: str) -> str:
    """The service worker of an app, in the 30 letters that Open edX allows."""
    word = as_word(name)
    if len(word) > 30 - len("_serviceworker"):
        word = f"{word[:9]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return f"{word}_serviceworker"


def target_of(host: str, given: Any, directory: str, profile: Profile) -> dict[str, Any]:
    """How Django code of the app is run; the type is ``none`` where nothing is run in it."""
    if given in ("none", {"type": "none"}):
        return {"type": "none"}
    if given and not isinstance(given, Mapping):
        raise InventoryError(f"{host}: mit_app_target is '{given}'. Give none, or how Django code of the app is run.")
    found = dict(given or {"type": "compose"})
    if found.get("type") == "compose":
        return {"chdir": directory, "service": "web", "settings": profile.settings, **found}
    return found


def engine_of(host: str, given: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """The Docker engine of a side, for its target; empty where the CLI decides."""
    found = {
        name: given[f"{prefix}_{name}"] for name in ("docker_host", "docker_context") if given.get(f"{prefix}_{name}")
    }
    if len(found) == 2:
        raise InventoryError(
            f"{host}: {prefix}_docker_host and {prefix}_docker_context are both given. Give one of the two."
        )
    return found


def starts_by(target: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    kind = target.get("type", "command")
    if given.get("mit_app_kubernetes_secret"):
        return "kubernetes"
    if given.get("mit_app_restart_argv") or kind not in ("compose", "none"):
        return "command"
    return "nothing" if kind == "none" else "compose"


def provider_settings(profile: Profile, server_base_url: str) -> dict[str, Any]:
    """What the provider row has to say besides of an app that is no copy of MITxPro."""
    found: dict[str, Any] = {}
    if profile.scopes:
        found.update(SCOPE=list(profile.scopes), IGNORE_DEFAULT_SCOPE=True)
    if profile.user_info_path != USER_INFO_PATH:
        found["USER_INFO_URL"] = server_base_url + profile.user_info_path
    if profile.user_info_fields:
        found["USER_INFO_FIELDS"] = dict(profile.user_info_fields)
    return found


def gateway_values(values: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """What an app's ``.env`` has to have for its gateway; the profiles of compose that somebody uses already stay."""
    profiles = dict.fromkeys(
        name
        for names in (env.get("COMPOSE_PROFILES", ""), str(values.get("COMPOSE_PROFILES", "")))
        for name in profiles_in(names)
    )
    return {**values, "COMPOSE_PROFILES": ",".join(profiles)} if profiles else dict(values)


def default_network(directory: str, project: str) -> str:
    """The default network of a compose project, by its name where that is known, else by that of its directory."""
    return f"{project or directory.rstrip('/').rpartition('/')[2]}_default"


def compose_labels(network: str) -> dict[str, str]:
    """The labels of the default network of a compose project; none for a network of another name."""
    if not network.endswith("_default"):
        return {}
    return {
        "com.docker.compose.project": network.removesuffix("_default"),
        "com.docker.compose.network": "default",
    }


def known_worker(env: Mapping[str, str]) -> str:
    """The service worker that an app uses already, as the guide names one; any other name there is drift."""
    name = env.get("OPENEDX_SERVICE_WORKER_USERNAME", "")
    return name if re.fullmatch(r"[\w.@+-]+serviceworker", name) else ""


def check_app(
    host: str,
    given: Mapping[str, Any],
    profile: Profile,
    port: int,
    worker: str,
    target: Mapping[str, Any],
    directory: str,
) -> None:
    """Refuse a declaration that cannot be.

    :raises InventoryError: the first thing that is wrong, and what to give.
    """
    backend_name, domain = given.get("mit_app_backend_name"), profile.domain
    paths = [
        *((name, getattr(profile, name)) for name in ("authorize_path", "token_path", "user_info_path")),
        ("logout_path", profile.logout_path or "/"),
        *(("redirect_paths", path) for path in profile.redirect_paths),
    ]
    no_path, wrong = next(((name, path) for name, path in paths if not path.startswith("/")), ("", ""))
    unknown = [name for name in profile.user_info_fields if name not in USER_INFO_FIELDS]
    repo, version = given.get("mit_app_repo"), str(given.get("mit_app_version") or "")
    for fine, name, message in (
        (
            "/" not in host,
            "the name of the host has a slash.",
            "Give it another name: files in the LMS's settings are called like it.",
        ),
        (
            re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", domain),
            f"mit_app_domain is '{domain}'.",
            "Give the host name by which the browser reaches the app, without scheme and port, such as xpro.odl.local.",
        ),
        (
            port or not given.get("mit_app_api_gateway"),
            "mit_app_api_gateway is true, and the profile knows no gateway.",
            "Give its port in mit_app_api_gateway_port.",
        ),
        (
            0 < port < 65536,
            f"mit_app_port is '{port}'.",
            "Give the published port of the app, a number from 1 to 65535.",
        ),
        (
            backend_name is None or re.fullmatch(r"[A-Za-z0-9_-]{1,30}", backend_name),
            f"mit_app_backend_name is '{backend_name}'.",
            "Give letters, digits, _ and -, at most 30: it is the provider's slug too.",
        ),
        (
            len(given.get("mit_app_display_name") or "") <= 50,
            f"mit_app_display_name is '{given.get('mit_app_display_name')}'.",
            "Open edX allows at most 50 letters in the name of a provider.",
        ),
        (
            re.fullmatch(r"[\w.@+-]{1,30}", worker),
            f"mit_app_service_worker is '{worker}'.",
            "Open edX allows at most 30 letters, digits and _ . @ + - in a username.",
        ),
        (
            target.get("type", "command") != "compose" or directory,
            "mit_app_dir is empty.",
            "Give the directory of the app's checkout, where its docker-compose.yml and .env are.",
        ),
        (
            directory or given.get("mit_app_dotenv"),
            "there is neither mit_app_dir nor mit_app_dotenv.",
            "Give the directory of the app's checkout, or the file into which the keys of Open edX are to be written.",
        ),
        (
            not no_path,
            f"mit_app_{no_path} is '{wrong}'.",
            "Give a path of the app, which begins with a slash.",
        ),
        (
            not unknown,
            f"mit_app_user_info_fields has {', '.join(unknown)}.",
            f"The LMS reads {', '.join(USER_INFO_FIELDS)}; give what the app calls each.",
        ),
        (
            given.get("mit_app_manage_network")
            or not (given.get("mit_app_network_subnets") or given.get("mit_app_network_gateways")),
            "mit_app_network_subnets or mit_app_network_gateways are given, and mit_app_manage_network is false.",
            "Set it to true, or leave them out: only a managed network gets them.",
        ),
        (
            not given.get("mit_app_kubernetes_secret") or target.get("type") == "kubernetes",
            "mit_app_kubernetes_secret is given, and the type of mit_app_target is not kubernetes.",
            "Take it out, or say which workload has its environment from that Secret.",
        ),
        (
            not given.get("mit_app_kubernetes_secret") or not given.get("mit_app_restart_argv"),
            "mit_app_kubernetes_secret and mit_app_restart_argv are both given.",
            "Give one of the two: either gives the app its new environment.",
        ),
        (
            not repo or (version and directory),
            "mit_app_repo is given without mit_app_version or mit_app_dir.",
            "Give both: what to check out, and where to.",
        ),
    ):
        if not fine:
            raise InventoryError(f"{host}: {name} {message}")
