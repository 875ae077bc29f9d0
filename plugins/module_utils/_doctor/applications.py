# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""An OAuth2 application, which each side has of the other: how it is found, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import missing_uris

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict


def find_applications(name):
    """The OAuth2 applications of a name, without their secrets."""
    from oauth2_provider.models import get_application_model

    fields = ("id", "client_id", "client_type", "authorization_grant_type", "skip_authorization", "redirect_uris")
    rows = list(get_application_model().objects.filter(name=name).order_by("pk").values(*fields)[:5])
    return {"name": name, "rows": [dict(row, redirect_uris=row["redirect_uris"].split()) for row in rows]}


def application(facts: Facts, wanted: list[str], fix: str) -> Verdict | None:
    """What can be wrong with an OAuth2 application; None when nothing is."""
    rows, name = facts["rows"], facts["name"]
    if not rows:
        return failed(f"There is no OAuth2 application {name}.", fix)
    if len(rows) > 1:
        ids = ", ".join(str(row["id"]) for row in rows)
        return failed(
            f"{len(rows)} OAuth2 applications are called {name} (ids {ids}); the code expects one.",
            "Delete the others in the Django admin.",
        )
    row = rows[0]
    wrong = missing_uris(wanted, row["redirect_uris"])
    if wrong:
        return failed(f"Redirect URIs of {name}: {'; '.join(wrong)}.", fix)
    expected = {
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "skip_authorization": True,
    }
    wrong = [f"{field} is {row[field]}, not {value}" for field, value in expected.items() if row[field] != value]
    return failed(f"{name}: {'; '.join(wrong)}.", fix) if wrong else None
