# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Text files as they are to be: what differs is collected as a plan, shown as a diff, and then written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import os
import pwd
import re
import shutil
import stat
import tempfile
import time

from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import HIDDEN

WAYS_OUT = {
    errno.EACCES: "run the play as the user whom it belongs to, or give that user the right to do so",
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EFBIG: "raise the limit of the size of files (ulimit -f)",
    errno.EROFS: "mount that file system for writing",
    errno.EPERM: "it or its directory is immutable (see lsattr; chattr -i makes it mutable)",
    errno.EBUSY: "it is a mount of its own, as in a container: mount its directory instead",
    errno.ENOENT: "make its directory",
    errno.ENOTDIR: "name a file in a directory",
    errno.ELOOP: "its symbolic links lead in a circle",
}


# In the names of files that are not in place yet.
UNFINISHED = ".mitodl-openedx-"


class FileError(Exception):
    """Why a file cannot be read or written, and what to do."""


def cannot(path, verb, error):
    """The error to raise for one of the system."""
    fix = WAYS_OUT.get(error.errno, "see what is in the way")
    return FileError(f"{path} cannot be {verb}: {error.strerror}; {fix}.")


def status(path):
    """The status of a regular file, None where there is nothing."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise cannot(path, "read", error) from error
    if stat.S_ISDIR(found.st_mode):
        raise FileError(f"{path} is a directory; name the file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} is no regular file, but a pipe, a socket or a device; name a file, or remove it.")
    return found


def read(path):
    """The text of a file, None where there is none; bytes of other encodings survive being written again."""
    if status(path) is None:
        return None
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise cannot(path, "read", error) from error


def obstacle(path):
    """What keeps a file from being replaced with the same owner and group, as far as it can be seen before; or nothing.

    A file that is not there is made in its directory.
    """
    path = os.path.realpath(path)
    found = status(path)
    folder = os.path.dirname(path)
    if found is None:
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        if not os.path.isdir(folder):
            return f"{folder} is no directory, and {path} would be below it; name a file in a directory."
        if os.access(folder, os.W_OK | os.X_OK):
            return ""
        return f"{folder} cannot be written by {name_of(os.geteuid())}; run the play as its owner."
    if found.st_nlink > 1:
        return (
            f"{path} has {found.st_nlink} names (hard links), and replacing one would part it from the others; make "
            "the others symbolic links."
        )
    # Some systems and directories give a new file the group of its directory.
    groups = (os.getegid(), *os.getgroups(), os.stat(folder).st_gid)
    if os.geteuid() and (found.st_uid != os.geteuid() or found.st_gid not in groups):
        return not_given(path, found)
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} cannot be written by {name_of(os.geteuid())}; run the play as its owner."
    if (found.st_mode & stat.S_IWUSR or not os.geteuid()) and not os.access(path, os.W_OK):
        return f"{path} is immutable, or on a file system that is read-only; chattr -i {path} makes it mutable."
    return ""


def not_given(path, found):
    """Why nobody but root or its owner may replace a file."""
    return (
        f"{path} belongs to {name_of(found.st_uid)}:{group_of(found.st_gid)}, and {name_of(os.geteuid())} cannot make "
        "a file that does; run the play as its owner (a member of that group), or as root."
    )


def name_of(user):
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def group_of(group):
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)


def make_folder(path):
    """Make a directory that everybody may enter, and those above it; they belong to whom the one above belongs to."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    make_folder(parent)
    try:
        os.mkdir(path)
    except FileExistsError:
        # Another process was faster; what else it is shows when it is used.
        return
    os.chmod(path, 0o755)
    owner = os.stat(parent)
    with contextlib.suppress(PermissionError):
        os.chown(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def locked(folder, seconds=30):
    """From reading a file of a directory to replacing it, one process at a time; the lock leaves no file behind."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        # Whoever writes there has an error of their own.
        yield
        return
    try:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise FileError(
                        f"Another process has held the lock of {folder} for {seconds} seconds; see what it is "
                        f"(lsof {folder}), and run this again when it has ended."
                    ) from error
                time.sleep(0.02)
                continue
            except OSError:
                pass  # a file system without locks
            break
        yield
    finally:
        os.close(descriptor)


def tidy(folder):
    """Remove what killed processes have left beside the files of a directory; whoever calls this holds its lock."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if re.search(rf"{re.escape(UNFINISHED)}\w{{8}}~$", name):
                os.unlink(os.path.join(folder, name))


class Replacement:
    """The new texts of some files, each replaced in one step.

    All are written beside the files before the first of them is replaced, so that a full disk leaves every file as it
    was; and where one cannot be replaced, what was new of the others goes again. Owner, group, mode and attributes of a
    file are kept. A new one belongs to whom ``beside``, or its directory, belongs to.
    """

    def __init__(self, in_place=False):
        self.in_place = in_place  # where a file can be written, but not replaced
        self.staged = []

    def add(self, path, text, mode=0o600, beside=None):
        path = os.path.realpath(path)
        found = status(path)
        if found and not self.in_place:
            problem = obstacle(path)
            if problem:
                raise FileError(problem)
        folder, name = os.path.split(path)
        temporary = None
        try:
            # Named like a backup, which git is told to ignore: a process that is killed leaves it (see tidy).
            descriptor, temporary = tempfile.mkstemp(prefix=f"{name}{UNFINISHED}", suffix="~", dir=folder)
            with os.fdopen(descriptor, "wb") as file:
                if found:
                    shutil.copystat(path, temporary)
                    owner = found
                else:
                    owner = os.stat(beside if beside and os.path.exists(beside) else folder)
                with contextlib.suppress(PermissionError):
                    os.fchown(descriptor, owner.st_uid, owner.st_gid)
                given = os.fstat(descriptor)
                if found and (given.st_uid, given.st_gid) != (found.st_uid, found.st_gid) and not self.in_place:
                    raise FileError(not_given(path, found))
                os.fchmod(descriptor, stat.S_IMODE(found.st_mode) if found else mode)
                file.write(text.encode("utf-8", "surrogateescape"))
                file.flush()
                os.fsync(descriptor)
        except (OSError, FileError) as error:
            if temporary:
                os.unlink(temporary)
            self.drop()
            raise error if isinstance(error, FileError) else cannot(path, "written", error) from error
        self.staged.append((temporary, path, not found))

    def apply(self):
        made: list[str] = []
        try:
            while self.staged:
                temporary, path, is_new = self.staged[0]
                try:
                    self._replace(temporary, path)
                except OSError as error:
                    for other in made:
                        os.unlink(other)
                    raise cannot(path, "replaced", error) from error
                self.staged.pop(0)
                made += [path] if is_new else []
        finally:
            self.drop()

    def drop(self):
        """Take away what was not put in place."""
        for temporary, _path, _is_new in self.staged:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        self.staged = []

    def _replace(self, temporary, path):
        if self.in_place and os.path.exists(path):
            with open(temporary, "rb") as source, open(path, "r+b") as target:
                shutil.copyfileobj(source, target)
                target.truncate()
            os.unlink(temporary)
        else:
            os.rename(temporary, path)


class Files:
    """The changes to files that a module plans, in their order. Nothing is written before ``apply``."""

    def __init__(self, module):
        self.module = module
        self.steps, self.diff = [], []
        self.written, self.removed = [], []
        self.first, self.folders = [], set()

    def __bool__(self):
        return bool(self.steps)

    def read(self, path):
        """The text of a file, None where there is none; bytes of other encodings survive being written again."""
        try:
            return read(path)
        except FileError as error:
            self._fail(error)

    def write(self, path, text, show=True, mode=0o644):
        """Plan that a file has this text; whether it has another one.

        :param show: whether the diff has it; or what makes of its text, None where there is no file, what is shown.
        """
        self.folders.add(os.path.dirname(os.path.realpath(path)))
        before = self.read(path)
        if before == text:
            return False
        try:
            problem = obstacle(path)
        except FileError as error:
            problem = error
        encoding = unsafe_encoding(before or "") or mixture(before or "", text)
        if problem or encoding:
            self._fail(problem or f"{path} {encoding}")
        self.steps.append((self._write, path, text, mode))
        self.written.append(path)
        self._show(path, before, text, show)
        return True

    def write_first(self, path, text):
        """Plan a file that is there before anything else is changed, and is no change by itself."""
        self.folders.add(os.path.dirname(os.path.realpath(path)))
        if not os.path.lexists(path):
            self.first = [(self._write, path, text, 0o644)]

    def remove(self, path, show=True):
        """Plan that a file, or a directory with all that is in it, is not there; whether it is.

        :param show: as for ``write``.
        """
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
                    self._show(os.path.join(folder, name), self.read(os.path.join(folder, name)), None, show)
        else:
            self._show(path, self.read(path), None, show)
        return True

    def will_remove(self, path):
        """Whether this is planned for a file, or for a directory that it is in."""
        return any(path == gone or path.startswith(gone + os.sep) for gone in self.removed)

    def apply(self):
        """Write what is planned, and take away what killed processes have left in the same directories."""
        first = [(self._tidy, folder) for folder in sorted(self.folders)] + self.first
        for number, (step, path, *rest) in enumerate([*first, *self.steps]):
            try:
                step(path, *rest)
            except (OSError, FileError) as error:
                if self.first and number <= len(first):
                    # Nothing was changed yet.
                    with contextlib.suppress(OSError):
                        os.unlink(self.first[0][1])
                self._fail(error if isinstance(error, FileError) else cannot(path, "written", error))

    def _show(self, path, before, after, show):
        if not show:
            return
        shown = {"before_header": path, "after_header": path}
        for side, text in (("before", before), ("after", after)):
            part = show(text) if callable(show) else text
            shown[side] = (part or "").encode("utf-8", "replace").decode()
        self.diff.append(shown)

    @staticmethod
    def _tidy(folder):
        with locked(folder):
            tidy(folder)

    def _write(self, path, text, mode):
        # A link stays one.
        path = os.path.realpath(path)
        folder = os.path.dirname(path)
        make_folder(folder)
        with locked(folder):
            replacement = Replacement()
            # Where it is new. The default is read by the user of a container, whatever the umask of this one is.
            replacement.add(path, text, mode=mode)
            replacement.apply()

    def _remove(self, path):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.remove(path)

    def _fail(self, problem):
        self.module.fail_json(msg=str(problem))


def unsafe_encoding(text):
    """Why a text cannot be edited byte for byte, which names its encoding; or nothing."""
    if "\0" in text or text.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        return "is in UTF-16 or another encoding with NUL bytes; save it as UTF-8."
    return ""


def mixture(before, text):
    """Why a text must not take the place of another: its new letters and the bytes that stay are of two encodings."""
    foreign = re.search("[\udc80-\udcff]", before)
    added = set(text.splitlines()) - set(before.splitlines())
    if foreign and any("\x7f" < letter < "\udc80" or letter > "\udcff" for line in added for letter in line):
        number = 1 + before.count("\n", 0, foreign.start())
        return (
            f"is not UTF-8: line {number} has the byte 0x{ord(foreign.group()) - 0xDC00:02X}, as in Latin-1 or "
            "Windows-1252, and what is to be written has letters beyond ASCII; save it as UTF-8."
        )
    return ""


# What was there before a block, as its first line says it, so that without the block the file is what it was.
MADE, NO_LINE_FEED = "# The file was made with these lines.", "# No line feed was before these lines."


def with_block(text, begin, end, block):
    """A text whose lines between two markers are ``block``; without any of the three where the block is None.

    A new block goes to the end. None stands for no file.
    """
    lines = (text or "").splitlines(keepends=True)
    bare = [line.rstrip("\r\n") for line in lines]
    found = place_of(bare, begin, end)
    if found:
        first, last = found
        after_block = last + 1
        before, after = lines[:first], lines[after_block:]
        note = bare[first + 1] if bare[first + 1] in (MADE, NO_LINE_FEED) else ""
    else:
        before, after = lines, []
        note = MADE if text is None else NO_LINE_FEED if lines and not lines[-1].endswith("\n") else ""
    if block is None:
        rest = "".join(before + after)
        if not found:
            return text
        if note == MADE and not rest:
            return None
        return rest[:-1] if note == NO_LINE_FEED and before and not after else rest
    if note == NO_LINE_FEED and not found:
        before[-1] += "\n"
    ours = [begin, *([note] if note else []), *block.splitlines(), end]
    return "".join([*before, *(f"{line}\n" for line in ours), *after])


def place_of(lines, begin, end):
    """The first and the last line of the block between two markers, by their numbers; None where there is none."""
    last = next((number for number, line in enumerate(lines) if line == end and begin in lines[:number]), None)
    return None if last is None else (max(number for number in range(last) if lines[number] == begin), last)


def block_of(text, begin, end, known):
    """The block between two markers, to be shown: of a line that is none of those known, somebody else's, only that it
    is there.

    >>> block_of("A\\nBEGIN\\nB\\nSECRET\\nEND\\nC\\n", "BEGIN", "END", ["B"])
    'BEGIN\\nB\\n********\\nEND\\n'
    """
    lines = (text or "").splitlines()
    found = place_of(lines, begin, end)
    if not found:
        return ""
    first, last = found
    ours = {begin, end, MADE, NO_LINE_FEED, "", *known}
    block = [*lines[first:last], end]
    return "".join(f"{line if line in ours else HIDDEN}\n" for line in block)
