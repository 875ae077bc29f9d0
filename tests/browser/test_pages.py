# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's report in a browser, where this machine has one: desktop and phone, light and dark."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from reports import made, page_of
from runs import ROOT


@pytest.mark.browser
def test_the_pages_are_accessible(browser_modules, tmp_path):
    """Desktop and phone, light and dark, everything unfolded."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    paths = [tmp_path / f"{case}.html" for case in ("broken", "warned", "hostile")]
    for path in paths:
        path.write_text(page_of(made(path.stem)))
    done = subprocess.run(
        ["node", ROOT / "tests/browser/look.mjs", browser_modules, chromium, "", *paths],
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    looks = json.loads(done.stdout)
    assert len(looks) == 4 * len(paths)
    for look in looks:
        nothing = {"violations": [], "overflow": 0, "overlaps": 0, "spills": [], "scripts": 0, "messages": []}
        assert {name: look[name] for name in nothing} == nothing, look
        assert look["requests"] == 1
        # The checker cannot see what is behind the letters of a drawing; unit/roles/test_report.py can.
        assert all(re.match(r"color-contrast: <text ", unsure) for unsure in look["unsure"]), look
        assert look["passes"] > 30
