# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""Text files as they are to be: what differs is collected as a plan, shown as a diff, and then written."""

from __future__ import annotations

import os
import shutil
import tempfile


class Files:
    """The changes to files that a module plans, in their order. Nothing is written before ``apply``."""

    def __init__(self, module):
        self.module = module
        self.steps, self.diff = [], []
        self.written, self.removed = [], []

    def __bool__(self):
        return bool(self.steps)

    def read(self, path):
        """The text of a file, None where there is none; bytes of other encodings survive being written again."""
        try:
            with open(path, "rb") as file:
                return file.read().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return None
        except OSError as error:
            self._fail(path, "read", error)

    def write(self, path, text, show=True):
        """Plan that a file has this text; whether it has another one."""
        before = self.read(path)
        if before == text:
            return False
        self.steps.append((self._write, path, text))
        self.written.append(path)
        if show:
            self._show(path, before or "", text)
        return True

    def remove(self, path, show=True):
        """Plan that a file, or a directory with all that is in it, is not there; whether it is."""
        if not os.path.lexists(path):
            return False
        self.steps.append((self._remove, path))
        self.removed.append(path)
        if not show:
            pass
        elif os.path.isdir(path) and not os.path.islink(path):
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if name != "__pycache__")
                for name in sorted(names):
                    self._show(os.path.join(folder, name), self.read(os.path.join(folder, name)) or "", "")
        else:
            self._show(path, self.read(path) or "", "")
        return True

    def will_remove(self, path):
        """Whether this is planned for a file, or for a directory that it is in."""
        return any(path == gone or path.startswith(gone + os.sep) for gone in self.removed)

    def apply(self):
        """Write what is planned."""
        for step, path, *rest in self.steps:
            try:
                step(path, *rest)
            except OSError as error:
                self._fail(path, "written", error)

    def _show(self, path, before, after):
        shown = {"before_header": path, "after_header": path}
        for side, text in (("before", before), ("after", after)):
            shown[side] = text.encode("utf-8", "replace").decode()
        self.diff.append(shown)

    def _write(self, path, text):
        # A link stays one.
        path = os.path.realpath(path)
        self._make_folder(os.path.dirname(path))
        is_new = not os.path.exists(path)
        descriptor, temporary = tempfile.mkstemp(dir=self.module.tmpdir)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
            if is_new:
                # Read by the user of a container, whatever the umask of this one is.
                os.chmod(temporary, 0o644)
            self.module.atomic_move(temporary, path)
            if is_new:
                os.chmod(path, 0o644)
        finally:
            self.module.cleanup(temporary)

    def _make_folder(self, path):
        if not os.path.isdir(path):
            self._make_folder(os.path.dirname(path))
            os.mkdir(path)
            os.chmod(path, 0o755)

    def _remove(self, path):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.remove(path)

    def _fail(self, path, verb, error):
        self.module.fail_json(
            msg=f"{path} cannot be {verb}: {error.strerror}. Run the play as the user whom it belongs to, or give that "
            "user the right to do so."
        )


def with_block(text, begin, end, block):
    """A text whose lines between two markers are ``block``; without any of the three where the block is None.

    A new block goes to the end.
    """
    lines = text.splitlines(keepends=True)
    bare = [line.rstrip("\r\n") for line in lines]
    ours = [] if block is None else [f"{begin}\n", *block.splitlines(keepends=True), f"{end}\n"]
    if begin in bare and end in bare[bare.index(begin) :]:
        first = bare.index(begin)
        last = bare.index(end, first)
        return "".join(lines[:first] + ours + lines[last + 1 :])
    if ours and lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join(lines + ours)
