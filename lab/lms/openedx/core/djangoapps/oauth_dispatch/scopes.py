# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default scopes for everybody, further ones by ApplicationAccess."""

from django.conf import settings
from oauth2_provider.scopes import SettingsScopes

from .models import ApplicationAccess


class ApplicationModelScopes(SettingsScopes):
    def get_available_scopes(self, application=None, request=None, *args, **kwargs):
        access = ApplicationAccess.objects.filter(application=application).first() if application else None
        return {*settings.OAUTH2_DEFAULT_SCOPES, *(access.scopes if access else ())} & set(
            settings.OAUTH2_PROVIDER["SCOPES"]
        )

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        return list(settings.OAUTH2_DEFAULT_SCOPES)
