# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a backend come from its provider row first."""

from typing import Any

from social_core.backends.oauth import OAuthAuth
from social_core.utils import PARTIAL_TOKEN_SESSION_NAME
from social_django.strategy import DjangoStrategy

from .models import OAuth2ProviderConfig


class ConfigurationModelStrategy(DjangoStrategy):
    def setting(self, name: str, default: Any = None, backend: Any = None) -> Any:
        if isinstance(backend, OAuthAuth):
            row = OAuth2ProviderConfig.current(backend.name)
            if not row.enabled_for_current_site:
                raise Exception("Can't fetch setting of a disabled backend/provider.")
            try:
                return row.get_setting(name)
            except KeyError:
                pass
        return super().setting(name, default, backend)

    def clean_partial_pipeline(self, token: str) -> None:
        """A login that came to its end. Its row stays, with tokens and e-mail, as it was seen to stay in a real LMS."""
        if self.session_get(PARTIAL_TOKEN_SESSION_NAME) == token:
            self.session_pop(PARTIAL_TOKEN_SESSION_NAME)
