# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Rows of the sites framework."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.alone import Alone
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Field, Problem, table


class Site(Alone):
    """A row of the sites framework; a new one is called like its domain unless it is given a name."""

    name, plural, label = "django_site", "sites", "sites.Site"
    fields = table(domain=Field(key=True), name=Field())

    def find(self, obj):
        site, domain = super().find(obj), obj["key"]["domain"]
        other = site or self.model._default_manager.filter(domain__iexact=domain).order_by("pk").first()
        if obj["state"] == "present" and other and other != site:
            # With both, no request would have one.
            raise Problem(
                "there is %s, which Django takes for the same domain." % other.domain,
                "change its domain to %s in the admin site, under Sites." % domain,
            )
        return site

    def blank(self, obj):
        site = super().blank(obj)
        site.name = site.domain[:50]
        return site
