# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops at the end: nothing of the temporary test user is left, nor of the app on an LMS that it left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.temporary_user import remove_users

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict


@probe("lms.removal", part="login")
def remove_from_lms(look):
    return remove_users(look.request["user"], look.request["cookies"])


@hop(
    "lms.removal",
    "lms",
    "The temporary test user has left nothing in the LMS",
    ("lms.database",),
    part="login",
    after=("lms.cache",),
)
def lms_removal(_seen: Seen, facts: Facts) -> Verdict:
    """The account, its link, tokens, sessions and history in the LMS are removed, those of interrupted runs too.

    Sessions of interrupted runs stay in a cache until they expire, and are nobody's.
    """
    return removal(facts)


@probe("app.removal", part="login")
def remove_from_app(look):
    return remove_users(look.request["user"], look.request["cookies"])


@hop("app.removal", "app", "The temporary test user has left nothing in the app", ("app.database",), part="login")
def app_removal(_seen: Seen, facts: Facts) -> Verdict:
    """The account in the app is removed with its tokens and sessions, those of interrupted runs too."""
    return removal(facts)


NOT_FOUND = 404


@probe("browser.former")
def look_at_former(look):
    """Where a login through the app would begin on each LMS that it left; not found where nothing knows it."""
    logins = [one["login"] for one in look.declared["former"]]
    return {"answers": {login: look.visitor().fetch(login)["status"] for login in logins}}


@hop("browser.former", "network", "No LMS that the app left knows it still")
def browser_former(seen: Seen, facts: Facts) -> Verdict:
    """An app that moved to another LMS leaves no provider, no service worker and no API token behind."""
    left = [one for one in seen.declared["former"] if facts["answers"].get(one["login"]) != NOT_FOUND]
    if not left:
        return ok("There is none")
    one = left[0]
    status = facts["answers"].get(one["login"])
    how = f"answers with status {status}" if status else "does not answer"
    more = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
    return warning(
        f"{one['base_url']}, which the app left, may still let its users in and accept its API token: {one['login']} "
        f"{how}{more}.",
        f"{one['fix']}.",
    )


def removal(facts: Facts) -> Verdict:
    if facts["left"]:
        return failed(f"Could not remove: {'; '.join(facts['left'])}.", "Delete these rows in the Django admin.")
    count = len(facts["removed"])
    traces = [f"{number} of {table}" for table, number in sorted(facts["traces"].items())]
    traces += [f"{facts['sessions']} session{'' if facts['sessions'] == 1 else 's'}"] if facts["sessions"] else []
    told = f", and {', '.join(traces)}" if traces else ""
    return ok(f"Removed {count} temporary test user{'' if count == 1 else 's'}{told}")
