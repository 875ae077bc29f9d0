# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done and asked for an LMS that answers, with a Tutor and an LMS that only behave like them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.module_utils import _courses, _tutor_project
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import OVERRIDES
from ansible_collections.mitodl.openedx.plugins.modules import demo_courses, tutor_project
from modules import run_here
from runs import ansible
from tls import Authority, serving
from tutor_machine import Machine

# An LMS that Tutor does not run.
OTHER = {"target": {"argv": ["python", "-"]}}
# What was done by the action plugin after a look that saved something.
STARTED = {"done": ["start"], "down": False, "configured": True, "reconfigured": True}
COURSE = {"key": "course-v1:edX+DemoX+Demo", "title": "Demo"}


class NotFound(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)


class Project(Machine):
    """Runs of the module on such a machine."""

    def options(self, **options):
        return {
            "target": {"type": "tutor_dev", "tutor": str(self.tutor)},
            "lms_base_url": f"http://127.0.0.1:{self.server.server_port}",
            "log_dir": str(self.home / "logs"),
            "wait": 0,
            **options,
        }

    def look(self, check=False, **options):
        return run_here(tutor_project, self.options(_ansible_check_mode=check, **options))

    def courses(self, *courses, check=False, **options):
        given = {name: value for name, value in self.options(**options).items() if name != "log_dir"}
        return run_here(demo_courses, {**given, "courses": list(courses), "_ansible_check_mode": check})

    def save(self, *values):
        words = [word for value in values for word in ("--set", value)]
        subprocess.run([self.tutor, "config", "save", *words], check=True)
        self.calls()

    @property
    def database(self):
        """What a launch of Tutor has made."""
        return self.home / "root/data/mysql/openedx"

    @property
    def closed(self):
        """An address where nobody is."""
        return "http://127.0.0.1:9"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Project(tmp_path)
    made.database.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(made.docker.parent), prepend=os.pathsep)
    yield made
    made.close()


def step(found):
    return found["steps"][0]["name"] if found["steps"] else ""


def test_without_anything_to_do_tutor_is_asked_for_its_root_only(machine):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false", "MINE=[a, b]")
    found = machine.look(config={"MINE": ["a", "b"]}, courses=[])
    assert (found["changed"], found["diff"], found["steps"]) == (False, [], [])
    assert (found["lms_answers"], found["status"]) == (True, 200)
    assert found["root"] == str(machine.home / "root")
    assert machine.calls() == ["config printroot"]
    found = machine.look(plugins_root=True, courses=[COURSE])
    assert found["plugins_root"] == str(machine.plugins)
    assert found["missing_courses"] == []
    assert sorted(machine.calls()) == ["config printroot", "plugins printroot"]


def test_only_what_differs_is_saved_and_secrets_are_not_shown(machine):
    machine.save("LMS_HOST=www.myopenedx.com", "SMTP_PASSWORD=canary-old")
    config = {"SMTP_PASSWORD": "canary-new", "NEW": 5}
    planned = machine.look(check=True, config=config)
    assert not [call for call in machine.calls() if "save" in call]
    found = machine.look(config=config)
    assert found["diff"] == planned["diff"]
    assert found["diff"][0]["before"] == "LMS_HOST: www.myopenedx.com\nSMTP_PASSWORD: ********\n"
    assert found["diff"][0]["after"] == "LMS_HOST: 127.0.0.1\nSMTP_PASSWORD: ********\nNEW: 5\n"
    # ENABLE_HTTPS is right by Tutor's default, which only Tutor knows.
    (saved,) = [call for call in machine.calls() if "save" in call]
    # On no command line: Tutor reads them from its configuration.
    assert saved == "config save"
    assert yaml.safe_load((machine.home / "root/config.yml").read_text()) == {"LMS_HOST": "127.0.0.1", **config}
    assert "canary" not in json.dumps([planned, found])
    # Compose makes anew what changed, and a server that was not made anew is restarted.
    assert step(found) == step(planned) == "start"
    found = machine.look(config=config, progress=STARTED)
    assert (found["steps"], found["lms_answers"]) == ([], True)
    assert machine.calls() == ["config printroot", "dev exec -T lms python -c", "dev restart lms"]
    assert machine.look(config=config)["changed"] is False


LEARN = ("LMS_HOST=learn.example.org", "CMS_HOST=studio.learn.example.org", "ENABLE_HTTPS=true")


@pytest.mark.parametrize("check", [True, False])
def test_a_configuration_that_somebody_made_is_not_overwritten(machine, check):
    machine.save(*LEARN)
    before = machine.files()
    failed = machine.look(check=check)
    assert failed["msg"] == (
        f"Tutor is configured for another address than edx_lms_base_url, {machine.options()['lms_base_url']}: LMS_HOST "
        f"is learn.example.org (set in {machine.home}/root/config.yml), not 127.0.0.1, ENABLE_HTTPS is true (set in "
        f"{machine.home}/root/config.yml), not false. Somebody has set that, so it is not overwritten. Either this LMS "
        "is the one that is meant: set edx_lms_base_url to its address, such as https://learn.example.org. Or Tutor is "
        f"to be changed, for everything that runs from {machine.home}/root: say so with edx_tutor_config: {{LMS_HOST: "
        "127.0.0.1, ENABLE_HTTPS: false}. No setting of Tutor was changed."
    )
    assert machine.files() == before
    assert not [call for call in machine.calls() if "save" in call]


def test_a_name_that_nobody_knows_does_not_take_the_place_of_the_one_of_a_laptop(machine):
    """It may be mistyped, and would get a line in the hosts file."""

    told = []

    def refused(host="locl.mitodl-openedx-test.invalid", names=("locl.mitodl-openedx-test.invalid",), **more):
        url = f"http://{host}:{machine.server.server_port}"
        found = machine.look(check=True, lms_base_url=url, expected_names=list(names), **more)
        told.append(found.get("msg", ""))
        return "LMS_HOST is local.openedx.io" in told[-1]

    machine.save("LMS_HOST=local.openedx.io", "ENABLE_HTTPS=false")
    dev = machine.env / "dev/docker-compose.yml"
    dev.parent.mkdir(parents=True, exist_ok=True)
    dev.write_text('services:\n  lms:\n    ports:\n      - "8000:8000"\n')
    assert refused()
    assert "its address, such as http://local.openedx.io:8000. Or " in told[-1]
    assert not refused(config={"LMS_HOST": "locl.mitodl-openedx-test.invalid"})
    assert not refused(names=())
    # Without a network it is not resolved.
    assert not refused("local.overhang.io", ["local.overhang.io"])
    # That is what Tutor says by itself.
    machine.save("LMS_HOST=www.myopenedx.com")
    assert not refused()


def test_where_the_inventory_says_so_it_is_and_what_belongs_to_it_goes_along(machine):
    machine.save(*LEARN, "MFE_HOST=apps.learn.example.org", "SMTP_HOST=mail.example.org")
    said = {"LMS_HOST": "127.0.0.1", "ENABLE_HTTPS": False}
    planned = machine.look(check=True, config=said)
    assert machine.look(config=said)["diff"] == planned["diff"]
    assert planned["diff"][0]["before"] == (
        "LMS_HOST: learn.example.org\nENABLE_HTTPS: true\nCMS_HOST: studio.learn.example.org\n"
        "MFE_HOST: apps.learn.example.org\n"
    )
    assert planned["diff"][0]["after"] == (
        "LMS_HOST: 127.0.0.1\nENABLE_HTTPS: false\nCMS_HOST: studio.127.0.0.1\nMFE_HOST: apps.127.0.0.1\n"
    )
    machine.look(config=said, progress=STARTED)
    assert machine.look(config=said)["changed"] is False
    assert machine.look()["changed"] is False


def test_a_studio_on_another_domain_is_not_left_behind(machine):
    machine.save("LMS_HOST=local.edly.io", "CMS_HOST=studio.example.org")
    failed = machine.look()
    assert "CMS_HOST is studio.example.org (set in " in failed["msg"]
    assert "LMS_HOST is" not in failed["msg"]
    assert "edx_tutor_config: {CMS_HOST: studio.127.0.0.1}" in failed["msg"]
    found = machine.look(config={"CMS_HOST": "studio.example.org"})
    assert found["diff"][0]["after"] == "LMS_HOST: 127.0.0.1\n"


def test_what_the_environment_sets_is_named(machine, monkeypatch):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    monkeypatch.setenv("TUTOR_LMS_HOST", "learn.example.org")
    assert "LMS_HOST is learn.example.org (set in the environment variable TUTOR_LMS_HOST)" in machine.look()["msg"]


def test_a_save_that_fails_leaves_the_configuration_as_it_was(machine):
    machine.save("LMS_HOST=www.myopenedx.com", "SMTP_PASSWORD=canary-old")
    config = machine.home / "root/config.yml"
    config.chmod(0o640)
    before = config.read_bytes()
    (machine.home / "refuses").touch()
    failed = machine.look(config={"SMTP_PASSWORD": "canary-new"})
    assert "config save` failed with status 1" in failed["msg"]
    assert "canary" not in json.dumps(failed)
    assert (config.read_bytes(), config.stat().st_mode & 0o777) == (before, 0o640)
    config.unlink()
    assert "failed with status 1" in machine.look(config={"SMTP_PASSWORD": "canary-new"})["msg"]
    assert not config.exists()
    (machine.home / "refuses").unlink()
    machine.look(config={"SMTP_PASSWORD": "canary-new"})
    assert config.stat().st_mode & 0o777 == 0o600


def test_a_configuration_that_cannot_be_read_is_said(machine):
    machine.save("LMS_HOST=127.0.0.1")
    config = machine.home / "root/config.yml"
    config.unlink()
    config.symlink_to("config.yml")
    failed = machine.look()
    assert failed["msg"].startswith(
        f"{config} cannot be read: Too many levels of symbolic links; its symbolic links lead"
    )
    assert failed["msg"].endswith("Nothing was changed.")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_tutor_writes_as_root_is_the_owners(machine):
    machine.save("LMS_HOST=www.myopenedx.com")
    root = machine.home / "root"
    (root / "env").mkdir()
    (root / "env/rendered").touch()
    for path in (root, root / "config.yml"):
        os.chown(path, 4321, 4322)
    machine.look()
    owners = {path: (path.stat().st_uid, path.stat().st_gid) for path in (root / "env/rendered", root / "config.yml")}
    assert set(owners.values()) == {(4321, 4322)}
    # The containers' own.
    assert (root / "data/mysql").stat().st_uid == 0


def test_in_check_mode_nothing_is_restarted_for_a_build_that_was_only_said(machine, monkeypatch):
    dropped = []
    monkeypatch.setattr(_tutor_project.session, "drop", lambda target: dropped.append(target) or 1)
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    built = {"done": ["build"], "down": False, "configured": True, "reconfigured": True}
    planned = machine.look(check=True, build_images=True, progress=built)
    assert (step(planned), planned["changed"], planned["lms_answers"]) == ("start", True, True)
    assert (planned["boots"], dropped) == (0, [])
    assert machine.calls() == ["config printroot"]
    done = machine.look(build_images=True, progress={**built, "done": ["build", "start"]})
    assert (done["boots"], len(dropped)) == (1, 1)
    assert machine.calls() == ["config printroot", "dev exec -T lms python -c", "dev restart lms"]


def test_a_value_that_only_tutor_knows_is_asked_for(machine, monkeypatch):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false", "DEEP={a: 1}")
    machine.look(config={"DEEP": {"a": 1}, "RUN_MYSQL": True})
    assert machine.calls()[1:] == ["config printvalue DEEP", "config printvalue RUN_MYSQL"]
    monkeypatch.setenv("TUTOR_LMS_HOST", "other")
    machine.look()
    assert machine.calls()[1:2] == ["config printvalue LMS_HOST"]


def test_an_lms_that_does_not_answer_is_started(machine):
    found = machine.look(lms_base_url=machine.closed)
    assert (step(found), found["lms_answers"], found["changed"]) == ("start", False, True)
    started = found["steps"][0]
    assert started["argv"] == [str(machine.tutor), "dev", "start", "--detach", "lms"]
    assert started["log"].startswith(str(machine.home / "logs/root-"))
    assert started["hide_values_of"] == str(machine.home / "root/config.yml")
    failed = machine.look(lms_base_url=machine.closed, progress={"done": ["start"], "down": True, "configured": True})
    assert "The LMS does not answer at http://127.0.0.1:9" in failed["msg"]
    assert failed["msg"].endswith("Or correct edx_lms_base_url.")
    assert "dev logs --tail=50 lms" in failed["msg"]
    assert "edx_tutor_launch" in failed["msg"]
    # It was down: the start has read all.
    assert not [call for call in machine.calls() if "restart" in call]


def test_a_tutor_that_was_never_launched_is_known_before_anything_is_written(machine):
    machine.database.rmdir()
    before = machine.files()
    for given in ({"preflight": True}, {"check": True}, {}):
        failed = machine.look(lms_base_url=machine.closed, **given)
        assert failed["msg"].startswith(f"Tutor was never launched in {machine.home}/root, which has no database")
        assert f"Run `{machine.tutor} dev launch` once, which takes long; edx_tutor_launch (of the" in failed["msg"]
        assert failed["msg"].endswith("Nothing was changed.")
    assert machine.files() == before
    # Somebody else starts it, or has its database.
    assert step(machine.look(lms_base_url=machine.closed, check=True, start_argv=["true"])) == "start"
    machine.save("RUN_MYSQL=false", "LMS_HOST=127.0.0.1")
    assert step(machine.look(lms_base_url=machine.closed, check=True)) == "start"


def test_a_new_installation_is_launched_where_that_is_allowed(machine):
    shutil.rmtree(machine.home / "root")
    planned = machine.look(check=True, lms_base_url=machine.closed, launch=True, launch_options=["--skip-build"])
    assert planned["steps"][-1]["argv"][1:] == ["dev", "launch", "--non-interactive", "--skip-build"]
    assert planned["lms_answers"] is False
    assert not (machine.home / "root").exists()
    found = machine.look(lms_base_url=machine.closed, launch=True)
    assert step(found) == "launch"
    subprocess.run(found["steps"][0]["argv"], check=True)
    # Its database is there now: one that is down is started. What was cut off is launched again.
    assert step(machine.look(lms_base_url=machine.closed, launch=True)) == "start"
    note = machine.home / f"{found['steps'][0]['log']}.json"
    note.parent.mkdir(parents=True)
    for rc, name in ((0, "start"), (3, "launch"), (None, "launch")):
        note.write_text(json.dumps({"rc": rc}))
        assert step(machine.look(lms_base_url=machine.closed, launch=True)) == name
    note.unlink()
    machine.database.rmdir()
    machine.save("RUN_MYSQL=false")
    assert step(machine.look(lms_base_url=machine.closed, launch=True)) == "start"
    machine.calls()
    machine.look(progress={"done": ["launch"], "down": True, "configured": True})
    assert machine.calls() == ["config printroot", "dev restart lms"]


def test_a_database_that_cannot_be_looked_at_is_there(machine):
    if os.geteuid() == 0:
        pytest.skip("root may look everywhere")
    folder = machine.database.parent
    folder.chmod(0)
    try:
        assert step(machine.look(lms_base_url=machine.closed, launch=True)) == "start"
    finally:
        folder.chmod(0o700)


def test_where_there_is_no_tutor(machine):
    nowhere = str(machine.home / "venv/bin/tutor")
    failed = machine.look(target={"type": "tutor_dev", "tutor": nowhere})
    assert f"{nowhere} cannot be run" in failed["msg"]
    assert failed["msg"].endswith("Nothing was changed.")
    failed = machine.look(venv=str(machine.home / "venv"))
    assert f"Set edx_target.tutor to {nowhere}" in failed["msg"]
    given = {"target": {"type": "tutor_dev", "tutor": nowhere}, "venv": str(machine.home / "venv"), "version": "21.0.9"}
    planned = machine.look(check=True, **given)
    assert (planned["changed"], [one["name"] for one in planned["steps"]]) == (True, ["pip"])
    planned = machine.look(check=True, launch=True, lms_base_url=machine.closed, **given)
    assert [one["name"] for one in planned["steps"]] == ["pip", "launch"]
    assert not (machine.home / "venv").exists()


def test_an_environment_for_tutor_is_made(machine):
    nowhere = str(machine.home / "venv/bin/tutor")
    given = {"target": {"type": "tutor_dev", "tutor": nowhere}, "venv": str(machine.home / "venv"), "version": "21.0.9"}
    found = machine.look(**given)
    assert found["steps"][0]["argv"][-1] == "tutor==21.0.9"
    assert (machine.home / "venv/bin/python").exists()


def test_the_tutor_of_a_home_directory(machine, monkeypatch):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    monkeypatch.setenv("HOME", str(machine.home))
    (machine.home / "venv/bin").mkdir(parents=True)
    machine.tutor.rename(machine.home / "venv/bin/tutor")
    target = {"type": "tutor_dev", "tutor": "~/venv/bin/tutor"}
    found = machine.look(target=target, venv="~/venv", plugins_root=True)
    assert (found["changed"], found["plugins_root"]) == (False, str(machine.plugins))


def test_what_tutor_does_not_run_is_started_by_the_command_that_was_given(machine):
    other = {"target": {"argv": ["python", "-"]}, "lms_base_url": machine.closed}
    assert machine.look(start_argv=["env", "up"], **other)["steps"][0]["argv"] == ["env", "up"]
    failed = machine.look(**other)
    assert "Start it, or give the command that does in edx_start_argv." in failed["msg"]
    found = machine.look(target=other["target"])
    assert (found["changed"], found["lms_answers"], found.get("root")) == (False, True, None)
    assert machine.calls() == []


def test_a_directory_that_is_needed_later_is_looked_for_before_anything_is_written(machine):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    assert machine.look(envs_dir=str(machine.envs))["lms_answers"]
    failed = machine.look(envs_dir=str(machine.home / "nowhere"))
    assert "nowhere, which is no directory" in failed["msg"]
    assert failed["msg"].endswith("Nothing was changed.")
    failed = machine.look(
        envs_dir=str(machine.home / "nowhere"), progress={"done": ["start"], "down": True, "configured": True}
    )
    assert "Nothing was changed" not in failed["msg"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": {"argv": ["/no/python", "-"]}}, "edx_target.argv begins with /no/python, which is no program"),
        ({**OTHER, "restart_argv": ["/no/lms", "restart"]}, "Correct edx_restart_argv. Nothing was changed."),
        ({**OTHER, "start_argv": ["no-lms", "up"]}, "edx_start_argv begins with no-lms, which is no program"),
    ],
)
def test_a_command_that_cannot_be_begun_is_known_before_anything_is_written(machine, given, said):
    down = {"lms_base_url": machine.closed} if "start_argv" in given else {}
    for check in (True, False):
        failed = machine.look(check, **given, **down)
        assert failed["failed"]
        assert said in failed["msg"]
    # What depends on a directory, or is not needed, is not judged.
    assert machine.look(**OTHER, restart_argv=["bin/lms"], start_argv=["no-lms"])["lms_answers"]


def test_what_answers_and_is_no_lms_is_known_before_anything_is_written(machine):
    # That of the machine answers every address as an LMS does.
    server = HTTPServer(("127.0.0.1", 0), NotFound)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        failed = machine.look(**OTHER, lms_base_url=url)
        assert failed["msg"] == (
            f"What answers at {url} is no LMS: there is no {url}/api/user/v1/me. Correct edx_lms_base_url. Nothing was "
            "changed."
        )
    finally:
        server.shutdown()
        server.server_close()


def test_the_case_of_a_host_is_no_difference(machine):
    machine.save("LMS_HOST=LocalHost", "ENABLE_HTTPS=false")
    found = machine.look(lms_base_url=f"http://localhost:{machine.server.server_port}")
    assert (found["changed"], found["diff"]) == (False, [])


# -- before anything is written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("preflight", [True, False])
def test_an_engine_that_is_stopped_is_known_before_tutor_is_configured(machine, preflight):
    machine.save("LMS_HOST=www.myopenedx.com")
    machine.docker.with_name("docker.stopped").touch()
    before = machine.files()
    failed = machine.look(lms_base_url=machine.closed, preflight=preflight)
    assert "Docker does not answer: Cannot connect to the Docker daemon. Start it: " in failed["msg"]
    assert failed["msg"].endswith("Nothing was changed.")
    assert machine.files() == before
    # An LMS that answers needs none to be asked.
    assert machine.look(preflight=preflight)["changed"] is not preflight


def test_a_preflight_writes_nothing_and_an_lms_that_is_down_is_no_obstacle(machine):
    before = machine.files()
    assert machine.look(preflight=True)["lms_answers"] is True
    found = machine.look(lms_base_url=machine.closed, preflight=True)
    assert (found["changed"], found["lms_answers"], "steps" in found) == (False, False, False)
    assert "edx_start_argv" in machine.look(preflight=True, **OTHER, lms_base_url=machine.closed)["msg"]
    assert machine.files() == before
    machine.save(*LEARN)
    assert "Somebody has set that" in machine.look(preflight=True)["msg"]


def test_a_name_that_is_to_be_mapped_is_asked_as_it_will_be(machine):
    """Before its line is there, and in a dry run; a run finds it written."""
    name = "lms.mitodl-openedx-test.invalid"
    there = {"lms_base_url": f"http://{name}:{machine.server.server_port}", "courses": [COURSE]}
    for given in ({"preflight": True}, {"check": True}):
        assert machine.look(**given, **OTHER, **there, expected_names=[name])["lms_answers"] is True
        assert f"does not answer at http://{name}" in machine.look(**given, **OTHER, **there)["msg"]
    assert f"does not answer at http://{name}" in machine.look(**OTHER, **there, expected_names=[name])["msg"]
    assert (
        "edx_start_argv"
        in machine.look(**OTHER, lms_base_url=f"http://{name}:9", check=True, expected_names=[name])["msg"]
    )


def test_a_directory_of_settings_that_nothing_makes_any_more(machine):
    """An LMS that answers is not started, so that its start makes nothing."""
    given = {**OTHER, "start_argv": ["env", "up"], "envs_dir": str(machine.home / "nowhere")}
    assert "nowhere, which is no directory" in machine.look(preflight=True, **given)["msg"]
    assert machine.look(preflight=True, lms_base_url=machine.closed, **given)["lms_answers"] is False


def test_a_port_at_which_tutor_local_has_no_lms(machine):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    local = {"target": {"type": "tutor_local", "tutor": str(machine.tutor)}, "preflight": True}
    compose = machine.env / "local/docker-compose.prod.yml"
    compose.parent.mkdir(parents=True)
    compose.write_text('services:\n  caddy:\n    image: x\n    ports:\n      - "81:80"\n      - "443:443/udp"\n')
    said = "`tutor local` has the LMS at port 81. Correct edx_lms_base_url, such as http://127.0.0.1:81."
    assert said in machine.look(lms_base_url=machine.closed, **local)["msg"]
    # What is set counts before it is rendered; and behind somebody's own proxy another one.
    assert "at port 8080" in machine.look(lms_base_url=machine.closed, **local, config={"CADDY_HTTP_PORT": 8080})["msg"]
    assert (
        machine.look(lms_base_url="http://127.0.0.1:9", **local, config={"CADDY_HTTP_PORT": 9})["lms_answers"] is False
    )
    machine.save("ENABLE_WEB_PROXY=false")
    assert machine.look(lms_base_url=machine.closed, **local)["lms_answers"] is False


def without_image(machine):
    machine.docker.write_text('#!/bin/sh\ntest "$1" != image || { echo "Error: No such image: x" >&2; exit 1; }\n')


def test_an_image_that_is_nowhere_is_known_before_anything_is_written(machine):
    machine.save("LMS_HOST=www.myopenedx.com", "MINE=1")
    without_image(machine)
    # It is somebody's, and may be in a registry.
    found = machine.look(lms_base_url=machine.closed, check=True)
    (said,) = found["absent_images"]
    assert said.startswith(f"stand-in/openedx-dev:1 is not on this machine: `{machine.tutor} dev start")
    machine.home.joinpath("local-images").touch()
    before = machine.files()
    for given in ({"preflight": True}, {}):
        failed = machine.look(lms_base_url=machine.closed, **given)
        assert failed["msg"].startswith("the image openedx-dev:1 is not on this machine and in no registry, so that")
        assert f"Build it, which takes long: `{machine.tutor} images build openedx-dev`." in failed["msg"]
        assert failed["msg"].endswith("Nothing was changed.")
    assert machine.files() == before
    # What is launched anew or may be built is not there yet, and an LMS that answers has it.
    machine.database.rmdir()
    assert step(machine.look(lms_base_url=machine.closed, launch=True, check=True)) == "launch"
    machine.database.mkdir()
    build = {"build_images": True, "pip_requirements": ["mitxpro-openedx-extensions"]}
    assert not machine.look(lms_base_url=machine.closed, check=True, **build).get("failed")
    assert machine.look(check=True)["lms_answers"]


REFUSED = "denied: requested access to the resource is denied"
ENGINE = f"""#!/bin/sh
case "$*" in
  "manifest inspect me/"*) echo "{REFUSED}" >&2; exit 1 ;;
  "image inspect"*mysql*|"image inspect"*me/*) echo "Error response from daemon: No such image" >&2; exit 1 ;;
esac
"""


@pytest.mark.parametrize("mode", ["dev", "local"])
def test_an_image_of_another_service_that_is_nowhere_is_known_before_anything_is_written(machine, mode):
    machine.save("LMS_HOST=www.myopenedx.com", "MINE=1")
    tutor = {"type": f"tutor_{mode}", "tutor": str(machine.tutor)}
    services = {
        "lms": {"image": "stand-in/openedx:1"},
        "mysql": {"image": "docker.io/mysql:8"},
        "mfe": {"image": "me/mfe-dev:1"},
    }
    (machine.home / "dc.json").write_text(json.dumps({"name": f"tutor_{mode}", "services": services}))
    # That of the LMS is there, and that of the database to be had.
    machine.docker.write_text(ENGINE)
    before = machine.files()
    failed = machine.look(target=tutor, lms_base_url=machine.closed)
    assert failed["msg"] == (
        "the image me/mfe-dev:1 of the service mfe is not on this machine, and its registry does not give it: "
        f"{REFUSED}. Build it ({machine.tutor} images build all) or load it; or log in there (docker login), or "
        f"correct its name in {machine.env}. Nothing was changed."
    )
    assert machine.files() == before
    del services["mfe"]
    (machine.home / "dc.json").write_text(json.dumps({"name": f"tutor_{mode}", "services": services}))
    found = machine.look(target=tutor, lms_base_url=machine.closed, check=True)
    assert found["absent_images"] == ["not on this machine: docker.io/mysql:8 (mysql), which will be pulled."]


def test_what_compose_refuses_of_tutors_is_known_before_anything_is_written(machine):
    machine.save("LMS_HOST=www.myopenedx.com", "MINE=1")
    warned = 'time="x" level=warning msg="`version` is obsolete"\n'
    (machine.home / "dc.json").write_text(f"{warned}validating x.yml: services.mfe.ports must be a list")
    before = machine.files()
    failed = machine.look(lms_base_url=machine.closed)
    assert failed["msg"] == (
        "Compose refuses what Tutor starts: validating x.yml: services.mfe.ports must be a list "
        f"(`{machine.tutor} dev dc config`). Mend the override file or the plugin of Tutor that it comes from. "
        "Nothing was changed."
    )
    assert machine.files() == before


def test_settings_that_have_no_place_are_known_before_anything_is_written(machine):
    machine.save("LMS_HOST=www.myopenedx.com")
    given = {"plugins_root": True, "apps": ["xpro"], "mapped_hosts": {"xpro": "xpro.odl.local:host-gateway"}}
    for name in OVERRIDES["dev"]:
        (machine.env / name).parent.mkdir(parents=True)
        (machine.env / name).write_text("services: {}\n")
    before = machine.files()
    failed = machine.look(**given)
    assert "are there and not ours, and Tutor hands no other file to docker compose" in failed["msg"]
    assert failed["msg"].endswith("set edx_private_settings_extra_hosts to false. Nothing was changed.")
    assert machine.files() == before
    assert not machine.look(**{**given, "mapped_hosts": {}}, check=True).get("failed")
    (machine.env / OVERRIDES["dev"][1]).write_text("# Managed by mitodl.openedx\n")
    assert not machine.look(**given, check=True).get("failed")


@pytest.mark.parametrize("strategy", ["tutor_plugin", "private_py"])
def test_a_package_that_is_broken_or_not_ours_is_known_before_anything_is_written(machine, strategy):
    machine.save("LMS_HOST=www.myopenedx.com")
    by_plugin = strategy == "tutor_plugin"
    home = machine.plugins / "mitodl_openedx" if by_plugin else machine.envs
    given = {"plugins_root": True} if by_plugin else {"envs_dir": str(machine.envs)}
    (home / "mit_apps/apps.d").mkdir(parents=True)
    mine = home / "mit_apps/__init__.py"
    mine.write_text("print('mine')\n")
    said = f"{mine} is not of this collection, which would replace it."
    assert machine.look(**given, check=True)["msg"].startswith(said)
    mine.write_text('"""Managed by the Ansible role mitodl.openedx.edx_private_settings."""\n')
    other = home / "mit_apps/apps.d/other.json"
    other.write_text("{")
    # One of this run is written anew.
    assert not machine.look(**given, check=True, apps=["other"]).get("failed")
    failed = machine.look(**given, apps=["xpro"])["msg"]
    assert failed.startswith(f"{other}: JSONDecodeError: ")
    assert ("Tutor cannot load the plugin with it." if by_plugin else "The LMS cannot start with it.") in failed
    assert failed.endswith("Nothing was changed.")


def test_a_port_at_which_tutor_dev_has_no_lms_is_known_before_anything_is_written(machine):
    machine.save("LMS_HOST=www.myopenedx.com")
    compose = machine.env / "dev/docker-compose.yml"
    compose.parent.mkdir(parents=True)
    compose.write_text(
        'services:\n  lms:\n    command: x\n    ports:\n      - "8000:8000"\n  cms:\n    ports:\n      - "9:8000"\n'
    )
    before = machine.files()
    failed = machine.look(lms_base_url=machine.closed)
    assert failed["msg"].startswith(
        "nobody listens at port 9 of http://127.0.0.1:9, and `tutor dev` has the LMS at port 8000."
    )
    assert "such as http://127.0.0.1:8000. Nothing was changed." in failed["msg"]
    assert "port 80 of" in machine.look(lms_base_url="http://lms.mitodl-openedx-test.invalid")["msg"]
    assert machine.files() == before
    override = machine.env / "dev/docker-compose.override.yml"
    override.write_text('services:\n  lms:\n    ports:\n      - "127.0.0.1:9:8000"\n')
    assert step(machine.look(lms_base_url=machine.closed)) == "start"
    override.unlink()
    override.mkdir()
    failed = machine.look(lms_base_url=machine.closed)
    assert failed["msg"] == f"{override} is a directory; name the file in it. Nothing was changed."


@pytest.mark.parametrize("name", ["root/config.yml", "plugins/mitodl_openedx.py", "envs/private.py"])
def test_a_file_that_cannot_be_written_later_is_known_before_anything_is(machine, name):
    machine.save("LMS_HOST=www.myopenedx.com")
    path = machine.home / name
    path.touch()
    os.link(path, machine.home / "other")
    before = machine.files()
    failed = machine.look(plugins_root=True, envs_dir=str(machine.envs))
    assert failed["msg"].startswith(f"{path} has 2 names (hard links)")
    assert failed["msg"].endswith("Nothing was changed.")
    assert machine.files() == before


def test_a_certificate_that_is_not_trusted_is_known_at_once(machine, tmp_path):
    authority = Authority(tmp_path)
    with serving(authority.context("localhost")) as server:
        secure = {"lms_base_url": f"https://localhost:{server.server_port}", "target": {"argv": ["python", "-"]}}
        failed = machine.look(start_argv=["up"], wait=60, **secure)
        assert "its certificate is not trusted" in failed["msg"]
        assert "edx_ca_path" in failed["msg"]
        assert failed["msg"].endswith("Nothing was changed.")
        assert machine.look(ca_path=str(authority.path), **secure)["status"] == 401
        assert machine.look(validate_certs=False, **secure)["status"] == 401


def test_tutor_that_fails_is_quoted(machine):
    (machine.home / "broken").touch()
    failed = machine.look()
    assert "config printroot` failed with status 1. It said: the stand-in is broken" in failed["msg"]


@pytest.mark.parametrize(
    "noise",
    [
        "You have not selected any config. Tutor will use the global default ~/.local/share/tutor",
        "\x1b[33mWARNING\x1b[0m two\r\n/etc/lines",
        "/tmp",
    ],
)
def test_plugins_that_print_are_no_part_of_what_tutor_says(machine, noise):
    (machine.home / "noise").write_text(noise)
    subprocess.run([machine.tutor, "config", "save", "--set", "LMS_HOST=127.0.0.1"], check=True, capture_output=True)
    # What Tutor alone knows, what is asked for without asking for the root, and what goes over several lines.
    config = {"OPENEDX_MYSQL_DATABASE": "openedx", "MULTI": "a\nb"}
    found = machine.look(config=config, plugins_root=True)
    assert (found["root"], found["plugins_root"]) == (str(machine.home / "root"), str(machine.plugins))
    machine.look(config=config, progress=STARTED)
    again = machine.look(config=config)
    assert (again["changed"], again["diff"]) == (False, [])
    target = {"type": "tutor_dev", "tutor": str(machine.tutor), "root": str(machine.home / "root")}
    assert machine.look(config=config, target=target)["changed"] is False
    wanted = machine.look(pip_requirements=["ol-social-auth"], progress={"done": []})["image"]
    assert (wanted["tag"], wanted["wanted"]) == ("stand-in/openedx-dev:1", ["ol-social-auth==0.2.2"])


def test_what_is_no_path_is_said(machine):
    machine.tutor.write_text("#!/bin/sh\necho 'no root here'\n")
    failed = machine.look()
    assert "config printroot` did not say it. It said: no root here" in failed["msg"]


def test_one_look_waits_for_a_period_and_the_next_one_goes_on(machine):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    started = {"done": ["start"], "down": True, "configured": True}
    silent = {"lms_base_url": machine.closed, "wait": 2, "period": 1}
    first = machine.look(**silent, progress=started)
    assert first["waits"]["waited"] == 1
    assert "refused" in first["waits"]["reason"]
    machine.calls()
    known = {**started, "waited": 1, "root": first["root"], "plugins_root": str(machine.plugins)}
    failed = machine.look(**silent, progress=known, plugins_root=True)
    assert "does not answer at http://127.0.0.1:9 2 s after its start" in failed["msg"]
    assert "Nothing was changed" not in failed["msg"]
    # Tutor is not asked again and again.
    assert machine.calls() == []


def test_each_project_root_has_its_own_logs(machine):
    def log(root):
        target = {"type": "tutor_dev", "tutor": str(machine.tutor), "root": str(root)}
        return machine.look(lms_base_url=machine.closed, target=target)["steps"][0]["log"]

    for name in ("one", "other"):
        (machine.home / name / "root/data/mysql/openedx").mkdir(parents=True)
    one, other = log(machine.home / "one/root"), log(machine.home / "other/root")
    assert os.path.dirname(one) != os.path.dirname(other)
    assert os.path.basename(os.path.dirname(one)).startswith("root-")
    (machine.home / "link").symlink_to("one")
    assert os.path.dirname(log(machine.home / "link/root")) == os.path.dirname(one)


# -- courses -----------------------------------------------------------------------------------------------------------


def test_courses_that_are_there_are_left_alone(machine):
    assert machine.courses(COURSE) == {
        "changed": False,
        "created": [],
        "invocation": machine.courses(COURSE)["invocation"],
    }
    assert machine.calls() == []


def test_missing_courses_are_made_by_studio(machine):
    machine.save("LMS_HOST=127.0.0.1", "ENABLE_HTTPS=false")
    machine.missing.add(COURSE["key"])
    assert machine.look(courses=[COURSE])["missing_courses"] == [COURSE["key"]]
    machine.calls()
    planned = machine.courses(COURSE, instructor_email="a@example.org", check=True)
    assert (planned["changed"], planned["created"]) == (True, [COURSE["key"]])
    assert machine.calls() == []
    found = machine.courses(COURSE, instructor_email="a@example.org", wait=5)
    assert (found["changed"], found["created"]) == (True, [COURSE["key"]])
    (call,) = machine.calls()
    assert call.startswith("dev run cms ./manage.py cms generate_courses")
    assert json.loads(call.split("generate_courses ")[1])["courses"][0]["user"] == "a@example.org"
    assert machine.courses(COURSE, instructor_email="a@example.org")["changed"] is False


def test_why_courses_are_not_made(machine):
    machine.missing.add(COURSE["key"])
    found = machine.courses(COURSE)
    assert found["changed"] is False
    assert found["msg"].startswith(f"Not created: {COURSE['key']}. Name the LMS user")
    found = machine.courses(COURSE, target={"argv": ["x"]}, instructor_email="a@example.org")
    assert "this target of type command does not offer" in found["msg"]
    (machine.home / "broken").touch()
    failed = machine.courses(COURSE, instructor_email="a@example.org")
    assert f"(status 1) did not create {COURSE['key']}. Its last words: the stand-in is broken" in failed["msg"]
    machine.missing.add("x")
    assert "is no key of a course" in machine.courses({"key": "x", "title": "X"}, instructor_email="a@x.org")["msg"]
    failed = machine.courses(COURSE, lms_base_url=machine.closed)
    assert "answers the question for the course" in failed["msg"]


def test_the_role_says_why_courses_are_not_made(machine):
    machine.missing.add(COURSE["key"])
    role = {"name": "mitodl.openedx.tutor_bootstrap", "tasks_from": "courses.yml"}
    tasks = [{"ansible.builtin.include_role": role}]
    play = machine.home / "play.json"
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    named = {**machine.options(), "courses": [COURSE], "instructor_email": ""}
    given = {f"tutor_bootstrap_{name}": value for name, value in named.items()}
    given["ansible_python_interpreter"] = sys.executable
    words = ("ansible-playbook", "-i", "localhost,", "-c", "local", play, "-e", json.dumps(given))
    assert f"Not created: {COURSE['key']}. Name the LMS user" in ansible(*words, env={}).well().out
    machine.missing.clear()
    assert "Not created" not in ansible(*words, env={}).well().out


def test_the_definition_of_a_course():
    course = {**COURSE, "start": "2024-01-01T00:00:00Z", "end": "2034-01-01T00:00:00Z"}
    (found,) = json.loads(_courses.definitions([course], "a@example.org"))["courses"]
    assert found == {
        "store": "split",
        "organization": "edX",
        "number": "DemoX",
        "run": "Demo",
        "user": "a@example.org",
        "fields": {"display_name": "Demo", "start": "2024-01-01T00:00:00Z", "end": "2034-01-01T00:00:00Z"},
    }
