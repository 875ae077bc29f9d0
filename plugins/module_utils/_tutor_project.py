# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""An LMS that answers: Tutor found and configured, and what is to be run for it.

Steps that take long are not run here. The module names the next one; its action plugin runs it and has the module look
again, with what was done so far. Without any such step, the first look is the only one.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import re
import shlex
import sys
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils import _courses, _files, _http, _requirements
from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import PORTS, host_of, port_of
from ansible_collections.mitodl.openedx.plugins.module_utils._compose import BROKEN, Docker, reason_of
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import session
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.channel import SessionError
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TARGET_SPEC, missing_program
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import (
    OVERRIDES,
    PLUGIN,
    no_envs_dir,
    no_override,
    not_usable,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._rollout import Rollout, RolloutError
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import HIDDEN, is_secret
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import Tutor, agrees, contradictions, printed

PIP_KEY = "OPENEDX_EXTRA_PIP_REQUIREMENTS"
NAMESPACE, DEFAULT_NAMESPACE = "K8S_NAMESPACE", "openedx"
ARGUMENT_SPEC: dict[str, Any] = {
    "target": TARGET_SPEC,
    "lms_base_url": {"type": "str", "required": True},
    "expected_names": {"type": "list", "elements": "str", "default": []},
    "start_argv": {"type": "list", "elements": "str", "default": []},
    "restart_argv": {"type": "list", "elements": "str", "default": []},
    "version": {"type": "str", "default": "21.0.9"},
    "venv": {"type": "path"},
    "config": {"type": "dict", "default": {}},
    "pip_requirements": {"type": "list", "elements": "str", "default": []},
    "build_images": {"type": "bool", "default": False},
    "launch": {"type": "bool", "default": False},
    "launch_options": {"type": "list", "elements": "str", "default": []},
    "log_dir": {"type": "path", "default": "~/.local/state/mitodl_openedx"},
    "period": {"type": "int", "default": 10},
    "wait": {"type": "int", "default": 600},
    "envs_dir": {"type": "path"},
    "apps": {"type": "list", "elements": "str", "default": []},
    "extra_hosts": {"type": "bool", "default": True},
    "mapped_hosts": {"type": "dict", "default": {}},
    "plugins_root": {"type": "bool", "default": False},
    "courses": {"type": "list", "elements": "dict", "default": [], "options": _courses.COURSE_SPEC},
    "preflight": {"type": "bool", "default": False},
    **_http.TLS_SPEC,
    "progress": {"type": "dict", "default": {}},
}


class Project:
    """One look at it. ``progress`` is what earlier looks of the same task found and the action plugin did since."""

    def __init__(self, module):
        self.module, self.params = module, module.params
        self.target = module.params["target"]
        self.base_url = self.params["lms_base_url"]
        self.is_tutor = self.target["type"].startswith("tutor_")
        #: The pods of the LMS, where Tutor runs it on Kubernetes and not with Compose.
        self.rollout: Any = Rollout(module, self.target) if self.target["type"] == "tutor_k8s" else None
        self.progress, self.trust = self.params["progress"], _http.trust_of(self.params)
        self.tutor = Tutor(module, self.target, self.progress.get("root"), self.progress.get("plugins_root"))
        self.docker = Docker.of(module, self.target)
        self._asked: Any = None
        module.check_mode = module.check_mode or self.params["preflight"]
        # The module's output shows its parameters to whoever asks for more of it.
        self.config = self.params["config"]
        self.params["config"] = dict.fromkeys(self.config, HIDDEN)
        self.result: dict[str, Any] = {"changed": False, "diff": [], "steps": [], "boots": 0}

    @property
    def done(self):
        """The long steps that this task has done."""
        return self.progress.get("done", [])

    def look(self):
        """Do what is quick, and return what the module returns."""
        answer = _http.ask(_http.sign_of_life(self.base_url), timeout=10, **self.trust)
        self._refuse(answer.tls_problem(self.base_url, "edx"))
        has_tutor = self.is_tutor and self._find_tutor()
        if self.result["steps"] and not self.module.check_mode:
            return self.result
        if not self.done:
            self._refuse_obstacles(answer, has_tutor)
        if has_tutor:
            self._configure()
        down = self.progress.get("down", answer.is_silent)
        if self.params["preflight"]:
            return {"changed": False, "lms_answers": not down}
        self.result["down"] = down
        is_new = "launch" in self.done
        step = None
        if not is_new and "start" not in self.done:
            if self._is_to_launch(answer, down, has_tutor):
                step = self._launch
            elif down or self._is_reconfigured:
                # Also after a change of the configuration or of the image: compose makes those containers anew whose
                # definition changed.
                step = self._start
        if step:
            self.result["steps"].append(step)
            self.result.update(changed=True, lms_answers=not down, status=answer.status)
            if not self.module.check_mode or down:
                return self.result
        # In check mode, what is done was only said.
        if self.done and not self.module.check_mode:
            if "waited" not in self.progress:
                if has_tutor:
                    self.tutor.give_back()
                self._restart(is_new, down)
                if has_tutor:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(self.tutor.restart_due)
                # What it has started has another container, or the settings of before.
                self.result["boots"] = session.drop(self.target)
            if waits := self._rolling():
                self.result["waits"] = waits
                return self.result
            # Under `tutor local`, the proxy in front answers before the LMS does.
            answer, waits = _http.look(self.base_url, self.progress.get("waited", 0), self.params, self.trust)
            if waits:
                self.result["waits"] = waits
                return self.result
        return self._finish(answer)

    def _finish(self, answer):
        """What is to be known of an LMS that answers; an error where it does not."""
        if answer.is_silent:
            self._fail_silent(answer)
        envs_dir = self.params["envs_dir"]
        if envs_dir and not os.path.isdir(envs_dir):
            nothing = "" if self._has_changed else " Nothing was changed."
            self.module.fail_json(msg=f"{no_envs_dir(envs_dir)}{nothing}")
        # Whoever asks for it finds it begun. Not where the image may be built and the LMS restarted for it.
        if not self.params["build_images"] or not self.progress.get("image", self.result.get("image")):
            with contextlib.suppress(SessionError):
                session.start(self.target)
        lacking = _courses.missing(self.base_url, self.params["courses"], self.trust)
        self.result.update(lms_answers=True, status=answer.status, missing_courses=[one["key"] for one in lacking])
        return self.result

    def _refuse(self, problem):
        """Stop at what no step of this task mends."""
        if problem:
            nothing = "" if self._has_changed else " Nothing was changed."
            self.module.fail_json(msg=f"{problem}{nothing}")

    def _refuse_obstacles(self, answer, has_tutor):
        """Stop before the first write, not after a start or the rows, at what is known to stop a run."""
        self._refuse(self._not_an_lms(answer))
        self._refuse(self._missing_program(answer))
        envs_dir = self.params["envs_dir"]
        # What starts an LMS that Tutor does not run may make it, too.
        if envs_dir and not os.path.isdir(envs_dir) and not (self.params["start_argv"] and answer.is_silent):
            self._refuse(no_envs_dir(envs_dir))
        try:
            self._refuse(next(filter(None, map(_files.obstacle, self._files(has_tutor))), ""))
            self._refuse(self._no_place_for_settings(has_tutor))
        except _files.FileError as error:
            self._refuse(str(error))
        if self.rollout:
            self._refuse_cluster(answer, has_tutor)
        elif self.is_tutor and answer.is_silent:
            self._refuse(self.docker.engine_problem())
        if has_tutor and not self.rollout and answer.status == -1:
            self._refuse(self._wrong_port())
            self._refuse(self._never_launched())
            self._refuse(self._no_image(answer))
            self._refuse(self._taken_port())
        if not (self.is_tutor or self._start_argv) and answer.is_silent:
            self._fail_silent(answer)

    def _not_an_lms(self, answer):
        """Why what answers cannot be the LMS; nothing where it can."""
        address = _http.sign_of_life(self.base_url)
        if answer.status != 404:
            return ""
        return f"What answers at {self.base_url} is no LMS: there is no {address}. Correct edx_lms_base_url."

    def _missing_program(self, answer):
        """Which command of this run could not be begun; nothing where all could."""
        commands = {
            "edx_target.argv": self.target["argv"] if self.target["type"] == "command" else [],
            "edx_start_argv": self.params["start_argv"] if answer.is_silent else [],
            "edx_restart_argv": self.params["restart_argv"],
        }
        return missing_program(commands)

    def _refuse_cluster(self, answer, has_tutor):
        """The same for the cluster that Tutor is to run the LMS in."""
        self._refuse(self.rollout.look_up()[1])
        self._refuse(self.rollout.context_problem())
        if has_tutor:
            self._refuse(self._image_of_a_registry())
            self._refuse(self._other_namespace())
        if has_tutor and answer.is_silent:
            self._refuse(self._never_launched())

    def _image_of_a_registry(self):
        """Why an image that is built here would be of no use; nothing where none is to be built."""
        if not self.params["build_images"]:
            return ""
        return (
            f"{named('build_images')} is true, and a cluster takes the image of the LMS from a registry. Set it to "
            f"false, and make the image by hand: `{self._by_hand}`."
        )

    def _other_namespace(self):
        """Why Tutor would run the LMS in another namespace than the one that is declared; nothing where it does not."""
        namespace = self.target["namespace"]
        where = "edx_tutor_config" if NAMESPACE in self.config else self.tutor.says(NAMESPACE)
        found = self.config.get(NAMESPACE) or (self.tutor.value(NAMESPACE) if where else namespace)
        if found == namespace:
            return ""
        return (
            f"edx_target.namespace is {namespace}, and Tutor's {NAMESPACE} is {found} (set in {where}). Correct one of "
            "the two: in another namespace Tutor makes another LMS."
        )

    def _no_place_for_settings(self, has_tutor):
        """Why later tasks could not put the settings of the LMS where they belong; nothing where they can."""
        hosts = self.params["mapped_hosts"]
        if has_tutor and self.params["plugins_root"]:
            home = os.path.join(self.tutor.plugins_root, PLUGIN)
            problem = not_usable(home, f"{home}.py", self.params["apps"])
            return problem or no_override(self.tutor.env, self.tutor.mode, list(hosts.values()))
        return not_usable(self.params["envs_dir"], "", self.params["apps"]) if self.params["envs_dir"] else ""

    def _never_launched(self):
        """Why a start would bring no LMS up that could answer: it would wait for a database that nobody has made."""
        if self.params["launch"] or self.params["start_argv"] or not self._has_no_database():
            return ""
        launch = shlex.join(self.tutor.command(self.tutor.mode, "launch"))
        lacks = f"no {self.rollout.name} in its namespace" if self.rollout else "no database of an LMS"
        return (
            f"Tutor was never launched in {self.tutor.root}, which has {lacks}. Run `{launch}` once, "
            f"which takes long; {named('launch')} runs it. Or correct edx_lms_base_url, where the LMS is another one."
        )

    def _wrong_port(self):
        """Why Tutor will not listen at the port of the address; nothing where it will, or that is not known."""
        url, mode = urlsplit(self.base_url), self.tutor.mode
        port = port_of(self.base_url)
        found = self._ports
        # Behind a proxy of somebody's own that of Tutor is not what people come to.
        if not found or str(port) in found or (mode == "local" and self.tutor.value("ENABLE_WEB_PROXY") == "false"):
            return ""
        ports = " or ".join(sorted(found))
        return (
            f"nobody listens at port {port} of {self.base_url}, and `tutor {mode}` has the LMS at port {ports}. "
            f"Correct edx_lms_base_url, such as {url.scheme}://{url.hostname}:{ports.split()[0]}."
        )

    @property
    def _ports(self):
        """Where Tutor has the LMS, as far as that is rendered."""
        if self.tutor.mode == "dev":
            return self._published("lms", 8000)
        return self._published("caddy", PORTS[urlsplit(self.base_url).scheme])

    def _taken_port(self):
        """Who keeps Tutor from the port of the LMS; nothing where nobody does."""
        port = port_of(self.base_url)
        return self.docker.port_problem(port, self._project[0].get("name")) if str(port) in self._ports else ""

    @property
    def _project(self):
        """What is started along with the LMS, as Compose has it; and why it has nothing."""
        if self._asked is None:
            self._asked = self.tutor.compose_project(["lms"] if self.tutor.mode == "dev" else [])
        return self._asked

    def _published(self, service, inside):
        """The ports at which Tutor publishes one of a service's, by what it has rendered or is to render."""
        if service == "caddy" and inside == 80 and "CADDY_HTTP_PORT" in self.config:
            return {str(self.config["CADDY_HTTP_PORT"])}
        found: set[str] = set()
        first = "local/docker-compose.prod.yml" if service == "caddy" else "dev/docker-compose.yml"
        for name in (first, *OVERRIDES[self.tutor.mode]):
            text = _files.read(os.path.join(self.tutor.env, name)) or ""
            lines = re.search(rf"^  {service}:\n((?: {{4,}}.*\n|\n)*)", text, re.MULTILINE)
            found.update(re.findall(rf"- [\"']?(?:[\d.]+:)?(\d+):{inside}\b(?!/)", lines[1] if lines else ""))
        return found

    def _no_image(self, answer):
        """Why a start will not get the image of the LMS, which this machine lacks; nothing where it will."""
        self.result["root"] = self.tutor.root
        if self._is_to_launch(answer, True, True):
            return ""
        tag = self.tutor.image(self._image)
        return ("" if self._builds else self._no_image_of_lms(tag)) or self._no_image_of_others(tag)

    def _no_image_of_lms(self, tag):
        if not tag or self.docker.has_image(tag):
            return ""
        start, build = shlex.join(self._start_argv), shlex.join(self.tutor.command("images", "build", self._image))
        if "/" in tag:
            self.result["absent_images"] = [f"{tag} is not on this machine: `{start}` pulls it, which takes long."]
            return ""
        return (
            f"the image {tag} is not on this machine and in no registry, so that `{start}` fails. Build it, which "
            f"takes long: `{build}`. A new installation is launched with {named('launch')}, which builds it."
        )

    def _no_image_of_others(self, tag):
        """The same for the other services that are started along with the LMS, as Tutor has rendered them."""
        project, said = self._project
        if re.search(BROKEN, said):
            by_hand = shlex.join(self.tutor.command(self.tutor.mode, "dc", "config"))
            return (
                f"Compose refuses what Tutor starts: {reason_of(said)} (`{by_hand}`). Mend the override file or the "
                "plugin of Tutor that it comes from."
            )
        if not project:
            return ""
        build = shlex.join(self.tutor.command("images", "build", "all"))
        problem = self.docker.image_problem(self.tutor.env, project, known=(tag,), build=build)
        absent = [f"not on this machine: {image}." for image in self.docker.absent]
        self.result["absent_images"] = [*self.result.get("absent_images", []), *absent]
        return problem

    def _files(self, has_tutor):
        """The files of the LMS's settings that later tasks write, each one or the directory that it is to be in."""
        if has_tutor and self.params["plugins_root"]:
            self.tutor.ask_for_roots()
            yield os.path.join(self.tutor.plugins_root, f"{PLUGIN}.py")
        if has_tutor:
            yield os.path.join(self.tutor.root, "config.yml")
        if self.params["envs_dir"]:
            yield os.path.join(self.params["envs_dir"], "private.py")

    # -- Tutor ---------------------------------------------------------------------------------------------------------

    def _find_tutor(self):
        """Whether Tutor is there. Where it is not and may be installed, that is what comes next."""
        executable, venv = self.tutor.executable, self.params["venv"]
        if venv and executable != os.path.join(venv, "bin/tutor"):
            self.module.fail_json(
                msg=f"{named('venv')} is {venv}, but Tutor is run as {executable}. Set edx_target.tutor to "
                f"{venv}/bin/tutor. Nothing was changed."
            )
        found = executable if os.path.dirname(executable) else self.module.get_bin_path(executable)
        if found and os.access(found, os.X_OK):
            return True
        if not venv:
            self.module.fail_json(
                msg=f"{executable} cannot be run: there is no such program. Install Tutor, name its executable in "
                f"edx_target.tutor, or give {named('venv')} a directory to install Tutor {self.params['version']} in. "
                "Nothing was changed."
            )
        python = os.path.join(venv, "bin/python")
        argv = [python, "-m", "pip", "install", "--disable-pip-version-check", f"tutor=={self.params['version']}"]
        self.result["changed"] = True
        self.result["steps"].append(self._step("pip", f"Install Tutor {self.params['version']}", argv, root=""))
        if not self.module.check_mode:
            # It makes one anew where an earlier run was cut off in it.
            making = [sys.executable, "-m", "venv", venv]
            code, out, err = self.module.run_command(making, expand_user_and_vars=False)
            if code:
                self.module.fail_json(
                    msg=f"The virtual environment {venv} for Tutor cannot be made: {(err or out).strip()}\nInstall "
                    "what is named there (on Debian the package python3-venv), or name another directory."
                )
        return False

    def _configure(self):
        """Save what differs in Tutor's configuration, and look into the image where packages are wanted."""
        if self.params["plugins_root"]:
            self.tutor.ask_for_roots()
            self.result["plugins_root"] = self.tutor.plugins_root
        self.result.update(root=self.tutor.root, env=self.tutor.env)
        if self.progress.get("configured"):
            return
        url = urlsplit(self.base_url)
        wanted = {"LMS_HOST": url.hostname, "ENABLE_HTTPS": url.scheme == "https", **self.config}
        if self.rollout and self.target["namespace"] != DEFAULT_NAMESPACE:
            wanted[NAMESPACE] = self.target["namespace"]
        self._refuse_contradictions(wanted)
        if self.params["pip_requirements"]:
            wanted[PIP_KEY] = self._requirements(wanted)
        # A value that cannot be printed, as before Tutor's first `config save`, is set.
        values = {key: self.tutor.value(key) for key in wanted}
        differing = [key for key, value in values.items() if not agrees(key, value, wanted[key])]
        self.result["configured"] = True
        if not differing and not os.path.exists(self.tutor.restart_due):
            return
        self.result.update(changed=True, reconfigured=True)
        if differing:
            self.result["diff"].append(self._shown(values, wanted, differing))
        if not self.module.check_mode:
            self.tutor.save({key: wanted[key] for key in differing})

    def _refuse_contradictions(self, wanted):
        """Stop before the first write where that would change what somebody set on purpose."""
        found = contradictions(self.tutor, wanted, self.config, self.params["expected_names"])
        if not found:
            return
        old = {key: value for key, _where, value, _new in found}
        scheme = "https" if old.get("ENABLE_HTTPS", printed(wanted["ENABLE_HTTPS"])) == "true" else "http"
        host, port = wanted["LMS_HOST"], next(iter(sorted(self._ports)), PORTS[scheme])
        there = f"{scheme}://{old.get('LMS_HOST', host)}:{port}"
        meant = f"{scheme}://{host_of(there)}"
        why = "Somebody has set that, so it is not overwritten."
        if host in self.params["expected_names"]:
            why = f"{host} does not resolve, so it may be mistyped, and nothing is overwritten."
        new = ", ".join(f"{key}: {value}" for key, _where, _old, value in found)
        differing = ", ".join(f"{key} is {value} (set in {where}), not {to}" for key, where, value, to in found)
        self.module.fail_json(
            msg=f"Tutor is configured for another address than edx_lms_base_url, {self.base_url}: {differing}. {why} "
            f"Either this LMS is the one that is meant: set edx_lms_base_url to its address, such as {meant}. Or Tutor "
            f"is to be changed, for everything that runs from {self.tutor.root}: say so with edx_tutor_config: "
            f"{{{new}}}. No setting of Tutor was changed."
        )

    @staticmethod
    def _shown(values, wanted, names):
        def line(name, value):
            return "" if value is None else f"{name}: {HIDDEN if is_secret(name) else value}\n"

        return {
            "before_header": "tutor config",
            "after_header": "tutor config",
            "before": "".join(line(name, values[name]) for name in names),
            "after": "".join(line(name, printed(wanted[name])) for name in names),
        }

    def _requirements(self, config):
        """The list of packages to be added to the image; what is known of the image goes into the result."""
        wanted = _requirements.pinned(self.params["pip_requirements"], self.tutor.release)
        present = config[PIP_KEY] if PIP_KEY in config else listed(self.tutor.value(PIP_KEY))
        merged = _requirements.merged(present, wanted)
        image = self._image
        argv = self.tutor.command("images", "build", image)
        tag = self.tutor.image(image)
        self.result["image"] = {
            "tag": tag,
            "wanted": wanted,
            "packages": self._packages(tag) if tag else {},
            "list_changed": merged != present,
            "build": self._step("build", f"Build the image {image}", argv),
            "by_hand": self._by_hand,
        }
        return merged

    @property
    def _by_hand(self):
        """What makes the image, in words."""
        build = self.tutor.command("images", "build", self._image)
        push = [self.tutor.command("images", "push", self._image)] if self.rollout else []
        steps = ", then ".join(map(shlex.join, (build, *push, self._start_argv)))
        return steps if self.rollout else f"{steps}; or set {named('build_images')} to true"

    @property
    def _image(self):
        """What Tutor calls the image of the LMS."""
        return "openedx-dev" if self.tutor.mode == "dev" else "openedx"

    @property
    def _builds(self):
        """Whether this task builds an image that lacks packages, as one does that is not there."""
        return bool(self.params["build_images"] and self.params["pip_requirements"])

    def _packages(self, tag):
        """The versions of an image's packages. One that is not there has none, and is not pulled for the question."""
        pip = ["run", "--rm", "--pull", "never", "--network", "none", "--entrypoint", "pip", tag]
        words = ["list", "--format", "json", "--disable-pip-version-check"]
        try:
            if self.rollout:
                code, out, _err = self.rollout.execute("pip", *words)
            else:
                code, out, _err = self.docker.run(["docker", *pip, *words])
            # The image may print of its own before it.
            listed_packages = next((line for line in reversed(out.splitlines()) if line.startswith("[")), "[]")
            return {one["name"]: one["version"] for one in json.loads(listed_packages)} if not code else {}
        except ValueError:
            return {}

    # -- the LMS -------------------------------------------------------------------------------------------------------

    def _step(self, name, label, argv, root=None):
        """A step that takes long.

        Each project root has a directory of its own for them, and the log's name tells commands apart, so that one that
        an interrupted run left behind is found and followed.
        """
        root = self.tutor.root if root is None else root
        folder = f"{os.path.basename(root)}-{digest(os.path.realpath(root))}" if root else ""
        log = os.path.join(self.params["log_dir"], folder, f"{name}-{digest(*argv)}.log")
        secrets = os.path.join(root, "config.yml") if root else None
        return {"name": name, "label": label, "argv": argv, "log": log, "hide_values_of": secrets}

    @property
    def _start_argv(self):
        """How the LMS is started: under `tutor local` with the proxy in front of it and its workers."""
        if self.params["start_argv"] or not self.is_tutor:
            return self.params["start_argv"]
        detached = [] if self.rollout else ["--detach"]
        return self.tutor.command(self.tutor.mode, "start", *detached, *(["lms"] if self.tutor.mode == "dev" else []))

    @property
    def _root(self):
        """Tutor's root, nothing where there is none to be asked."""
        return self.result.get("root", "")

    @property
    def _start(self):
        argv = self._start_argv
        return self._step("start", "Start the LMS", argv, self._root) if argv else None

    @property
    def _launch(self):
        argv = self.tutor.command(self.tutor.mode, "launch", "--non-interactive", *self.params["launch_options"])
        return self._step("launch", "Launch Tutor for the first time", argv, self._root)

    @property
    def _is_reconfigured(self):
        return self.is_tutor and bool(self.progress.get("reconfigured") or self.result.get("reconfigured"))

    @property
    def _has_changed(self):
        return bool(self.done or self.progress.get("reconfigured") or self.result["changed"])

    def _is_to_launch(self, answer, down, has_tutor):
        """Whether this is a new installation.

        Tutor keeps no note of one that was initialised. What its first step makes is the database, a directory of
        MySQL's; and a launch that was cut off is known by the note beside its log.
        """
        if not self.is_tutor or not self.params["launch"] or not (down or answer.status >= 500):
            return False
        if not has_tutor:
            return True
        try:
            with open(self._launch["log"] + ".json", encoding="utf-8") as note:
                if json.load(note).get("rc") != 0:
                    return True
        except (OSError, ValueError):
            pass
        return self._has_no_database()

    def _has_no_database(self):
        """Whether it can be seen that Tutor, which runs it itself, has never made it."""
        if self.rollout:
            return not self.rollout.look_up()[0]
        if self.tutor.value("RUN_MYSQL") == "false":
            return False
        name = self.tutor.value("OPENEDX_MYSQL_DATABASE") or "openedx"
        try:
            os.stat(os.path.join(self.tutor.root, "data/mysql", name))
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            pass
        return False

    def _restart(self, is_new, down):
        if self.rollout:
            # Where its configuration changed, the start has given it new pods.
            return
        # `tutor dev launch` starts the servers before it makes the database, and Django's development server that finds
        # none waits for an edit of its code.
        is_stale = self._is_reconfigured and not down and not self.tutor.has_reread(self.tutor.rendered)
        if self.tutor.mode == "dev" if is_new else is_stale:
            self.tutor.ask(self.tutor.mode, "restart", "lms")
            self.result["changed"] = True

    def _rolling(self):
        """What the next look goes on from while pods of before can still answer; None where there are none."""
        try:
            return self.rollout.look((), self.progress.get("waited", 0), self.params) if self.rollout else None
        except RolloutError as error:
            logs = shlex.join(self.tutor.command("k8s", "logs", "--tail=50", self.rollout.service))
            self.module.fail_json(
                msg=f"Tutor has started the LMS, and its pods did not get ready: {error}. What keeps a pod from "
                f"starting: `{shlex.join(self.rollout.description)}`. See their log: {logs}"
            )

    def _fail_silent(self, answer):
        after = f" {self.params['wait']} s after its start" if self.done else ""
        if self.is_tutor:
            logs = shlex.join(self.tutor.command(self.tutor.mode, "logs", "--tail=50", "lms"))
            launch = shlex.join(self.tutor.command(self.tutor.mode, "launch"))
            fix = f"See its log: `{logs}`. A new installation needs `{launch}` once; {named('launch')} runs it."
        else:
            fix = "Start it, or give the command that does in edx_start_argv."
        nothing = "" if self._has_changed else " Nothing was changed."
        self.module.fail_json(
            msg=f"The LMS does not answer at {self.base_url}{after}: {answer.reason}. {fix} "
            f"Or correct edx_lms_base_url.{nothing}"
        )


def digest(*words):
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:8]


def named(option):
    """A variable as messages name it: that of the inventory, which the playbooks read, and the role's own."""
    return f"edx_tutor_{option} (of the role alone: tutor_bootstrap_{option})"


def listed(text):
    """A list as Tutor prints it."""
    try:
        value = ast.literal_eval(text or "[]")
    except (ValueError, SyntaxError):
        value = None
    return value if isinstance(value, list) else []
