# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The hops of accounts in the LMS: the service worker with its token, the linked users, and the staff."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed, hop, ok, probe, skipped, warning
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops.network import ONLY_LOGS_IN
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import digest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import APP_ROLE, PROVIDER_ROLE, sentence
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.by_email import is_nobodys, unlinked
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.claims import ROTATED_OUT, rotation_of

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import Seen
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict

# So many of the app's newest users are looked at, each by so many characters of a digest.
USERS, SHORT, NAMES = 10000, 16, 3


# -- the service worker and its token ----------------------------------------------------------------------------------


@probe("lms.worker")
def find_worker(look):
    from django.apps import apps
    from django.contrib.auth import get_user_model

    if not look.declared["api"]:
        return {}
    user = get_user_model().objects.filter(username=look.declared["service_worker"]).first()
    if user is None:
        return {"exists": False}
    found = {
        "exists": True,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "usable_password": user.has_usable_password(),
    }
    with contextlib.suppress(LookupError):
        found["profile"] = apps.get_model("student", "UserProfile").objects.filter(user=user).exists()
    return found


@hop("lms.worker", "lms", "The service worker may do its work", ("lms.database",))
def lms_worker(seen: Seen, facts: Facts) -> Verdict:
    """The user behind the API token is active, staff and no more, and has the password that the LMS wants of it."""
    if not seen.declared["api"]:
        return skipped(ONLY_LOGS_IN)
    name = seen.declared["service_worker"]
    if not facts["exists"]:
        return failed(f"The LMS has no user {name}.", PROVIDER_ROLE)
    lacks = [label for label, good in (("active", facts["is_active"]), ("staff", facts["is_staff"])) if not good]
    if lacks:
        return failed(f"{name} is not {' and not '.join(lacks)}.", PROVIDER_ROLE)
    if not facts["usable_password"]:
        return failed(f"{name} has no usable password, which the LMS takes for 'disabled by admin'.", PROVIDER_ROLE)
    if facts["is_superuser"]:
        return warning(
            f"{name} is a superuser, and so is whoever has its token; staff is enough.",
            f"Take the superuser status from it in the LMS's admin ({seen.declared['lms_base_url']}/admin/auth/user/).",
        )
    if facts.get("profile") is False:
        return warning(f"{name} has no profile: pages that show the account fail.", PROVIDER_ROLE)
    return ok(f"{name} is active and staff")


@probe("lms.token")
def find_token(look):
    """The row of the token that the app runs with, by its digest; and the worker's longest-living one."""
    from django.utils import timezone
    from oauth2_provider.models import get_access_token_model

    worker, wanted = look.declared["service_worker"], look.request["token_digest"]
    rows = list(get_access_token_model().objects.filter(user__username=worker).order_by("-expires"))
    row = next((row for row in rows if digest(row.token) == wanted), None)
    left = [(found.expires - timezone.now()).total_seconds() / 86400 for found in [row, *rows[:1]] if found is not None]
    return {"rows": len(rows), "same": row is not None, "days_left": round(left[0], 1) if left else None}


@hop("lms.token", "lms", "The API token is valid for long enough", ("lms.worker",), after=("app.env",))
def lms_token(seen: Seen, facts: Facts) -> Verdict:
    """The row of the token that the app runs with exists and does not expire soon."""
    name = seen.declared["service_worker"]
    if not facts["rows"]:
        return failed(f"{name} has no access token.", PROVIDER_ROLE)
    if seen.token_digest and not facts["same"]:
        owner = token_owner(seen)
        if owner and owner != name:
            return failed(f"The token that the app runs with is that of {owner}, not of {name}.", APP_ROLE)
        return failed(f"The token that the app runs with is none of the {facts['rows']} of {name}.", APP_ROLE)
    if facts["days_left"] < 0:
        return failed(f"The token expired {-facts['days_left']:.1f} days ago.", PROVIDER_ROLE)
    if facts["days_left"] < seen.warn_days:
        return warning(f"The token expires in {facts['days_left']:.1f} days.", PROVIDER_ROLE)
    return ok(f"The API token is valid for {facts['days_left']:.0f} days")


def token_owner(seen: Seen) -> str | None:
    """Whom the LMS takes the app for."""
    body = (seen.facts("app.me") or {}).get("json")
    return body.get("username") if isinstance(body, dict) else None


# -- what works besides the app's credentials --------------------------------------------------------------------------


@probe("lms.rotation")
def find_surplus(look):
    """What a rotation leaves that was broken off: its claim, the client from before, tokens beside the app's."""
    from django.utils import timezone
    from oauth2_provider.models import get_access_token_model, get_application_model

    name, worker, now = look.declared["lms_application"], look.declared["service_worker"], timezone.now()
    applications, wanted = get_application_model().objects, look.request["token_digest"]
    held = applications.filter(client_id=rotation_of(name)).first()
    tokens = get_access_token_model().objects.filter(user__username=worker, application__name=name, expires__gt=now)
    # Where the app's own is none of them, that is what is wrong.
    digests = [digest(row.token) for row in tokens]
    return {
        "by": held.name if held else None,
        "idle": int((now - held.updated).total_seconds()) if held else None,
        "previous": applications.filter(name=name + ROTATED_OUT).exists(),
        "tokens": len(digests) - digests.count(wanted) if wanted in digests else 0,
    }


@hop("lms.rotation", "lms", "No rotation is left unfinished", ("lms.database",), after=("lms.token",))
def lms_rotation(seen: Seen, facts: Facts) -> Verdict:
    """The LMS accepts no client and no API token of the app besides those that it runs with."""
    name, worker = seen.declared["lms_application"], seen.declared["service_worker"]
    if facts["by"] and facts["by"] == seen.lms_side.target.get("session"):
        return ok("This run rotates the credentials")
    found = []
    if facts["by"]:
        found.append(f"a rotation goes on or was broken off (its last step was {facts['idle']} seconds ago)")
    if facts["previous"]:
        found.append(f"the LMS accepts the client from before, {name}{ROTATED_OUT}")
    if facts["tokens"]:
        found.append(f"the LMS accepts {facts['tokens']} more API tokens of {worker} than the app's")
    if found:
        return warning(
            sentence("; ".join(found)),
            "Run `ansible-playbook mitodl.openedx.rotate` for the app, which leaves one of each; "
            "mitodl.openedx.site ends a broken one.",
        )
    return ok("The LMS accepts no other client and token of the app")


# -- users who come through the app ------------------------------------------------------------------------------------


@probe("lms.people")
def find_linked_users(look):
    """Those who are linked to the backend and lack what the LMS wants of an account."""
    from django.apps import apps
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
    from django.db.models import Exists, OuterRef

    backend = look.declared["backend_name"]
    linked = get_user_model().objects.filter(social_auth__provider=backend).distinct().order_by("pk")
    found = {"locked": some_rows(linked.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)), "bare": some([])}
    with contextlib.suppress(LookupError):
        profiles = apps.get_model("student", "UserProfile").objects.filter(user=OuterRef("pk"))
        found["bare"] = some_rows(linked.filter(~Exists(profiles)))
    return found


def some_rows(rows):
    return {"count": rows.count(), "names": [row.username for row in rows[:NAMES]]}


def some(names):
    return {"count": len(names), "names": names[:NAMES]}


@hop("lms.people", "lms", "No linked user is locked out", ("lms.database",))
def lms_people(_seen: Seen, facts: Facts) -> Verdict:
    """Users whom the LMS knows through the app have what it wants of an account: a usable password and a profile."""
    lacks = (
        (
            "locked",
            "no usable password, which the LMS answers with 403 'Your account is disabled'",
            "Set a password in the LMS's admin, unless the account is meant to be disabled.",
        ),
        ("bare", "no profile, at which a login ends with 500", "Add a user profile in the LMS's admin."),
    )
    wrong = [(f"{in_words(facts[key])}: {what}", fix) for key, what, fix in lacks if facts[key]["count"]]
    if wrong:
        return warning(
            f"People who cannot log in through the app: {'; '.join(fact for fact, _fix in wrong)}.",
            " ".join(fix for _fact, fix in wrong),
        )
    return ok("All linked users have a password and a profile")


def in_words(found: Facts) -> str:
    """A few names, and how many there are beside them."""
    more = found["count"] - len(found["names"])
    return ", ".join(found["names"]) + (f" and {more} more" if more else "")


# -- staff who could be taken over -------------------------------------------------------------------------------------


@probe("app.people")
def find_emails_of_app(look):
    """The e-mails of the app's users by their digests, for the LMS to look for its staff among them."""
    from django.contrib.auth import get_user_model

    model = get_user_model()
    emails = model.objects.order_by("-pk").values_list(model.get_email_field_name(), flat=True)[:USERS]
    look.handover["people"] = [digest(email.lower())[:SHORT] for email in emails if email]
    return {}


@probe("lms.privileged")
def find_staff(look):
    """Staff whose account a user of the app becomes who has the same e-mail: who is linked already is safe."""
    from django.db.models import Q

    people = set(look.request["people"])
    rows = unlinked(look.declared["backend_name"]).filter(Q(is_staff=True) | Q(is_superuser=True))
    has, could = [], []
    for row in rows[:USERS]:
        label = "%s (%s, %s)" % (row.username, row.email, "superuser" if row.is_superuser else "staff")
        if digest(row.email.lower())[:SHORT] in people:
            has.append(label)
        elif not is_nobodys(row.email):
            could.append(label)
    return {"has": some(has), "could": some(could)}


@hop("lms.privileged", "lms", "No account of the LMS's staff can be taken over", ("lms.database",))
def lms_privileged(_seen: Seen, facts: Facts) -> Verdict:
    """The LMS links people to accounts by e-mail alone, so the e-mail of a superuser in the app makes a superuser."""
    fix = (
        "Let that person log in through the app once, which links the two for good; or give the account in the LMS an "
        "e-mail that nobody can have in the app."
    )
    if facts["has"]["count"]:
        return warning(
            f"Somebody in the app has the e-mail of {in_words(facts['has'])}: their login through the app is that "
            "account.",
            fix,
        )
    if facts["could"]["count"]:
        return warning(
            f"Whoever registers in the app with the e-mail of {in_words(facts['could'])} becomes that account in the "
            "LMS.",
            fix,
        )
    return ok(
        "Nobody becomes staff of the LMS by an e-mail in the app: its staff are linked to their own logins already, or "
        "have e-mails that nobody can have in the app"
    )
