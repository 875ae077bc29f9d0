# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""How often a run started Django: each task counts the starts that no other has counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# What the roles register about each side.
LMS = (
    "mit_app_providers",
    "tutor_bootstrap_result",
    "tutor_bootstrap_superuser_result",
    "edx_oauth_provider_result",
    "edx_private_settings_result",
    "sso_rotation_begun",
    "sso_rotation_unsent",
    "sso_rotation_stored",
    "sso_rotation_revoked",
)
APP = (
    "mit_app_env_restarted",
    "mit_app_env_result",
    "sso_rotation_verified",
    "sso_rotation_public",
    "sso_rotation_renewed",
    "sso_rotation_required",
)
PROOF = "sso_doctor_result"


def of_lms(hosts: Iterable[Mapping[str, Any]]) -> int:
    """The starts of an LMS, by the variables of the hosts of its apps."""
    return sum(counted(own, LMS) + proof(own, "lms") for own in hosts)


def of_app(own: Mapping[str, Any]) -> int:
    return counted(own, APP) + proof(own, "app")


def counted(own: Mapping[str, Any], names: Iterable[str]) -> int:
    return sum(int((own.get(name) or {}).get("boots") or 0) for name in names)


def proof(own: Mapping[str, Any], side: str) -> int:
    return int(((own.get(PROOF) or {}).get("boots") or {}).get(side) or 0)


def line(name: str, lms: int, app: int) -> str:
    return f"Django starts: {lms} of the LMS for all apps, {app} of {name}."
