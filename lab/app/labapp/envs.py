# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings from the environment, as the real apps read them: what is empty is parsed, and counts as missing."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

_required: dict[str, str | None] = {}


class EnvironmentVariableParseException(ImproperlyConfigured):
    """A value is not of its type; raised while the settings are imported, so before anything else is checked."""


def get_string(name: str, default: str | None = None, *, required: bool = False) -> str | None:
    value = os.environ.get(name, default)
    if required:
        _required[name] = value
    return value


def get_int(name: str, default: int) -> int:
    value = os.environ.get(name, default)
    try:
        return int(value)
    except ValueError:
        raise EnvironmentVariableParseException(f"Expected value in {name}={value} to be an int") from None


def get_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, str(default))
    if value.lower() not in ("true", "false"):
        raise EnvironmentVariableParseException(f"Expected value in {name}={value} to be a boolean")
    return value.lower() == "true"


def validate() -> None:
    """Name everything that is missing in one sentence."""
    if missing := [name for name, value in _required.items() if value in (None, "")]:
        raise ImproperlyConfigured(
            f"The following settings are missing: {', '.join(missing)}. "
            "You need to add these environment variables in .env file."
        )
