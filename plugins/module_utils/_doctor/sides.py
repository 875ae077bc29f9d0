# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a person does to the app or to the LMS, by the kind of its target: phrases for fixes, with a line to paste."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine, compose_of
from ansible_collections.mitodl.openedx.plugins.module_utils._kubectl import KINDS, kubectl, workload

#: Why nothing is said of what is inside an app.
OUTSIDE = "nothing is run in an app whose mit_app_target is none"


def commands_of(target: dict[str, Any]) -> dict[str, list[str]]:
    """The commands of a kind of target, with what tells this one from another. A target of type `command` has none.

    >>> commands_of({"type": "compose", "project": "mitxpro"})["start"]
    ['docker', 'compose', '--project-name', 'mitxpro', 'up', '-d']
    """
    kind, service = target["type"], target.get("service")
    root = ["--root", target["root"]] if target.get("root") else []
    tutor = at_engine(target, [target.get("tutor") or "tutor", *root])
    if kind in ("tutor_dev", "tutor_local"):
        mode = [*tutor, kind.replace("tutor_", "")]
        start = [*mode, "start", "-d"]
        restart, log = [*mode, "restart", service or "lms"], [*mode, "logs", service or "lms"]
        return {
            "start": start,
            "recreate": start,
            "restart": restart,
            "log": log,
            "launch": [*mode, "launch"],
            "save": [*tutor, *SAVE],
            "mfe": [*start, "mfe"],
            "migrate": [*mode, "do", "init", "--limit", "lms"],
        }
    if kind in KINDS:
        known = {
            "restart": kubectl(target, "rollout", "restart", workload(target)),
            "log": kubectl(target, "logs", workload(target)),
        }
        if kind == "kubernetes":
            return {**known, "start": kubectl(target, "scale", "--replicas=1", workload(target))}
        return {
            **known,
            "start": [*tutor, "k8s", "start"],
            "launch": [*tutor, "k8s", "launch"],
            "migrate": [*tutor, "k8s", "do", "init", "--limit", "lms"],
            "save": [*tutor, *SAVE],
            "mfe": [*tutor, "k8s", "start", "mfe"],
        }
    if kind == "compose":
        compose = compose_of(target)
        start = [*compose, "up", "-d"]
        return {
            "start": start,
            "recreate": start,
            "restart": [*compose, "restart"],
            "log": [*compose, "logs", service or "web"],
            "migrate": [*compose, "exec", service or "web", "./manage.py", "migrate"],
        }
    return {}


SAVE = ["config", "save", "--set"]


class Side:
    """The app or the LMS as fixes speak of it. Every property is a phrase that stands within a sentence."""

    def __init__(
        self, name: str, target: dict[str, Any], start_argv: Sequence[str] = (), restart_argv: Sequence[str] = ()
    ):
        self.name, self.kind, self.target = name, target["type"], target
        self.commands = commands_of(target)
        if start_argv:
            self.commands["start"] = list(start_argv)
        if restart_argv:
            self.commands["restart"] = list(restart_argv)
            self.commands.pop("recreate", None)

    def _line(self, command: str, *more: str) -> str:
        argv = self.commands.get(command)
        return f" ({shlex.join([*argv, *more])})" if argv else ""

    @property
    def start(self) -> str:
        return f"start {self.name}{self._line('start')}"

    def start_service(self, host: str, name: str) -> str:
        """What starts a database or the like beside the side; compose knows its services by their host names."""
        if "recreate" in self.commands and self.kind != "command" and host and "." not in host and host != "localhost":
            return f"start {host}{self._line('start', host)}"
        return f"start {name}"

    @property
    def migrate(self) -> str:
        return f"run the migrations of {self.name}{self._line('migrate')}"

    @property
    def restart(self) -> str:
        return f"restart {self.name}{self._line('restart')}"

    @property
    def start_micro_frontends(self) -> str:
        return f"start {self.name}'s micro-frontends{self._line('mfe')}"

    @property
    def log(self) -> str:
        return f"{self.name}'s log{self._line('log')}"

    @property
    def apply(self) -> str:
        """What makes a changed ``.env`` or compose file count."""
        if "recreate" in self.commands:
            return f"recreate {self.name}'s container{self._line('recreate')}"
        return self.restart

    @property
    def reread(self) -> str:
        """The same for the ``.env``, with what is easily done instead."""
        return f"{self.apply}: a restart does not read the file" if "recreate" in self.commands else self.apply

    @property
    def env_wins(self) -> str:
        """What is stronger than the ``.env``."""
        if self.kind == "command":
            return f"what starts {self.name} sets them itself, which wins over the .env: take it out there"
        if self.kind in KINDS:
            return "the deployment sets them itself, which wins over the .env: take it out there"
        return "environment: of a compose file wins over the .env: take it out there"

    def map_host(self, host: str) -> str:
        """What makes a name of this machine known inside the side."""
        line = f'extra_hosts: ["{host}:host-gateway"]'
        if self.kind == "compose":
            return f"map the name in {self.name}'s compose file: {line}, then {self.apply}"
        if self.kind in ("tutor_dev", "tutor_local"):
            root = f"{self.target['root']}/" if self.target.get("root") else ""
            file = f"{root}env/{self.kind[len('tutor_') :]}/docker-compose.override.yml"
            service = self.target.get("service") or "lms"
            return f"map the name for the service {service} in {file}: {line}, then {self.apply}"
        if self.kind in KINDS:
            return f"give the pods of {self.name} an entry for {host} (hostAliases)"
        return f"let {host} lead to this machine where {self.name} runs (its /etc/hosts, or {line} of its container)"

    def set_https(self, on: bool) -> str:
        """What makes the LMS take https, or http, for the scheme of its address."""
        if "save" in self.commands:
            header = ", and have the proxy send X-Forwarded-Proto: https" if on else ""
            return f"set the scheme{self._line('save', f'ENABLE_HTTPS={str(on).lower()}')}{header}"
        setting = ', SECURE_PROXY_SSL_HEADER to ("HTTP_X_FORWARDED_PROTO", "https")' if on else ""
        return f"set LMS_ROOT_URL in {self.name}'s settings to http{'s' if on else ''}{setting}"

    def set_host(self, host: str) -> str:
        """What makes the LMS take another host for its own."""
        if "save" in self.commands:
            return f"set the host{self._line('save', f'LMS_HOST={host}')}"
        return f"set LMS_ROOT_URL and SESSION_COOKIE_DOMAIN in {self.name}'s settings to the host {host}"
