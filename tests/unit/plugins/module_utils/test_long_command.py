# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that outlive their task: what is written of them, and what is told."""

from __future__ import annotations

import json
import shlex
import sys
from urllib.parse import quote

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._long_command import Job, secrets_of

CONFIG = """\
CMS_OAUTH2_SECRET: oauth-secret
LMS_HOST: local.openedx.io
JWT_RSA_PRIVATE_KEY: '-----BEGIN KEY-----

  first-line

  last-line'
MYSQL_ROOT_PASSWORD: 'it''s mine'
SHORT_KEY: abc
SOME_TOKEN: true
PLUGINS:
- indigo
EXTRA_SECRETS:
- listed-secret
QUOTED_SECRET: "p\\xE4ss \\"word\\"\\nand more"
"""


def test_secrets_of():
    assert set(secrets_of(CONFIG)) == {
        *("oauth-secret", "-----BEGIN KEY-----", "first-line", "last-line", "listed-secret"),
        *("it's mine", 'p\u00e4ss "word"', "and more"),
    }


def test_the_end_of_a_command(tmp_path):
    log = tmp_path / "logs/step.log"
    job = Job(str(log))
    program = "import sys; print('the password'); print('is word-1', file=sys.stderr); sys.exit(4)"
    assert job.start([sys.executable, "-u", "-c", program], ["word-1"])
    said = job.look(60)
    assert (said["running"], said["rc"]) == (False, 4)
    assert said["tail"][1:] == ["the password", "is ********"]
    assert "word-1" not in log.read_text()
    assert [path.stat().st_mode & 0o777 for path in (log, log.parent)] == [0o600, 0o700]


def test_a_secret_is_hidden_however_it_is_written(tmp_path):
    """As a shell, JSON or an address has it."""
    log, secret = tmp_path / "step.log", 'it\'s "mine"'
    (tmp_path / "said").write_text("\n".join([shlex.quote(secret), json.dumps(secret), quote(secret)]))
    job = Job(str(log))
    assert job.start(["cat", str(tmp_path / "said")], [secret])
    assert job.look(60)["tail"][1:] == ["'********'", '"********"', "********"]
    assert "mine" not in log.read_text()


def test_what_runs_is_not_begun_again(tmp_path):
    job, end = Job(str(tmp_path / "step.log")), tmp_path / "end"
    command = ["sh", "-c", f"while ! [ -e {end} ]; do sleep 0.1; done"]
    assert job.start(command, [])
    assert not job.start(command, [])
    assert job.look(0)["running"]
    end.touch()
    assert job.look(60)["rc"] == 0
    assert job.start(command, [])
    assert job.look(60)["rc"] == 0


@pytest.mark.parametrize(("note", "rc"), [({"began": 1}, None), ({"began": 1, "rc": 0, "ended": 3}, 0)])
def test_what_an_earlier_machine_left(tmp_path, note, rc):
    (tmp_path / "step.log").write_text("")
    (tmp_path / "step.log.json").write_text(json.dumps(note))
    assert Job(str(tmp_path / "step.log")).look(0)["rc"] == rc


def test_a_program_that_is_not_there(tmp_path):
    job = Job(str(tmp_path / "step.log"))
    job.start(["/no/such/program"], [])
    said = job.look(60)
    assert said["rc"] == 127
    assert "/no/such/program" in said["tail"][-1]
