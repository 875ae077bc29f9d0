# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What keeps Docker from running an app, as far as it can be known before; and what Compose calls its project."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import socket

from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv as dotenv
from ansible_collections.mitodl.openedx.plugins.module_utils import _files as files
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine

FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = tuple(name.replace(".y", ".override.y") for name in FILES)
STARTS = {
    "Linux": "sudo systemctl start docker (Docker Desktop: systemctl --user start docker-desktop)",
    "Darwin": "open -a Docker (colima: colima start)",
}


def project_name(folder, env, environ, ask):
    """What Compose calls the project of a directory.

    :param env: what its ``.env`` says.
    :param ask: has Compose say it, which takes longer than a look into the files.
    """
    given = environ.get("COMPOSE_PROJECT_NAME") or env.get("COMPOSE_PROJECT_NAME")
    if given:
        return given
    name = None if environ.get("COMPOSE_FILE") or env.get("COMPOSE_FILE") else name_in_files(folder)
    if name is None:
        name = ask()
    return name or normalised(os.path.basename(os.path.realpath(folder)))


def normalised(name):
    """A name as Compose makes one of a directory's.

    >>> normalised("_My.App 2")
    'myapp2'
    """
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")


def name_in_files(folder):
    """The name that its compose file gives a project; nothing where it gives none, None where that is not plain."""
    said = []
    for names in (FILES, OVERRIDES):
        path = next(filter(os.path.isfile, (os.path.join(folder, name) for name in names)), "")
        if path:
            with open(path, encoding="utf-8", errors="replace") as file:
                said += re.findall(r"^(?:name *:.*|include *:)", file.read(), re.MULTILINE)
    if not said:
        return ""
    found = re.fullmatch(r"""name: *["']?([a-z0-9][a-z0-9_-]*)["']? *(?:#.*)?""", said[0])
    return found[1] if found and len(said) == 1 else None


class Docker:
    """The Docker CLI, which follows DOCKER_HOST and its contexts as Tutor and `docker compose` do.

    :param run: takes an argv and a directory, and returns status, output and errors.
    :param target: what is run there, which may name the engine (``docker_host``, ``docker_context``).
    """

    def __init__(self, run, target=None):
        self.run, self.target = run, target or {}
        # The images that Compose will build or pull first, in words.
        self.absent: list[str] = []

    @classmethod
    def of(cls, module, target=None):
        def run(argv, folder=None):
            argv = at_engine(target or {}, argv)
            try:
                return module.run_command(argv, cwd=folder, handle_exceptions=False, expand_user_and_vars=False)
            except OSError as error:
                return 127, "", f"{argv[0]}: {error.strerror}"

        return cls(run, target)

    @property
    def host(self):
        """The address of the engine, where one is named; it wins over a context."""
        given = "" if self.target.get("docker_context") else os.environ.get("DOCKER_HOST", "")
        return self.target.get("docker_host") or given

    def context(self):
        """The context that the CLI uses; nothing for the default one, or where an address wins over it."""
        if self.host:
            return ""
        name = self._of_context("{{.Name}}")
        return "" if name == "default" else name

    def endpoint(self):
        """The address of the engine that the CLI speaks to; nothing where it is not known."""
        return self.host or self._of_context("{{.Endpoints.docker.Host}}")

    def _of_context(self, what):
        code, out, _err = self.run(["docker", "context", "inspect", "--format", what])
        return "" if code else out.strip()

    def engine_problem(self):
        """Why no container can be run, and what to do; nothing where the engine answers."""
        code, out, err = self.run(["docker", "version", "--format", "{{.Server.Version}}"])
        if not code:
            return ""
        if code == 127:
            return "there is no program docker. Install Docker: https://docs.docker.com/get-docker/."
        reason = last_line(err or out) or f"it ended with status {code}"
        reason += "" if reason.endswith((".", "?")) else "."
        if "permission denied" in reason.lower():
            return (
                f"Docker refuses this user: {reason} Run: sudo usermod -aG docker $USER, and log in again (newgrp "
                "docker in this terminal)."
            )
        context = self.context()
        where = f"DOCKER_HOST={self.host}" if self.host else f"the context {context}" if context else ""
        start = STARTS.get(platform.system(), "start Docker")
        return (
            f"Docker does not answer{f' ({where})' if where else ''}: {reason} Start it: {start}. Where the engine is "
            "another one, `docker context ls` lists those there are; `docker context use NAME` "
            "takes one, edx_docker_context and mit_app_docker_context one for a side."
        )

    def has_image(self, name):
        """Whether an image is on the engine's machine; one of which the engine does not say is."""
        code, err = self._inspect([name])
        # As Docker and as Podman in its place say it.
        return not code or not re.search("no such image|image not known", err.lower())

    def lacking(self, names):
        """Those of some images that are not on the engine's machine; where all are, one question says so."""
        if not names or not self._inspect(names)[0]:
            return []
        return [name for name in names if not self.has_image(name)]

    def _inspect(self, names):
        code, _out, err = self.run(["docker", "image", "inspect", "--format", "{{.Id}}", *names])
        return code, err

    def ask_registry(self, name):
        """Whether the registry of an image says anything of it, and why it will not be pulled; nothing where it is."""
        code, out, err = self.run(["docker", "manifest", "inspect", name])
        said = last_line(err or out)
        is_refused = bool(code and re.search(r"no such manifest|manifest unknown|denied|unauthorized", said))
        return not code or is_refused, said.rstrip(".") if is_refused else ""

    def config(self, folder, profiles=()):
        """What Compose makes of the project of a directory, nothing where it does not say; and why it refuses it.

        :param profiles: those to be active in place of those of the ``.env``; that one's where there are none.
        """
        given = ["--project-name", self.target["project"]] if self.target.get("project") else []
        given += [word for name in profiles for word in ("--profile", name)]
        command = ["docker", "compose", *given, "config", "--format", "json"]
        code, out, err = self.run(command, folder)
        if code:
            return {}, refusal(folder, at_engine(self.target, command), reason_of(err or out))
        try:
            return project_of(json.loads(out)), ""
        except ValueError:
            return {}, ""

    def project_problem(self, folder, target, port, api_gateway=False, profiles=()):
        """Why Compose cannot bring an app up at a port, which may be 0 for any; nothing where it is not seen.

        :param api_gateway: whether the port is that of the app's gateway.
        :param profiles: as for ``config``.
        """
        project, refused = self.config(folder, profiles)
        if not project:
            return refused
        services = project["services"]
        wanted = target.get("service") or "web"
        if wanted not in services:
            return (
                f"the compose file in {folder} has no service {wanted}, but {', '.join(sorted(services)) or 'none'}. "
                "Name the one that runs the app's Django in mit_app_target.service. One of a profile counts where "
                "COMPOSE_PROFILES in the .env has that profile."
            )
        found = published(services)
        is_published = any(port in ports for ports in found.values())
        if port and found and not is_published:
            said = ", ".join(f"{', '.join(map(str, ports))} ({name})" for name, ports in sorted(found.items()))
            if api_gateway:
                active = f" with the profiles {', '.join(profiles)}" if profiles else ""
                return (
                    f"mit_app_api_gateway is true, and the compose file in {folder} has no gateway at port {port}: it "
                    f"publishes {said}{active}. Take a checkout whose compose file has the gateway's services, or "
                    "correct mit_app_api_gateway_port; or set mit_app_api_gateway to false."
                )
            return (
                f"nobody listens at port {port}, and the compose file in {folder} publishes {said}. Correct "
                "mit_app_port or mit_app_dir, or publish it there."
            )
        # Without a network of its own a container publishes nothing.
        taken = port if is_published else 0
        return self.image_problem(folder, project) or self.port_problem(taken, project.get("name"))

    def port_problem(self, port, project):
        """Why Compose cannot publish a port on this machine: somebody else listens there; nothing where nobody does.

        :param port: 0 for none.
        :param project: whose own containers may.
        """
        if not (port and self.endpoint().startswith("unix://") and is_open(port)):
            return ""
        form = '{{.Names}} {{.Label "com.docker.compose.project"}}'
        code, out, _err = self.run(["docker", "ps", "--filter", f"publish={port}", "--format", form])
        found = [line.split(" ", 1) for line in out.splitlines() if line]
        if code or any(name[1:] == [project] for name in found):
            return ""
        whose = f"the container {found[0][0]}" if found else "a program that is no container of Docker"
        return f"port {port} of this machine is taken by {whose}. Stop that, or have it listen somewhere else."

    def other_app(self, folder, port):
        """Why what answers at a port is not the app of a directory but that of another; nothing where it may be.

        A proxy before the app can be of another project, too; but one with the settings of an app is none.
        """
        form = '{{.Names}}\t{{.Label "com.docker.compose.project.working_dir"}}'
        _code, out, _err = self.run(["docker", "ps", "--filter", f"publish={port}", "--format", form])
        for name, _tab, where in (line.partition("\t") for line in out.splitlines()):
            if where and os.path.realpath(where) != os.path.realpath(folder) and is_app(where):
                return (
                    f"the app at port {port} is that of {where} (its container {name}), and mit_app_dir is {folder}. "
                    "Correct mit_app_dir or mit_app_port."
                )
        return ""

    def image_problem(self, where, project, known=(), build=""):
        """Why no container can be made of an image of a project; nothing where all can be. What is absent is noted.

        :param where: where the project names its images.
        :param known: images of which somebody else takes care.
        :param build: what builds images besides Compose.
        """
        services = project["services"]
        named: dict[str, str] = {}
        by_hand = f"Build it ({build}) or load it" if build else "Build or load it"
        is_asked = True  # as long as registries answer: without a network each would be waited for
        for name, service in services.items():
            built = f"{project.get('name')}-{name}" if service.get("build") else ""
            named.setdefault(service.get("image") or built, name)
        for image in self.lacking([image for image in named if image and image not in known]):
            name = named[image]
            is_built = bool(services[name].get("build"))
            lacks = f"the image {image} of the service {name} is not on this machine, and"
            if services[name].get("pull_policy") == "never" and not is_built:
                return f"{lacks} its pull_policy in {where} is never. {by_hand}."
            if is_asked and not is_built:
                is_asked, refused = self.ask_registry(image)
                if refused:
                    return (
                        f"{lacks} its registry does not give it: {refused}. {by_hand}; or log in there (docker login), "
                        f"or correct its name in {where}."
                    )
            self.absent.append(f"{image} ({name}), which will be {'built' if is_built else 'pulled'}")
        return ""


def is_app(folder):
    """Whether a directory is that of an app that knows of Open edX, by the names in its .env."""
    try:
        text = files.read(os.path.join(folder, ".env"))
    except (OSError, files.FileError):
        return False
    return any(name.startswith("OPENEDX_") for name in dotenv.read(text or ""))


def is_open(port):
    """Whether somebody listens at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def last_line(text):
    return (text.strip().splitlines() or [""])[-1].strip()


def reason_of(text):
    """Why Compose failed: what it said besides warnings."""
    lines = [line.strip() for line in text.splitlines() if not re.search(r"\blevel=warning\b|^WARN", line)]
    return " ".join(filter(None, lines))


# What no .env mends.
BROKEN = r"\byaml:|validating |parsing |undefined (?:service|network|volume|secret|config)"


def no_compose_file(folder):
    """What is said of a directory without one."""
    return f"there is no compose file in {folder}. Correct mit_app_dir: it is the app's checkout."


def refusal(folder, command, reason):
    """What a failure of `docker compose config` means, where a run would not mend it by what it writes."""
    if re.search("is not a docker command|unknown (?:docker )?command|unknown .*flag", reason):
        return (
            "this Docker has no plugin compose (version 2). Install it: https://docs.docker.com/compose/install/linux/ "
            "(on Debian and Ubuntu the package docker-compose-plugin or docker-compose-v2)."
        )
    if "no configuration file provided" in reason:
        return no_compose_file(folder)
    # Where there is no .env yet, what comes of it is not known; and what a run writes may be what is missing.
    is_begun = os.path.exists(os.path.join(folder, ".env"))
    is_mended = "required variable" in reason if is_begun else not re.search(BROKEN, reason)
    if reason and not is_mended:
        by_hand = f"cd {shlex.quote(folder)} && {shlex.join(command[:-2])}"
        return f"Compose refuses the project in {folder}: {reason} (`{by_hand}`)."
    return ""


def project_of(data):
    """A project as Compose says it, nothing where this is none."""
    services = data.get("services") if isinstance(data, dict) else None
    is_project = isinstance(services, dict) and all(isinstance(service, dict) for service in services.values())
    return data if is_project else {}


def profiles_in(text):
    """The names in a text as COMPOSE_PROFILES has it.

    >>> profiles_in("keycloak, apisix,")
    ['keycloak', 'apisix']
    """
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def published(services):
    """The ports of this machine that services publish, by their names."""
    found = {}
    for name, service in services.items():
        ports: list[int] = []
        entries = service.get("ports")
        for entry in entries if isinstance(entries, list) else []:
            said = str(entry.get("published") or "") if isinstance(entry, dict) else ""
            if span := re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", said):
                ports += range(int(span[1]), int(span[2] or span[1]) + 1)
        if ports:
            found[name] = ports
    return found
