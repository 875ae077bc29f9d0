# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tutor_bootstrap and edx_private_settings with the real Tutor, which asks engine_stand_in.py instead of Docker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from programs import VERSIONS, tutor_of

ROOT = Path(__file__).resolve().parents[2]
PORT = 8090 + int(os.environ.get("LAB_TEST_OFFSET") or 200)
ANSIBLE = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]


class Machine:
    """A machine with Tutor, and runs of the role on it."""

    def __init__(self, home: Path, lab):
        self.home, self.root, self.lab = home, home / "root", lab
        docker = home / "bin/docker"
        docker.parent.mkdir()
        docker.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("engine_stand_in.py")}" "$@"\n'
        )
        docker.chmod(0o755)
        (home / "plugins").mkdir()
        self.env = {
            "PATH": f"{docker.parent}{os.pathsep}{os.environ['PATH']}",
            "TUTOR_PLUGINS_ROOT": str(home / "plugins"),
            "ENGINE": str(home),
            "ENGINE_PORT": str(PORT),
        }

    def tutor(self, *words: str) -> None:
        command = [tutor_of(VERSIONS[0]), "--root", self.root, *words]
        subprocess.run(command, env={**os.environ, **self.env}, check=True, capture_output=True)

    def publish(self) -> None:
        """Have the LMS at the port of the test, as somebody does in a file that Tutor leaves to them."""
        path = self.root / "env/local/docker-compose.override.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'services:\n  lms:\n    ports:\n      - "{PORT}:8000"\n')

    def config(self) -> dict:
        return yaml.safe_load((self.root / "config.yml").read_text())

    def bootstrap(self, *words: str, kind: str = "tutor_dev", version: str = VERSIONS[0], **variables):
        given = {
            "target": {"type": kind, "root": str(self.root), "tutor": str(tutor_of(version))},
            "lms_base_url": f"http://localhost:{PORT}",
            "courses": [],
            "log_dir": str(self.home / "logs"),
            **variables,
        }
        if not variables.get("launch"):
            # It was launched before.
            (self.root / "data/mysql/openedx").mkdir(parents=True, exist_ok=True)
        play = self.home / "play.yml"
        task = {"ansible.builtin.include_role": {"name": "mitodl.openedx.tutor_bootstrap"}}
        play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        named = json.dumps({f"tutor_bootstrap_{name}": value for name, value in given.items()})
        return self.lab.ansible(*ANSIBLE, str(play), "-e", named, *words, **self.env)

    def settings(self, *words: str, apps: tuple[str, ...] = ("xpro",), **variables):
        """A run of the role edx_private_settings for such apps."""
        facts = [
            {
                "host": name,
                "name": name,
                "backend_name": f"ol-oauth2-{name}",
                "base_url": f"http://{name}.odl.local:8053",
                "server_base_url": f"http://{name}.odl.local:8053",
                "domain": f"{name}.odl.local",
                "logout_uri": f"http://{name}.odl.local:8053/logout",
            }
            for name in apps
        ]
        lms = {
            "target": {"type": "tutor_dev", "root": str(self.root), "tutor": str(tutor_of(VERSIONS[0]))},
            "base_url": f"http://localhost:{PORT}",
            "settings_strategy": "tutor_plugin",
            "envs_dir": "",
            "restart_argv": [],
            "companion_auth": "",
        }
        play = self.home / "settings.yml"
        task = {"ansible.builtin.include_role": {"name": "mitodl.openedx.edx_private_settings"}}
        play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        given = {"lms": lms, "apps": facts, **variables}
        named = json.dumps({f"edx_private_settings_{name}": value for name, value in given.items()})
        return self.lab.ansible(*ANSIBLE, str(play), "-e", named, *words, **self.env)

    def asked(self, *verbs: str) -> list[str]:
        """What Docker was asked since the last question, each by the first of some verbs in it."""
        log = self.home / "asked.log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        found = [next((verb for verb in verbs if verb in line.split()), "") for line in lines]
        return [verb for verb in found if verb]

    def stop(self) -> None:
        pid = self.home / "lms.pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)
            pid.unlink()


@pytest.fixture
def machine(tmp_path, no_lab):
    made = Machine(tmp_path, no_lab)
    yield made
    made.stop()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_installation_is_launched_once(machine, version):
    run = machine.bootstrap("--check", launch=True, version=version).well()
    assert "dev launch --non-interactive" in run.out
    assert not machine.root.exists()
    assert machine.asked("up") == []

    run = machine.bootstrap(launch=True, version=version).well()
    assert machine.asked("buildx", "up", "mysql-job")[:2] == ["buildx", "up"]
    (log,) = (machine.home / "logs").rglob("launch-*.log")
    assert f"Launch Tutor for the first time: its log is {log}" in run.out
    assert log.stat().st_mode & 0o777 == 0o600
    config, said = machine.config(), log.read_text()
    assert '--password="********"' in said
    for name in ("MYSQL_ROOT_PASSWORD", "OPENEDX_MYSQL_PASSWORD", "CMS_OAUTH2_SECRET"):
        assert config[name] not in said

    machine.publish()
    assert machine.bootstrap(launch=True, version=version).well().changed == 0
    # It was launched once: an LMS that is down is started now.
    machine.stop()
    machine.asked()
    assert machine.bootstrap(launch=True, version=version).well().changed == 1
    assert machine.asked("buildx", "up", "run") == ["up"]


def test_a_launch_that_fails_gives_the_end_of_its_log_and_is_tried_again(machine):
    (machine.home / "status").write_text("3")
    run = machine.bootstrap(launch=True)
    assert run.code != 0
    assert "Launch Tutor for the first time failed with status 1" in run.out
    assert "Command failed with status 3" in run.out
    (machine.root / "data/mysql/openedx").mkdir(parents=True)
    (machine.home / "status").unlink()
    machine.publish()
    machine.asked()
    machine.bootstrap(launch=True).well()
    assert "buildx" in machine.asked("buildx", "up")


def test_packages_are_added_to_the_image_where_that_is_allowed(machine):
    mine = ["mine==1", "ol_social_auth==0.1.0", "git+https://example.org/x.git"]
    machine.tutor("config", "save", f"--set=OPENEDX_EXTRA_PIP_REQUIREMENTS={json.dumps(mine)}")
    machine.publish()
    wanted = ["ol-social-auth", "openedx-companion-auth==1.2.0"]
    run = machine.bootstrap(pip_requirements=wanted).well()
    merged = ["mine==1", "ol-social-auth==0.2.2", mine[2], wanted[1]]
    assert machine.config()["OPENEDX_EXTRA_PIP_REQUIREMENTS"] == merged
    said = " ".join(run.out.split())
    assert f"lacks ol-social-auth==0.2.2, {wanted[1]}. Build it" in said
    assert f"{tutor_of(VERSIONS[0])} --root {machine.root} images build openedx-dev" in said
    assert machine.asked("buildx", "up") == ["up"]

    run = machine.bootstrap("--check", pip_requirements=wanted, build_images=True).well()
    assert "Build the image openedx-dev: would be run" in run.out
    assert machine.asked("buildx", "up", "restart") == []
    assert machine.bootstrap(pip_requirements=wanted, build_images=True).well().changed > 0
    assert machine.asked("buildx", "up", "restart") == ["buildx", "up", "restart"]
    assert machine.bootstrap(pip_requirements=wanted, build_images=True).well().changed == 0
    assert machine.asked("buildx", "up", "restart") == []


def test_under_tutor_local_the_proxy_and_the_workers_are_started_too(machine):
    wanted = ["ol-social-auth"]
    machine.bootstrap(kind="tutor_local", pip_requirements=wanted, build_images=True).well()
    lines = (machine.home / "asked.log").read_text().splitlines()
    assert any("buildx build --tag=docker.io/overhangio/openedx:" in line for line in lines)
    assert lines[-1].endswith("--project-name tutor_local up --remove-orphans -d")


def test_the_settings_are_rendered_by_tutor_and_go_with_the_last_app(machine):
    """What Docker adds to it is in tests/docker/test_plugin.py."""
    machine.bootstrap().well()
    env = machine.root / "env"
    package, override = env / "apps/openedx/settings/lms/mit_apps", env / "dev/docker-compose.override.yml"
    development = env / "apps/openedx/settings/lms/development.py"
    before = development.read_text()
    assert machine.settings("--check").well().changed == 1
    assert not (machine.home / "plugins/mitodl_openedx.py").exists()
    machine.asked()
    run = machine.settings("--diff").well()
    assert "+mitodl_openedx: enabled" in run.out
    assert machine.asked("up", "restart") == ["up", "restart"]
    assert "mit_apps.configure(globals())" in development.read_text()
    assert (package / "apps.d/xpro.json").exists()
    assert yaml.safe_load(override.read_text())["services"]["lms"]["extra_hosts"] == ["xpro.odl.local:host-gateway"]
    assert machine.settings().well().changed == 0
    assert machine.asked() == []
    # One more, and the first one goes.
    assert machine.settings(apps=("xpro", "mitxonline")).well().changed == 1
    assert machine.settings(state="absent").well().changed == 1
    assert [path.name for path in (package / "apps.d").iterdir()] == ["mitxonline.json"]
    assert yaml.safe_load(override.read_text())["services"]["lms"]["extra_hosts"] == [
        "mitxonline.odl.local:host-gateway"
    ]
    assert machine.config()["PLUGINS"][-1] == "mitodl_openedx"
    # What Tutor cannot load keeps the LMS as it is.
    plugin = machine.home / "plugins/mitodl_openedx"
    (plugin / "mit_apps/apps.d/broken.json").write_text('{"no": "hostname"}')
    run = machine.settings(apps=("mitxonline",))
    assert run.code != 0
    assert "broken.json: no backend_name" in " ".join(run.out.split())
    assert "mit_apps.configure(globals())" in development.read_text()
    (plugin / "mit_apps/apps.d/broken.json").unlink()
    machine.settings(apps=("mitxonline",)).well()
    assert machine.settings(apps=("mitxonline",), state="absent").well().changed == 1
    assert not package.exists()
    assert not override.exists()
    assert list((machine.home / "plugins").iterdir()) == []
    assert development.read_text() == before
    assert machine.settings(apps=("mitxonline",), state="absent").well().changed == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds Ansible's workers in /proc")
def test_a_step_goes_on_when_ansible_is_killed_and_is_followed_by_the_next_run(tmp_path, no_lab):
    log, started = tmp_path / "logs/step.log", tmp_path / "started"
    step = (
        f"echo x >> {started}; for n in $(seq 600); do echo line $n; sleep 0.1; [ -e {tmp_path}/end ] && exit 3; done"
    )
    task = {
        "mitodl.openedx.long_command": {"argv": ["sh", "-c", step], "log": str(log), "label": "A step", "period": 1}
    }
    play = tmp_path / "play.yml"
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    words = [str(Path(sys.executable).parent / ANSIBLE[0]), *ANSIBLE[1:], str(play)]
    first = subprocess.Popen(words, cwd=ROOT, env=no_lab.env, stdout=subprocess.PIPE, text=True)
    said = []
    for line in first.stdout:
        said.append(line)
        if "s: line" in line:
            break
    assert any(f"A step: its log is {log}" in line for line in said)
    workers = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
    for pid in (first.pid, *map(int, workers)):
        os.kill(pid, signal.SIGKILL)
    first.communicate()
    assert "line" in log.read_text()

    second = subprocess.Popen(
        words, cwd=ROOT, env=no_lab.env, stdout=subprocess.PIPE, text=True, stderr=subprocess.STDOUT
    )
    said = []
    for line in second.stdout:
        said.append(line)
        if "s: line" in line:
            (tmp_path / "end").touch()
    assert second.wait() != 0
    out = "".join(said)
    assert "runs already, begun earlier" in out
    assert "A step failed with status 3" in out
    assert started.read_text() == "x\n"
