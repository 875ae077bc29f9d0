# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways of calling a playbook that leave nothing to do: never a success, and one line that says what to give."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.removal import SIDES
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.rotation import PARTS
from runs import ROOT, ansible

LMS = {"edx_target": {"type": "command", "argv": ["false", "-"]}, "edx_lms_base_url": "http://127.0.0.1:9"}
APP = {"mit_app_profile": "mitxpro", "mit_app_domain": "127.0.0.1", "mit_app_dir": "/nowhere"}
INVENTORY = {
    "edx": {"hosts": {"lms": LMS}},
    "mit_apps": {"hosts": {"xpro": APP, "mitxonline.odl.local": {**APP, "mit_app_profile": "mitxonline"}}},
    "all": {"vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
}
FREE = {
    "hosts": "mit_apps",
    "gather_facts": False,
    "strategy": "free",
    "tasks": [{"ansible.builtin.import_role": {"name": "mitodl.openedx.mit_app"}}],
}


@pytest.fixture
def play(tmp_path):
    """Runs a playbook on an inventory in which nothing runs."""
    hosts = tmp_path / "hosts.json"
    hosts.write_text(json.dumps(INVENTORY))

    def run(book, *words, inventory=hosts):
        path = book if "/" in str(book) else ROOT / f"playbooks/{book}.yml"
        return ansible("ansible-playbook", "-i", inventory, path, *words, env={}, cwd=tmp_path)

    return run


@pytest.mark.parametrize(
    ("book", "words", "said"),
    [
        (
            "site",
            ["--limit", "lms"],
            "--limit lms leaves no app. The work on an LMS is done by way of its apps: give one",
        ),
        (
            "site",
            ["-e", "mit_app_hosts=typo"],
            "No host of the inventory is called typo. Declare it in the group mit_apps,",
        ),
        (
            "mitxonline",
            [],
            "mit_apps, whose hosts are xpro, mitxonline.odl.local; or give one of those (-e mit_app_hosts=xpro)",
        ),
        ("site", ["--tags", "doktor"], "No task of this playbook has the tag doktor. It has doctor; without"),
        ("doctor", ["--tags", "hopps,drifft"], "has the tag drifft or hopps. It has drift, hops; without --tags all"),
        ("remove", ["--tags", "typo"], "No task of this playbook has the tag typo. It has none; without --tags all"),
        ("site", ["--start-at-task", "Check every hop"], "The first step of this playbook was left out"),
        ("rotate", ["--start-at-task", "Revoke the old credentials"], "The first step of this playbook was left out"),
    ],
)
def test_nothing_to_do_is_said(play, book, words, said):
    run = play(book, *words)
    assert run.code != 0
    assert said in " ".join(run.out.split()), run.out
    assert "Traceback" not in run.out


@pytest.mark.parametrize(
    ("book", "variable", "choices"),
    [
        ("rotate", "rotate", ["all", *PARTS]),
        ("remove", "remove_side", SIDES),
        ("reset", "reset_side", SIDES),
    ],
)
def test_a_word_that_a_playbook_does_not_know_is_named_as_it_was_typed(play, book, variable, choices):
    run = play(book, "-e", f"{variable}=token")
    assert run.code != 0
    assert f"{variable} is 'token'. Give one of {', '.join(choices)}. Nothing was changed." in " ".join(run.out.split())
    # Before anything was looked at.
    assert "Resolve" not in run.out


def test_without_an_inventory(play, tmp_path):
    run = play("site", inventory="/dev/null")
    assert run.code != 0
    assert "There is no host in the inventory. Give an inventory with -i" in run.out
    lonely = tmp_path / "lms.json"
    lonely.write_text(json.dumps({"edx": INVENTORY["edx"]}))
    run = play("xpro", inventory=lonely)
    assert run.code != 0
    assert "The inventory has no host in the group mit_apps" in run.out


def test_who_only_looks_at_a_playbook_needs_none(play):
    play("mitxonline", "--syntax-check", inventory="/dev/null").well()
    assert "Converge the app" in play("xpro", "--list-tasks", inventory="/dev/null").well().out


def test_a_tag_of_a_play_around_it_is_known(play, tmp_path):
    """Who imports a playbook may give it a tag of their own."""
    book = tmp_path / "own.yml"
    imported = {"ansible.builtin.import_playbook": str(ROOT / "playbooks/explain.yml"), "tags": ["sso"]}
    book.write_text(json.dumps([imported]))
    assert "No task of this playbook" not in play(book, "--tags", "sso").out
    assert "has the tag typo. It has sso" in play(book, "--tags", "typo").out


def test_a_play_whose_hosts_wait_for_nobody(play, tmp_path):
    book = tmp_path / "free.yml"
    book.write_text(json.dumps([FREE]))
    run = play(book)
    assert run.code != 0
    assert "The strategy of this play is free, in which no host waits for another" in run.out, run.out
    # One app does not wait for anybody.
    assert play(book, "--limit", "xpro").code == 0
