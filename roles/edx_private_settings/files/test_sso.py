# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suite `mit-sso` of `tutor dev do tests`: the doctor of every app. Managed by the role edx_private_settings.

The variable MITODL_OPENEDX_DOCTOR of the environment is the command that runs it, with the inventory where no
ansible.cfg names it.
"""

import os
import pathlib
import shlex
import subprocess

import pytest

DOCTOR = os.environ.get("MITODL_OPENEDX_DOCTOR") or "ansible-playbook mitodl.openedx.doctor"
APPS = sorted(path.stem for path in (pathlib.Path(__file__).parent / "mit_apps/apps.d").glob("*.json"))


@pytest.mark.parametrize("app", APPS)
def test_people_can_log_in(app):
    try:
        done = subprocess.run(
            [*shlex.split(DOCTOR), "--limit", app],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        pytest.fail(f"{DOCTOR}: {error}. Give the command by -e MITODL_OPENEDX_DOCTOR='ansible-playbook -i ...'.")
    assert done.returncode == 0, done.stdout
