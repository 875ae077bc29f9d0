# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Which Python packages an image lacks, compared as pip does by `packaging`, which comes with ansible-core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def lacking(wanted: Sequence[str], packages: Mapping[str, str]) -> list[str]:
    """The requirements that the packages of an image, versions by names, do not meet.

    An address says neither name nor version. It is met; that it was added is seen by the list itself.
    """
    # Not at the top: ansible-test imports this where nothing of ansible-core's own packages is installed.
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    found = {str(canonicalize_name(name)): version for name, version in packages.items()}

    def is_met(text: str) -> bool:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return True
        version = found.get(canonicalize_name(requirement.name))
        return version is not None and requirement.specifier.contains(version, prereleases=True)

    return [one for one in wanted if not is_met(one)]
