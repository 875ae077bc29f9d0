# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a reset destroys of an LMS or of an app, and how: the commands for its machine, and the list for a person."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine


class ResetError(ValueError):
    """A side that nobody said how to destroy."""


@dataclass(frozen=True)
class Side:
    """One of the two sides, from the fact mit_app_facts.

    :ivar argv: the command of the inventory that destroys it; it wins over what is known of the target.
    :ivar destroys: what the inventory says that it destroys.
    :ivar dotenv: the app's .env, where it is there: its keys of Open edX are restored.
    :ivar dependents: the apps that lose their part of an LMS though they stay.
    """

    label: str
    variable: str
    target: Mapping[str, Any]
    argv: Sequence[str]
    destroys: Sequence[str]
    dotenv: str = ""
    dependents: Sequence[str] = ()

    @property
    def kind(self) -> str:
        return self.target.get("type") or "command"

    @property
    def way(self) -> str:
        """How it is destroyed: by argv, or as a project of tutor or compose.

        :raises ResetError: nobody said how.
        """
        if self.argv:
            return "argv"
        if self.kind in ("tutor_dev", "tutor_local"):
            return "tutor"
        if self.kind == "compose":
            return "compose"
        raise ResetError(
            f"{self.label}: a target of type {self.kind} has no reset of its own. Give the command in {self.variable}. "
            "Nothing was changed."
        )

    @property
    def mode(self) -> str:
        return self.kind.replace("tutor_", "")

    @property
    def tutor(self) -> list[str]:
        root = self.target.get("root")
        return at_engine(self.target, [self.target.get("tutor") or "tutor", *(["--root", root] if root else [])])

    @property
    def compose(self) -> list[str]:
        project = self.target.get("project")
        return at_engine(self.target, ["docker", "compose", *(["--project-name", project] if project else [])])


def lms_side(facts: Mapping[str, Any]) -> Side:
    lms = facts["lms"]
    return Side(
        label=f"the LMS {lms['host']}",
        variable=f"edx_reset_argv of {lms['host']}",
        target=lms["target"],
        argv=lms["reset_argv"],
        destroys=lms["reset_destroys"],
        dependents=[other["host"] for other in lms["other_apps"]],
    )


def app_side(facts: Mapping[str, Any]) -> Side:
    app = facts["app"]
    return Side(
        label=f"the app {app['name']}",
        variable="mit_app_reset_argv",
        target=app["target"],
        argv=app["reset_argv"],
        destroys=app["reset_destroys"],
        dotenv=app["dotenv"] if (facts["found"].get("dotenv") or {}).get("exists") else "",
    )


def request(side: Side, images: bool) -> dict[str, Any]:
    """The options of target_reset on the machine of a side.

    :raises ResetError: nobody said how to destroy it.
    """
    way = side.way
    rest = ["down", "--volumes", "--remove-orphans", *(["--rmi", "all"] if images else [])]
    asked: dict[str, Any] = {"target": dict(side.target), "label": side.label, "chdir": "/"}
    if way == "argv":
        return {**asked, "argv": list(side.argv)}
    if way == "tutor":
        return {
            **asked,
            "project_argv": [*side.tutor, "config", "printvalue", f"{side.mode.upper()}_PROJECT_NAME"],
            "root_argv": [*side.tutor, "config", "printroot"],
            "down_argv": [*side.tutor, side.mode, "dc", *rest],
        }
    return {
        **asked,
        "chdir": side.target["chdir"],
        "project_argv": [*side.compose, "config", "--format", "json"],
        "down_argv": [*side.compose, *rest],
    }


def restores(side: Side) -> bool:
    """Whether the app's .env stays, with its keys of Open edX as they were."""
    return side.way == "compose" and bool(side.dotenv)


def things(side: Side, docker: Sequence[str], root: str, images: bool) -> list[str]:
    """What would be destroyed.

    :param docker: containers, volumes and networks of its project.
    :param root: the root folder of Tutor's project, where it is there.
    """
    found = [*side.destroys, *docker]
    if root:
        found.append(f"the folder {root} with everything in it: the configuration, passwords and all data of Tutor")
    if docker and images:
        found.append("the images of these containers")
    if side.argv and not side.destroys:
        found.append(f"whatever `{shlex.join(side.argv)}` destroys")
    if restores(side):
        found.append(f"the credentials in {side.dotenv} (its keys of Open edX are restored to what they were)")
    return found


def lines(side: Side, found: Sequence[str]) -> list[str]:
    """The list for a person."""
    label = re.sub("^t", "T", side.label)
    if not found:
        return [f"{label}. There is nothing to destroy."]
    others = [f"the integration of {host} with that LMS, since its data are there" for host in side.dependents]
    return [f"{label}. To be destroyed:", *(f"- {thing}" for thing in [*found, *others])]


def afterwards(side: Side) -> str:
    """How the side is made anew."""
    label = re.sub("^t", "T", side.label)
    launch = ", with -e edx_tutor_launch=true, which launches a new one" if side.way == "tutor" else ""
    return f"{label} is destroyed. To make it anew, run the app's playbook{launch}."
