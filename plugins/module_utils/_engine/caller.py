# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Whether the run still waits for this module.

Nobody ends a module whose run was killed, or whose connection broke: only its parent, a shell, knows it, and that one
waits for it. But then nobody reads its stdout any more. That is file descriptor 1, whatever sys.stdout is.
"""

from __future__ import annotations

import os
import select
import stat

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TargetError

# So often, in seconds, it is looked at while something else is waited for.
OFTEN = 0.5


def is_gone() -> bool:
    """Whether stdout is a pipe or a socket whose other end is closed."""
    try:
        mode = os.fstat(1).st_mode
    except OSError:
        return False
    # A terminal ends what it has started by itself, and a file has no reader.
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) or not hasattr(select, "poll"):
        return False
    watch = select.poll()
    # Some systems say nothing to those who ask for nothing.
    watch.register(1, select.POLLOUT)
    return any(events & (select.POLLERR | select.POLLHUP) for _stream, events in watch.poll(0))


def must_wait() -> None:
    """Nothing goes on for a run that is gone.

    :raises TargetError: it is.
    """
    if is_gone():
        raise TargetError("Nobody waits for the answer of the target any more, so its request was ended.")
