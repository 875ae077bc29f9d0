# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command of a module runs as it was declared: AnsibleModule.run_command would put variables in for $NAME and ~."""

from __future__ import annotations

import ast

from runs import ROOT


def expanded(source: str) -> list[int]:
    """The lines that run a command, or make a function that does, and leave its words to be expanded."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    runs = [
        call
        for call in calls
        for part in (call.func, *call.args)
        if isinstance(part, ast.Attribute) and part.attr == "run_command"
    ]
    given = "expand_user_and_vars=False"
    return [call.lineno for call in runs if given not in [ast.unparse(keyword) for keyword in call.keywords]]


def test_no_command_is_expanded():
    found = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "plugins").rglob("*.py")}
    assert {path: lines for path, source in found.items() if (lines := expanded(source))} == {}
    assert sum("run_command" in source for source in found.values()) > 5


def test_one_that_is_would_be_found():
    assert expanded("module.run_command(argv)\nrun = partial(module.run_command, cwd='/')") == [1, 2]
    assert expanded("module.run_command(argv, expand_user_and_vars=False)") == []
