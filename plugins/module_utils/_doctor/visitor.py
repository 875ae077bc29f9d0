# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Somebody at a browser on this machine: requests with one set of cookies, each answer as plain data."""

from __future__ import annotations

import contextlib
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor import web
from ansible_collections.mitodl.openedx.plugins.module_utils._requests import session

with contextlib.suppress(ImportError):  # Then the module ends before anybody comes.
    import requests

REDIRECTS = 15
ASKS = re.compile(r"<(input|script)\b", re.IGNORECASE)


class Visitor:
    """One person. What web.fetch is inside a target, fetch is here.

    :param trusting: goes on behind a certificate that is not trusted, as people do who click the warning away. Only for
        strangers, who have nothing that could be taken from them.
    :param trusts: the authorities of private certificates, by hosts.
    """

    def __init__(self, trusting: bool = False, trusts: dict[str, Any] | None = None) -> None:
        self.session, self.trusting = session(trusts), trusting
        #: Every cookie that was set, as the sessions stay where a login goes on with another one.
        self.given: list[dict[str, str]] = []
        self.session.headers.update({"Accept": "text/html, application/json;q=0.9", "User-Agent": web.USER_AGENT})

    def keep(self, cookie: dict[str, str], url: str) -> None:
        """Have a cookie as if the site of a URL had set it."""
        host = urllib.parse.urlsplit(url).hostname or ""
        # What a cookie jar calls a host without a dot.
        domain = host if "." in host else host + ".local"
        self.session.cookies.set(cookie["name"], cookie["value"], domain=domain, path=cookie["path"])

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """One request, not followed. The answer as data, or the error."""
        try:
            try:
                return self.answer(url, headers or {})
            except requests.exceptions.SSLError:
                if not self.trusting:
                    raise
                return {**self.answer(url, headers or {}, verify=False), "untrusted": True}
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            return {"url": url, "status": 0, **reason(error)}

    def answer(self, url: str, headers: dict[str, str], **options: Any) -> dict[str, Any]:
        with self.session.get(
            url, headers=headers, allow_redirects=False, stream=True, timeout=web.ANSWER_SECONDS, **options
        ) as response:
            read = bytearray()
            # Not by raw.read(), whose errors are those of urllib3.
            for part in response.iter_content(65536):
                read += part
                if len(read) >= web.LENGTH:
                    break
            body = read.decode("utf-8", "replace")
            location = response.headers.get("Location")
            self.given += web.given_cookies(response.raw.headers)
        # The pages of some apps are drawn by a script, so that one is all that can be asked for.
        return {**web.finding(url, response.status_code, body, location), "asks": bool(ASKS.search(body))}

    def walk(self, url: str) -> Iterator[dict[str, Any]]:
        """Every step of a way, as far as it leads."""
        for _step in range(REDIRECTS):
            found = self.fetch(url)
            yield found
            if not 300 <= found["status"] < 400 or not found["location"]:
                return
            url = found["location"]


def reason(error: BaseException) -> dict[str, str]:
    """Why a request was not answered, as web.reason says it: what requests raises is wrapped several times."""
    if isinstance(error, requests.exceptions.SSLError):
        return {"kind": "tls", "error": "its certificate is not trusted"}
    if isinstance(error, requests.exceptions.ProxyError):
        return {"kind": "proxy", "error": "the proxy of this machine's environment does not lead there"}
    if isinstance(error, requests.exceptions.Timeout):
        return web.reason(TimeoutError())
    known = [found for found in map(web.reason, layers(error)) if found["kind"] != "other"]
    return known[-1] if known else web.reason(error)


def layers(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it was raised for, the root last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
