# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind that tools/new_kind.py makes of a model of the lab's LMS, used as its first user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from checkout import copied


def test_a_model_becomes_a_module(lab, tmp_path):
    lab.back_to("converged")
    copy = copied(tmp_path)
    env = {**lab.env, "PYTHONPATH": str(copy / ".ansible/collections")}
    words = [sys.executable, copy / "tools/new_kind.py", "waffle_flag", "waffle.Flag"]
    done = subprocess.run(words, env=env, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Left out, for there is no plain option for it: percent (DecimalField)" in done.stdout

    def flag(**options):
        argv = [sys.executable, str(copy / "lab/ctl.py"), "exec", "lms", "--", "python", "-"]
        arguments = {"target": {"argv": argv}, "name": "new", **options}
        done = subprocess.run(
            [sys.executable, copy / "plugins/modules/waffle_flag.py"],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            env={**os.environ, **env},
            text=True,
            capture_output=True,
            check=False,
        )
        return json.loads(done.stdout)

    assert [flag(everyone=True, note="mine")["changed"] for _again in (1, 2)] == [True, False]
    assert lab.one("lms", "select everyone, note from waffle_flag where name = 'new'") == {
        "everyone": 1,
        "note": "mine",
    }
    assert [flag(state="absent")["changed"] for _again in (1, 2)] == [True, False]
    assert lab.sql("lms", "select * from waffle_flag where name = 'new'") == []
