# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""All hops in the order of causes: the first that failed names the root. And the job that runs their probes.

Sent into the app and the LMS with all that it imports (Python 3.8).
"""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import HOPS, PROBES
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import (
    accounts,
    app,
    browser,
    commands,
    credentials,
    lms,
    login,
    network,
    provider,
    removal,
    services,
    stores,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import Look, clean
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import trust

#: The files of the hops; within one the order is that of its lines.
ORDER = (
    network,
    stores,
    app,
    services,
    lms,
    provider,
    accounts,
    credentials,
    browser,
    login,
    commands,
    removal,
)
ROOMS = [room.__name__ for room in ORDER]
CATALOGUE = sorted(HOPS, key=lambda hop: ROOMS.index(hop.judge.__module__))
PLACES = sorted(PROBES, key=lambda place: ROOMS.index(PROBES[place].collect.__module__))


def examine(request, scrub):
    """The job inside the app and the LMS: run the probes that the request names, in its order."""
    trust(request.get("trust"))
    look = run(Look(request, scrub), request["probes"])
    return {"ok": True, "found": clean(look.found, scrub), "handover": look.handover}


def run(look, places):
    for place in places:
        look.take(PROBES[place])
    return look
