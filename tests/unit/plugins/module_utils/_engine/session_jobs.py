# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that are sent into the small Django of test_session.py."""

from __future__ import annotations

import os
import signal
import sys
import time


def look(request, scrub):
    mask = os.umask(0)
    os.umask(mask)
    return {"ok": True, "pid": os.getpid(), "spoilt": hasattr(sys, "spoilt"), "umask": mask}


def spoil(request, scrub):
    sys.spoilt = True
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return {"ok": True}


def note(request, scrub):
    with open(request["home"] + "/notes", "a") as notes:
        notes.write("begin %d\n" % os.getpid())
        notes.flush()
        time.sleep(0.05)
        notes.write("end %d\n" % os.getpid())
    return {"ok": True}


def hang(request, scrub):
    path = request["home"] + "/hanging"
    again = os.path.exists(path)
    with open(path, "w") as hanging:
        hanging.write(str(os.getpid()))
    if not (again and request.get("once")):
        time.sleep(request["seconds"])
    return {"ok": True}


def end(request, scrub):
    sys.stderr.write("last words")
    sys.stderr.flush()
    os._exit(3)


def shout(request, scrub):
    print("noise " * 50000)
    return {"ok": True, "text": request["text"]}
