# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Docker and Compose say before anything is written, by what they print."""

from __future__ import annotations

import json
import socket

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _compose
from ansible_collections.mitodl.openedx.plugins.module_utils._compose import Docker, normalised, project_name

WEB = {
    "services": {"web": {"ports": [{"published": "8053"}]}, "nginx": {"ports": [{"published": "8061-8063"}]}, "db": {}}
}


def docker(code=0, out="", err=""):
    return Docker(lambda argv, folder=None: (code, out, err))


@pytest.mark.parametrize(
    ("name", "becomes"), [("mitxpro", "mitxpro"), ("MITxPro.dev 2", "mitxprodev2"), ("_x", "x"), ("-9_a", "9_a")]
)
def test_a_directorys_name_as_compose_takes_it(name, becomes):
    assert normalised(name) == becomes


def test_what_names_the_project(tmp_path):
    folder = tmp_path / "My.App"
    folder.mkdir()

    def name(env=None, environ=None):
        return project_name(str(folder), env or {}, environ or {}, lambda: "asked")

    assert name() == "myapp"
    (folder / "docker-compose.yml").write_text("name: 'of-file' # mine\nservices: {}\n")
    assert name() == "of-file"
    assert name({"COMPOSE_PROJECT_NAME": "of-env"}) == "of-env"
    assert name({"COMPOSE_PROJECT_NAME": "of-env"}, {"COMPOSE_PROJECT_NAME": "of-shell"}) == "of-shell"
    # What these files do not say plainly, Compose is asked.
    assert name({"COMPOSE_FILE": "docker-compose.yml:more.yml"}) == name({}, {"COMPOSE_FILE": "more.yml"}) == "asked"
    (folder / "docker-compose.override.yml").write_text("services: {}\n")
    assert name() == "of-file"
    (folder / "docker-compose.override.yml").write_text("name: over\n")
    assert name() == "asked"
    # The first of them counts.
    (folder / "compose.yaml").write_text("name: ${NAME:-mine}\n")
    (folder / "docker-compose.override.yml").unlink()
    assert name() == "asked"
    assert project_name(str(folder), {}, {}, lambda: "") == "myapp"


def test_the_context_of_the_cli(monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert docker(out="colima\n").context() == "colima"
    assert docker(out="default\n").context() == ""
    assert docker(1).context() == docker(1).endpoint() == ""
    assert docker(out="unix:///x.sock\n").endpoint() == "unix:///x.sock"
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    assert docker(out="colima\n").context() == ""
    assert docker(out="unix:///other.sock\n").endpoint() == "unix:///x.sock"
    # What the side says wins over both.
    named = Docker(lambda argv, folder=None: (0, "colima", ""), {"docker_context": "colima"})
    assert (named.context(), named.host) == ("colima", "")
    named = Docker(lambda argv, folder=None: (0, "colima", ""), {"docker_host": "ssh://me@build"})
    assert (named.context(), named.endpoint()) == ("", "ssh://me@build")


@pytest.mark.parametrize(
    ("code", "err", "said"),
    [
        (
            127,
            "docker: No such file or directory",
            "there is no program docker. Install Docker: https://docs.docker.com",
        ),
        (1, "Got permission denied while trying to connect", "sudo usermod -aG docker $USER"),
        (
            1,
            "x\nCannot connect to the Docker daemon. Is it running?\n",
            "(the context colima): Cannot connect to the Docker daemon. Is it running? Start it: open -a Docker",
        ),
    ],
)
def test_an_engine_that_does_not_answer(monkeypatch, code, err, said):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(_compose.platform, "system", lambda: "Darwin")
    answers = {"version": (code, "", err), "context": (0, "colima", "")}
    assert said in Docker(lambda argv, folder=None: answers[argv[1]]).engine_problem()
    assert docker().engine_problem() == ""


def test_an_engine_by_docker_host_is_named(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert "(DOCKER_HOST=tcp://127.0.0.1:1)" in docker(1, err="refused").engine_problem()


@pytest.mark.parametrize(
    ("target", "port", "said"),
    [
        ({}, 8053, ""),
        ({"project": "mine"}, 8062, ""),
        ({}, 0, ""),
        (
            {},
            8052,
            "publishes 8061, 8062, 8063 (nginx), 8053 (web). Correct mit_app_port or mit_app_dir, or publish it there.",
        ),
        ({"service": "app"}, 8053, "has no service app, but db, nginx, web. Name the"),
    ],
)
def test_the_service_and_the_port_of_a_project(target, port, said):
    found = docker(out=json.dumps(WEB)).project_problem("/src/x", target, port)
    assert found.endswith(said) if not said else said in found
    assert bool(found) == bool(said)


def test_a_gateway_that_the_compose_file_has_not():
    def problem(services, profiles):
        def run(argv, folder=None):
            asked.append(argv)
            return 0, json.dumps({"services": services}), ""

        asked: list[list[str]] = []
        found = Docker(run).project_problem("/src/x", {}, 9080, api_gateway=True, profiles=profiles)
        return found, asked[0]

    with_gateway = {**WEB["services"], "api": {"ports": [{"published": "9080"}]}}
    words = ["docker", "compose", "--profile", "keycloak", "--profile", "apisix", "config", "--format", "json"]
    assert problem(with_gateway, ["keycloak", "apisix"]) == ("", words)
    found, _words = problem(WEB["services"], ["keycloak", "apisix"])
    assert found.startswith("mit_app_api_gateway is true, and the compose file in /src/x has no gateway at port 9080: ")
    assert "publishes 8061, 8062, 8063 (nginx), 8053 (web) with the profiles keycloak, apisix. Take a checkout" in found
    assert "8053 (web). Take a checkout" in problem(WEB["services"], [])[0]


@pytest.mark.parametrize(
    ("err", "said"),
    [
        ("docker: 'compose' is not a docker command.", "this Docker has no plugin compose (version 2). Install it"),
        ("unknown shorthand flag: 'f' in -f", "this Docker has no plugin compose (version 2). Install it"),
        ("no configuration file provided: not found", "there is no compose file in /src/x. Correct mit_app_dir"),
        (
            "yaml: line 3: mapping values",
            "Compose refuses the project in /src/x: yaml: line 3: mapping values (`cd /src/x",
        ),
        ('service "web" refers to undefined network foo: invalid compose project', "Compose refuses the project"),
        ("docker: unknown command: docker compose\n\nRun 'docker --help'", "this Docker has no plugin compose"),
        # What a run writes, or what comes of that.
        ("env file /src/x/.env not found: stat /src/x/.env: no such file or directory", ""),
        ("invalid interpolation format for services.web.image", ""),
    ],
)
def test_what_compose_says_of_a_project(err, said):
    found = docker(1, err=err).project_problem("/src/x", {}, 8053)
    assert found.startswith(said)
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("err", "said"),
    [
        (
            "invalid interpolation format for x.\nYou may need to escape any $.\n${",
            "x. You may need to escape any $. ${",
        ),
        ("env file .env.local not found: stat .env.local: no such file or directory", "env file .env.local not found"),
        ('invalid project name "MitxPro": must consist only of lowercase', 'invalid project name "MitxPro"'),
        ('time="x" level=warning msg="`version` is obsolete"\nopen nowhere.yml: no such file', ": open nowhere.yml:"),
        ("error while interpolating x: required variable OPENEDX_IP is missing a value: must be set", ""),
        ('time="x" level=warning msg="`version` is obsolete"', ""),
    ],
)
def test_what_compose_says_where_there_is_a_env(tmp_path, err, said):
    """A run adds to it what the app requires, and nothing else."""
    (tmp_path / ".env").touch()
    found = docker(1, err=err).project_problem(str(tmp_path), {}, 8053)
    assert said in found
    assert bool(found) == bool(said)
    assert "is obsolete" not in found


# -- ports -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("", "taken by a program that is no container of Docker. Stop that, or have it listen somewhere else."),
        ("other-web-1 other\n", "taken by the container other-web-1."),
        # It is its own, which has not said anything yet.
        ("other-web-1 other\nmine-web-1 mine\n", ""),
    ],
)
def test_who_has_a_port_that_is_to_be_published(monkeypatch, listed, said):
    monkeypatch.setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = docker(out=listed).port_problem(port, "mine")
        assert said in found
        assert bool(found) == bool(said)
        # An engine that is somewhere else publishes it there.
        assert (
            Docker(lambda argv, folder=None: (0, listed, ""), {"docker_host": "ssh://x"}).port_problem(port, "") == ""
        )
    assert docker(out=listed).port_problem(port, "mine") == docker(out=listed).port_problem(0, "mine") == ""


def test_an_app_that_answers_from_another_directory_is_seen(tmp_path):
    for name, env in (("xpro", "OPENEDX_API_BASE_URL=http://lms\n"), ("proxy", "TRAEFIK=1\n"), ("bare", None)):
        (tmp_path / name).mkdir()
        if env:
            (tmp_path / name / ".env").write_text(env)
    (tmp_path / "link").symlink_to("xpro")
    mine = str(tmp_path / "online")
    for listed, said in (
        (f"xpro-nginx-1\t{tmp_path}/xpro\n", f"the app at port 8053 is that of {tmp_path}/xpro (its container xpro-n"),
        # What stands before the app, and what Compose has not started.
        (f"proxy-1\t{tmp_path}/proxy\nbare-1\t{tmp_path}/bare\nother\t\ngone\t/nowhere\n", ""),
        (f"mine-1\t{mine}\n", ""),
        ("", ""),
    ):
        found = docker(out=listed).other_app(mine, 8053)
        assert (found[: len(said)], bool(found)) == (said, bool(said))
    assert docker(out=f"xpro-1\t{tmp_path}/link\n").other_app(f"{tmp_path}/xpro", 8053) == ""


def test_an_answer_that_is_no_project_says_nothing():
    assert docker(out="[]").project_problem("/src/x", {}, 8053) == ""


# -- images ------------------------------------------------------------------------------------------------------------


def with_images(services, present=(), registry=None):
    """An engine with some images, what it says of a project, and what registries say of images."""

    def run(argv, folder=None):
        asked.append(argv[1:3])
        if argv[1] == "compose":
            return 0, json.dumps({"name": "app", "services": services}), ""
        if argv[1] == "manifest":
            return (registry or {}).get(argv[-1], (0, "{}", ""))
        lacking = [name for name in argv[5:] if name not in present]
        return (1, "", f"Error response from daemon: No such image: {lacking[0]}") if lacking else (0, "sha256:1", "")

    asked = []
    engine = Docker(run)
    engine.asked = asked
    return engine


def test_images_that_compose_makes_or_gets_first_are_said():
    services = {
        "web": {"build": {"context": "."}},
        "celery": {"build": {"context": "."}, "image": "mine"},
        "db": {"image": "postgres:12"},
    }
    found = with_images(services)
    assert found.project_problem("/src/x", {}, 0) == ""
    assert found.absent == [
        "app-web (web), which will be built",
        "mine (celery), which will be built",
        "postgres:12 (db), which will be pulled",
    ]
    found = with_images(services, ["app-web", "mine", "postgres:12"])
    assert (found.project_problem("/src/x", {}, 0), found.absent) == ("", [])
    assert found.asked == [["compose", "config"], ["image", "inspect"]]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("no such manifest: docker.io/mine:1", "no such manifest: docker.io/mine:1"),
        ("denied: requested access to the resource is denied.", "denied: requested access to the resource is denied"),
        ("manifest unknown: manifest unknown", "manifest unknown: manifest unknown"),
        ("dial tcp: lookup registry-1.docker.io: Temporary failure in name resolution", ""),
        ("toomanyrequests: You have reached your pull rate limit.", ""),
    ],
)
def test_an_image_that_no_registry_has_is_an_obstacle_and_one_that_is_not_known_is_none(said, why):
    services = {"web": {"image": "mine:1"}, "db": {"image": "postgres:12"}}
    found = with_images(services, registry={"mine:1": (1, "", said)})
    problem = found.project_problem("/src/x", {}, 0)
    lacks = "the image mine:1 of the service web is not on this machine, and its registry does not give it"
    assert problem == (
        f"{lacks}: {why}. Build or load it; or log in there (docker login), or correct its name in /src/x."
        if why
        else ""
    )
    # Where a registry cannot be asked, no other one is waited for.
    assert found.asked.count(["manifest", "inspect"]) == 1


def test_what_compose_builds_is_asked_of_no_registry():
    found = with_images({"web": {"build": {"context": "."}, "image": "mine:1"}})
    assert found.project_problem("/src/x", {}, 0) == ""
    assert ["manifest", "inspect"] not in found.asked


def test_an_image_that_nobody_may_get_is_an_obstacle():
    said = "the image mine of the service web is not on this machine, and its pull_policy in /src/x is never."
    assert said in with_images({"web": {"image": "mine", "pull_policy": "never"}}).project_problem("/src/x", {}, 0)
    assert (
        with_images({"web": {"image": "mine", "pull_policy": "never"}}, ["mine"]).project_problem("/src/x", {}, 0) == ""
    )
    assert (
        with_images({"web": {"build": {"context": "."}, "pull_policy": "never"}}).project_problem("/src/x", {}, 0) == ""
    )


def test_an_engine_that_does_not_say_lacks_no_image():
    assert docker(1, err="Cannot connect to the Docker daemon").has_image("x")
