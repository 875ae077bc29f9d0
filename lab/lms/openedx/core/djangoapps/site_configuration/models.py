# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.sites.models import Site
from django.db import models


class SiteConfiguration(models.Model):
    """Values that count instead of the settings of the same names, for requests of one Site."""

    site = models.OneToOneField(Site, related_name="configuration", on_delete=models.CASCADE)
    enabled = models.BooleanField(default=False)
    site_values = models.JSONField(blank=True, default=dict)

    def __str__(self) -> str:
        return f"<SiteConfiguration: {self.site} >"
