# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reset asks and runs on a machine, with a Docker and a Tutor that only behave like them."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import target_reset
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import reset
from modules import run_here

DOCKER = """#!/bin/sh
echo "docker $* in $PWD" >> {home}/calls
case "$*" in
  "compose config --format json") test -f compose.json && cat compose.json ;;
  "ps --all "*"project=mine") test -f {home}/up && echo mine-web-1 ;;
  "volume ls "*"project=mine") test -f {home}/up && echo mine_data ;;
  "network ls "*) ;;
  *down*) rm {home}/up ;;
esac
true
"""
TUTOR = """#!/bin/sh
echo "tutor $*" >> {home}/calls
case "$*" in
  "config printvalue DEV_PROJECT_NAME") echo mine ;;
  "config printroot") echo {home}/root ;;
  "dev dc down "*) rm {home}/up ;;
  *) echo "no such command" >&2; exit 2 ;;
esac
"""
COMPOSE = {"type": "compose"}


class Machine:
    def __init__(self, home):
        self.home, self.dropped = home, []
        for name, text in (("docker", DOCKER), ("tutor", TUTOR)):
            (home / name).write_text(text.format(home=home))
            (home / name).chmod(0o755)
        (home / "compose.json").write_text('{"name": "mine", "services": {"web": {"environment": {"KEY": "canary"}}}}')
        (home / "up").touch()
        (home / "root").mkdir()
        (home / "root/config.yml").touch()

    def drop(self, target):
        self.dropped.append(target)
        return 1

    def run(self, target, check=False, images=False, argv=()):
        side = reset.Side("the app xpro", "mit_app_reset_argv", target, argv, ())
        result = run_here(target_reset, {**reset.request(side, images), "_ansible_check_mode": check})
        assert "canary" not in str(result)
        return result

    def calls(self):
        log = self.home / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if "down" in line or "mine" in line.split()[-1:]]

    def is_up(self):
        return (self.home / "up").exists()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(target_reset.session, "drop", machine.drop)
    return machine


def test_a_project_of_compose_is_listed_and_then_destroyed(machine):
    target = {**COMPOSE, "chdir": str(machine.home)}
    listed = machine.run(target, check=True)
    assert listed["docker"] == ["container mine-web-1", "volume mine_data"]
    assert (listed["changed"], listed["root"]) == (True, "")
    assert machine.is_up()
    assert machine.dropped == []
    done = machine.run(target, images=True)
    assert {**done, "invocation": None} == {**listed, "invocation": None, "boots": 1}
    assert listed["boots"] == 0
    assert machine.calls() == [
        f"docker compose down --volumes --remove-orphans --rmi all in {machine.home}",
    ]
    assert not machine.is_up()
    assert [dropped["type"] for dropped in machine.dropped] == ["compose"]
    again = machine.run(target)
    assert (again["changed"], again["docker"]) == (False, [])
    assert machine.calls() == []


def test_a_project_of_tutor_names_its_folder_and_leaves_it(machine):
    listed = machine.run({"type": "tutor_dev"}, check=True)
    assert (listed["changed"], listed["root"]) == (True, str(machine.home / "root"))
    assert machine.is_up()
    machine.run({"type": "tutor_dev"})
    assert machine.calls() == ["tutor dev dc down --volumes --remove-orphans"]
    assert (machine.home / "root").exists()
    (machine.home / "root/config.yml").unlink()
    gone = machine.run({"type": "tutor_dev"})
    assert (gone["changed"], gone["root"]) == (False, "")


def test_what_plugins_print_is_neither_a_project_nor_a_folder(machine):
    tutor = machine.home / "tutor"
    tutor.write_text(tutor.read_text().replace("case ", "echo /etc; echo 'a plugin is loaded'\ncase ", 1))
    listed = machine.run({"type": "tutor_dev"}, check=True)
    assert listed["docker"] == ["container mine-web-1", "volume mine_data"]
    assert listed["root"] == str(machine.home / "root")
    # A directory in which there is nothing of Tutor's is not its root, and would be removed.
    (machine.home / "root/config.yml").unlink()
    assert machine.run({"type": "tutor_dev"}, check=True)["root"] == ""


@pytest.mark.parametrize(("target", "boots"), [({"type": "command", "argv": ["x"]}, 1), ({"type": "none"}, 0)])
def test_a_command_of_the_inventory_is_all_that_is_run(machine, target, boots):
    flag = machine.home / "done"
    argv = ["touch", str(flag)]
    listed = machine.run(target, check=True, argv=argv)
    assert (listed["changed"], listed["docker"], flag.exists()) == (True, [], False)
    assert machine.run(target, argv=argv)["boots"] == boots
    assert flag.exists()
    assert not (machine.home / "calls").exists()


def test_where_there_is_no_project_nothing_is_destroyed(machine):
    (machine.home / "compose.json").unlink()
    said = "no configuration file provided: not found"
    (machine.home / "docker").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 14\n")
    assert machine.run({**COMPOSE, "chdir": str(machine.home)})["changed"] is False
    assert machine.is_up()


def test_a_project_that_compose_refuses_is_not_said_to_be_gone(machine):
    """Somebody has removed the .env, say, and left the containers."""
    docker, checkout = machine.home / "docker", machine.home / "mine"
    checkout.mkdir()
    refuses = "echo 'env file .env not found' >&2; exit 1 ;;"
    docker.write_text(docker.read_text().replace("test -f compose.json && cat compose.json ;;", refuses))
    for check in (True, False):
        failed = machine.run({**COMPOSE, "chdir": str(checkout)}, check=check)
        assert failed["msg"].startswith(
            "the app xpro: Docker has container mine-web-1, volume mine_data, and Compose refuses their project: env "
            "file .env not found. Mend that; or run `docker compose --project-name mine down --volumes`"
        )
    assert machine.is_up()
    (machine.home / "up").unlink()
    assert machine.run({**COMPOSE, "chdir": str(checkout)})["changed"] is False


def test_the_project_of_another_directory_is_left_alone(machine, monkeypatch):
    """Where the checkout is gone or its name is wrong, and the play was started in somebody else's."""
    monkeypatch.chdir(machine.home)
    found = machine.run({**COMPOSE, "chdir": str(machine.home / "gone")})
    assert (found["changed"], found["docker"]) == (False, [])
    assert machine.is_up()


def test_what_cannot_be_asked_or_destroyed_is_an_error(machine):
    (machine.home / "tutor").write_text("#!/bin/sh\necho 'root is odd' >&2; exit 3\n")
    failed = machine.run({"type": "tutor_dev"})
    assert failed["failed"]
    assert failed["msg"] == "the app xpro: `tutor config printroot` ended with status 3: root is odd"
    (machine.home / "tutor").unlink()
    failed = machine.run({"type": "tutor_dev", "tutor": "no-such-tutor"})
    assert failed["msg"] == (
        "the app xpro: `no-such-tutor config printroot` ended with status 127: no-such-tutor: No such file or directory"
    )
    failed = machine.run({"type": "command", "argv": ["x"]}, argv=["sh", "-c", "echo no; exit 4"])
    assert failed["msg"] == "the app xpro: `sh -c 'echo no; exit 4'` ended with status 4: no"
