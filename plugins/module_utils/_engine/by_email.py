# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Accounts of the LMS that become somebody's by an e-mail alone. Inside the LMS (Python 3.8)."""

from __future__ import annotations

import re

# Domains in which nobody gets mail (RFC 2606, RFC 6762), so nobody can confirm such an address.
NO_MAIL = re.compile(r"[@.](example\.(com|net|org)|example|invalid|local|localhost|test)$")


def reachable():
    """Active users with an e-mail."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(is_active=True).exclude(email="").order_by("-is_superuser", "pk")


def unlinked(backend_name):
    """Those whom nobody is yet who logs in through a backend.

    Whoever does so first with the same e-mail in the app becomes that user; who is linked already is safe.
    """
    return reachable().exclude(social_auth__provider=backend_name)


def superusers():
    """Those who are superusers, each with the names of the backends through which somebody is that user already."""
    found = reachable().filter(is_superuser=True)
    links: dict = {}
    for pk, backend_name in found.values_list("pk", "social_auth__provider"):
        links.setdefault(pk, set()).add(backend_name)
    return [(user, links.get(user.pk, ())) for user in found]


def is_nobodys(email):
    return bool(NO_MAIL.search(email.lower()))
