# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed login ends on the page where it began, with a message."""

from social_django.middleware import SocialAuthExceptionMiddleware

from .pipeline import AUTH_DISPATCH_URLS


class ExceptionMiddleware(SocialAuthExceptionMiddleware):
    def get_redirect_uri(self, request, exception):
        began = request.session.get("auth_entry")
        return AUTH_DISPATCH_URLS.get(began) or super().get_redirect_uri(request, exception)
