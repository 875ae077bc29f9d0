# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that closes a run of the tests: nothing that failed or was left out goes unsaid."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest
from runs import ROOT

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.unit.test_a" name="test_well" time="1.5"/>
<testcase classname="tests.unit.test_a" name="test_broken" time="0.5"><failure message="no"/></testcase>
<testcase classname="tests.unit.test_b" name="test_setup" time="2"><error message="no"/></testcase>
<testcase classname="tests.unit.test_b" name="test_root[a]" time="0"><skipped message="root may read all"/></testcase>
<testcase classname="tests.unit.test_b" name="test_root[b]" time="0"><skipped message="root may read all"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """The tool, with files of its own, and nox replaced by what it would leave."""
    spec = importlib.util.spec_from_file_location("runner_under_test", ROOT / "tools/test.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    module.NOTES, module.SECONDS = tmp_path / "build", tmp_path / "seconds.json"
    module.QUICK, module.SESSIONS = ("test-unit", "lint"), ("test-unit", "lint", "test-core-2.20")
    return module


def close(runner, monkeypatch, capsys, *words, junit=JUNIT, result="failed", seconds=10.0):
    """Run the tool; nox leaves what is given here."""
    asked = []

    def nox(command, **_options):
        asked.append([str(word) for word in command[1:]])
        names = [name for name in runner.SESSIONS if name in asked[-1]]
        (runner.NOTES / "test-unit.xml").write_text(junit)
        (runner.NOTES / "test-unit.left").write_text("7")
        (runner.NOTES / "lint.json").write_text(json.dumps({"tests": 10, "failed": []}))
        (runner.NOTES / "test-core-2.20.json").write_text(json.dumps({"not_run": ["there is no Python for it"]}))
        ended = {"test-unit": result, "lint": "success", "test-core-2.20": "skipped"}
        report = [{"name": name, "result": ended[name], "duration": seconds} for name in names]
        (runner.NOTES / "nox.json").write_text(json.dumps({"sessions": report}))

    monkeypatch.setattr(runner.subprocess, "run", nox)
    monkeypatch.setattr(sys, "argv", ["test.py", *words])
    code = runner.main()
    return code, capsys.readouterr().out, asked[0]


def test_everything_is_said(runner, monkeypatch, capsys):
    code, said, asked = close(runner, monkeypatch, capsys)
    assert code == 1
    assert asked[-3:] == ["test-unit", "lint", "test-core-2.20"]
    assert "test-unit         FAILED       10.0      3\n" in said
    assert "lint              passed       10.0     10\n" in said
    assert "FAILED:\n  test-unit: tests.unit.test_a::test_broken\n  test-unit: tests.unit.test_b::test_setup\n" in said
    assert "  test-unit: 2 x root may read all\n  test-core-2.20: there is no Python for it\n" in said
    assert "LEFT TO `make test-all`:\n  test-unit: 7 tests\n" in said
    assert said.endswith("\n1 passed, 1 failed, 1 skipped\n")


def test_a_suite_that_failed_without_a_word_has_failed(runner, monkeypatch, capsys):
    code, said, _asked = close(runner, monkeypatch, capsys, junit="<testsuites/>")
    assert code == 1
    assert "FAILED:\n  test-unit: see above\n" in said


def test_what_is_well_is_a_success(runner, monkeypatch, capsys):
    well = '<testsuites><testcase classname="a" name="b" time="1"/></testsuites>'
    code, said, asked = close(runner, monkeypatch, capsys, "--quick", junit=well, result="success")
    assert code == 0
    assert asked[-4:] == ["test-unit", "lint", "--", "quick"]
    assert "FAILED" not in said
    assert said.endswith("\n2 passed, 0 failed, 0 skipped\n")


def test_what_grew_is_listed_where_make_test_takes_too_long(runner, monkeypatch, capsys):
    cases = '<testcase classname="a" name="b" time="20"/><testcase classname="c" name="d" time="1"/>'
    well = f"<testsuites>{cases}</testsuites>"
    given = {"junit": well, "result": "success"}
    _code, said, _asked = close(runner, monkeypatch, capsys, "--quick", "--record", **given)
    assert "TOOK" not in said
    assert json.loads(runner.SECONDS.read_text()) == {"lint": {"": 10.0}, "test-unit": {"": 10.0, "a": 20.0, "c": 1.0}}

    runner.BUDGET = 0
    grown = {**given, "junit": well.replace('"20"', '"60"'), "seconds": 40}
    code, said, _asked = close(runner, monkeypatch, capsys, "--quick", **grown)
    assert code == 0
    lines = said.partition("what grew since it was recorded:\n")[2].splitlines()
    assert lines[:3] == [
        "  test-unit: 40 s, recorded 10 s",
        "  test-unit a: 60 s, recorded 20 s",
        "  lint: 40 s, recorded 10 s",
    ]
