# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Causes that only containers have: named as the root, and healed by doing what the fix says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from causes import DOCKER, EXAMPLE, Cause

pytestmark = pytest.mark.docker
# Beside the app's own compose file, as its user may have one.
OTHER_ENVIRONMENT = "services: {web: {environment: {OPENEDX_OAUTH_PROVIDER: mitxpro-oauth2}}}\n"
NO_EXTRA_HOSTS = "services: {web: {extra_hosts: !override []}}\n"


def compose(lab, *words: str, override: str = "") -> None:
    more = []
    if override:
        path = lab.state / "override.yml"
        path.write_text(override)
        more = ["--file", str(path)]
    lab.compose("xpro", *more, *words)


def up(lab, override: str = "") -> None:
    compose(lab, "up", "--detach", "--wait", override=override)


def env_line(lab, old: str, new: str) -> None:
    path = lab.checkout("xpro") / ".env"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def older_container(lab) -> None:
    env_line(lab, "OPENEDX_OAUTH_PROVIDER=ol-oauth2", "OPENEDX_OAUTH_PROVIDER=mitxpro-oauth2")
    up(lab)
    env_line(lab, "OPENEDX_OAUTH_PROVIDER=mitxpro-oauth2", "OPENEDX_OAUTH_PROVIDER=ol-oauth2")
    compose(lab, "restart", "web")


# How each is broken, and what its fix names.
HOW: dict[str, tuple[Callable, Callable]] = {
    "lms-container-stopped": (
        lambda lab: lab.tutor("dev", "stop", "lms"),
        lambda lab: lab.tutor("dev", "start", "--detach", "lms"),
    ),
    "app-container-stopped": (lambda lab: compose(lab, "stop", "web"), up),
    "app-container-older": (older_container, up),
    "compose-environment-wins": (lambda lab: up(lab, OTHER_ENVIRONMENT), up),
    "compose-extra-hosts-missing": (lambda lab: up(lab, NO_EXTRA_HOSTS), up),
}


def examine(lab, folder) -> dict:
    """What the doctor's document says of xPRO, without a login."""
    options = {"sso_doctor_login": False, "sso_doctor_commands": False, "sso_doctor_report_dir": str(folder)}
    run = lab.playbook("--limit", "xpro", "--tags", "hops", "-e", json.dumps(options), book="doctor")
    report = folder / "report.json"
    assert report.exists(), run.out
    (app,) = json.loads(report.read_text())["apps"]
    return app


def words_of(lab) -> dict[str, str]:
    """What the placeholders stand for here: the example, with this lab's own tutor and checkout."""
    checkout, tutor = lab.checkout("xpro"), lab.state / "tutor"
    own = {"docker compose": f"docker compose --project-directory {checkout}", "tutor dev": f"{tutor} dev"}
    names = {**EXAMPLE, "dotenv": str(checkout / ".env")}
    for word, line in own.items():
        names = {name: value.replace(word, line) for name, value in names.items()}
    return names


def test_every_cause_is_made():
    assert set(HOW) == {cause.id for cause in DOCKER}


@pytest.mark.parametrize("cause", DOCKER, ids=lambda cause: cause.id)
def test_the_doctor_names_it(lab, cause: Cause, tmp_path):
    break_it, heal_it = HOW[cause.id]
    names = words_of(lab)
    try:
        break_it(lab)
        app = examine(lab, tmp_path)
        hop = next(hop for hop in app["hops"] if hop["id"] == cause.hop)
        assert (app["first_failed"], hop["status"]) == (cause.hop, cause.status), app
        fact = cause.fact.format(**names)
        assert re.search(".*".join(map(re.escape, fact.split("…"))), hop["fact"]), hop
        assert hop["fix"] == cause.fix.format(**names)
    finally:
        heal_it(lab)
        lab.backend_answers("ol-oauth2")


def test_every_fix_healed_it(lab, tmp_path):
    assert examine(lab, tmp_path)["ok"]
