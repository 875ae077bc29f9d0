# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module of commands that outlive their task; what they do themselves is tested beside _long_command."""

from __future__ import annotations

from processes import module


def test_the_secrets_of_a_file_are_in_no_log(tmp_path):
    config, log = tmp_path / "config.yml", tmp_path / "step.log"
    config.write_text("DB_PASSWORD: canary-1234\n")
    done = module("long_command", argv=["echo", "it is canary-1234"], log=log, hide_values_of=config, period=30)
    assert (done["begun"], done["rc"], done["tail"][1:]) == (True, 0, ["it is ********"])
    assert "canary-1234" not in log.read_text()
    missing = module("long_command", argv=["true"], log=log, hide_values_of=tmp_path / "none.yml", period=30)
    assert missing["rc"] == 0


def test_what_is_followed_is_not_begun(tmp_path):
    log, end = tmp_path / "step.log", tmp_path / "end"
    argv = ["sh", "-c", f"until [ -e {end} ]; do sleep 0.1; done; echo over"]
    begun = module("long_command", argv=argv, log=log, label="Wait", period=0)
    assert (begun["begun"], begun["running"]) == (True, True)
    end.touch()
    followed = module("long_command", argv=argv, log=log, follow=True, period=30)
    assert (followed["begun"], followed["running"], followed["tail"][1:]) == (False, False, ["over"])


def test_nothing_to_follow_is_an_error_that_names_the_log(tmp_path):
    done = module("long_command", argv=["true"], log=tmp_path / "step.log", follow=True)
    assert done["failed"]
    assert str(tmp_path / "step.log") in done["msg"]
