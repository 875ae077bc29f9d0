# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""What the LMS or an app says to a plain request: never followed to another address, never an exception."""

from __future__ import annotations

import time
from urllib.error import HTTPError

# What says that nobody is there: no answer at all, or a proxy that says so.
SILENT = (-1, 502, 503, 504)


class Answer:
    """The status, -1 without an answer; where it leads to; and what went wrong."""

    def __init__(self, status, location="", message=""):
        self.status, self.location, self.message = status, location, message

    @property
    def is_silent(self):
        return self.status in SILENT

    @property
    def reason(self):
        """Why it is silent."""
        return self.message if self.status == -1 else f"status {self.status}"


def ask(url, timeout=30):
    """The answer of an address."""
    if not url.lower().startswith(("http://", "https://")):
        # open_url would read files, and fetch from FTP.
        return Answer(-1, message="it is no address of http or https")
    # It loads cryptography, which is much of what a task costs that asks nobody.
    from ansible.module_utils.urls import open_url

    try:
        with open_url(url, follow_redirects="none", timeout=timeout, use_netrc=False) as reply:
            return Answer(reply.getcode(), reply.headers.get("Location", ""))
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get("Location", "") if error.headers else "", str(error.reason))
    except Exception as error:  # Whatever it is (sockets, TLS, a broken reply), nobody is there.
        return Answer(-1, message=str(getattr(error, "reason", "") or error or type(error).__name__))


def wait(url, seconds, delay=1, timeout=10):
    """The first answer of an address that is one, or the last after some seconds."""
    until = time.monotonic() + seconds
    while True:
        answer = ask(url, timeout=timeout)
        if not answer.is_silent or time.monotonic() >= until:
            return answer
        time.sleep(delay)


def sign_of_life(base_url):
    """The address at which an LMS or an app shows that it is there.

    Every LMS has it and answers 401 to strangers, without a page, MongoDB or a login; any other answer will do as well.
    """
    return f"{base_url}/api/user/v1/me"
