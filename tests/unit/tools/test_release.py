# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""There is no release without a summary; the rehearsal has one, whatever waits."""

from __future__ import annotations

import runpy

import pytest
import yaml
from runs import ROOT


@pytest.fixture
def release(tmp_path):
    """The names of the tool, with a changelog that has one release."""
    names = runpy.run_path(str(ROOT / "tools/release.py"))
    names["refusal"].__globals__["CHANGES"] = tmp_path
    (tmp_path / "changelog.yaml").write_text("releases:\n  1.0.0:\n    changes: {}\n")
    return names


@pytest.mark.parametrize(
    ("version", "why"),
    [("", "nothing is no version"), ("1.2", "1.2 is no version"), ("1.0.0", "is released already")],
)
def test_what_is_no_version_or_was_released_is_refused(release, version, why):
    assert why in release["refusal"](version)


def test_a_release_needs_a_summary(release, tmp_path):
    folder = tmp_path / "fragments"
    assert "No fragment has a release_summary" in release["refusal"]("1.1.0")
    folder.mkdir()
    (folder / "one.yml").write_text("---\nbugfixes:\n  - A release_summary is no summary.\n")
    assert "No fragment has a release_summary" in release["refusal"]("1.1.0")
    (folder / "1.1.0.yml").write_text("---\nrelease_summary: Well.\n")
    assert release["refusal"]("1.1.0") == ""


@pytest.mark.parametrize("waiting", [{}, {"one": {"bugfixes": ["Well."]}}, {"1.1.0": {"release_summary": "Well."}}])
def test_the_rehearsal_has_one_summary_whatever_waits(release, tmp_path, waiting):
    folder = tmp_path / "fragments"
    if waiting:
        folder.mkdir()
    for name, content in waiting.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content, explicit_start=True))
    release["rehearse"](folder)
    assert release["refusal"]("99.0.0") == ""
    contents = [yaml.safe_load(path.read_text()) for path in folder.glob("*.yml")]
    # antsibull-changelog refuses two.
    assert sum("release_summary" in content for content in contents) == 1
    assert len(contents) == len(waiting) + 1
