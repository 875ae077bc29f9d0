# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that work with Tutor, with the real Tutor: its configuration, its plugins, what it renders.

Processes stand in for Docker (docker_stand_in.py): the lab's LMS runs under the very settings that Tutor rendered.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LMS_PYTHON = ROOT / ".lab/venv-lms/bin/python"
# The oldest and the newest of those that differ in how they treat FEATURES; LAB_TUTOR="19.0.5 20.0.5" tries others.
VERSIONS = (os.environ.get("LAB_TUTOR") or "21.0.9 22.0.3").split()
PLUGIN = "mitodl_openedx"
OVERRIDE = "docker-compose.override.yml"
PLAY = """
- hosts: mit_apps
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: mitodl.openedx.mit_app}
    - ansible.builtin.include_role:
        name: mitodl.openedx.ROLE
        apply: {delegate_to: lms}
      vars:
        edx_target: "{{ hostvars.lms.edx_target }}"
        edx_lms_base_url: "{{ hostvars.lms.edx_lms_base_url }}"
        edx_private_settings_hosts: "{{ ansible_play_hosts }}"
      when: inventory_hostname == ansible_play_hosts | first
"""


def executable(version: str) -> Path:
    """The Tutor of a version, in a virtual environment of its own that is made once."""
    venv = ROOT / f".cache/tutor-{version}"
    venv.parent.mkdir(exist_ok=True)
    with (venv.parent / "tutor.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "bin/tutor").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
            pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, f"tutor=={version}"], check=True)
    return venv / "bin/tutor"


class Tutor:
    """A Tutor project of its own, its LMS, and runs of our roles on both."""

    def __init__(self, lab, directory: Path, version: str):
        self.lab, self.directory, self.tutor = lab, directory, executable(version)
        self.root, self.plugins = directory / "root", directory / "plugins"
        self.root.mkdir()
        self.plugins.mkdir()
        programs = directory / "bin"
        programs.mkdir()
        docker = programs / "docker"
        stand_in = Path(__file__).with_name("docker_stand_in.py")
        docker.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in}" "$@"\n')
        docker.chmod(0o755)
        port = str(int(lab.lms.rpartition(":")[2]) + 50)
        self.url = f"http://localhost:{port}"
        self.env = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "TUTOR_PLUGINS_ROOT": str(self.plugins),
            "TUTOR_DEV_PROJECT_NAME": "mitodl_openedx_test_dev",
            "TUTOR_LOCAL_PROJECT_NAME": "mitodl_openedx_test_local",
            "STAND_IN_PYTHON": str(LMS_PYTHON),
            "STAND_IN_CODE": str(lab.state / "lms"),
            "STAND_IN_PORT": port,
            "LAB_LMS_HOST": "localhost",
            "LAB_LMS_PORT": port,
            "LAB_DATABASE_URL": f"sqlite:///{lab.database('lms')}",
        }
        app = {"mit_app_dir": str(directory), "mit_app_target": {"type": "command", "argv": ["true"]}}
        inventory = {
            "all": {"vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}},
            "edx": {
                "hosts": {
                    "lms": {
                        "edx_target": {"type": "tutor_dev", "root": str(self.root), "tutor": str(self.tutor)},
                        "edx_lms_base_url": self.url,
                    }
                }
            },
            "mit_apps": {
                "hosts": {
                    "xpro": {**app, "mit_app_profile": "mitxpro"},
                    "mitxonline": {**app, "mit_app_profile": "mitxonline"},
                }
            },
        }
        self.inventory = directory / "hosts.yml"
        self.inventory.write_text(yaml.safe_dump(inventory, sort_keys=False))

    def __call__(self, *words: str) -> str:
        """Tutor itself, as a user types it."""
        done = subprocess.run(
            [self.tutor, "--root", self.root, *words],
            env={**self.lab.env, **self.env},
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def role(self, name: str, *words: str, **variables):
        play = self.directory / f"{name}.yml"
        play.write_text(PLAY.replace("ROLE", name))
        given = ["-e", json.dumps(variables)] if variables else []
        return self.lab.ansible("ansible-playbook", "-i", str(self.inventory), str(play), *given, *words, **self.env)

    def settings(self, *words: str, **variables):
        given = {f"edx_private_settings_{name}": value for name, value in variables.items()}
        return self.role("edx_private_settings", *words, **given)

    def bootstrap(self, *words: str, **variables):
        given = {"courses": [], **variables}
        named = {f"tutor_bootstrap_{name}": value for name, value in given.items()}
        return self.role("tutor_bootstrap", *words, "--limit", "xpro", **named)

    def config(self) -> dict:
        return yaml.safe_load((self.root / "config.yml").read_text())

    def docker_log(self) -> list[str]:
        """What was sent to docker since the last question, without paths."""
        log = self.lab.state / "docker.log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [re.sub(r"^compose (-f )*--project-name \S+ ", "", line) for line in lines if " ls " not in line]

    @property
    def rendered(self) -> Path:
        return self.root / "env/apps/openedx/settings/lms"

    def override(self, mode: str = "dev") -> Path:
        return self.root / "env" / mode / OVERRIDE

    def files(self) -> dict[str, bytes]:
        """All that Tutor and its plugins have on disk."""
        return {
            str(path): path.read_bytes()
            for top in (self.root, self.plugins)
            for path in top.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    def ask(self, mode: str, expression: str):
        """What a start of the LMS's Django under the rendered settings says."""
        compose = self.root / f"env/{mode}/docker-compose.yml"
        docker = [str(self.directory / "bin/docker"), "compose", "-f", str(compose)]
        start = "import json; from django.conf import settings; import django; django.setup()"
        code = f"{start}; print('>' + json.dumps({expression}))"
        done = subprocess.run(
            [*docker, "exec", "lms", "python", "-c", code],
            env={**self.lab.env, **self.env},
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(next(line for line in done.stdout.splitlines() if line.startswith(">"))[1:])

    def stop(self) -> None:
        subprocess.run(
            [self.directory / "bin/docker", "compose", "--project-name", "x", "stop"],
            env={**self.lab.env, **self.env},
            check=False,
        )


@pytest.fixture
def make_tutor(lab, tmp_path):
    """Tutor of a version with a copy of the fresh lab's data; no server of the lab itself takes part."""
    shutil.copytree(lab.state.with_name("fresh"), tmp_path / "state", symlinks=True)
    made = []

    def make(version: str) -> Tutor:
        made.append(Tutor(type(lab)(tmp_path / "state"), tmp_path, version))
        return made[-1]

    yield make
    for tutor in made:
        tutor.stop()


@pytest.fixture
def tutor(make_tutor):
    return make_tutor(VERSIONS[0])


@pytest.fixture
def launched(tutor):
    """A project as a user has it: configured, running, with a plugin and a value of the user's own."""
    return launch(tutor)


def launch(tutor):
    (tutor.plugins / "mine.py").write_text("")
    tutor("config", "save", "--set", "PLUGINS=[]", "--set", "PLATFORM_NAME=Mine", "--set", "LMS_HOST=localhost")
    tutor("plugins", "enable", "mine")
    tutor("dev", "start", "--detach", "lms")
    tutor.docker_log()
    return tutor


# -- tutor_bootstrap -----------------------------------------------------------------------------------------------


def test_bootstrap_configures_and_starts_once(tutor):
    run = tutor.bootstrap("--check").well()
    assert run.changed == 2, run.out
    assert "A run would start it" in run.out
    assert tutor.files() == {}
    assert tutor.docker_log() == []
    assert tutor.bootstrap(config={"RUN_SMTP": False}).well().changed == 2
    assert tutor.config()["LMS_HOST"] == "localhost"
    assert tutor.config()["RUN_SMTP"] is False
    assert tutor.docker_log() == ["up --remove-orphans -d lms"]
    before = tutor.files()
    assert tutor.bootstrap(config={"RUN_SMTP": False}).well().changed == 0
    assert tutor.files() == before


def test_a_value_that_differs_is_seen_set_and_put_in_force(launched):
    launched("config", "save", "--set", "LMS_HOST=www.myopenedx.com")
    before = launched.files()
    assert launched.bootstrap("--check").well().changed == 3
    assert launched.files() == before
    assert launched.bootstrap().well().changed == 3
    config = launched.config()
    assert (config["LMS_HOST"], config["PLATFORM_NAME"], config["PLUGINS"]) == ("localhost", "Mine", ["mine"])
    assert launched.docker_log() == ["up --remove-orphans -d lms", "restart lms"]


def test_a_superuser_keeps_the_password_and_courses_are_made_once(launched):
    lab, key = launched.lab, "course-v1:MITx+New+2026"
    courses = [{"key": key, "title": "New"}]
    run = launched.bootstrap(courses=courses).well()
    assert run.changed == 0
    assert "tutor_bootstrap_instructor_email" in run.out
    failed = launched.bootstrap(courses=courses, instructor_email="nobody@example.org")
    assert failed.code != 0
    assert "nobody@example.org user does not exist" in failed.out
    superuser = {"username": "chief", "email": "chief@example.org", "password": "first-password-1"}
    assert launched.bootstrap(courses=courses, superuser=superuser).well().changed == 2
    first = lab.one("lms", "select * from auth_user where username = 'chief'")
    assert (first["is_staff"], first["is_superuser"], first["is_active"]) == (1, 1, 1)
    course = lab.one("lms", "select * from course_overviews_courseoverview where id = ?", key)
    assert course["start"].startswith("2024-01-01")
    assert course["end"].startswith("2034-01-01")
    superuser["password"] = "another-password-2"
    assert launched.bootstrap(courses=courses, superuser=superuser).well().changed == 0
    assert lab.one("lms", "select * from auth_user where username = 'chief'") == first


def test_without_tutor(tutor):
    missing = {"type": "tutor_dev", "tutor": str(tutor.directory / "venv/bin/tutor")}
    run = tutor.bootstrap(target=missing)
    assert run.code != 0
    assert "cannot be run" in run.out
    assert "tutor_bootstrap_venv" in run.out
    run = tutor.bootstrap(venv=str(tutor.directory / "venv"))
    assert run.code != 0
    assert "Set edx_target.tutor to" in run.out
    # What it would do is said; the fixture of these tests is how it ends.
    run = tutor.bootstrap("--check", target=missing, venv=str(tutor.directory / "venv")).well()
    assert run.changed == 2, run.out
    assert not (tutor.directory / "venv").exists()


# -- edx_private_settings, strategy tutor_plugin -------------------------------------------------------------------


def test_check_run_and_second_run(launched):
    before = launched.files()
    check = launched.settings("--check", "--diff").well()
    assert check.changed > 0
    assert launched.files() == before
    assert launched.docker_log() == []
    assert launched.settings().well().changed > 0
    assert launched.docker_log() == ["up --remove-orphans -d lms", "restart lms"]
    assert sorted(launched.config()["PLUGINS"]) == ["mine", PLUGIN]
    development = (launched.rendered / "development.py").read_text()
    assert development.count("mit_apps.configure(globals())") == 1
    assert yaml.safe_load(launched.override().read_text()) == {
        "services": {"lms": {"extra_hosts": ["mitxonline.odl.local:host-gateway", "xpro.odl.local:host-gateway"]}}
    }
    before = launched.files()
    assert launched.settings().well().changed == 0
    assert launched.files() == before
    assert launched.docker_log() == []
    launched("config", "save", "--clean")
    assert launched.files() == before


def test_what_somebody_undid_or_a_cut_off_run_left_is_mended(launched):
    launched.settings().well()
    launched("plugins", "disable", PLUGIN)
    launched("dev", "restart", "lms")
    assert launched.settings().well().changed > 0
    # All is written and enabled, but the LMS was started before Tutor rendered it.
    development = launched.rendered / "development.py"
    development.write_text(re.sub(r".*mit_apps.*", "", development.read_text()))
    launched("dev", "restart", "lms")
    launched.docker_log()
    assert launched.settings().well().changed > 0
    assert launched.docker_log()[-1] == "restart lms"
    assert "mit_apps" in development.read_text()


BACKENDS = """[backend.name for backend in
    __import__("social_core.backends.utils", fromlist=["x"]).load_backends(
        settings.AUTHENTICATION_BACKENDS, True).values()]"""


def test_apps_come_and_go_without_touching_each_other(launched):
    before = launched.files()
    apps = launched.plugins / PLUGIN / "mit_apps/apps.d"
    rendered = launched.rendered / "mit_apps/apps.d"
    launched.settings("--limit", "mitxonline").well()
    first = (apps / "mitxonline.json").read_bytes()
    launched.settings("--limit", "xpro").well()
    assert (apps / "mitxonline.json").read_bytes() == first
    assert sorted(path.name for path in rendered.iterdir()) == ["mitxonline.json", "xpro.json"]
    assert {"ol-oauth2", "ol-oauth2-mitxonline"} <= set(launched.ask("dev", BACKENDS))

    launched.docker_log()
    assert launched.settings("--limit", "xpro", "--check", state="absent").well().changed > 0
    assert launched.docker_log() == []
    assert launched.settings("--limit", "xpro", state="absent").well().changed > 0
    assert [path.name for path in rendered.iterdir()] == ["mitxonline.json"]
    assert (apps / "mitxonline.json").read_bytes() == first
    assert "xpro" not in launched.override().read_text()
    assert "ol-oauth2" not in launched.ask("dev", BACKENDS)

    # With the last app everything goes.
    assert launched.settings(state="absent").well().changed > 0
    assert launched.files() == before
    assert not (launched.plugins / PLUGIN).exists()
    assert not rendered.parent.exists()
    assert launched.docker_log()[-1] == "restart lms"
    assert launched.settings(state="absent").well().changed == 0


def test_an_override_of_somebody_else_is_never_touched(launched):
    mine = "services: {lms: {environment: {MINE: 1}}}\n"
    launched.override("dev").write_text(mine)
    launched.settings().well()
    assert launched.override("dev").read_text() == mine
    assert "xpro.odl.local:host-gateway" in launched.override("local").read_text()

    launched.override("local").write_text(mine)
    before = launched.files()
    run = launched.settings()
    assert run.code != 0
    assert "mitxonline.odl.local:host-gateway" in run.out
    assert "Nothing was changed." in run.out
    assert launched.files() == before
    assert launched.settings(extra_hosts=False).well().changed > 0
    assert [launched.override(mode).read_text() for mode in ("dev", "local")] == [mine, mine]


def test_a_plugin_that_tutor_cannot_load(launched):
    apps = launched.plugins / PLUGIN / "mit_apps/apps.d"
    apps.mkdir(parents=True)
    (apps / "broken.json").write_text("{")
    run = launched.settings("--limit", "xpro")
    assert run.code != 0
    assert "Tutor did not render" in run.out


SETTINGS = """{
    "backends": list(settings.AUTHENTICATION_BACKENDS),
    "flat": [settings.ALLOW_PUBLIC_ACCOUNT_CREATION, settings.SKIP_EMAIL_VALIDATION],
    "features": [settings.FEATURES["ALLOW_PUBLIC_ACCOUNT_CREATION"], settings.FEATURES["SKIP_EMAIL_VALIDATION"]],
    "logout": list(settings.IDA_LOGOUT_URI_LIST),
    "whitelist": list(settings.LOGIN_REDIRECT_WHITELIST),
    "country": settings.REGISTRATION_EXTRA_FIELDS["country"],
    "companion": settings.MITX_REDIRECT_ENABLED,
    "ratelimit": settings.REGISTRATION_RATELIMIT,
    "loaded": {n: [str(c.ID_KEY), c.__mro__[1].__module__] for n, c in
        __import__("social_core.backends.utils", fromlist=["x"]).load_backends(
        settings.AUTHENTICATION_BACKENDS, True).items()
        if n.startswith("ol-")},
}"""


@pytest.mark.parametrize("version", VERSIONS)
def test_the_rendered_settings_work(make_tutor, version):
    tutor = launch(make_tutor(version))
    tutor.settings(registration_ratelimit="1000/d").well()
    for mode in ("dev", "local"):
        said = tutor.ask(mode, SETTINGS)
        package = "lms.envs.tutor.mit_apps.backends"
        assert said["backends"][:2] == [f"{package}.OlOauth2", f"{package}.OlOauth2Mitxonline"]
        assert said["flat"] == said["features"] == [True, True]
        assert {"http://xpro.odl.local:8053/logout", "http://mitxonline.odl.local:8013/logout"} <= set(said["logout"])
        assert {"xpro.odl.local:8053", "mitxonline.odl.local:8013"} <= set(said["whitelist"])
        assert (said["country"], said["companion"], said["ratelimit"]) == ("hidden", False, "1000/d")
        assert said["loaded"] == {
            name: ["username", "ol_social_auth.backends"] for name in ("ol-oauth2", "ol-oauth2-mitxonline")
        }
    # The same without the package: the import fails, and the class of the rendered module takes its place.
    (tutor.lab.state / "lms/ol_social_auth.py").write_text("raise ImportError\n")
    without = tutor.ask("dev", SETTINGS)["loaded"]
    assert without == {
        name: ["username", "lms.envs.tutor.mit_apps.backends"] for name in ("ol-oauth2", "ol-oauth2-mitxonline")
    }
    (tutor.lab.state / "lms/ol_social_auth.py").unlink()
    command = ["compose", "-f", tutor.root / "env/local/x.yml", "run", "lms", "./manage.py", "lms", "check"]
    environment = {**tutor.lab.env, **tutor.env}
    assert subprocess.run([tutor.directory / "bin/docker", *command], env=environment, check=False).returncode == 0
