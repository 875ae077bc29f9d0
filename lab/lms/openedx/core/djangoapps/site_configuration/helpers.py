# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

from crum import get_current_request
from django.contrib.sites.models import Site

from .models import SiteConfiguration


def get_value(name: str, default: Any = None) -> Any:
    """The value of the configuration of this request's Site, or the default. Dictionaries are merged."""
    site = Site.objects.get_current(get_current_request())
    row = SiteConfiguration.objects.filter(site=site, enabled=True).first()
    if row is None or name not in row.site_values:
        return default
    value = row.site_values[name]
    return {**default, **value} if isinstance(default, dict) and isinstance(value, dict) else value
