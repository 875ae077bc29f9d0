# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a person by what somebody typed."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from users.models import User


def fetch_user(value: str):
    """By id, by e-mail, or by the user name at Open edX."""
    field = "openedx_users__edx_username"
    if value.isdigit():
        field = "id"
    else:
        try:
            validate_email(value)
            field = "email__iexact"
        except ValidationError:
            pass
    try:
        return User.objects.get(**{field: value})
    except User.DoesNotExist:
        name = field.removesuffix("__iexact")
        raise User.DoesNotExist(f"Could not find User with {name}={value} (case-insensitive)") from None
