# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of causes in the docs says what the tests of the causes hold the doctor to."""

from __future__ import annotations

import subprocess
import sys

import causes
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from runs import ROOT


def test_the_page_is_what_its_generator_writes():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/causes_table.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_causes_have_names_of_their_own_and_hops_of_the_catalogue():
    every = [cause for found in causes.LISTS.values() for cause in found]
    assert len({cause.id for cause in every}) == len(every)
    assert {cause.hop for cause in every} <= {hop.id for hop in CATALOGUE}
