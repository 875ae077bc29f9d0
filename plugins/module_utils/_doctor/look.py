# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""A look from one side: its probes run one after the other, and what each finds is kept as plain data without secrets.

Sent into the app and the LMS with the probes (Python 3.8), and used on the machine of the module for the browser's
side. What the facts mean is decided by the judges.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import time


class Deadline(BaseException):
    """A probe took too long. Not an Exception: the app's own code must not take it for one of its failures."""


@contextlib.contextmanager
def deadline(seconds):
    """End what takes longer than this; the apps' own requests have no timeout."""

    def over(_signal, _frame):
        raise Deadline("it did not end within %d seconds (the option timeout)" % seconds)

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Look:
    """What the probes of one side are given, and what they found."""

    def __init__(self, request, scrub=str, visitor=None):
        self.request, self.declared, self.scrub = request, request["app"], scrub
        #: Makes somebody at a browser, on the machine of the module.
        self.visitor = visitor
        #: Facts by the name of their probe.
        self.found = {}
        #: What the doctor needs to go on and nobody reads: digests, a cookie.
        self.handover = {}
        #: What one probe leaves for another and what never leaves this process.
        self.private = {}

    def take(self, probe):
        """Run one probe. One that breaks is a finding too."""
        start = time.monotonic()
        try:
            with deadline(self.request["timeout"]):
                facts = probe.collect(self)
        except Deadline as late:
            facts = {"broken": str(late)}
        except Exception as error:
            facts = {"broken": "%s: %s" % (type(error).__name__, error)}
        if facts is not None:
            self.found[probe.place.partition(".")[2]] = dict(facts, seconds=round(time.monotonic() - start, 2))

    def reached(self, name):
        """Whether an address that a probe tried is there."""
        return "error" not in self.found.get(name, {"error": "not tried"})

    def setting(self, name):
        """A setting with which this side runs."""
        from django.conf import settings

        return getattr(settings, name, None)

    def secret_setting(self, name):
        return self.scrub.add(self.setting(name))


def clean(value, scrub):
    """Data without the secrets that were seen on the way."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, (list, tuple)):
        return [clean(item, scrub) for item in value]
    if isinstance(value, dict):
        return {name: clean(item, scrub) for name, item in value.items()}
    return value


def digest(value):
    """By this two sides can compare a secret, while the secret itself stays where it is."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest() if value else None
