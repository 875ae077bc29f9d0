#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab on Docker: what a laptop has before the playbook runs, and nothing of what the playbook does.

    lab/docker/ctl.py up      images, a Tutor project of its own, checkouts of the apps
    lab/docker/ctl.py down    stop all its containers
    lab/docker/ctl.py reset   remove its containers, networks, volumes and files

Then: ansible-playbook -i inventories/docker playbooks/site.yml

Environment: LAB_TUTOR (the version of Tutor, default 21.0.9), LAB_DOCKER (the directory of all this, default
`.lab/openedx-lab`; compose projects get its name), LAB_IMAGES=real (the images that Tutor itself names, pulled or built
by Tutor, in the place of the lab's). The published ports are the real ones: 8000, 8053, 8013.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import images

HERE = Path(__file__).resolve().parent
STATE = Path(os.environ.get("LAB_DOCKER") or HERE.parent.parent / ".lab/openedx-lab").absolute()
VERSION = os.environ.get("LAB_TUTOR") or "21.0.9"
TUTOR = STATE / "tutor"
# Compose projects are named after directories, and Tutor's by its configuration: not those of real checkouts.
CHECKOUTS = {"mitxpro": STATE / f"{STATE.name}-xpro", "mitxonline": STATE / f"{STATE.name}-mitxonline"}
PROJECTS = (f"{STATE.name}-dev", f"{STATE.name}-local")
# Tutor runs only what the lab has: no MongoDB, no search engine, no mail.
CONFIG = {
    "PLUGINS": "[]",
    "LMS_HOST": "local.openedx.io",
    "ENABLE_HTTPS": "false",
    "RUN_MONGODB": "false",
    "RUN_MEILISEARCH": "false",
    "RUN_SMTP": "false",
    "DEV_PROJECT_NAME": PROJECTS[0],
    "LOCAL_PROJECT_NAME": PROJECTS[1],
}
# What Tutor renders for the releases before Ulmo imports names that only Django 4.2 has.
LMS = "lms" if int(VERSION.split(".")[0]) >= 21 else "lms-django42"
STAND_INS = {
    "DOCKER_IMAGE_OPENEDX": LMS,
    "DOCKER_IMAGE_OPENEDX_DEV": LMS,
    "DOCKER_IMAGE_PERMISSIONS": "services",
    "DOCKER_IMAGE_MYSQL": "services",
    "DOCKER_IMAGE_REDIS": "services",
    "DOCKER_IMAGE_CADDY": "services",
}


def install_tutor() -> Path:
    """The executable of the wanted version, which knows this project's directories by itself."""
    venv = HERE.parent.parent / f".lab/tutor-{VERSION}"
    if not (venv / "bin/tutor").exists():
        print(f"lab: installing Tutor {VERSION}", flush=True)
        images.run(sys.executable, "-m", "venv", "--clear", venv)
        images.run(venv / "bin/python", "-m", "pip", "install", "-qq", f"tutor=={VERSION}", "pytest")
    STATE.mkdir(parents=True, exist_ok=True)
    (STATE / "plugins").mkdir(exist_ok=True)
    TUTOR.write_text(
        "#!/bin/sh\n"
        f"export TUTOR_ROOT='{STATE}/root' TUTOR_PLUGINS_ROOT='{STATE}/plugins'\n"
        f"exec '{venv}/bin/tutor' \"$@\"\n"
    )
    TUTOR.chmod(0o755)
    return TUTOR


def up() -> None:
    if os.environ.get("LAB_IMAGES") != "real":
        images.build()
    tutor = install_tutor()
    config = {} if (STATE / "root/config.yml").exists() else CONFIG
    if os.environ.get("LAB_IMAGES") != "real":
        config = {**config, **{name: f"{images.PREFIX}/{stage}" for name, stage in STAND_INS.items()}}
    images.run(tutor, "config", "save", *[f"--set={name}={value}" for name, value in config.items()])
    for mode, checkout in CHECKOUTS.items():
        shutil.copytree(HERE / mode, checkout, dirs_exist_ok=True)
        shutil.copy(HERE.parent / f"app/{mode}.env.example", checkout / ".env.example")
        if not (checkout / ".env").exists():
            shutil.copy(checkout / ".env.example", checkout / ".env")
    print(f"lab: ready in {STATE}")


def compose(project: str, *words: str) -> None:
    images.run("docker", "compose", "--project-name", project, *words)


def down() -> None:
    for project in (*PROJECTS, *(checkout.name for checkout in CHECKOUTS.values())):
        compose(project, "stop")


def reset() -> None:
    for project in (*PROJECTS, *(checkout.name for checkout in CHECKOUTS.values())):
        compose(project, "down", "--volumes", "--remove-orphans")
    if STATE.exists():
        # The databases' files belong to users of the containers.
        mount = f"{STATE}:/state"
        images.run(
            "docker", "run", "--rm", "--volume", mount, images.BASE, "find", "/state", "-mindepth", "1", "-delete"
        )
        shutil.rmtree(STATE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["up", "down", "reset"])
    try:
        {"up": up, "down": down, "reset": reset}[parser.parse_args().command]()
    except images.ImageError as error:
        sys.exit(f"lab: {error}")
