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
import select
import signal
import sys
import threading
import time
import traceback
import warnings

from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import SHORTEST, masked


class Scrubber:
    """Remembers every secret that was seen, to keep it out of messages that others wrote (a database error, say)."""

    def __init__(self):
        self.seen = set()
        #: Says that from now on something may be written for good; nothing was while this was not said.
        self.writes = lambda: None
        #: Says how many objects were looked at.
        self.looked = lambda number: None

    def add(self, value):
        if isinstance(value, str) and len(value) >= SHORTEST:
            self.seen.add(value)
        return value

    def __call__(self, text):
        return masked(text, self.seen)


def is_deadlock(error):
    """Whether the database gave up this transaction for another (MySQL: 1205, 1213; PostgreSQL: 40001, 40P01)."""
    # As psycopg and psycopg2 call it.
    states = {getattr(error.__cause__, name, None) for name in ("sqlstate", "pgcode")}
    return error.args[:1] in ((1205,), (1213,)) or not states.isdisjoint(("40001", "40P01"))


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


def guarded(work, scrub):
    """The reply of a piece of work, or one that tells why there is none."""
    try:
        return work()
    except (Exception, SystemExit) as error:
        return {
            "ok": False,
            "kind": "crash",
            "message": scrub("%s: %s" % (type(error).__name__, error)),
            "traceback": scrub(traceback.format_exc()),
        }


def say(stream, nonce, reply):
    stream.write("\n<<%s\n%s\n%s>>\n" % (nonce, json.dumps(reply, default=str), nonce))
    stream.flush()


def main(request, job, attended=False):
    """Answer one request. What the target prints meanwhile goes to stderr, so that stdout holds the reply alone.

    :param job: the module and the function that do the work, loaded once Django runs.
    :param attended: whether stdin ends with who waits for the reply.
    """
    scrub = Scrubber()
    if attended:
        threading.Thread(target=end_with_stdin, daemon=True).start()

    def work():
        return boot(request) or dict(
            getattr(importlib.import_module(job[0]), job[1])(request, scrub), versions=versions()
        )

    sys.stdout.flush()
    answer = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(answer, "w") as stream:

        def writes():
            stream.write("\n<<%s writes>>\n" % request["nonce"])
            stream.flush()

        def looked(number):
            # Without the nonce: it is no part of a reply.
            stream.write("\nLooked at %d objects.\n" % number)
            stream.flush()

        scrub.writes, scrub.looked = writes, looked
        reply = guarded(work, scrub)
        for found in reply.get("errors", []):
            found["message"] = scrub(found["message"])
        say(stream, request["nonce"], reply)


# -- a session: Django is started once, and every request has a process that begins from there ------------------------


def serve(sent, mark, settings, seconds):
    """Start Django, then answer each request that comes on stdin, until stdin ends.

    What happens is said on stdout between the outputs of the requests: began, then ready or failed, and the exit status
    of each request's process.
    """

    def note(word):
        sys.stdout.write("\n<<%s %s>>\n" % (mark, word))
        sys.stdout.flush()

    try:
        note("began")
        # Ends a start that hangs, where nobody is left who would do it.
        signal.alarm(seconds + 10)
        failure = guarded(lambda: boot({"settings": settings}), Scrubber())
        signal.alarm(0)
        if failure is None:
            disconnect()
        note("failed" if failure else "ready")
        status, asked = 0, take()
        while status is not None and asked is not None:
            learn(sent, asked["sources"])
            if failure:
                say(sys.stdout, asked["request"]["nonce"], failure)
                break
            with contextlib.suppress(Exception):
                # Once for all requests. What is wrong with it the request says.
                importlib.import_module(asked["job"][0])
            status = in_child(asked["request"], asked["job"])
            note("ended %s" % status)
            asked = take() if status is not None else None
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    # Not what the target's own code has registered for the end: it would wait, or tell others of it.
    os._exit(0)


def learn(sent, sources):
    """Take what a request sends along, in the place of what was sent before under the same names."""
    for name, text in sources.items():
        if sent.sources.get(name) != text:
            sent.sources[name] = text
            sys.modules.pop(name, None)


def take():
    """The next request on stdin: a line with its length, and so many bytes. None where stdin ended."""
    head, found = b"", b""
    while not head.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return None
        head += byte
    while len(found) < int(head):
        part = os.read(0, int(head) - len(found))
        if not part:
            return None
        found += part
    return json.loads(found.decode())


def in_child(request, job):
    """Answer a request in a process of its own and return its exit status.

    None where nobody waits for it any more: then stdin ended, and the process with all that it had not committed.
    """
    alive, held = os.pipe()
    with warnings.catch_warnings():
        # Newer Pythons warn where the target's code runs threads. The process has only this one, and needs no other.
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        status = 1
        try:
            end_with_parent()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            disconnect()
            forget()
            main(request, job)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()
            os._exit(status)
    os.close(held)
    try:
        while True:
            # The pipe ends with the process, unless others that it started keep it open.
            ready = select.select([0, alive], [], [], 1)[0]
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            if 0 in ready:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return None
    finally:
        os.close(alive)


def end_with_stdin():
    """End this process, with all that it had not committed, when nobody waits for it any more."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGKILL)


def end_with_parent():
    """Ask Linux to end this process with the one that watches over it; elsewhere it goes on to its own end."""
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


def disconnect():
    """No connection of one process is used by another."""
    from django.core.cache import caches
    from django.db import connections

    connections.close_all()
    for alias in caches.settings:
        # The next access makes a new one.
        with contextlib.suppress(AttributeError):
            del caches[alias]


def forget():
    """What a process keeps for itself, as it is in one that has just been started."""
    from django.apps import apps
    from django.core.cache.backends import locmem

    for values in (*locmem._caches.values(), *locmem._expire_info.values()):
        values.clear()
    if apps.is_installed("django.contrib.contenttypes"):
        from django.contrib.contenttypes.models import ContentType

        ContentType.objects.clear_cache()
    if apps.is_installed("django.contrib.sites"):
        from django.contrib.sites.models import Site

        Site.objects.clear_cache()
    if "edx_django_utils.cache" in sys.modules:
        sys.modules["edx_django_utils.cache"].RequestCache.clear_all_namespaces()
