# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every run of a playbook that a page has people type, on the lab; test_docs.py of the unit tests reads the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from documents import commands, pages, words
from runs import ROOT

#: What destroys comes last, in the order in which a person would do it.
ORDER = ("xpro", "site", "doctor", "adopt", "explain", "rotate", "remove", "reset")


def on_the_lab(command: list[str], folder: Path) -> list[str]:
    """A command with the lab in the place of the inventory and of the app that it names, and a folder that is there."""
    found = [word.replace("/var/lib/node_exporter", str(folder)) for word in command]
    if "-i" in found:
        found[found.index("-i") + 1] = "inventories/lab"
    if "--limit" in found:
        found[found.index("--limit") + 1] = "xpro"
    return found


def book_of(command: list[str]) -> str:
    book = next(word for word in command if word.startswith(("playbooks/", "mitodl.openedx.")))
    return book.removeprefix("playbooks/").removeprefix("mitodl.openedx.").removesuffix(".yml")


def test_every_playbook_that_is_typed_runs(converged, tmp_path):
    typed = [words(piece.text) for page in pages() for piece in commands(page)]
    runs = [on_the_lab(command, tmp_path) for command in typed if command[0].rpartition("/")[2] == "ansible-playbook"]
    distinct = {tuple(command[1:]): command for command in runs}
    for command in sorted(distinct.values(), key=lambda command: ORDER.index(book_of(command))):
        options = ["-e", f"sso_doctor_report_dir={converged.report}", "-e", "rotate_grace_seconds=0"]
        run = converged.ansible("ansible-playbook", *command[1:], *options, LAB_APPS="xpro")
        # It lists, and asks to be told once more.
        if book_of(command) == "reset" and "reset_confirm=yes" not in command:
            assert run.code != 0
            assert "-e reset_confirm=yes" in run.out
        else:
            run.well()
    converged.ansible("ansible-playbook", "playbooks/site.yml", "--limit", "xpro", LAB_APPS="xpro").well()


def test_the_line_that_tries_a_command_says_what_the_page_says_it_does(converged):
    """docs/operating.md has people type it before they write a target of type command."""
    page = (ROOT / "docs/operating.md").read_text()
    (typed,) = [piece.text for piece in commands("docs/operating.md") if piece.text.startswith("echo 'from django")]
    line, _, _theirs = typed.partition(" | ")
    (code,) = words(line)[1:]
    lms = [sys.executable, ROOT / "lab/ctl.py", "exec", "lms", "--", "python", "-"]
    told = subprocess.run(lms, input=code, env=converged.env, text=True, capture_output=True, check=True)
    assert told.stdout == "lms.envs.tutor.development\n"
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    without = subprocess.run(
        [os.environ["LAB_LMS_PYTHON"], "-"], input=code, env=bare, text=True, capture_output=True, check=False
    )
    (shown,) = re.findall(r"^django\.core.*?(?= \.\.\.$)", page, re.MULTILINE)
    assert shown in without.stderr
