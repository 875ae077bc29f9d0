# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Which providers an LMS has. Sent into its Django process beside the agent, so Python 3.8 has to do."""

from __future__ import annotations

import json


def providers(request, scrub):
    """The row of every backend name that counts, with the addresses that it names; none where there is no such model.

    The newest of a Site and name does; of several Sites one that is enabled.
    """
    from django.apps import apps

    try:
        model = apps.get_model("third_party_auth", "OAuth2ProviderConfig")
    except LookupError:
        return {"ok": True, "providers": []}
    newest = {(row.site_id, row.backend_name): row for row in model._default_manager.order_by("change_date", "pk")}
    rows = sorted(newest.values(), key=lambda row: (row.enabled, row.change_date, row.pk))
    return {
        "ok": True,
        "providers": [
            {"backend_name": name, "enabled": row.enabled, "addresses": addresses(row.other_settings)}
            for name, row in sorted({row.backend_name: row for row in rows}.items())
        ],
    }


def addresses(text):
    try:
        settings = json.loads(text or "{}")
    except ValueError:
        return []
    values = settings.values() if isinstance(settings, dict) else []
    return sorted({value for value in values if isinstance(value, str) and value.startswith(("http://", "https://"))})
