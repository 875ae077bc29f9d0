# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Makes modules importable in the target whose sources came over stdin, under the names that they have here."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import os
import stat
import sys


def keep_compiled(folder):
    """Have Python keep what it compiles, in a directory of this user's; what others can write to is never run."""
    # It may be there, or cannot be.
    with contextlib.suppress(OSError):
        os.mkdir(folder, 0o700)
    try:
        found = os.lstat(folder)
    except OSError:
        return
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022:
        sys.dont_write_bytecode, sys.pycache_prefix = False, folder


class Sent(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds what was sent, before anything that is installed under these names."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.sources and not self.is_package(fullname):
            return None
        return importlib.util.spec_from_loader(fullname, self, origin="sent", is_package=self.is_package(fullname))

    def is_package(self, fullname):
        return any(name.startswith(fullname + ".") for name in self.sources)

    def get_source(self, fullname):
        # The packages around what was sent are empty.
        return self.sources.get(fullname, "")
