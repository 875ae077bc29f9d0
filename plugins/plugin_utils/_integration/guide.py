# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The manual guide: what a person does by it, and the state of each of these actions on this machine.

docs/guide.md has the actions as a table, written by tools/guide_table.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import NOT_ASKED_FOR, NOT_TRIED
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.findings import CREATE, Finding
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import Hop


class GuideError(ValueError):
    """An action that speaks of something which the plan does not know."""


@dataclass(frozen=True)
class Thing:
    """A thing of the plan that an action is about; of no field: only whether it is there.

    :ivar when: when the plan has it.
    """

    where: str
    name: str
    fields: tuple[str, ...] = ()
    when: Condition | None = None


@dataclass(frozen=True)
class Condition:
    """A fact that has to be so for an action to apply; otherwise says why it does not."""

    fact: str
    value: str | bool
    otherwise: str

    def holds(self, known: Mapping[str, Any]) -> bool:
        return bool(known[self.fact] == self.value)


@dataclass(frozen=True)
class Action:
    """What a person does, what does it here, and how its state is known.

    :ivar things: what of the plan it made.
    :ivar hops: the hops of the doctor that prove it.
    :ivar superseded: why nobody has to do it any more.
    :ivar variables: what the inventory can say of it; nothing has to be said where the default does.
    """

    title: str
    role: str
    things: tuple[Thing, ...] = ()
    hops: tuple[str, ...] = ()
    when: Condition | None = None
    superseded: str = ""
    variables: tuple[str, ...] = ()


SUPERUSERS = Condition("superusers", True, "the inventory names nobody in edx_superusers")
API = Condition("api", True, "the app only logs people in")
RUNS = Condition("runs", True, "nothing is run in the app")
TUTOR = Condition("tutor", True, "Tutor does not run the LMS")
ENV = (
    "OPENEDX_IP",
    "OPENEDX_API_BASE_URL",
    "OPENEDX_SERVICE_WORKER_USERNAME",
    "OPENEDX_SERVICE_WORKER_API_TOKEN",
    "OPENEDX_OAUTH_PROVIDER",
    "OPENEDX_SOCIAL_LOGIN_PATH",
    "OPENEDX_API_CLIENT_ID",
    "OPENEDX_API_CLIENT_SECRET",
    "LOGOUT_REDIRECT_URL",
)
APPLICATION = ("redirect_uris", "client_type", "authorization_grant_type", "skip_authorization")
PROVIDER = (
    "enabled",
    "site",
    "name",
    "slug",
    "visible",
    "other_settings",
    "skip_hinted_login_dialog",
    "skip_registration_form",
    "skip_email_verification",
    "sync_learner_profile_data",
    "enable_sso_id_verification",
)

# What a person does for one app on Linux, in the order of the guide.
ACTIONS = (
    Action(
        "Install Tutor and have it set up the LMS",
        "tutor_bootstrap",
        hops=("browser.lms",),
        when=TUTOR,
        variables=("edx_tutor_venv", "edx_tutor_launch"),
    ),
    Action(
        "Create a superuser of the LMS",
        "edx_oauth_provider",
        (Thing("LMS", "user {superuser}"),),
        when=SUPERUSERS,
        variables=("edx_superusers",),
    ),
    Action(
        "Stay logged in to both admin sites until all is done",
        "",
        superseded="no step needs an admin site, and nobody is locked out on the way",
    ),
    Action(
        "Create the two demo courses",
        "tutor_bootstrap",
        hops=("commands.sync",),
        when=Condition("profile", "mitxonline", "only MITx Online expects them"),
        variables=("edx_courses",),
    ),
    Action(
        "Add the app's OAuth2 application in the LMS",
        "edx_oauth_provider",
        (Thing("LMS", "OAuth2 application {lms_application}"),),
        variables=("mit_app_lms_application",),
    ),
    Action(
        "Give it its redirect URI, client type and grant type, and let it skip the consent page",
        "edx_oauth_provider",
        (Thing("LMS", "OAuth2 application {lms_application}", APPLICATION),),
        variables=("mit_app_redirect_paths", "mit_app_extra_redirect_uris"),
    ),
    Action(
        "Note its client id and secret",
        "mit_app_env",
        superseded="they go from the LMS to the app without being seen",
        variables=("mit_app_client_id", "mit_app_client_secret"),
    ),
    Action(
        "Create the service worker, a member of the staff",
        "edx_oauth_provider",
        (Thing("LMS", "user {service_worker}", ("email", "is_active", "is_staff", "password", "profile")),),
        when=API,
        variables=("mit_app_service_worker", "mit_app_service_worker_email"),
    ),
    Action(
        "Log in as the service worker, so that the LMS creates an API token",
        "edx_oauth_provider",
        (Thing("LMS", "API token of {service_worker}"),),
        when=API,
        variables=("mit_app_api_token",),
    ),
    Action(
        "Look the API token up and check that it is the worker's",
        "sso_doctor",
        hops=("app.token", "app.token_staff"),
        when=API,
    ),
    Action(
        "Extend its expiry date",
        "edx_oauth_provider",
        (Thing("LMS", "API token of {service_worker}", ("expires",)),),
        ("lms.token",),
        when=API,
        variables=("edx_oauth_provider_token_days",),
    ),
    Action(
        "Look up the gateway of the LMS's Docker network",
        "mit_app",
        (Thing(".env", "OPENEDX_IP", ("value",)),),
        when=Condition("docker", True, "the app or the LMS does not run in Docker"),
    ),
    Action(
        "Write the nine keys of Open edX into the app's .env",
        "mit_app_env",
        tuple(Thing(".env", key, ("value",), API if "SERVICE_WORKER" in key else None) for key in ENV),
        variables=("mit_app_dotenv", "mit_app_dotenv_values"),
    ),
    Action("Start the app with them", "mit_app_env", hops=("app.settings",), variables=("mit_app_restart_argv",)),
    Action(
        "Create the LMS's OAuth2 application in the app, by configure_instance",
        "mit_app_env",
        (Thing("app", "OAuth2 application {edx_application}", APPLICATION),),
        when=RUNS,
        variables=("mit_app_edx_application",),
    ),
    Action(
        "Note the client id and secret that it prints",
        "mit_app_env",
        superseded=(
            "it prints a hash, with which nobody can log in; the role gives the app the secret that the LMS has"
        ),
        variables=("mit_app_edx_client_secret",),
    ),
    Action(
        "Look up the gateway of the app's Docker network",
        "mit_app",
        hops=("lms.reaches_app",),
        when=Condition("network_mode", "gateway", "the LMS reaches the app by the address that browsers use"),
        variables=("mit_app_network_mode", "mit_app_network"),
    ),
    Action(
        "Install the package with the login backend into the LMS",
        "tutor_bootstrap",
        hops=("lms.starts", "lms.backend"),
        when=Condition("tutor", True, "Tutor does not run the LMS, and the settings bring a backend of their own"),
        variables=("edx_tutor_pip_requirements", "edx_tutor_build_images"),
    ),
    Action(
        "Write private.py with backend, logout address and registration settings",
        "edx_private_settings",
        (Thing("LMS settings", "backend {backend_name}", ("files",)),),
        ("lms.backend",),
        variables=("edx_settings_strategy", "mit_app_logout_path"),
    ),
    Action(
        "Put the app's client secret into private.py",
        "edx_oauth_provider",
        superseded="the provider's row has it and wins, so no file needs it",
    ),
    Action(
        "Add the provider in the LMS, with its addresses and switches",
        "edx_oauth_provider",
        (Thing("LMS", "provider {backend_name}", PROVIDER),),
        ("lms.provider",),
        variables=("mit_app_backend_name", "mit_app_display_name", "mit_app_visible"),
    ),
    Action(
        "Give it the client id and secret that the app has for the LMS",
        "edx_oauth_provider",
        (
            Thing("LMS", "provider {backend_name}", ("client_id", "client_secret")),
            Thing("app", "OAuth2 application {edx_application}", ("client_id", "client_secret"), RUNS),
        ),
        ("lms.secret",),
        variables=("mit_app_edx_client_id", "mit_app_edx_client_secret"),
    ),
    Action(
        "Let the app read its courses from the LMS (sync_courserun)",
        "sso_doctor",
        hops=("commands.sync",),
        when=Condition("syncs", True, "the app has no such command, or nothing is run in it"),
        variables=("mit_app_sync_command",),
    ),
    Action(
        "Run repair_missing_courseware_records",
        "sso_doctor",
        hops=("commands.repair",),
        when=Condition("repairs", True, "the app has no such command, or nothing is run in it"),
        variables=("mit_app_repair_command",),
    ),
    Action(
        "Log in to the LMS through the app, in another browser",
        "sso_doctor",
        hops=("browser.entrance", "login.app", "login.browser"),
        variables=("sso_doctor_login",),
    ),
    Action(
        "Make your own account a superuser of the LMS",
        "edx_oauth_provider",
        (Thing("LMS", "user {superuser}", ("is_staff", "is_superuser")),),
        when=SUPERUSERS,
        variables=("edx_superusers",),
    ),
)


NOT_COMPARED = "what is there cannot be compared yet, as said above"
# A hop of a doctor that did not run, as in a dry run.
UNKNOWN: Hop = {"id": "", "status": "skipped", "fact": "the doctor did not run"}
REMEDY = "-e explain_login=true"
IN_DOCKER = ("compose", "tutor_dev", "tutor_local")


class Judged(TypedDict):
    number: int
    title: str
    role: str
    state: str
    why: str


def facts(app: Mapping[str, Any], lms: Mapping[str, Any]) -> dict[str, Any]:
    """What the names and conditions of the actions are about, of an app and its LMS as mit_app_facts has them."""
    superusers = lms.get("superusers") or []
    kind, lms_kind = app["target"].get("type", "command"), lms["target"].get("type", "command")
    runs = kind != "none"
    return {
        **app,
        "runs": runs,
        "syncs": runs and bool(app["sync_command"]),
        "repairs": runs and bool(app["repair_command"]),
        "tutor": lms_kind.startswith("tutor_"),
        # How an app is run in which nothing can be run is not known: in Docker, say.
        "docker": lms_kind in IN_DOCKER and kind in (*IN_DOCKER, "none"),
        "superusers": bool(superusers),
        "superuser": superusers[0]["username"] if superusers else "",
    }


def checklist(
    known: Mapping[str, Any],
    findings: Iterable[Finding] | None,
    hops: Iterable[Hop],
    actions: Sequence[Action] = ACTIONS,
) -> list[Judged]:
    """Each action with its state (done, differs, with a note, not tried or not applicable), and why.

    :param findings: None where nothing could be compared.
    """
    things = None if findings is None else {(thing["where"], thing["name"]): thing for thing in findings}
    proofs = {hop["id"]: hop for hop in hops}
    judged: list[Judged] = []
    for number, action in enumerate(actions, 1):
        state, why = judge(action, known, things, proofs)
        judged.append({"number": number, "title": action.title, "role": action.role, "state": state, "why": why})
    return judged


def judge(
    action: Action,
    known: Mapping[str, Any],
    things: Mapping[tuple[str, str], Finding] | None,
    proofs: Mapping[str, Hop],
) -> tuple[str, str]:
    if action.superseded:
        return "not applicable", action.superseded
    if action.when and not action.when.holds(known):
        return "not applicable", action.when.otherwise
    wanted = [thing for thing in action.things if things is not None and (not thing.when or thing.when.holds(known))]
    wrong = [said for thing in wanted for said in compared(thing, known, things or {})]
    seen = [proofs.get(name, UNKNOWN) for name in action.hops]
    wrong += [hop["fact"] for hop in seen if hop["status"] in ("failed", "warning")]
    if wrong:
        return "differs", "; ".join(wrong)
    if action.things and things is None:
        return "not tried", NOT_COMPARED
    untried = sorted({why_untried(hop) for hop in seen if hop["status"] == "skipped"})
    if untried:
        return "not tried", "; ".join(untried)
    # What a command of the app could not do is a note only: the integration is not at fault.
    notes = [hop["fact"] for hop in seen if hop["id"].startswith("commands.") and hop.get("note")]
    return "with a note" if notes else "done", "; ".join(notes)


def why_untried(hop: Hop) -> str:
    """Why a hop was skipped, with what has it tried where nobody asked for it."""
    why = hop["fact"].removeprefix(NOT_TRIED)
    return f"{why} ({REMEDY})" if why == NOT_ASKED_FOR else why


def compared(wanted: Thing, known: Mapping[str, Any], things: Mapping[tuple[str, str], Finding]) -> Iterator[str]:
    """What is wrong with a thing of the plan: it is missing, or a field differs that the action is about."""
    name = wanted.name.format(**known)
    thing = things.get((wanted.where, name))
    if thing is None:
        raise GuideError(f"The plan says nothing of {wanted.where}: {name}.")
    if thing.get("unseen"):
        yield f"{wanted.where}: {name} could not be looked at"
    elif thing["state"] == CREATE:
        yield f"{wanted.where}: {name} is missing"
    for change in thing["changes"]:
        if change["field"] in wanted.fields:
            yield f"{name}: {change['field']} is {change['before']} and would be {change['after']}"


def lines(app: str, judged: Sequence[Judged]) -> list[str]:
    """The checklist for a person, with its sum."""
    found = [f"{app}: the manual guide"]
    for action in judged:
        role = f" [{action['role']}]" if action["role"] else ""
        why = f": {action['why']}" if action["why"] else ""
        found.append(f"{action['number']:2} {action['state']:14} {action['title']}{role}{why}")
    numbers = Counter(action["state"] for action in judged)
    return [*found, ", ".join(f"{numbers[state]} {state}" for state in sorted(numbers))]
