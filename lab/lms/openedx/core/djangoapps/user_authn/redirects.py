# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a visitor may be sent after a login or a logout."""

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme


def is_safe_redirect(request, target: str) -> bool:
    hosts = {request.get_host(), *settings.LOGIN_REDIRECT_WHITELIST}
    return url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure())
