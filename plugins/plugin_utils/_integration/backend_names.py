# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What each app is called on its LMS: the name of the social-auth backend, which is the provider's slug and key as
well.

People are linked to their accounts under this name, so it has to stay: neither the order of the inventory nor a host
that is added or removed changes the name of an app that is integrated already.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of, port_of

FIRST = "ol-oauth2"
LONGEST = 30  # of a provider's slug
PROFILE_ORDER = ("mitxpro", "mitxonline")


@dataclass(frozen=True)
class Claim:
    """What one app says of its name.

    :ivar given: the name that the inventory gives; empty where it gives none.
    :ivar in_env: the name in the app's ``.env`` (``OPENEDX_OAUTH_PROVIDER``).
    :ivar integrated: whether that file holds credentials of Open edX; an example file names a backend, too.
    :ivar addresses: the app's own addresses, by which a provider row points at it.
    :ivar takes_part: whether it is named now. Of another app only counts what is given and what the LMS has.
    """

    host: str
    profile: str = ""
    given: str = ""
    in_env: str = ""
    integrated: bool = False
    addresses: tuple[str, ...] = ()
    takes_part: bool = True

    @property
    def rank(self) -> tuple[int, str]:
        """Who is first among apps of which none was ever integrated: not the order of the inventory."""
        known = self.profile in PROFILE_ORDER
        return (PROFILE_ORDER.index(self.profile) if known else len(PROFILE_ORDER), self.host)


@dataclass(frozen=True)
class Row:
    """The newest provider row of a backend name on the LMS, enabled or not, and the addresses that it names."""

    backend_name: str
    enabled: bool = True
    addresses: tuple[str, ...] = ()

    def points_at(self, claim: Claim) -> bool:
        return not places(self.addresses).isdisjoint(places(claim.addresses))


def places(addresses: Iterable[str]) -> set[tuple[str, int | None]]:
    """Addresses as host and port, with the port that a scheme means."""
    return {(urlsplit(address).hostname or "", port_of(address)) for address in addresses if host_of(address)}


def own_name(host: str) -> str:
    """The name of an app that cannot have the first one: of its host, in the letters and the length of a slug."""
    name = f"{FIRST}-{re.sub(r'[^A-Za-z0-9_-]', '-', host)}"
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 7]}-{hashlib.sha256(host.encode()).hexdigest()[:6]}"


def is_settled(claim: Claim, *, alone: bool = True) -> bool:
    """Whether an app's name is known without asking the LMS.

    Any name may stand in a ``.env`` by mistake. The one that nobody else would have is believed, and the first one
    where nobody else can be meant.

    :param alone: whether every app of the LMS that the inventory knows takes part.
    """
    believed = (own_name(claim.host), FIRST) if alone else (own_name(claim.host),)
    return bool(claim.given or (claim.integrated and claim.in_env in believed))


def settle(claims: Sequence[Claim], rows: Sequence[Row] = ()) -> dict[str, str]:
    """The name of every app of one LMS: given > its provider row > its ``.env`` > the first name if free > one of its
    own.

    :param rows: the newest row of every backend name; none where the LMS was not asked or has none.
    """
    names = {claim.host: claim.given for claim in claims if claim.given}
    for claim in claims:
        if claim.host not in names:
            found = [row for row in rows if row.points_at(claim) and not is_of_another(row, claim, claims)]
            own = sorted(found, key=lambda row: preference(row, claim))
            if own:
                names[claim.host] = own[0].backend_name
    nameless = (claim for claim in claims if claim.host not in names and claim.takes_part)
    waiting = sorted(nameless, key=lambda claim: claim.rank)
    for claim in waiting:
        if claim.integrated and claim.in_env and claim.in_env not in names.values():
            names[claim.host] = claim.in_env
    for claim in waiting:
        if claim.host not in names:
            taken = {*names.values(), *(row.backend_name for row in rows if row.enabled or row.addresses)}
            names[claim.host] = own_name(claim.host) if FIRST in taken else FIRST
    return names


def is_of_another(row: Row, claim: Claim, claims: Sequence[Claim]) -> bool:
    """Whether a row that points at an app is that of another one, whose ``.env`` names it.

    It points at both, or by mistake at an app that was never integrated.
    """
    named = [other for other in claims if other.takes_part and other.in_env == row.backend_name and other is not claim]
    is_new = claim.takes_part and not claim.integrated
    return any(row.points_at(other) or (other.integrated and is_new) for other in named)


def misled(claim: Claim, names: Mapping[str, str]) -> str:
    """The app that the LMS knows by the name in another app's ``.env``; empty where nothing is contradicted.

    Which of the two is wrong only the other app's own ``.env`` could tell.
    """
    if claim.given or not claim.integrated or claim.in_env == names[claim.host]:
        return ""
    return next((host for host, name in names.items() if name == claim.in_env), "")


def preference(row: Row, claim: Claim) -> tuple[bool, bool, str]:
    """Of several rows that point at an app, the one that it names itself, then an enabled one."""
    return (row.backend_name != claim.in_env, not row.enabled, row.backend_name)
