# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from django.conf import settings

from . import helpers


class SessionCookieDomainOverrideMiddleware:
    """The session cookie of a Site may be for another host than the settings say."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        domain = helpers.get_value("SESSION_COOKIE_DOMAIN")
        if domain:
            set_cookie = response.set_cookie

            def of_site(key, *args, **options):
                mine = key == settings.SESSION_COOKIE_NAME
                return set_cookie(key, *args, **{**options, **({"domain": domain} if mine else {})})

            response.set_cookie = of_site
        return response
