# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature flags for templates, kept in the database cache `durable`."""

from django.core.cache import caches
from django.utils.functional import SimpleLazyObject


def feature_flags(request):
    """Asked only by the pages that use it; before `createcachetable` has run, those answer 500, as in the real app."""
    return {"feature_flags": SimpleLazyObject(lambda: caches["durable"].get("feature_flags") or {})}
