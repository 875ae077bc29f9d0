# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""What the LMS or an app says to a plain request: never followed to another address, never an exception."""

from __future__ import annotations

import time
from urllib.error import HTTPError

from ansible.module_utils.urls import open_url

# What says that nobody is there: no answer at all, or a proxy that says so.
SILENT = (-1, 502, 503, 504)


class Answer:
    """The status, -1 without an answer; where it leads to; and what went wrong."""

    def __init__(self, status, location="", message=""):
        self.status, self.location, self.message = status, location, message

    @property
    def is_silent(self):
        return self.status in SILENT


def ask(url, timeout=30):
    """The answer of an address."""
    try:
        with open_url(url, follow_redirects="none", timeout=timeout) as reply:
            return Answer(reply.getcode(), reply.headers.get("Location", ""))
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get("Location", "") if error.headers else "", str(error.reason))
    except Exception as error:  # Whatever it is (sockets, TLS, a broken reply), nobody is there.
        return Answer(-1, message=str(getattr(error, "reason", "") or error or type(error).__name__))


def wait(url, seconds, delay=1):
    """The first answer of an address that is one, or the last after some seconds."""
    until = time.monotonic() + seconds
    while True:
        answer = ask(url, timeout=10)
        if not answer.is_silent or time.monotonic() >= until:
            return answer
        time.sleep(delay)


def robots(base_url):
    """The address that every LMS and app answers without a login and without much work."""
    return f"{base_url}/robots.txt"
