# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reset destroys, and how."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import reset

COMPOSE = {"type": "compose", "chdir": "/src/mitxpro"}
FOLDER = "the folder /t with everything in it: the configuration, passwords and all data of Tutor"


def facts(app_target=COMPOSE, lms_target=None, dotenv=True, argv=(), destroys=()):
    return {
        "app": {
            "name": "xpro",
            "target": app_target,
            "reset_argv": list(argv),
            "reset_destroys": list(destroys),
            "dotenv": "/src/mitxpro/.env",
        },
        "lms": {
            "host": "edx1",
            "target": lms_target or {"type": "tutor_dev"},
            "reset_argv": [],
            "reset_destroys": [],
            "other_apps": [{"host": "mitxonline", "dotenv": "/src/mitxonline/.env"}],
        },
        "found": {"dotenv": {"exists": dotenv, "mtime": 1.5}},
    }


def test_a_project_of_tutor():
    asked = reset.request(reset.lms_side(facts()), images=False)
    assert asked["project_argv"] == ["tutor", "config", "printvalue", "DEV_PROJECT_NAME"]
    assert asked["root_argv"] == ["tutor", "config", "printroot"]
    assert asked["down_argv"] == ["tutor", "dev", "dc", "down", "--volumes", "--remove-orphans"]
    assert asked["chdir"] == "/"
    elsewhere = {"type": "tutor_local", "tutor": "/venv/bin/tutor", "root": "/t"}
    asked = reset.request(reset.lms_side(facts(lms_target=elsewhere)), images=True)
    assert asked["project_argv"][:5] == ["/venv/bin/tutor", "--root", "/t", "config", "printvalue"]
    assert asked["project_argv"][5] == "LOCAL_PROJECT_NAME"
    assert asked["down_argv"][3:] == ["local", "dc", "down", "--volumes", "--remove-orphans", "--rmi", "all"]


def test_the_engine_of_a_side_is_asked_for_its_project():
    elsewhere = {"type": "tutor_dev", "docker_context": "colima"}
    asked = reset.request(reset.lms_side(facts(lms_target=elsewhere)), images=False)
    assert asked["down_argv"][:4] == ["env", "DOCKER_HOST=", "DOCKER_CONTEXT=colima", "tutor"]


def test_a_project_of_compose():
    asked = reset.request(reset.app_side(facts()), images=False)
    assert asked["project_argv"] == ["docker", "compose", "config", "--format", "json"]
    assert asked["down_argv"] == ["docker", "compose", "down", "--volumes", "--remove-orphans"]
    assert asked["chdir"] == "/src/mitxpro"
    assert "root_argv" not in asked
    named = reset.request(reset.app_side(facts({**COMPOSE, "project": "mine"})), images=False)
    assert named["down_argv"][:4] == ["docker", "compose", "--project-name", "mine"]


def test_a_command_of_the_inventory_wins():
    side = reset.app_side(facts(argv=["ctl", "reset", "my app"]))
    asked = reset.request(side, images=True)
    assert asked["argv"] == ["ctl", "reset", "my app"]
    assert not {"project_argv", "root_argv", "down_argv"} & set(asked)
    assert reset.things(side, [], "", images=True) == ["whatever `ctl reset 'my app'` destroys"]
    assert reset.restores(side) is False
    told = reset.app_side(facts(argv=["ctl"], destroys=["the database"]))
    assert reset.things(told, [], "", images=True) == ["the database"]


@pytest.mark.parametrize("target", [{"type": "tutor_k8s"}, {"type": "command", "argv": ["python"]}, {}])
def test_what_nobody_knows_how_to_destroy_is_refused(target):
    kind = target.get("type", "command")
    with pytest.raises(reset.ResetError) as error:
        reset.request(reset.lms_side(facts(lms_target={"x": 1, **target})), images=False)
    assert str(error.value) == (
        f"the LMS edx1: a target of type {kind} has no reset of its own. Give the command in edx_reset_argv of edx1. "
        "Nothing was changed."
    )
    with pytest.raises(reset.ResetError, match=r"the app xpro: .* Give the command in mit_app_reset_argv[.]"):
        reset.request(reset.app_side(facts(target)), images=False)


def test_the_list():
    lms, docker = reset.lms_side(facts()), ["container dev-lms-1", "volume data"]
    assert reset.lines(lms, reset.things(lms, docker, "/t", images=True)) == [
        "The LMS edx1. To be destroyed:",
        "- container dev-lms-1",
        "- volume data",
        f"- {FOLDER}",
        "- the images of these containers",
        "- the integration of mitxonline with that LMS, since its data are there",
    ]
    assert reset.lines(lms, reset.things(lms, [], "", images=True)) == ["The LMS edx1. There is nothing to destroy."]
    assert reset.afterwards(lms) == (
        "The LMS edx1 is destroyed. To make it anew, run the app's playbook, with -e edx_tutor_launch=true, which "
        "launches a new one."
    )


def test_the_env_of_an_app_stays_with_its_keys_restored():
    app = reset.app_side(facts())
    assert reset.restores(app) is True
    assert reset.things(app, [], "", images=False) == [
        "the credentials in /src/mitxpro/.env (its keys of Open edX are restored to what they were)"
    ]
    assert reset.things(reset.app_side(facts(dotenv=False)), [], "", images=False) == []
