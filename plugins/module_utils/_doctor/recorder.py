# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What the app's own code sends while it runs. Sent into the app (Python 3.8)."""

from __future__ import annotations

import contextlib

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import (
    bare,
    gist,
    given_cookies,
    joined,
    refusal,
)

#: The LMS's list of courses, of which a step says how many there were.
COURSES = "/api/courses/v1/courses/"


@contextlib.contextmanager
def recorded(cookies):
    """Note every request that the app's own code sends meanwhile: the only way to see which of them went wrong.

    :param cookies: gets those that it is given, by which the sessions end that were begun.
    """
    from unittest import mock

    from requests.adapters import HTTPAdapter

    requests, original = [], HTTPAdapter.send

    def send(self, request, *arguments, **options):
        step = {"method": request.method, "url": bare(request.url), "status": 0}
        requests.append(step)
        try:
            response = original(self, request, *arguments, **options)
        except Exception as error:
            step["error"] = type(error).__name__
            raise
        step["status"] = response.status_code
        cookies.extend(given_cookies(response.raw.headers))
        if "Location" in response.headers:
            location = joined(request.url, response.headers["Location"])
            step.update(location=bare(location), **refusal(location))
        if response.status_code >= 400:
            step["text"] = gist(response.text)
        elif step["url"].endswith(COURSES):
            # What else it may be the app is told as it is.
            with contextlib.suppress(KeyError, TypeError, ValueError):
                step["courses"] = len(response.json()["results"])
        return response

    with mock.patch.object(HTTPAdapter, "send", send):
        yield requests
