# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as a browser makes them, one at a time: with cookies, redirects not followed, and no proxy in between."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.error
import urllib.request


class Answer:
    """One response."""

    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class Browser:
    """Its cookies, and what sends a request with them."""

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        handlers = [urllib.request.ProxyHandler({}), NoRedirect(), urllib.request.HTTPCookieProcessor(self.jar)]
        self.opener = urllib.request.build_opener(*handlers)

    def send(self, request: urllib.request.Request) -> Answer:
        try:
            with self.opener.open(request, timeout=20) as response:
                return Answer(response)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error)
