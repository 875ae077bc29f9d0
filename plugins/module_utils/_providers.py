# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Which providers an LMS has. Sent into its Django process beside the agent, so Python 3.8 has to do."""

from __future__ import annotations

import json


def providers(request, scrub):
    """The newest row of every backend name with the addresses that it names; none where there is no such model."""
    from django.apps import apps

    try:
        model = apps.get_model("third_party_auth", "OAuth2ProviderConfig")
    except LookupError:
        return {"ok": True, "providers": []}
    newest = {row.backend_name: row for row in model._default_manager.order_by("change_date", "pk")}
    return {
        "ok": True,
        "providers": [
            {"backend_name": name, "enabled": row.enabled, "addresses": addresses(row.other_settings)}
            for name, row in sorted(newest.items())
        ],
    }


def addresses(text):
    try:
        settings = json.loads(text or "{}")
    except ValueError:
        return []
    values = settings.values() if isinstance(settings, dict) else []
    return sorted({value for value in values if isinstance(value, str) and value.startswith(("http://", "https://"))})
