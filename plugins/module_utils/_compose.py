# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""What keeps Docker from running an app, as far as it can be known before; and what Compose calls its project."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex

from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine

FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
STARTS = {
    "Linux": "sudo systemctl start docker (Docker Desktop: systemctl --user start docker-desktop)",
    "Darwin": "open -a Docker (colima: colima start)",
}


def project_name(folder, env, environ):
    """What Compose calls the project of a directory.

    :param env: what its ``.env`` says.
    """
    given = environ.get("COMPOSE_PROJECT_NAME") or env.get("COMPOSE_PROJECT_NAME")
    return given or name_in_file(folder) or normalised(os.path.basename(os.path.realpath(folder)))


def normalised(name):
    """A name as Compose makes one of a directory's.

    >>> normalised("_My.App 2")
    'myapp2'
    """
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")


def name_in_file(folder):
    """The name that a compose file gives its project, where it is a plain one."""
    for path in (os.path.join(folder, name) for name in FILES):
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found = re.search(r"""^name: *["']?([a-z0-9][a-z0-9_-]*)["']? *(?:#.*)?$""", file.read(), re.MULTILINE)
            return found[1] if found else ""
    return ""


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
                f"Docker refuses this user: {reason} Run: sudo usermod -aG docker $USER, and log in anew (newgrp "
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
        return not code or "no such image" not in err.lower()

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

    def project_problem(self, folder, target, port):
        """Why Compose cannot bring an app up at a port, which may be 0 for any; nothing where it is not seen."""
        given = ["--project-name", target["project"]] if target.get("project") else []
        command = ["docker", "compose", *given, "config", "--format", "json"]
        code, out, err = self.run(command, folder)
        if code:
            return refusal(folder, at_engine(self.target, command), last_line(err or out))
        try:
            project = json.loads(out)
            services = project["services"]
        except (ValueError, KeyError, TypeError):
            return ""
        wanted = target.get("service") or "web"
        if wanted not in services:
            return (
                f"the compose file in {folder} has no service {wanted}, but {', '.join(sorted(services))}. Name the "
                "one that runs the app's Django in mit_app_target.service."
            )
        found = published(services)
        if port and found and not any(port in ports for ports in found.values()):
            said = ", ".join(f"{', '.join(map(str, ports))} ({name})" for name, ports in sorted(found.items()))
            return (
                f"nobody listens at port {port}, and the compose file in {folder} publishes {said}. Correct "
                "mit_app_port, or publish it there."
            )
        return self.image_problem(folder, project)

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


def last_line(text):
    return (text.strip().splitlines() or [""])[-1].strip()


def refusal(folder, command, reason):
    """What a failure of `docker compose config` means, where a run would not mend it by what it writes."""
    if re.search("is not a docker command|unknown .*flag", reason):
        return (
            "this Docker has no plugin compose (version 2). Install it: https://docs.docker.com/compose/install/linux/ "
            "(on Debian and Ubuntu the package docker-compose-plugin or docker-compose-v2)."
        )
    if "no configuration file provided" in reason:
        return f"there is no compose file in {folder}. Correct mit_app_dir: it is the app's checkout."
    if re.search(r"\byaml:|validating |parsing ", reason):
        by_hand = f"cd {shlex.quote(folder)} && {shlex.join(command[:-2])}"
        return f"Compose refuses the project in {folder}: {reason} (`{by_hand}`)."
    return ""


def published(services):
    """The ports of this machine that services publish, by their names."""
    found = {}
    for name, service in services.items():
        ports: list[int] = []
        for entry in service.get("ports") or []:
            first, _dash, last = str(entry.get("published") or "").partition("-")
            if first.isdecimal():
                ports += range(int(first), int(last if last.isdecimal() else first) + 1)
        if ports:
            found[name] = ports
    return found
