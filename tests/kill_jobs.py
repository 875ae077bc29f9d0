# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What integration/test_kills.py sends into a side of the lab: a request that is struck before a statement."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import plan


def converge(request, scrub):
    """The usual work on a request. Its ``strike`` has the number of a statement, and a file that is there until then.

    The statement after the last is the end of it: all is written, and nothing said yet.
    """
    from django.db import OperationalError, connection

    strike, numbers = request["strike"], itertools.count()

    def hit():
        number = next(numbers)
        with contextlib.suppress(FileNotFoundError):
            if number == strike["at"]:
                os.unlink(strike["mark"])
                if strike["way"] == "killed":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OperationalError("server closed the connection unexpectedly")

    def struck(execute, *words):
        hit()
        return execute(*words)

    with connection.execute_wrapper(struck):
        reply = plan.converge(request, scrub)
    hit()
    with open(strike["count"], "w") as count:
        count.write(str(next(numbers)))
    return reply
