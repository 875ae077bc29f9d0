# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Which Docker engine or cluster the commands of a side speak to, and for which project of Compose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at_engine(target: Mapping[str, Any], argv: list[str]) -> list[str]:
    """A command as it speaks to the Docker engine or the cluster that a target names: Tutor has no option for either.

    >>> at_engine({"docker_context": "colima"}, ["tutor", "dev", "start"])
    ['env', 'DOCKER_HOST=', 'DOCKER_CONTEXT=colima', 'tutor', 'dev', 'start']
    >>> at_engine({"docker_host": "ssh://me@build"}, ["docker", "ps"])
    ['env', 'DOCKER_HOST=ssh://me@build', 'docker', 'ps']
    >>> at_engine({"kubeconfig": "/srv/kube.yml"}, ["tutor", "k8s", "start"])
    ['env', 'KUBECONFIG=/srv/kube.yml', 'tutor', 'k8s', 'start']
    """
    if target.get("docker_host"):
        return ["env", f"DOCKER_HOST={target['docker_host']}", *argv]
    if target.get("docker_context"):
        # The host of the environment would win over it.
        return ["env", "DOCKER_HOST=", f"DOCKER_CONTEXT={target['docker_context']}", *argv]
    if target.get("kubeconfig"):
        return ["env", f"KUBECONFIG={target['kubeconfig']}", *argv]
    return argv


def compose_of(target: Mapping[str, Any]) -> list[str]:
    """The command of Docker Compose for the project of a target; none for a target of another type."""
    if target["type"] != "compose":
        return []
    # Compose reads its files from there as if it had been started there.
    where = ["--project-directory", target["chdir"]] if target.get("chdir") else []
    project = ["--project-name", target["project"]] if target.get("project") else []
    return at_engine(target, ["docker", "compose", *where, *project])
