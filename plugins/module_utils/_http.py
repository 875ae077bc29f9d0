# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Whether a side answers at all."""

from __future__ import annotations

from urllib.error import HTTPError

from ansible.module_utils.urls import open_url

# What says that nobody is there: no answer at all, or a proxy that says so.
SILENT = (-1, 502, 503, 504)


def status_of(url: str, timeout: int = 10) -> int:
    """The HTTP status of an address, without following where it leads; -1 where nobody answers."""
    try:
        with open_url(url, follow_redirects="none", timeout=timeout, http_agent="mitodl.openedx") as answer:
            return int(answer.status)
    except HTTPError as error:
        return int(error.code)
    except (OSError, ValueError):
        return -1
