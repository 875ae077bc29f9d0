# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/awx with the tools that it is for: ansible-builder reads and builds the image, ansible-playbook the project.

The image is built on one of the lab's, where the one that the example names cannot be pulled.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from runs import BIN, ROOT, ansible

PROJECT = ROOT / "examples/awx"
VENV = ROOT / ".cache/venv-ee"
COLLECTIONS = ROOT / ".ansible/collections"
BASE = "mitodl-openedx-lab/app"
# What of a machine behind a proxy or with a package index of its own a build needs.
HANDED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL")


def run(*command, **options) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(folder, where):
    run(BIN / "ansible-galaxy", "collection", "build", "--output-path", where, folder)


def build_installed(folder, where):
    """An installed collection as an artifact again, of the files that are there."""
    copy = shutil.copytree(folder, where / folder.name)
    about = json.loads((copy / "MANIFEST.json").read_text())["collection_info"]
    (copy / "galaxy.yml").write_text(yaml.safe_dump({key: value for key, value in about.items() if value}))
    build(copy, where)


@pytest.fixture(scope="module")
def builder():
    packages = [ROOT / "tools/packages.py", "ansible-builder", VENV, "-r", ROOT / "requirements/locked/ee.txt"]
    run(sys.executable, *packages)
    return VENV / "bin/ansible-builder"


@pytest.mark.parametrize("book", ["site", "doctor", "rotate"])
def test_the_project_can_be_run(book):
    where = ("-i", PROJECT / "inventory", PROJECT / f"{book}.yml")
    said = ansible("ansible-playbook", "--list-hosts", *where, env={}).well().out
    assert "xpro.example.org" in said


def test_the_definition_is_one_that_the_builder_accepts(builder, tmp_path):
    run(builder, "create", "--file", PROJECT / "execution-environment.yml", "--context", tmp_path / "context")
    assert "mitodl.openedx" in (tmp_path / "context/_build/requirements.yml").read_text()


def test_the_builder_finds_what_the_collection_needs(builder):
    found = yaml.safe_load(run(builder, "introspect", COLLECTIONS))
    needed = {kind: [line for line in found[kind] if line.endswith("mitodl.openedx")] for kind in found}
    assert [line.split()[0] for line in needed["python"]] == ["requests"]
    assert [line.split()[0] for line in needed["system"]] == ["openssh-clients", "openssh-client"]


@pytest.fixture(scope="module")
def image(builder, tmp_path_factory):
    """The execution environment, with this collection as it would be published."""
    if subprocess.run(["docker", "image", "inspect", BASE], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no image {BASE} (lab/docker/images.py makes it)")
    folder = tmp_path_factory.mktemp("image")
    definition = yaml.safe_load((PROJECT / "execution-environment.yml").read_text())
    # No Galaxy: this collection as it would be published, and those that it needs as they are installed.
    build(ROOT, folder)
    for path in (COLLECTIONS / "ansible_collections/community").iterdir():
        if path.is_dir():
            build_installed(path, folder)
    artifacts = sorted(folder.glob("*.tar.gz"))
    definition["additional_build_files"] = [{"src": str(path), "dest": "dist"} for path in artifacts]
    definition["dependencies"].update(
        python_interpreter={"package_system": "python3", "python_path": "/openedx/venv/bin/python3"},
        galaxy={"collections": [{"name": f"dist/{path.name}", "type": "file"} for path in artifacts]},
    )
    definition["images"]["base_image"]["name"] = f"{BASE}:latest"
    definition["options"] = {"package_manager_path": "/usr/bin/apt-get"}
    definition["additional_build_steps"] = {"prepend_base": ["USER root", "RUN apt-get update -qq"]}
    (folder / "ee.yml").write_text(yaml.safe_dump(definition))
    create = ("--file", folder / "ee.yml", "--context", folder / "context", "--output-filename", "Dockerfile")
    run(builder, "create", *create)
    handed = [word for name in HANDED_ON if os.environ.get(name) for word in ("--build-arg", name)]
    env = {**os.environ, "DOCKER_BUILDKIT": "0"}
    made = run("docker", "build", "--quiet", "--network", "host", *handed, folder / "context", env=env).split()[-1]
    yield made
    run("docker", "image", "rm", "--force", made)


def test_an_image_is_built_in_which_the_playbooks_start(image):
    inside = ("docker", "run", "--rm", "--volume", f"{PROJECT}:/project:ro", "--workdir", "/project", image)
    said = run(*inside, "ansible-playbook", "-i", "inventory", "doctor.yml", "--list-tasks")
    assert "Check every hop" in said
    assert "OpenSSH" in run(*inside, "ssh", "-V")


@pytest.mark.parametrize("broken", [False, True])
def test_the_nightly_job_runs_in_the_image(image, converged, sshd, broken):
    """Over ssh to the machines, which are this one; it fails where something differs from the inventory."""
    if broken:
        worker = "update auth_user set is_staff = 0 where username = 'xpro_serviceworker'"
        converged.sql("lms", worker)
    shown = [ROOT / "lab", ROOT / "inventories", PROJECT, sshd.folder]
    env = {name: converged.env[name] for name in ("LAB_STATE", "LAB_PORT_OFFSET", "LAB_APPS") if name in converged.env}
    env["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    given = {
        # The commands of the targets run on the machines, so with their Python and not with that of the image.
        "lab_ctl": [sys.executable, str(ROOT / "lab/ctl.py")],
        "drift_fail": True,
        "sso_doctor_report_dir": "/tmp/report",
    }
    command = (
        *("docker", "run", "--rm", "--network", "host", "--user", "0", "--workdir", PROJECT),
        *(word for path in shown for word in ("--volume", f"{path}:{path}:ro")),
        *(word for name, value in env.items() for word in ("--env", f"{name}={value}")),
        *(image, "ansible-playbook", "doctor.yml", "--limit", "xpro", "-e", json.dumps(given)),
        *("-i", ROOT / "inventories/lab", "-i", sshd.inventory()),
    )
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False)
    assert (done.returncode != 0) is broken, done.stdout + done.stderr
    stats = done.stdout.rpartition("CUSTOM STATS:")[2]
    assert '"not_examined": []' in stats, done.stdout
    assert ('"drift": 1' if broken else '"drift": 0') in stats, done.stdout
