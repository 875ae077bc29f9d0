#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab on Docker: what a laptop has before the playbook runs, and nothing of what the playbook does.

    lab/docker/ctl.py up        images, a Tutor project of its own, checkouts of the apps
    lab/docker/ctl.py launched  the same, and all databases made, as by `tutor dev launch` and first starts of the apps
    lab/docker/ctl.py down      stop all its containers
    lab/docker/ctl.py reset     remove its containers, networks, volumes and files

What `launched` makes is kept in a volume of Docker under the digest of what made it, and copied from then on, in other
checkouts of the same code as well.

Then: ansible-playbook -i inventories/docker playbooks/site.yml

Environment: LAB_TUTOR (the version of Tutor, default 21.0.9), LAB_DOCKER (the directory of all this, default
`.lab/openedx-lab`; compose projects get its name), LAB_IMAGES=real (the images that Tutor itself names, pulled or built
by Tutor, in the place of the lab's). The published ports are the real ones: 8000, 8053, 8013.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import images

HERE = Path(__file__).resolve().parent
STATE = Path(os.environ.get("LAB_DOCKER") or HERE.parent.parent / ".lab/openedx-lab").absolute()
VERSION = os.environ.get("LAB_TUTOR") or "21.0.9"
TUTOR = STATE / "tutor"
# The volume that `launched` keeps, with its digest behind the name, and its label.
KEPT = f"{images.PREFIX}-databases"
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
if os.environ.get("LAB_IMAGES") == "real":
    STAND_INS = {}
# What an app does not start without, and its example of a .env leaves empty.
REQUIRED = (
    "MAILGUN_KEY",
    "MAILGUN_SENDER_DOMAIN",
    "OPENEDX_API_CLIENT_ID",
    "OPENEDX_API_CLIENT_SECRET",
    "VOUCHER_COMPANY_ID",
)


def install_tutor() -> Path:
    """The executable of the wanted version, which knows this project's directories by itself."""
    venv = HERE.parent.parent / f".lab/tutor-{VERSION}"
    if not (venv / "bin/tutor").exists():
        print(f"lab: installing Tutor {VERSION}", flush=True)
        packages = HERE.parent.parent / "tools/packages.py"
        images.run(sys.executable, packages, "lab", venv, f"tutor=={VERSION}", "pytest")
    STATE.mkdir(parents=True, exist_ok=True)
    (STATE / "plugins").mkdir(exist_ok=True)
    TUTOR.write_text(
        "#!/bin/sh\n"
        f"export TUTOR_ROOT='{STATE}/root' TUTOR_PLUGINS_ROOT='{STATE}/plugins'\n"
        f"exec '{venv}/bin/tutor' \"$@\"\n"
    )
    TUTOR.chmod(0o755)
    return TUTOR


def up(launched: bool = False) -> None:
    images.build(images.STAGES if STAND_INS else ("app", "services"))
    tutor = install_tutor()
    for mode, checkout in CHECKOUTS.items():
        shutil.copytree(HERE / mode, checkout, dirs_exist_ok=True)
        shutil.copy(HERE.parent / f"app/{mode}.env.example", checkout / ".env.example")
        if not (checkout / ".env").exists():
            shutil.copy(checkout / ".env.example", checkout / ".env")
    is_new = not (STATE / "root").exists()
    # The real images are launched by the playbook, which builds or pulls them.
    to_launch = launched and is_new and bool(STAND_INS)
    kept = to_launch and restore()
    config = CONFIG if is_new else {}
    config = {**config, **{name: f"{images.PREFIX}/{stage}" for name, stage in STAND_INS.items()}}
    images.run(tutor, "config", "save", *[f"--set={name}={value}" for name, value in config.items()])
    if to_launch and not kept:
        launch()
        keep()
    print(f"lab: ready in {STATE}")


# -- all databases, made once ------------------------------------------------------------------------------------------


def launch() -> None:
    """What `tutor dev launch` does without starting the servers, and a first start of each app."""
    print("lab: making the databases", flush=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda make: make(), [init_lms, *[partial(init_app, path) for path in CHECKOUTS.values()]]))
    # A database that was not stopped would be one after a crash.
    down()


def init_lms() -> None:
    images.run(TUTOR, "dev", "start", "--detach", "mysql", "redis")
    # Tutor's job asks every 10 seconds whether it is there.
    ping = 'mysqladmin --wait=60 --connect-timeout=2 -h mysql -u root -p"$MYSQL_ROOT_PASSWORD" ping'
    images.run(TUTOR, "dev", "exec", "-T", "mysql", "sh", "-c", ping)
    images.run(TUTOR, "dev", "do", "init")


def init_app(checkout: Path) -> None:
    given = [f"--env={name}=1" for name in REQUIRED]
    compose = ("docker", "compose", "--project-directory", checkout)
    images.run(*compose, "run", "--rm", *given, "web", "app", "seed")


def kept() -> str:
    """The volume with the databases that this code, these images and this Tutor make."""
    made_by = hashlib.sha256(VERSION.encode())
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            made_by.update(path.read_bytes())
    names = sorted({*STAND_INS.values(), "app"})
    found = images.run("docker", "image", "inspect", "--format={{.Id}}", *[f"{images.PREFIX}/{name}" for name in names])
    made_by.update(found.stdout.encode())
    return f"{KEPT}-{made_by.hexdigest()[:16]}"


def volumes() -> list[str]:
    return images.run("docker", "volume", "ls", "--quiet", "--filter", f"label={KEPT}").stdout.split()


def copy(script: str) -> bool:
    """A script beside Tutor's root and the volumes of the apps (/here) and what is kept of them (/kept).

    It is run in a container, whose users these files belong to. Returns whether it succeeded.
    """
    places = {"root": STATE / "root", **{mode: f"{checkout.name}_pgdata" for mode, checkout in CHECKOUTS.items()}}
    mounts = [f"--volume={source}:/here/{name}" for name, source in places.items()]
    command = ["docker", "run", "--rm", *mounts, f"--volume={kept()}:/kept", images.BASE, "sh", "-ec", script]
    return subprocess.run(command, check=False).returncode == 0


def keep() -> None:
    """Instead of what was kept before: other code made that."""
    for volume in volumes():
        # One that a container of another checkout uses stays.
        subprocess.run(["docker", "volume", "rm", volume], capture_output=True, check=False)
    images.run("docker", "volume", "create", "--label", KEPT, kept())
    if not copy("rm -rf /kept/part; cp -a /here /kept/part; mv /kept/part /kept/whole"):
        raise images.ImageError(f"The databases could not be kept in the volume {kept()}.")


def restore() -> bool:
    """Whether there was something to copy."""
    if kept() not in volumes():
        return False
    for checkout in CHECKOUTS.values():
        # Compose makes the volume, which is to be its own.
        images.run("docker", "compose", "--project-directory", checkout, "create", "db")
    # Without "whole", who kept it was broken off.
    return copy("cp -a /kept/whole/. /here/")


# -- the end -----------------------------------------------------------------------------------------------------------


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
    parser.add_argument("command", choices=["up", "launched", "down", "reset"])
    try:
        {"up": up, "launched": lambda: up(launched=True), "down": down, "reset": reset}[parser.parse_args().command]()
    except images.ImageError as error:
        sys.exit(f"lab: {error}")
