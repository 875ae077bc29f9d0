# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Names that a run of several requests holds in a target, so that no other run changes the same meanwhile.

All that is shared by whoever may run is the target's database: a name that is held is an OAuth2 application which
nobody can use. Its client id is the name, and its own name says who holds it. Whoever was taken for dead and is not is
refused at the next request.
"""

from __future__ import annotations

# Behind an application's name: where the previous client id and secret go on working during a rotation. That it exists
# means that one is not finished.
ROTATED_OUT = " (rotated out)"


def rotation_of(application):
    """What a rotation of an app holds from its first step to its last.

    :param application: the name of the app's application in the LMS.
    """
    return ("rotation of " + application)[:100]


def claim(wanted, writes):
    """Take, keep or give back names, in the transaction of what is done under them.

    :param wanted: ``name``; ``by``, who takes it, or nothing where it is only looked at; ``over``, who does not count;
        ``release``, whether it is given back; ``note``, what whoever takes it over has to know.
    :returns: who held what, for how many seconds without a step, with what note; and an error for each that somebody
        else holds.
    """
    from django.utils import timezone
    from oauth2_provider.models import get_application_model

    rows, found, errors = get_application_model()._default_manager, {}, []
    for one in wanted:
        row, now = rows.filter(client_id=one["name"]).first(), timezone.now()
        if row is not None:
            idle = int((now - row.updated).total_seconds())
            found[one["name"]] = {"by": row.name, "idle": idle, "note": row.redirect_uris}
            if row.name not in (one["by"], *one["over"]):
                message = "it is held by %s, whose last step was %d seconds ago." % (row.name, idle)
                held = {"held_by": row.name, "idle": idle, "note": row.redirect_uris}
                errors.append({"id": one["name"], "message": message, **held})
                continue
        if not writes:
            continue
        if one["release"]:
            rows.filter(client_id=one["name"]).delete()
        elif one["by"] and row is not None:
            rows.filter(pk=row.pk).update(name=one["by"], redirect_uris=one["note"], updated=now)
        elif one["by"]:
            kind = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
            # Nothing uses the addresses of such an application, so they have room for the note.
            rows.create(client_id=one["name"], name=one["by"], redirect_uris=one["note"], **kind)
    return found, errors
