# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which row counts of a backend name, with rows in the place of a database."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from ansible_collections.mitodl.openedx.plugins.module_utils import _providers


def row(number, site, name, enabled, url=""):
    settings = f'{{"API_ROOT": "{url}", "SCOPE": []}}' if url else "no JSON"
    return SimpleNamespace(
        pk=number, change_date=number, site_id=site, backend_name=name, enabled=enabled, other_settings=settings
    )


def test_a_site_that_an_app_left_does_not_hide_the_one_where_it_is(monkeypatch):
    rows = [
        row(1, 1, "ol-oauth2", True, "http://old.local/"),
        row(2, 2, "ol-oauth2", True, "http://xpro.odl.local:8053/"),
        row(3, 1, "ol-oauth2", False, "http://old.local/"),
        row(4, 1, "gone", True),
        row(5, 1, "gone", False),
    ]
    model = SimpleNamespace(_default_manager=SimpleNamespace(order_by=lambda *columns: rows))
    django = ModuleType("django.apps")
    django.apps = SimpleNamespace(get_model=lambda app, name: model)
    monkeypatch.setitem(sys.modules, "django", ModuleType("django"))
    monkeypatch.setitem(sys.modules, "django.apps", django)
    assert _providers.providers({}, None)["providers"] == [
        {"backend_name": "gone", "enabled": False, "addresses": []},
        {"backend_name": "ol-oauth2", "enabled": True, "addresses": ["http://xpro.odl.local:8053/"]},
    ]
