#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the lab's images: lab/docker/images.py. What is built already costs a second.

The base image is pulled; where no container registry can be reached, debootstrap makes it of Debian's packages (as
root, once). The names are the lab's own: real images of Tutor and of the apps on the same machine stay what they are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent
PREFIX = "mitodl-openedx-lab"
SUITE, BASE = "bookworm", f"{PREFIX}/base"
STAGES = ("lms", "lms-django42", "app", "services")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# What a machine behind a proxy or with a package index of its own gives to its builds.
HANDED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL")


class ImageError(Exception):
    """What went wrong and what to do, for a person."""


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    """A command; its output only when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **options,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-25:])
        raise ImageError(f"{' '.join(str(word) for word in command[:3])} failed ({done.returncode}):\n{tail}")
    return done


def is_there(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def mirror() -> str:
    """Where this machine gets Debian's packages."""
    fields = "$(REPO_URI) $(COMPONENT) $(ORIGIN)"
    for line in run("apt-get", "indextargets", "--format", fields, "Identifier: Packages").stdout.splitlines():
        address, component, origin = [*line.split(), "", ""][:3]
        if (component, origin) == ("main", "Debian") and "security" not in address:
            return address
    raise ImageError("No mirror of Debian in this machine's apt sources.")


def make_base() -> None:
    """The base image, pulled or made."""
    if is_there(BASE):
        return
    pulled = subprocess.run(["docker", "pull", "--quiet", f"debian:{SUITE}-slim"], capture_output=True, check=False)
    if pulled.returncode == 0:
        run("docker", "tag", f"debian:{SUITE}-slim", BASE)
        return
    if not shutil.which("debootstrap") or os.geteuid() != 0:
        raise ImageError(
            f"debian:{SUITE}-slim cannot be pulled: {pulled.stderr.decode().strip()}. Without a container registry the "
            "base image is made by debootstrap: install it (apt-get install debootstrap) and run this as root."
        )
    with tempfile.TemporaryDirectory() as scratch:
        run("debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, scratch, mirror())
        shutil.rmtree(f"{scratch}/var/cache/apt/archives", ignore_errors=True)
        with subprocess.Popen(["tar", "-C", scratch, "-c", "."], stdout=subprocess.PIPE) as archive:
            run("docker", "import", "-", BASE, stdin=archive.stdout)


def context(folder: Path) -> Path:
    """What the Dockerfile copies from: the lab's code, and the certificates of this machine."""
    for part in ("lms", "app", "docker"):
        shutil.copytree(LAB / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    if CERTIFICATES.exists():
        shutil.copy(CERTIFICATES, folder)
    else:
        (folder / CERTIFICATES.name).touch()
    return folder


def build(stages: tuple[str, ...] = STAGES) -> None:
    """The images of these stages, each as PREFIX/STAGE."""
    make_base()
    handed = [word for name in HANDED_ON if os.environ.get(name) for word in ("--build-arg", name)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = context(Path(scratch) / "context")
        for stage in stages:
            began = time.monotonic()
            # The classic builder is what every engine has; the host's network is where the packages can be reached.
            run(
                *("docker", "build", "--network", "host", "--build-arg", f"BASE={BASE}", *handed),
                *("--file", folder / "docker/Dockerfile", "--target", stage, "--tag", f"{PREFIX}/{stage}", folder),
                env={**os.environ, "DOCKER_BUILDKIT": "0"},
            )
            print(f"{PREFIX}/{stage}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    try:
        build()
    except ImageError as error:
        sys.exit(f"images: {error}")
