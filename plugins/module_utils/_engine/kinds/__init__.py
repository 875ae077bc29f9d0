# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""All kinds that have a module of their own, by its name. A new one is an import and an entry here."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Kind
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.oauth import AccessToken, Application
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.provider import Provider
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.site import Site
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.user import User

KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        Site,
        User,
        Application,
        AccessToken,
        Provider,
    )
}
