# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of a plan (settings, plugin, Tutor's configuration): kept as it is, or refused before anything is written.

What only a process of its own can show, such as other owners and a limit of the size, is in ../modules/test_dotenv.py.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import closing

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._files import Files, make_folder


class Refused(Exception):
    """The module ended."""


class Module:
    def fail_json(self, msg):
        raise Refused(msg)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "folder" / "private.py"
    path.parent.mkdir()
    path.write_text("MINE = 1\n")
    path.chmod(0o600)
    return path


def write(*paths):
    plan = Files(Module())
    for path in paths:
        plan.write(str(path), "OURS = 1\n")
    plan.apply()


def everything(folder):
    return {path.name: (path.lstat().st_mode, path.lstat().st_nlink) for path in folder.iterdir()}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755])
def test_the_mode_is_kept_and_a_new_file_can_be_read_by_a_container(file, mode):
    file.chmod(mode)
    write(file, file.with_name("new.py"))
    assert file.read_text() == "OURS = 1\n"
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert stat.S_IMODE(file.with_name("new.py").stat().st_mode) == 0o644
    assert sorted(os.listdir(file.parent)) == ["new.py", "private.py"]


def test_a_symbolic_link_stays_one(file, tmp_path):
    link = tmp_path / "link.py"
    link.symlink_to("folder/private.py")
    write(link)
    assert link.is_symlink()
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("OURS = 1\n", 0o600)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("pipe", "is no regular file, but a pipe"),
        ("socket", "is no regular file, but a pipe, a socket"),
        ("directory", "is a directory; name the file in it"),
        ("hard link", "has 2 names (hard links)"),
        ("circle", "its symbolic links lead in a circle"),
        ("UTF-16", "is in UTF-16"),
        ("below a file", "name a file in a directory"),
    ],
)
def test_what_cannot_be_replaced_is_said_before_anything_is_written(file, tmp_path, monkeypatch, kind, says):
    odd = file.with_name("odd.py")
    monkeypatch.chdir(file.parent)
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "socket":
        with closing(socket.socket(socket.AF_UNIX)) as made:
            made.bind("odd.py")
    elif kind == "directory":
        odd.mkdir()
    elif kind == "hard link":
        odd.write_text("")
        os.link(odd, tmp_path / "other name")
    elif kind == "circle":
        odd.symlink_to("odd.py")
    elif kind == "UTF-16":
        odd.write_text("A", encoding="utf-16")
    else:
        odd = file / "odd.py"
    before = everything(file.parent)
    with pytest.raises(Refused) as refused:
        write(file, odd)
    assert says in str(refused.value)
    assert file.read_text() == "MINE = 1\n"
    assert everything(file.parent) == before


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EPERM, errno.EIO])
def test_a_disk_that_fails_leaves_the_file_and_nothing_else(file, monkeypatch, code):
    def fails(_descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(Refused, match=r"cannot be written: .*; .*\.$") as refused:
        write(file)
    assert os.strerror(code) in str(refused.value)
    assert file.read_text() == "MINE = 1\n"
    assert os.listdir(file.parent) == ["private.py"]


def test_a_directory_that_another_process_makes_meanwhile_will_do(tmp_path, monkeypatch):
    make = os.mkdir

    def too_late(path):
        make(path)
        make(path)

    monkeypatch.setattr(os, "mkdir", too_late)
    make_folder(str(tmp_path / "a/b"))
    assert (tmp_path / "a/b").is_dir()
