# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The orders without which somebody could not log in for a while, though all would be well in the end."""

from __future__ import annotations

import yaml
from runs import ROOT


def tasks(path):
    """The tasks of a file in their order, with those of its blocks."""

    def flat(entries):
        for entry in entries:
            if "block" in entry:
                yield from flat(entry["block"])
            else:
                yield entry

    (pages,) = yaml.safe_load_all((ROOT / path).read_text())
    return list(flat(pages[0].get("tasks", pages)))


def roles(playbook):
    imported = [task.get("ansible.builtin.import_role", {}) for task in tasks(f"playbooks/{playbook}.yml")]
    found = [(role["name"].rpartition(".")[2], role.get("tasks_from", "main")) for role in imported if role]
    return [name if part == "main" else f"{name} {part}" for name, part in found]


def in_this_order(found, *wanted):
    return [entry for entry in found if entry in wanted] == list(wanted)


def test_a_backend_is_in_the_settings_only_while_it_has_its_row():
    """One without an enabled row ends a login with an error; a row without its backend is ignored."""
    assert in_this_order(roles("site"), "edx_oauth_provider", "edx_private_settings", "mit_app_env", "sso_doctor")
    # What goes with the app's token is known from its .env, which is last.
    assert in_this_order(roles("remove"), "edx_private_settings", "edx_oauth_provider", "mit_app_env")


def test_nothing_is_written_before_every_app_was_checked():
    assert roles("site")[:2] == ["mit_app", "mit_app preflight"]
    assert roles("remove")[0] == "mit_app"


def test_anonymous_pages_lead_to_an_app_only_after_its_login_was_proved():
    assert in_this_order(roles("site"), "sso_doctor", "edx_private_settings companion_auth")


def test_a_rotation_has_no_moment_in_which_what_one_side_sends_is_not_what_the_other_takes():
    (planned,) = (
        one for one in tasks("roles/sso_rotation/tasks/main.yml") if one["name"].startswith("Plan the client")
    )
    assert planned["when"].startswith("ansible_check_mode and ")
    steps = {}
    for file in ("main", "switch", "client_secret"):
        found = [
            task.get("mitodl.openedx.rotation_step", {}).get("step")
            for task in tasks(f"roles/sso_rotation/tasks/{file}.yml")
        ]
        steps[file] = list(filter(None, found))
    assert steps == {
        # The second is of a dry run, which takes no step after it.
        "main": ["begin", "renew_secret", "revoke"],
        "switch": ["verify_environment"],
        "client_secret": ["accept_no_secret", "send_no_secret", "renew_secret", "store_secret", "require_secret"],
    }


def test_a_dry_run_says_what_is_restarted_for_an_env_that_it_does_not_write():
    """The modules of both ways to bring an app up compare with the file, which a dry run leaves as it is."""
    for way in ("compose", "kubernetes"):
        first = tasks(f"roles/mit_app_env/tasks/{way}.yml")[0]
        own = f"{first['register']} is changed"
        assert first["changed_when"] == f"{own} or (ansible_check_mode and mit_app_env_dotenv.values_changed)"
