# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which providers are in use on the site of this request."""

from collections.abc import Iterator

from .models import _PSA_OAUTH2_BACKENDS, OAuth2ProviderConfig


class Registry:
    """Asks the cached list of backend names first, which saving a row does not clear."""

    @classmethod
    def _enabled_providers(cls) -> Iterator[OAuth2ProviderConfig]:
        for backend_name in OAuth2ProviderConfig.key_values("backend_name", flat=True):
            row = OAuth2ProviderConfig.current(backend_name)
            if row.enabled_for_current_site and row.backend_name in _PSA_OAUTH2_BACKENDS:
                yield row

    @classmethod
    def enabled(cls) -> list[OAuth2ProviderConfig]:
        return sorted(cls._enabled_providers(), key=lambda row: row.name)

    @classmethod
    def displayed_for_login(cls, tpa_hint: str | None = None) -> list[OAuth2ProviderConfig]:
        return [row for row in cls.enabled() if row.display_for_login or row.provider_id == tpa_hint]

    @classmethod
    def get(cls, provider_id: str) -> OAuth2ProviderConfig | None:
        if provider_id and "-" not in provider_id:
            raise ValueError("Invalid provider_id. Expect something like oa2-google")
        return next((row for row in cls._enabled_providers() if row.provider_id == provider_id), None)

    @classmethod
    def get_enabled_by_backend_name(cls, backend_name: str) -> Iterator[OAuth2ProviderConfig]:
        return (row for row in cls._enabled_providers() if row.backend_name == backend_name)

    @classmethod
    def get_from_pipeline(cls, running_pipeline: dict) -> OAuth2ProviderConfig | None:
        return next(cls.get_enabled_by_backend_name(running_pipeline["backend"]), None)
