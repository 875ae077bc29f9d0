# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the proof leaves: of what the LMS keeps in its cache, nothing."""

from __future__ import annotations

import re
import zlib

MAGIC = b"\x78\x9c"


def sessions(lab):
    """The sessions in the LMS's cache, of people and of strangers who began a login."""
    found = []
    for path in (lab.state / "lms-cache").rglob("*.djcache"):
        content = path.read_bytes()
        value = zlib.decompress(content[content.index(MAGIC) :])
        if b"_auth_user_id" in value or b"auth_entry" in value:
            found.append(path.name)
    return sorted(found)


def test_every_session_that_the_doctor_began_is_ended(converged):
    before = sessions(converged)
    # Without the drift: a plan asks whether the LMS knows the backend, as any visitor does.
    run = converged.playbook("--limit", "xpro", "--tags", "hops", book="doctor", doctor=True).well()
    assert ", 0 failed," in run.out
    assert sessions(converged) == before
    assert re.search(r"lms.removal +Removed 1 temporary test user, and ", run.out)
