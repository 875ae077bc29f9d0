# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stops a run before the first write: an obstacle for each thing that the code refuses then.

What it refuses is read from the code, so that nothing new can be forgotten here.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import OVERRIDES
from runs import ROOT
from tutor_machine import Machine

DOMAIN = "mitodl-openedx-test.invalid"
# An engine for each address, and for each directory what it says of the project there. It notes what it is asked.
DOCKER = """#!/bin/sh
echo "$*" >> "$0.calls"
case "$DOCKER_HOST $1" in
  *stopped\\ version) echo "Cannot connect to the Docker daemon." >&2; exit 1 ;;
  *closed\\ version) echo "permission denied while trying to connect to the socket." >&2; exit 1 ;;
  *old\\ compose) echo "docker: 'compose' is not a docker command." >&2; exit 1 ;;
esac
case "$1 $2" in
  "image inspect") echo "Error: No such image: $5" >&2; exit 1 ;;
  "manifest inspect") test "$3" != gone || { echo "no such manifest: docker.io/library/gone" >&2; exit 1; } ;;
  "context inspect") echo unix:///var/run/docker.sock ;;
  "info "*) echo "{}" ;;
  "network ls") echo "1 none" ;;
  "network inspect") echo '[{"Name": "none", "Id": "1", "Driver": "null", "IPAM": {"Config": []}}]' ;;
  "compose config"|"compose --profile")
    test ! -e refused || { echo "yaml: line 1: found character that cannot start any token" >&2; exit 15; }
    cat config.json 2>/dev/null || { echo "no configuration file provided: not found" >&2; exit 14; } ;;
esac
"""
# What makes no container and changes none.
READS = (
    "compose --profile keycloak --profile apisix config",
    "compose config",
    "context inspect",
    "image inspect",
    "info",
    "manifest inspect",
    "network inspect",
    "network ls",
    "ps",
    "version",
)
# What Compose says of the project in a directory. Nobody listens at the port "discard".
WEB = {"ports": [{"published": "9"}]}
PROJECTS = {
    "app": {"web": WEB, "db": {}},
    "quoted": {"web": WEB},
    "never": {"web": {**WEB, "image": "mine", "pull_policy": "never"}},
    "gone": {"web": {**WEB, "build": {}}, "db": {"image": "gone"}},
}
# Places with a .env that is like no other, and one without a compose file.
FOLDERS = (*PROJECTS, "empty", "refused", "taken", "utf16", "linked", "folder")


@dataclass
class Obstacle:
    """Variables of an app and of its LMS, and what is said of them; {home} is the directory of the test."""

    name: str
    said: str
    given: dict[str, Any] = field(default_factory=dict)
    of_lms: dict[str, Any] = field(default_factory=dict)


def run_by(tutor: str, mode: str = "dev", **more: Any) -> dict[str, Any]:
    """An LMS of a Tutor of its own; what is no variable of the inventory is of its target."""
    variables = {name: value for name, value in more.items() if name.startswith("edx_")}
    more = {name: value for name, value in more.items() if name not in variables}
    return {"edx_target": {"type": f"tutor_{mode}", "tutor": f"{{home}}/{tutor}/tutor", **more}, **variables}


PLUGIN = {"edx_settings_strategy": "tutor_plugin"}
PREPARED = {"mit_app_manage_hosts": True, "mit_app_domain": f"new.{DOMAIN}"}
NETWORK = {"mit_app_network_mode": "gateway", "mit_app_network": "none"}
#: One of each place where a run looks: those of `make test`.
OBSTACLES = [
    Obstacle(
        "port", "nobody listens at port 7, and the compose file in {home}/app publishes 9 (web)", {"mit_app_port": 7}
    ),
    Obstacle(
        "service",
        "has no service app, but db, web. Name the one that runs the app's Django in mit_app_target.service",
        {"mit_app_target": {"type": "compose", "chdir": "{home}/app", "service": "app"}},
    ),
    Obstacle(
        "no-compose-file",
        "there is no compose file in {home}/empty. Correct mit_app_dir",
        {"mit_app_dir": "{home}/empty"},
    ),
    # What starts an LMS that Tutor does not run may make the app's directory as well.
    Obstacle(
        "no-checkout",
        "there is no directory {home}/nowhere for the app's .env",
        {"mit_app_dir": "{home}/nowhere"},
        {"edx_start_argv": []},
    ),
    Obstacle(
        "image",
        "the image mine of the service web is not on this machine, and its pull_policy in {home}/never is never",
        {"mit_app_dir": "{home}/never"},
    ),
    Obstacle(
        "program",
        "mit_app_target.argv begins with no-such-python, which is no program on the machine that runs it. Correct",
        {"mit_app_target": {"type": "command", "argv": ["no-such-python", "-"]}},
    ),
    Obstacle("name", f"x.{DOMAIN} cannot be resolved on this machine", {"mit_app_domain": f"x.{DOMAIN}"}),
    Obstacle("dotenv", "Docker Compose refuses {home}/quoted/.env for line 1", {"mit_app_dir": "{home}/quoted"}),
    Obstacle(
        "untrusted-app",
        "its certificate is not trusted",
        {"mit_app_scheme": "https", "mit_app_port": "{port}", "mit_app_domain": "localhost"},
    ),
    # Found at the machine of the LMS, though the app's would get a line in its hosts file, or a checkout, before.
    Obstacle(
        "tutor",
        "{home}/no/tutor cannot be run: there is no such program. Install Tutor",
        PREPARED,
        run_by("no"),
    ),
    Obstacle(
        "other-tutor",
        "LMS_HOST is learn.example.org (set in {home}/other/root/config.yml), not localhost",
        {"mit_app_dir": "{home}/clone", "mit_app_repo": "{home}/nowhere.git", "mit_app_version": "v1"},
        run_by("other"),
    ),
    # Tutor has what it proposes for a laptop, and the name would get a line in the hosts file.
    Obstacle(
        "mistyped-lms",
        f"LMS_HOST is local.openedx.io (set in {{home}}/laptop/root/config.yml), not locl.{DOMAIN}. locl.{DOMAIN} does "
        "not resolve, so it may be mistyped, and nothing is overwritten. Either this LMS is the one that is meant: set",
        PREPARED,
        run_by("laptop", edx_lms_base_url=f"http://locl.{DOMAIN}:9"),
    ),
    Obstacle(
        "settings",
        "{home}/foreign/mit_apps/apps.d/other.json: JSONDecodeError: Expecting property name enclosed in double "
        "quotes: line 1 column 2 (char 1). The LMS cannot start with it. Run the playbook of that app",
        PREPARED,
        {"edx_envs_dir": "{home}/foreign"},
    ),
    Obstacle(
        "overrides",
        "docker-compose.override.yml are there and not ours, and Tutor hands no other file to docker compose",
        PREPARED,
        run_by("other", **PLUGIN),
    ),
    # Whoever says that no name is to be mapped needs none, and comes to the next one.
    Obstacle(
        "no-overrides",
        "LMS_HOST is learn.example.org",
        {**PREPARED, "edx_private_settings_extra_hosts": False},
        run_by("other", **PLUGIN),
    ),
    Obstacle(
        "untrusted-lms",
        "Name the file with the certificate of the authority that signed it in edx_ca_path",
        PREPARED,
        {"edx_lms_base_url": "https://localhost:{port}"},
    ),
]
#: The others.
FURTHER = [
    Obstacle(
        "other-certificate",
        "Give its server a certificate that is valid for that name today, or set mit_app_validate_certs to false",
        {"mit_app_scheme": "https", "mit_app_port": "{port}", "mit_app_domain": "127.0.0.1", "mit_app_ca_path": "{ca}"},
    ),
    Obstacle(
        "no-https",
        "Give its address with http instead of https, or end TLS there",
        {"mit_app_scheme": "https", "mit_app_port": "{plain}"},
    ),
    Obstacle(
        "no-authority",
        "{home}/none.pem, the authorities to be trusted, is no file. Correct edx_ca_path.",
        PREPARED,
        {"edx_lms_base_url": "https://localhost:{port}", "edx_ca_path": "{home}/none.pem"},
    ),
    Obstacle(
        "no-image",
        "the image gone of the service db is not on this machine, and its registry does not give it: no such manifest",
        {"mit_app_dir": "{home}/gone"},
    ),
    Obstacle(
        "taken-port",
        "port {silent} of this machine is taken by a program that is no container of Docker. Stop that",
        {"mit_app_dir": "{home}/taken", "mit_app_port": "{silent}"},
    ),
    Obstacle(
        "compose-refuses",
        "Compose refuses the project in {home}/refused: yaml: line 1: found character",
        {"mit_app_dir": "{home}/refused"},
    ),
    Obstacle(
        "engine-stopped",
        "Docker does not answer (DOCKER_HOST=tcp://stopped): Cannot connect to the Docker daemon. Start it: ",
        {"mit_app_docker_host": "tcp://stopped"},
    ),
    Obstacle(
        "engine-closed",
        "Docker refuses this user: permission denied while trying to connect to the socket. Run: sudo usermod",
        {"mit_app_docker_host": "tcp://closed"},
    ),
    Obstacle(
        "no-compose",
        "this Docker has no plugin compose (version 2). Install it",
        {"mit_app_docker_host": "tcp://old"},
    ),
    Obstacle("utf16", "{home}/utf16/.env is in UTF-16", {"mit_app_dir": "{home}/utf16"}),
    Obstacle(
        "linked",
        "{home}/linked/.env has 2 names (hard links), and replacing one would part it from the others",
        {"mit_app_dir": "{home}/linked"},
    ),
    Obstacle("folder", "{home}/folder/.env is a directory; name the file in it.", {"mit_app_dir": "{home}/folder"}),
    Obstacle("no-network", "There is no Docker network lost", {**NETWORK, "mit_app_network": "lost"}),
    Obstacle("null-network", "containers on none have no network. Name another network in mit_app_network", NETWORK),
    Obstacle(
        "bad-network",
        "gateway 10.9.0.1 lies in no wanted subnet",
        {**NETWORK, "mit_app_manage_network": True, "mit_app_network_gateways": ["10.9.0.1"]},
    ),
    Obstacle(
        "api-gateway",
        "KEYCLOAK_CLIENT_SECRET is empty in {home}/app/.env, without which the gateway cannot log anybody in",
        {"mit_app_profile": "mitxonline", "mit_app_api_gateway": True},
    ),
    Obstacle(
        "no-api-gateway",
        "mit_app_api_gateway is true, and the compose file in {home}/app has no gateway at port 7: it publishes 9 "
        "(web) with the profiles keycloak, apisix. Take a checkout whose compose file has the gateway's services",
        {
            "mit_app_profile": "mitxonline",
            "mit_app_api_gateway": True,
            "mit_app_api_gateway_client_secret": "x",
            "mit_app_api_gateway_hosts": [],
            # That of the gateway, as mit_app_port would be of the app.
            "mit_app_api_gateway_port": 7,
        },
    ),
    Obstacle(
        "no-restart-of-the-app",
        "a target of type command has no restart of its own, which the app needs for its new .env",
        {"mit_app_target": {"argv": ["python3", "-"]}},
    ),
    Obstacle(
        "not-read",
        "edx_settings_strategy is private_py, but `tutor local` does not read private.py",
        {},
        run_by("other", "local"),
    ),
    Obstacle(
        "no-plugins",
        "edx_settings_strategy is tutor_plugin, but no Tutor runs a target of type command",
        {},
        PLUGIN,
    ),
    Obstacle("no-restart", "edx_restart_argv is empty. Give the command that restarts", {}, {"edx_restart_argv": []}),
    Obstacle(
        "no-answer",
        "The LMS does not answer at http://localhost:9: ",
        PREPARED,
        {"edx_start_argv": [], "edx_envs_dir": "{home}/settings"},
    ),
    Obstacle(
        "no-settings",
        "edx_envs_dir is {home}/none, which is no directory",
        PREPARED,
        {"edx_start_argv": [], "edx_envs_dir": "{home}/none"},
    ),
    Obstacle(
        "linked-settings",
        "{home}/hard/private.py has 2 names (hard links)",
        PREPARED,
        {"edx_envs_dir": "{home}/hard"},
    ),
    Obstacle(
        "foreign-plugin",
        "{home}/mine/plugins/mitodl_openedx.py is not of this collection, which would replace it",
        PREPARED,
        run_by("mine", **PLUGIN),
    ),
    Obstacle(
        "elsewhere-installed",
        "is {home}/venv, but Tutor is run as {home}/mine/tutor. Set edx_target.tutor to {home}/venv/bin/tutor",
        PREPARED,
        run_by("mine", edx_tutor_venv="{home}/venv"),
    ),
    Obstacle(
        "tutor-fails",
        "config printroot` failed with status 1. It said: the stand-in is broken.\\nRun it by hand on this machine",
        PREPARED,
        run_by("broken"),
    ),
    Obstacle(
        "tutor-port",
        "nobody listens at port 9 of http://localhost:9, and `tutor local` has the LMS at port 81",
        PREPARED,
        run_by("fine", "local", **PLUGIN),
    ),
    Obstacle(
        "never-launched",
        "Tutor was never launched in {home}/new/root, which has no database of an LMS. Run `{home}/new/tutor dev",
        PREPARED,
        run_by("new", edx_start_argv=[]),
    ),
    Obstacle(
        "image-of-the-lms",
        "the image openedx-dev:1 is not on this machine and in no registry",
        PREPARED,
        run_by("unbuilt"),
    ),
    Obstacle(
        "other-image",
        "the image gone of the service mfe is not on this machine, and its registry does not give it",
        PREPARED,
        run_by("mine", edx_envs_dir="{home}/settings"),
    ),
    Obstacle(
        "refused-of-tutor",
        "Compose refuses what Tutor starts: services.mfe.ports must be a list, validating it (`{home}/fine/tutor dev",
        PREPARED,
        run_by("fine", edx_envs_dir="{home}/settings"),
    ),
    Obstacle(
        "cluster",
        "Error from server (Forbidden). Correct kubeconfig, context and namespace of edx_target, or mend what it",
        PREPARED,
        run_by("fine", "k8s", namespace="forbidden", **PLUGIN),
    ),
    Obstacle(
        "other-context",
        "edx_target.context is other, and Tutor speaks to the current context of the kubeconfig, which is lab. Give",
        PREPARED,
        run_by("fine", "k8s", context="other", **PLUGIN),
    ),
    Obstacle(
        "other-namespace",
        "edx_target.namespace is openedx, and Tutor's K8S_NAMESPACE is mit (set in edx_tutor_config). Correct one of",
        PREPARED,
        run_by("fine", "k8s", edx_tutor_config={"K8S_NAMESPACE": "mit"}, **PLUGIN),
    ),
    Obstacle(
        "image-of-a-cluster",
        "is true, and a cluster takes the image of the LMS from a registry. Set it to false, and make the image by",
        PREPARED,
        run_by("fine", "k8s", edx_tutor_build_images=True, **PLUGIN),
    ),
    Obstacle(
        "engine-of-tutor",
        "Docker does not answer (DOCKER_HOST=tcp://stopped)",
        PREPARED,
        run_by("mine", edx_docker_host="tcp://stopped", edx_envs_dir="{home}/settings"),
    ),
]
EVERY = [*OBSTACLES, *FURTHER]


def filled(value: Any, **places: Any) -> Any:
    """A value with the places that its texts name."""
    if isinstance(value, dict):
        return {name: filled(each, **places) for name, each in value.items()}
    return value.format(**places) if isinstance(value, str) else value


def build(home: Path, silent: int) -> Machine:
    """A machine with all of them, on which nothing was ever integrated.

    :param silent: a port at which somebody listens and never answers.
    """
    machine = Machine(home)
    machine.close()
    machine.docker.write_text(DOCKER)
    for name in FOLDERS:
        (home / name).mkdir()
        (home / name / ".env").write_text("A=1\n")
    published = {"taken": {"web": {"build": {}, "ports": [{"published": str(silent)}]}}}
    for name, services in {**PROJECTS, **published}.items():
        (home / name / "config.json").write_text(json.dumps({"name": name, "services": services}))
    (home / "refused/refused").touch()
    (home / "quoted/.env").write_text("A='open\n")
    (home / "utf16/.env").write_text("A=1\n", encoding="utf-16")
    os.link(home / "linked/.env", home / "linked/.env.old")
    (home / "folder/.env").unlink()
    (home / "folder/.env").mkdir()
    (home / "foreign/mit_apps/apps.d").mkdir(parents=True)
    (home / "foreign/mit_apps/apps.d/other.json").write_text("{")
    for name in ("settings", "hard"):
        (home / name).mkdir()
        (home / name / "private.py").write_text("A = 1\n")
    os.link(home / "hard/private.py", home / "hard/private.py.old")
    (home / "hosts").write_text("127.0.0.1 localhost\n")
    hosts = {"other": "learn.example.org", "laptop": "local.openedx.io"}
    for name in ("other", "laptop", "mine", "broken", "fine", "unbuilt", "new"):
        (home / name).mkdir()
        tutor = Machine(home / name)
        tutor.close()
        (home / name / "root/data/mysql" / ("" if name == "new" else "openedx")).mkdir(parents=True)
        (home / name / "root/config.yml").write_text(f"LMS_HOST: {hosts.get(name, 'localhost')}\n")
    for name in OVERRIDES["dev"]:
        (home / "other/root/env" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "other/root/env" / name).write_text("services: {}\n")
    (home / "mine/plugins/mitodl_openedx.py").write_text("print('mine')\n")
    (home / "mine/dc.json").write_text(json.dumps({"services": {"mfe": {"image": "gone"}}}))
    (home / "fine/dc.json").write_text("services.mfe.ports must be a list, validating it")
    (home / "broken/broken").touch()
    (home / "unbuilt/local-images").touch()
    caddy = 'services:\n  caddy:\n    ports:\n      - "81:80"\n'
    (home / "fine/root/env/local").mkdir(parents=True)
    (home / "fine/root/env/local/docker-compose.prod.yml").write_text(caddy)
    return machine


# -- what the code refuses ---------------------------------------------------------------------------------------------

#: Where it says so: functions that return, or fail with, why a run cannot succeed; and tables of such texts.
SOURCES = {
    "plugins/action/mit_app_info.py": ("run",),
    "plugins/action/resolve.py": ("no_directory", "no_names", "no_restart"),
    "plugins/module_utils/_engine/command.py": ("missing_program",),
    "plugins/module_utils/_compose.py": (
        "engine_problem",
        "image_problem",
        "no_compose_file",
        "other_app",
        "port_problem",
        "project_problem",
        "refusal",
    ),
    "plugins/module_utils/_files.py": ("obstacle", "unsafe_encoding"),
    "plugins/module_utils/_http.py": ("FIXES",),
    "plugins/module_utils/_lms_settings.py": ("no_envs_dir", "no_override", "not_usable"),
    "plugins/module_utils/_rollout.py": ("context_problem", "look_up"),
    "plugins/module_utils/_tutor.py": ("fail",),
    "plugins/module_utils/_tutor_project.py": (
        "_fail_silent",
        "_find_tutor",
        "_image_of_a_registry",
        "_never_launched",
        "_not_an_lms",
        "_no_image_of_lms",
        "_no_image_of_others",
        "_other_namespace",
        "_refuse_contradictions",
        "_wrong_port",
    ),
    "plugins/modules/mit_app_info.py": ("problem_of", "obstacle"),
    "plugins/plugin_utils/_integration/app_env.py": ("gateway_problem",),
    "plugins/plugin_utils/_integration/lms_settings.py": ("problem",),
}
#: What takes another machine or another user than this one, with the test that makes it.
ELSEWHERE = {
    "there is no program docker": "unit/plugins/module_utils/test_compose.py::test_an_engine_that_does_not_answer",
    " in the environment, and mit_app_docker_context names": "unit/plugins/modules/test_mit_app_info.py::"
    "test_the_engine_of_an_app_is_the_one_that_the_inventory_names",
    "the app at port ": "unit/plugins/module_utils/test_compose.py::"
    "test_an_app_that_answers_from_another_directory_is_seen",
    "Ansible does not find ": "integration/test_preflight.py::test_without_the_collection_that_brings_apps_up",
    "What answers at ": "unit/plugins/modules/test_tutor_project.py::"
    "test_what_answers_and_is_no_lms_is_known_before_anything_is_written",
    # Said by the installation that comes after the preflight.
    "The virtual environment ": "unit/plugins/modules/test_tutor_project.py::test_an_environment_for_tutor_is_made",
    "edx_envs_dir is empty. The strategy": "unit/plugins/plugin_utils/test_inventory.py::test_an_lms_that_cannot_be",
    **dict.fromkeys(
        (" cannot be written by ", " is immutable, or on a file system", " is no directory, and "),
        "unit/plugins/module_utils/test_files.py::test_what_cannot_be_replaced_is_said_before_anything_is_written",
    ),
}


def refusals() -> Iterator[str]:
    """The texts with which the code refuses a run, with a null character at each gap."""
    for path, names in SOURCES.items():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            is_function = isinstance(node, ast.FunctionDef) and node.name in names
            is_table = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names
            if not (is_function or is_table):
                continue
            found = {text for value in refused(node) for text in sentences(value)}
            assert found, f"{path} refuses nothing in {ast.dump(node)[:80]}"
            yield from sorted(found)


def refused(node: ast.AST) -> Iterator[ast.expr]:
    """What a function returns, fails with or notes as an obstacle; or a table."""
    if isinstance(node, ast.Assign):
        yield node.value
    for inner in ast.walk(node):
        is_obstacle = isinstance(inner, ast.Assign) and "obstacle" in ast.dump(inner.targets[0])
        if is_obstacle or (isinstance(inner, ast.Return) and inner.value):
            yield inner.value
        elif isinstance(inner, ast.Call) and getattr(inner.func, "attr", "") == "fail_json":
            yield from (word.value for word in inner.keywords if word.arg == "msg")


def sentences(value: ast.expr) -> Iterator[str]:
    within = {id(part) for each in ast.walk(value) if isinstance(each, ast.JoinedStr) for part in each.values}
    for node in ast.walk(value):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            text = node.value.replace("{prefix}", "\0")
        else:
            continue
        if any(len(part.strip()) > LENGTH for part in text.split("\0")):
            yield text


#: What has fewer letters is a part of a sentence.
LENGTH = 12


def as_pattern(text: str) -> str:
    """What finds a text in what a run says, whose lines are one."""
    return ".*?".join(r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in text.split("\0"))


def is_covered(text: str) -> bool:
    """Whether an obstacle is said to be refused with a text, by three words of it; its run wants the whole of it."""
    return any(threes(text) & threes(re.sub(r"\{\w+\}", "\0", each.said)) for each in EVERY)


def threes(text: str) -> set[tuple[str, ...]]:
    """All that stands in a text side by side as three words."""
    parts = (part.split() for part in text.split("\0"))
    return {tuple(words[at : at + 3]) for words in parts for at in range(len(words) - 2)}


def elsewhere(text: str) -> str:
    """The test that makes what is refused with a text; nothing where an obstacle does."""
    return next((test for start, test in ELSEWHERE.items() if start in text), "")
