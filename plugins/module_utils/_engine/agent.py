# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The agent: what runs inside a target's Django process (Python 3.8 or newer, Django 3.2 to 5.2) around every job.

It is sent as text on stdin together with a request and answers with a reply on stdout (see ``target.py``), so nothing
is installed in the target and nothing secret reaches its command line, environment or disk.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
import traceback


class Scrubber:
    """Remembers every secret that was seen, to keep it out of messages that others wrote (a database error, say)."""

    def __init__(self):
        self.seen = set()

    def add(self, value):
        if isinstance(value, str) and len(value) > 3:
            self.seen.add(value)
        return value

    def __call__(self, text):
        for value in sorted(self.seen, key=len, reverse=True):
            text = text.replace(value, "********")
        return text


def is_deadlock(error):
    """Whether the database gave up this transaction for another (MySQL: 1205, 1213; PostgreSQL: 40001, 40P01)."""
    return error.args[:1] in ((1205,), (1213,)) or getattr(error.__cause__, "sqlstate", "") in ("40001", "40P01")


def despite_deadlocks(work):
    """The result of a transaction, begun again where the database chose it as the victim of a deadlock."""
    from django.db import OperationalError

    for pause in (0.1, 0.5, 2):
        try:
            return work()
        except OperationalError as error:
            if not is_deadlock(error):
                raise
            time.sleep(pause)
    return work()


def versions():
    import django

    found = {"python": "%d.%d.%d" % sys.version_info[:3], "django": django.get_version()}
    with contextlib.suppress(Exception):
        from importlib.metadata import version

        found["django-oauth-toolkit"] = version("django-oauth-toolkit")
    return found


def boot(request):
    """Start Django in this process, unless a management command has done so."""
    if request.get("settings"):
        os.environ["DJANGO_SETTINGS_MODULE"] = request["settings"]
    try:
        import django
        from django.apps import apps
    except ImportError:
        return {
            "ok": False,
            "kind": "not_django",
            "message": "Python %s starts, but has no Django." % sys.version.split()[0],
        }
    try:
        if not apps.ready:
            django.setup()
    except Exception as error:
        return {"ok": False, "kind": "setup", "message": "%s: %s" % (type(error).__name__, error)}
    return None


def main(request, job):
    """Answer one request. What the target prints meanwhile goes to stderr, so that stdout holds the reply alone.

    :param job: the module and the function that do the work, loaded once Django runs.
    """
    scrub = Scrubber()
    sys.stdout.flush()
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        reply = boot(request)
        if reply is None:
            reply = getattr(importlib.import_module(job[0]), job[1])(request, scrub)
            reply["versions"] = versions()
    except (Exception, SystemExit) as error:
        reply = {
            "ok": False,
            "kind": "crash",
            "message": scrub("%s: %s" % (type(error).__name__, error)),
            "traceback": scrub(traceback.format_exc()),
        }
    for found in reply.get("errors", []):
        found["message"] = scrub(found["message"])
    body = "\n<<%s\n%s\n%s>>\n" % (request["nonce"], json.dumps(reply, default=str), request["nonce"])
    with os.fdopen(answer, "w") as stream:
        stream.write(body)
