# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging out here and, through invisible frames, in every application of IDA_LOGOUT_URI_LIST."""

from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import render

from ..cookies import delete_logged_in_cookies
from ..redirects import is_safe_redirect


def no_redirect(uri: str) -> str:
    parts = urlsplit(uri)
    return parts._replace(query=urlencode({**parse_qs(parts.query), "no_redirect": 1}, doseq=True)).geturl()


def logout_view(request):
    logout(request)
    came_from = request.META.get("HTTP_REFERER", "").strip("/")
    target = request.GET.get("redirect_url") or request.GET.get("next") or ""
    uris: list[str] = []
    uris += settings.IDA_LOGOUT_URI_LIST
    context = {
        "target": target if target and is_safe_redirect(request, target) else "/",
        # The application that sent the visitor here has logged out already.
        "logout_uris": [no_redirect(uri) for uri in uris if not (came_from and uri.startswith(came_from))],
        "stay": "no_redirect" in request.GET,
    }
    return delete_logged_in_cookies(render(request, "standin/logout.html", context))
