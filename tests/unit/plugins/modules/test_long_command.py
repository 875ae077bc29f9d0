# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module of commands that outlive their task; what they do themselves is tested beside _long_command."""

from __future__ import annotations

import os

from ansible_collections.mitodl.openedx.plugins.modules import long_command
from modules import run_apart


def run(**options):
    """In a process of its own: it forks."""
    return run_apart(long_command, options, os.environ)


def test_the_secrets_of_a_file_are_in_no_log(tmp_path):
    config, log = tmp_path / "config.yml", tmp_path / "step.log"
    config.write_text("DB_PASSWORD: canary-1234\n")
    done = run(argv=["echo", "it is canary-1234"], log=str(log), hide_values_of=str(config), period=30)
    assert (done["begun"], done["rc"], done["tail"][1:]) == (True, 0, ["it is ********"])
    assert "canary-1234" not in log.read_text()
    missing = run(argv=["true"], log=str(log), hide_values_of=str(tmp_path / "none.yml"), period=30)
    assert missing["rc"] == 0


def test_what_is_followed_is_not_begun(tmp_path):
    log, end = tmp_path / "step.log", tmp_path / "end"
    argv = ["sh", "-c", f"until [ -e {end} ]; do sleep 0.1; done; echo over"]
    begun = run(argv=argv, log=str(log), label="Wait", period=0)
    assert (begun["begun"], begun["running"]) == (True, True)
    end.touch()
    followed = run(argv=argv, log=str(log), follow=True, period=30)
    assert (followed["begun"], followed["running"], followed["tail"][1:]) == (False, False, ["over"])


def test_nothing_to_follow_is_an_error_that_names_the_log(tmp_path):
    done = run(argv=["true"], log=str(tmp_path / "step.log"), follow=True)
    assert done["failed"]
    assert str(tmp_path / "step.log") in done["msg"]
