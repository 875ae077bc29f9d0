# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one function of the modulestore that Tutor's settings call. The lab keeps its courses in the database."""

from typing import Any


def update_module_store_settings(
    module_store_setting: dict[str, Any], doc_store_settings: dict[str, Any] | None = None
) -> None:
    for store in module_store_setting["default"]["OPTIONS"]["stores"]:
        store["DOC_STORE_CONFIG"] = {**store.get("DOC_STORE_CONFIG", {}), **(doc_store_settings or {})}
