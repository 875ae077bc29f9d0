# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The app's .env as a person has it: missing beside its example, or with changes of their own."""

from __future__ import annotations

import stat
import subprocess


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def backups(lab):
    return sorted(lab.dotenv.parent.glob(".env.*~"))


def test_a_missing_file_begins_with_the_example(fresh):
    example = fresh.dotenv.rename(fresh.dotenv.with_name(".env.example"))
    text = f"# What the checkout brings.\nFROM_EXAMPLE=yes\n{example.read_text()}"
    example.write_text(text)
    check = fresh.playbook("--check", "--diff").well()
    assert f"{fresh.dotenv} (begun with {example})" in check.out
    assert not fresh.dotenv.exists()
    fresh.playbook().well()
    assert fresh.dotenv.read_text().startswith("# What the checkout brings.\nFROM_EXAMPLE=yes\n")
    assert fresh.read_env()["OPENEDX_API_BASE_URL"] == fresh.lms
    assert (mode(fresh.dotenv), backups(fresh), example.read_text()) == (0o600, [], text)
    assert fresh.playbook().well().changed == 0


def test_a_dirty_file_is_kept_beside_the_new_one(fresh):
    """Once for each change of it, for its owner only, and never without a change."""
    dirty = fresh.dotenv.read_text() + "MINE='not in any repository'\n"
    fresh.dotenv.write_text(dirty)
    fresh.dotenv.chmod(0o644)
    fresh.playbook("--check").well()
    assert (fresh.dotenv.read_text(), mode(fresh.dotenv), backups(fresh)) == (dirty, 0o644, [])
    fresh.playbook().well()
    (backup,) = backups(fresh)
    assert (backup.read_text(), mode(backup), mode(fresh.dotenv)) == (dirty, 0o600, 0o644)
    assert fresh.read_env()["MINE"] == "not in any repository"
    assert fresh.playbook().well().changed == 0
    assert backups(fresh) == [backup]
    drifted = fresh.dotenv.read_text().replace(f"OPENEDX_API_BASE_URL={fresh.lms}", "OPENEDX_API_BASE_URL=http://other")
    fresh.dotenv.write_text(drifted)
    fresh.playbook().well()
    (other,) = set(backups(fresh)) - {backup}
    assert (other.read_text(), mode(other), backup.read_text()) == (drifted, 0o600, dirty)


def test_git_never_sees_a_secret(fresh):
    """In a checkout whose own .gitignore knows nothing of them, the .env and the copies of it are no candidates."""

    def git(*words):
        folder = fresh.dotenv.parent
        return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet")
    assert ".env" in git("status", "--porcelain", "--untracked-files=all", ".")
    before = (fresh.dotenv.parent / ".git/info/exclude").read_text()
    fresh.playbook("--check").well()
    assert (fresh.dotenv.parent / ".git/info/exclude").read_text() == before
    fresh.playbook().well()
    assert backups(fresh)
    assert fresh.dotenv.with_name(".env.before").exists()
    assert ".env" not in git("status", "--porcelain", "--untracked-files=all", ".")
    assert fresh.playbook().well().changed == 0
