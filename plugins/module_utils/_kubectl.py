# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""How kubectl reaches the cluster and the workload of a side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# The types of targets that kubectl reaches.
KINDS = ("tutor_k8s", "kubernetes")


def kubectl(target: Mapping[str, Any], *words: str) -> list[str]:
    """A command of kubectl for the namespace of a target, in the cluster that it names or that kubectl speaks to.

    >>> kubectl({"context": "staging", "namespace": "mit"}, "get", "pods")
    ['kubectl', '--context', 'staging', '--namespace', 'mit', 'get', 'pods']
    """
    options = [word for name in ("kubeconfig", "context") if target.get(name) for word in (f"--{name}", target[name])]
    return ["kubectl", *options, "--namespace", target.get("namespace") or "openedx", *words]


def workload(target: Mapping[str, Any]) -> str:
    """What runs the side: the deployment of its service, where that names no other kind.

    >>> workload({"type": "kubernetes"}), workload({"type": "kubernetes", "service": "statefulset/app"})
    ('deployment/web', 'statefulset/app')
    """
    service = target.get("service") or ("lms" if target["type"] == "tutor_k8s" else "web")
    return service if "/" in service else f"deployment/{service}"


def exec_argv(target: Mapping[str, Any], argv: Sequence[str]) -> list[str]:
    """A command in a container of the side, with stdin."""
    container = ["--container", target["container"]] if target.get("container") else []
    return kubectl(target, "exec", "--stdin", workload(target), *container, "--", *argv)
