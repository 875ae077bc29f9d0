# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of an app's .env before anything is written."""

from __future__ import annotations

import os
import sys
from functools import partial

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import unknown_to_windows
from ansible_collections.mitodl.openedx.plugins.modules import mit_app_info
from modules import run_here
from tls import Authority, serving


@pytest.fixture
def env(tmp_path):
    path = tmp_path / ".env"
    path.write_text("OPENEDX_API_BASE_URL=http://lms\n")
    return path


def look(env, names=(), **target):
    return run_here(
        mit_app_info,
        {
            "dotenv": str(env),
            "url": "http://127.0.0.1:9",
            "names": list(names),
            "target": {"type": "compose", **target},
        },
    )


def test_a_file_that_is_well(env):
    found = look(env)
    assert (found["env"], found["dotenv"]["exists"], found["dotenv"]["problem"]) == (
        {"OPENEDX_API_BASE_URL": "http://lms"},
        True,
        "",
    )
    env.unlink()
    found = look(env)
    assert (found["dotenv"], found["directory"]) == ({"exists": False, "mtime": None, "problem": ""}, True)
    found = look(env / "nowhere/.env")
    assert (found["dotenv"]["exists"], found["directory"]) == (False, False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("A='canary", "a quote that is not closed"),
        ("canary line!", "no name that Compose accepts"),
        ("A=${NOT_THERE:?}", "NOT_THERE is required and not set"),
    ],
)
def test_a_file_that_compose_refuses(env, line, why, monkeypatch):
    env.write_text(f"# mine\n{line}\n")
    found = look(env)
    assert found["dotenv"]["problem"] == (
        f"Docker Compose refuses {env} for line 2 ({why}), so that no container starts; mend that line."
    )
    # Who does not use Compose reads it otherwise, and Compose may have what is required.
    assert look(env, type="command")["dotenv"]["problem"] == ""
    monkeypatch.setenv("NOT_THERE", "x")
    assert bool(look(env)["dotenv"]["problem"]) == ("NOT_THERE" not in line)


def test_a_file_that_cannot_be_edited(env):
    os.link(env, env.with_name("other"))
    assert "2 names (hard links)" in look(env)["dotenv"]["problem"]
    env.write_text("A=1", encoding="utf-16")
    assert "is in UTF-16" in look(env)["dotenv"]["problem"]
    env.unlink()
    os.mkfifo(env)
    assert look(env)["msg"].endswith("name a file, or remove it. Nothing was changed.")


def test_both_sides_of_an_integrated_app_are_begun_where_they_answer(env, monkeypatch):
    begun = []
    monkeypatch.setattr(mit_app_info.session, "start", lambda target: begun.append(target["argv"][0]))
    with serving() as server:
        up, down = f"http://127.0.0.1:{server.server_port}", "http://127.0.0.1:9"

        def look(app, lms):
            begun.clear()
            asked = {"url": lms, "target": {"argv": ["lms", "-"]}}
            given = {"dotenv": str(env), "url": app, "target": {"argv": ["app", "-"]}, "lms": asked}
            assert not run_here(mit_app_info, given).get("failed")
            return begun

        assert look(up, up) == []
        env.write_text("".join(f"{name}={'x' * 40}\n" for name in mit_app_info.CREDENTIALS))
        assert look(up, up) == ["lms", "app"]
        assert look(up, down) == ["app"]
        assert look(down, up) == ["lms"]


# -- what would keep the app from being brought up ---------------------------------------------------------------------

DOCKER = """#!/bin/sh
case "$1 $2" in
  "compose config") echo '{"services": {"web": {"ports": [{"published": "8053"}]}}}' ;;
  "context inspect") echo "${DOCKER_CONTEXT:-colima}" ;;
  "version --format") test ! -e "$0.stopped" || { echo "Cannot connect to the Docker daemon." >&2; exit 1; } ;;
esac
"""


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """An engine in the context colima, with the project of one app; beside it a file stops it."""
    path = tmp_path / "bin/docker"
    path.parent.mkdir()
    path.write_text(DOCKER)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)
    for name in ("DOCKER_HOST", "COMPOSE_PROJECT_NAME"):
        monkeypatch.delenv(name, raising=False)
    return path


def by_compose(env, **options):
    given = {"dotenv": str(env), "dir": str(env.parent), "url": "http://127.0.0.1:9", "starts_by": "compose", **options}
    return run_here(mit_app_info, given)


def test_an_app_that_compose_can_bring_up(env, docker):
    found = by_compose(env, port=8053)
    assert (found["obstacle"], found["cli_context"]) == ("", "colima")
    assert found["project"] == env.parent.name.lower()
    env.write_text("COMPOSE_PROJECT_NAME=mine\n")
    assert by_compose(env)["project"] == "mine"


def test_the_profiles_that_a_run_adds_count_beside_those_of_the_env(env, docker):
    docker.write_text(f'#!/bin/sh\necho "$*" >> {env.parent}/calls\necho "{{}}"\n')
    env.write_text("COMPOSE_PROFILES=notebook,apisix\n")
    by_compose(env, port=9080, profiles=["keycloak", "apisix"], api_gateway=True)
    wanted = "compose --profile notebook --profile apisix --profile keycloak config --format json"
    assert wanted in (env.parent / "calls").read_text().splitlines()


def test_the_engine_of_an_app_is_the_one_that_the_inventory_names(env, docker, monkeypatch):
    target = {"type": "compose", "chdir": str(env.parent), "docker_context": "far"}
    assert by_compose(env, target=target)["cli_context"] == "far"
    docker.with_name("docker.stopped").touch()
    assert "Docker does not answer (the context far)" in by_compose(env, target=target)["obstacle"]
    assert (
        "(DOCKER_HOST=tcp://far:1)"
        in by_compose(env, target={"type": "compose", "docker_host": "tcp://far:1"})["obstacle"]
    )
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    assert "DOCKER_HOST is unix:///x.sock in the environment" in by_compose(env, target=target)["obstacle"]
    assert look(env)["obstacle"] == ""


def test_a_name_that_is_to_be_mapped_is_asked_as_it_will_be(env, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    name = "xpro.mitodl-openedx-test.invalid"
    with serving() as server:
        given = {
            "url": f"http://{name}:{server.server_port}",
            "names": [name],
            "hosts_file": str(hosts),
            "starts_by": "command",
        }
        assert by_compose(env, **given)["status"] == -1
        assert by_compose(env, **given, manage_hosts=True)["status"] == 401


def test_another_directory_than_the_one_that_an_app_runs_from(env, docker):
    with serving() as server:
        url = f"http://127.0.0.1:{server.server_port}"
        obstacle = f"there is no compose file in {env.parent}. Correct mit_app_dir: it is the app's checkout."
        assert by_compose(env, url=url)["obstacle"] == obstacle
        (env.parent / "compose.yml").touch()
        assert by_compose(env, url=url)["obstacle"] == ""


def test_a_command_that_cannot_be_begun(env):
    def obstacle(**given):
        return run_here(mit_app_info, {"dotenv": str(env), "url": "http://127.0.0.1:9", **given})["obstacle"]

    known = {"argv": [sys.executable, "-"]}
    assert obstacle(target=known, restart_argv=["env", "restart"]) == ""
    for given, said in (
        ({"target": {"argv": ["/no/python", "-"]}}, "mit_app_target.argv begins with /no/python, which is no program"),
        (
            {"target": known, "restart_argv": ["/no/app"]},
            "mit_app_restart_argv begins with /no/app, which is no",
        ),
    ):
        assert obstacle(**given).startswith(said)


def test_what_keeps_compose_from_bringing_it_up(env, docker):
    assert "nobody listens at port 8052, and the compose file in" in by_compose(env, port=8052)["obstacle"]
    docker.with_name("docker.stopped").touch()
    assert "Docker does not answer (the context colima): Cannot connect" in by_compose(env, port=8053)["obstacle"]
    # Without a checkout, too, and not of an app that something else starts.
    assert "Docker does not answer" in by_compose(env, dir=str(env.parent / "nowhere"))["obstacle"]
    assert look(env)["obstacle"] == ""


def test_a_certificate_that_is_not_trusted(env, tmp_path):
    authority = Authority(tmp_path)
    with serving(authority.context("localhost")) as server:
        url = f"https://localhost:{server.server_port}"
        said = by_compose(env, url=url, starts_by="command")["obstacle"]
        assert "its certificate is not trusted" in said
        assert "mit_app_ca_path" in said
        assert by_compose(env, url=url, starts_by="command", ca_path=str(authority.path))["status"] == 401
        assert by_compose(env, url=url, starts_by="command", validate_certs=False)["obstacle"] == ""


def test_the_browser_of_windows_has_a_hosts_file_of_its_own(env, tmp_path, monkeypatch):
    hosts = tmp_path / "hosts"
    monkeypatch.setattr(mit_app_info, "unknown_to_windows", partial(unknown_to_windows, hosts_file=str(hosts)))
    name = "xpro.mitodl-openedx-test.invalid"

    def lines():
        return look(env, type="command", names=[name, "localhost", "127.0.0.1"])["windows_lines"]

    assert lines() == []
    hosts.write_text("127.0.0.1 lms\n")
    assert lines() == [f"127.0.0.1 {name}"]
    hosts.write_text(f"127.0.0.1 {name.upper()}\n")
    assert lines() == []
