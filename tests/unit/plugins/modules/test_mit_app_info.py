# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of an app's .env before anything is written."""

from __future__ import annotations

import os

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import mit_app_info
from modules import run_here


@pytest.fixture
def env(tmp_path):
    path = tmp_path / ".env"
    path.write_text("OPENEDX_API_BASE_URL=http://lms\n")
    return path


def look(env, **target):
    return run_here(
        mit_app_info, {"dotenv": str(env), "url": "http://127.0.0.1:9", "target": {"type": "compose", **target}}
    )


def test_a_file_that_is_well(env):
    found = look(env)
    assert (found["env"], found["dotenv"]["exists"], found["dotenv"]["problem"]) == (
        {"OPENEDX_API_BASE_URL": "http://lms"},
        True,
        "",
    )
    env.unlink()
    found = look(env)
    assert (found["dotenv"], found["directory"]) == ({"exists": False, "mtime": None, "problem": ""}, True)
    found = look(env / "nowhere/.env")
    assert (found["dotenv"]["exists"], found["directory"]) == (False, False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("A='canary", "a quote that is not closed"),
        ("canary line!", "no name that Compose accepts"),
        ("A=${NOT_THERE:?}", "NOT_THERE is required and not set"),
    ],
)
def test_a_file_that_compose_refuses(env, line, why, monkeypatch):
    env.write_text(f"# mine\n{line}\n")
    found = look(env)
    assert found["dotenv"]["problem"] == (
        f"Docker Compose refuses {env} for line 2 ({why}), so that no container starts; mend that line."
    )
    # Who does not use Compose reads it otherwise, and Compose may have what is required.
    assert look(env, type="command")["dotenv"]["problem"] == ""
    monkeypatch.setenv("NOT_THERE", "x")
    assert bool(look(env)["dotenv"]["problem"]) == ("NOT_THERE" not in line)


def test_a_file_that_cannot_be_edited(env):
    os.link(env, env.with_name("other"))
    assert "2 names (hard links)" in look(env)["dotenv"]["problem"]
    env.write_text("A=1", encoding="utf-16")
    assert "is in UTF-16" in look(env)["dotenv"]["problem"]
    env.unlink()
    os.mkfifo(env)
    assert look(env)["msg"].endswith("name a file, or remove it. Nothing was changed.")
