# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Values of Ansible's variables as plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """The same without what Ansible notes about it: its own classes become Python's."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, str) else value


# What a left out value is called until ansible-core 2.18, with a number behind it.
OMITTED = "__omit_place_holder__"


def is_omitted(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(OMITTED)


def without_omitted(value: Any) -> Any:
    """The same without what a variable leaves out with C(omit) somewhere inside: Ansible does so for options only."""
    if isinstance(value, Mapping):
        return {key: without_omitted(one) for key, one in value.items() if not is_omitted(one)}
    if isinstance(value, (list, tuple)):
        return [without_omitted(one) for one in value if not is_omitted(one)]
    return value
