# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a restart is still needed beside Django's own reloader, which runs under `tutor dev`: on the lab's LMS."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import Tutor
from runs import ROOT

# `tutor dev exec`: what is asked in the container sees the processes of the server alone, as it does there.
EXEC = """#!{python}
import os, sys

def inside():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getsid(int(pid)) == {session}:
                yield pid
        except ProcessLookupError:
            pass

exec(sys.argv[-1].replace('os.listdir("/proc")', "inside()"))
"""


class Module:
    """As much of a module as the class Tutor needs to run something."""

    @staticmethod
    def run_command(argv, **_options):
        done = subprocess.run(argv, text=True, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def tutor(lab, tmp_path):
    """A Tutor of the lab's LMS, which runs with the reloader."""
    lab.back_to("converged")
    lab.ctl("stop", "lms")
    start = [sys.executable, ROOT / "lab/ctl.py", "start", "lms"]
    subprocess.run(start, env={**lab.env, "LAB_RELOAD": "1"}, check=True, capture_output=True)
    script = tmp_path / "tutor"
    script.write_text(EXEC.format(python=sys.executable, session=(lab.state / "lms.pid").read_text()))
    script.chmod(0o755)
    yield Tutor(Module(), {"type": "tutor_dev", "tutor": str(script)})
    lab.ctl("stop", "lms")


def test_what_the_reloader_has_restarted_already_is_seen(lab, tutor):
    settings = lab.envs / "mit_apps"
    assert tutor.has_reread([settings])
    # Read by the settings, but no module, so that the reloader does not watch it: it needs a restart of ours.
    app = settings / "apps.d/xpro.json"
    app.write_text(json.dumps(json.loads(app.read_text())) + "\n")
    time.sleep(2.5)  # The reloader looks once a second.
    assert not tutor.has_reread([settings])
    # A module: known to be unread until the reloader has started the server anew, and then no more.
    with (settings / "__init__.py").open("a") as file:
        file.write("# edited\n")
    assert not tutor.has_reread([settings])
    until = time.monotonic() + 60
    while not tutor.has_reread([settings]):
        assert time.monotonic() < until, (lab.state / "lms.log").read_text()[-2000:]
        time.sleep(0.2)
