# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Python packages to be added to the image of the LMS, as a list of what pip calls requirements."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Without a version, these get the one that fits the release: from those of Tutor 22 on they need Django 5.2.
PINS = {
    0: {"ol-social-auth": "0.2.2", "openedx-companion-auth": "1.2.0"},
    22: {"ol-social-auth": "0.3.0", "openedx-companion-auth": "1.3.0"},
}


def name_of(requirement):
    """The name of the package as pip compares it. What is a mere address stays as it is.

    >>> name_of("ol_Social.auth>=1 ; python_version > '3'")
    'ol-social-auth'
    """
    if "://" in requirement.partition("@")[0]:
        return requirement
    found = NAME.match(requirement.strip())
    return re.sub(r"[-_.]+", "-", found.group().rstrip("._-")).lower() if found else requirement


def pinned(requirements, release):
    """The requirements for a release of Tutor, the number before the first dot of its version."""
    pins = PINS[max(first for first in PINS if first <= release)]
    return [
        f"{one}=={pins[name_of(one)]}" if NAME.fullmatch(one) and name_of(one) in pins else one for one in requirements
    ]


def merged(present, wanted):
    """A list with what is wanted: another version of the same package is replaced where it stands, the rest stays."""
    left = {name_of(one): one for one in wanted}
    return [left.pop(name_of(one), one) for one in present] + list(left.values())
