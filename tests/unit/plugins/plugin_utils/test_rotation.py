# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rotation asks of each side in each step, forwards and back, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.action import rotation_step
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.module import of_kind
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import credentials, rotation, starts
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import read_app, read_lms
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import read_profile
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.rotation import STEPS, Rotation, RotationError

ROLE = Path(__file__).resolve().parents[4] / "roles/sso_rotation"
LONG = "0123456789abcdefghijklmn"
ENV = {
    "OPENEDX_API_CLIENT_ID": LONG + "-old-id",
    "OPENEDX_API_CLIENT_SECRET": LONG + "-old-secret",
    "OPENEDX_SERVICE_WORKER_API_TOKEN": LONG + "-old-token",
}
# What the LMS returns for the objects of the first step.
ROWS = {
    "api_token": {"fields": {}, "secrets": {"token": "new-token"}},
    "lms_client": {"fields": {"client_id": "new-id"}, "secrets": {"client_secret": "new-secret"}},
    "app_client": {"fields": {}, "secrets": {"client_secret": "old-provider-secret"}},
}
PREVIOUS = {"fields": {"client_id": "old-id"}, "secrets": {"client_secret": "old-secret"}}
RENEWED = {"fields": {}, "secrets": {"client_secret": "new-provider-secret"}}


def declared(given=None, env=ENV, **more):
    lms = read_lms("lms", {"edx_target": {"type": "tutor_dev"}})
    own = {"mit_app_dir": "/src/xpro", **more}
    app = read_app("xpro.odl.local", own, read_profile("mitxpro", {}, {}), lms, backend_name="ol-oauth2").facts()
    return Declared(app, given or {}, env)


def begun(rotate="all", **more):
    parts = rotation.parts_of(rotate)
    return replace(Rotation(declared(), parts).after_begin([ROWS[part] for part in parts]), **more)


def asked(step, current):
    """The options that a step asks for, with each kind checked as its module checks it."""
    rows = STEPS[step].objects(current)
    for row in rows:
        of_kind(row, "")
    return [row["options"] for row in rows]


PROVIDER = {"site": "local.openedx.io:8000", "backend_name": "ol-oauth2"}
CLIENT = {"name": "edx-oauth-app"}


def test_the_new_credentials_come_beside_the_old_ones():
    token, client, provider = asked("begin", Rotation(declared(), token_days=7))
    assert token == {
        "user": "xpro_serviceworker",
        "application": "xpro-oauth-app",
        "update_secret": "renew",
        "scope": ["read", "write"],
        "expires_in_days": 7,
    }
    assert client == {"name": "xpro-oauth-app", "keep_old_as": "xpro-oauth-app (rotated out)"}
    # Reads the secret that is there, and sets none.
    assert provider == {**PROVIDER, "client_secret": "", "update_secret": "on_create"}


@pytest.mark.parametrize("part", rotation.PARTS)
def test_one_kind_of_credential_is_one_object_of_the_first_step(part):
    everything = STEPS["begin"].objects(Rotation(declared()))
    assert STEPS["begin"].objects(Rotation(declared(), (part,))) == [everything[rotation.PARTS.index(part)]]


@pytest.mark.parametrize(
    ("rotate", "values", "secrets"),
    [
        (
            "all",
            {"OPENEDX_API_CLIENT_ID": "new-id"},
            {"OPENEDX_API_CLIENT_SECRET": "new-secret", "OPENEDX_SERVICE_WORKER_API_TOKEN": "new-token"},
        ),
        ("api_token", {}, {"OPENEDX_SERVICE_WORKER_API_TOKEN": "new-token"}),
        ("lms_client", {"OPENEDX_API_CLIENT_ID": "new-id"}, {"OPENEDX_API_CLIENT_SECRET": "new-secret"}),
        ("app_client", {}, {}),
    ],
)
def test_what_the_env_gets_is_what_the_app_has_to_run_with(rotate, values, secrets):
    current = begun(rotate)
    assert current.new_env() == (values, secrets)
    for name, step in STEPS.items():
        wanted = {**values, **secrets} if step.side == "app" else {}
        assert current.expected_settings(step) == wanted, name
        assert replace(current, back=True).expected_settings(step) == {}, name
    assert current.restarts is bool(secrets)


def test_the_env_from_before():
    old = {"OPENEDX_SERVICE_WORKER_API_TOKEN": ENV["OPENEDX_SERVICE_WORKER_API_TOKEN"]}
    assert asked("find_previous", begun()) == [{"name": "xpro-oauth-app (rotated out)"}]
    assert begun().previous_env([PREVIOUS]) == (
        {"OPENEDX_API_CLIENT_ID": "old-id"},
        {"OPENEDX_API_CLIENT_SECRET": "old-secret", **old},
    )
    # Nothing has to be asked where the client stayed.
    assert asked("find_previous", begun("api_token")) == []
    assert begun("api_token").previous_env([]) == ({}, old)


@pytest.mark.parametrize(
    ("back", "changed", "stored"),
    [
        (False, {"update_secret": "renew"}, "new-provider-secret"),
        (True, {"client_secret": "old-provider-secret"}, "old-provider-secret"),
    ],
)
def test_the_client_secret_changes_while_the_app_does_not_ask_for_it(back, changed, stored):
    current = begun("app_client", renewed=RENEWED, back=back)
    order = ["accept_no_secret", "send_no_secret", "renew_secret", "store_secret", "require_secret"]
    assert [asked(step, current) for step in order] == [
        [{**CLIENT, "client_type": "public"}],
        [{**PROVIDER, "client_secret": ""}],
        [{**CLIENT, **changed}],
        [{**PROVIDER, "client_secret": stored}],
        [{**CLIENT, "client_type": "confidential"}],
    ]
    assert [STEPS[step].side for step in order] == ["app", "lms", "app", "lms", "app"]


def test_a_secret_that_is_not_known_cannot_be_restored():
    """As after an interruption between the two steps in which the LMS has none."""
    assert begun("app_client").previous_provider_secret == "old-provider-secret"
    for nothing in ({}, {"secrets": {}}, {"secrets": {"client_secret": ""}}):
        assert Rotation(declared(), ("app_client",)).after_begin([nothing]).previous_provider_secret == ""


def test_what_is_revoked_and_what_is_kept():
    client, gone, kept = asked("revoke", begun())
    assert client == {
        "name": "xpro-oauth-app (rotated out)",
        "state": "absent",
        "transfer_tokens_to": "xpro-oauth-app",
        "transfer_credentials": False,
    }
    assert gone == {
        "user": "xpro_serviceworker",
        "token": ENV["OPENEDX_SERVICE_WORKER_API_TOKEN"],
        "state": "absent",
    }
    assert kept == {
        "user": "xpro_serviceworker",
        "application": "xpro-oauth-app",
        "token": "new-token",
        "expires_in_days": 3650,
        "exclusive": True,
    }

    client, gone, kept = asked("revoke", begun(back=True))
    assert client["transfer_credentials"] is True
    assert (gone["token"], kept["token"]) == ("new-token", ENV["OPENEDX_SERVICE_WORKER_API_TOKEN"])
    assert asked("revoke", begun("app_client")) == []


@pytest.mark.parametrize("rotate", ["all", *rotation.PARTS])
@pytest.mark.parametrize("variable", [name for names in credentials.VARIABLES.values() for name in names])
def test_a_credential_of_the_inventory_is_not_rotated(rotate, variable):
    renewed = {name for part in rotation.parts_of(rotate) for name in credentials.VARIABLES[part]}
    refused = variable in renewed and variable != "mit_app_edx_client_id"
    current = Rotation(declared({variable: "of the inventory"}), rotation.parts_of(rotate))
    if refused:
        with pytest.raises(RotationError, match=f"xpro: the inventory gives {variable}, .* Nothing was changed"):
            current.check()
    else:
        current.check()
    Rotation(declared({variable: ""}), rotation.parts_of(rotate)).check()


@pytest.mark.parametrize("key", ["OPENEDX_API_CLIENT_ID", "OPENEDX_SERVICE_WORKER_API_TOKEN"])
@pytest.mark.parametrize("value", ["", "removed"])
def test_an_app_that_was_never_integrated_has_nothing_to_rotate(key, value):
    with pytest.raises(RotationError, match=r"/src/xpro/\.env has no credentials of Open edX yet"):
        Rotation(declared(env={**ENV, key: value})).check()


def test_an_app_that_cannot_be_restarted_keeps_what_needs_a_restart():
    by_command = {"mit_app_target": {"type": "command", "argv": ["python", "-"]}}
    with pytest.raises(RotationError, match=r"Give the command in mit_app_restart_argv\. Nothing was changed"):
        Rotation(declared(**by_command)).check()
    Rotation(declared(**by_command), ("app_client",)).check()
    Rotation(declared(**by_command, mit_app_restart_argv=["restart"])).check()


def test_what_a_dry_run_says():
    assert Rotation(declared()).planned(60) == (
        "xpro: a run would rotate api_token, lms_client, app_client: write /src/xpro/.env, restart the app, give the "
        "LMS a new secret for the app, prove it, and revoke the old ones 60 seconds later."
    )
    assert Rotation(declared(), ("app_client",)).planned(60) == (
        "xpro: a run would rotate app_client: give the LMS a new secret for the app, prove it."
    )
    assert Rotation(declared(), ("api_token",)).planned(0) == (
        "xpro: a run would rotate api_token: write /src/xpro/.env, restart the app, prove it, and revoke the old ones "
        "0 seconds later."
    )


def test_it_says_why_it_waits_where_it_does():
    (line,) = Rotation(declared(), ("api_token",)).waits(60)
    assert line.startswith("xpro: the new credentials work. The old ones stay valid for 60 s more")
    assert line.endswith("revoked then (-e rotate_grace_seconds=0 does not wait).")
    assert Rotation(declared(), ("api_token",)).waits(0) == []
    # Nothing of the app's is revoked.
    assert Rotation(declared(), ("app_client",)).waits(60) == []


def test_what_a_rotation_says_at_its_end():
    assert Rotation(declared(), ("api_token", "app_client")).done() == "xpro: rotated api_token, app_client."


@pytest.mark.parametrize(
    ("rotate", "notes", "parts"),
    [
        ("api_token", [], ("api_token",)),
        ("api_token", ["lms_client"], ("api_token", "lms_client")),
        ("lms_client", ["app_client", "api_token app_client"], ("api_token", "lms_client", "app_client")),
        ("api_token", ["api_token", "", "of another release"], ("api_token",)),
    ],
)
def test_what_was_broken_off_is_rotated_with_what_was_asked_for(rotate, notes, parts):
    asked_for = Rotation(declared(), rotation.parts_of(rotate))
    current = asked_for.taking_over(notes)
    assert current.parts == parts
    # And whoever takes this one over knows of both.
    assert asked_for.taking_over([current.note]).parts == parts
    more = [part for part in parts if part != rotate]
    said = f"xpro: a rotation of {', '.join(more)} was broken off; this one ends it, too."
    assert current.ends(asked_for) == (said if more else "")


def test_what_was_broken_off_and_cannot_be_rotated_is_named():
    current = Rotation(declared({"mit_app_client_secret": "given"}), ("api_token",))
    current.check()
    with pytest.raises(RotationError, match="the inventory gives mit_app_client_secret"):
        current.taking_over(["lms_client"]).check()


def steps_of(tasks):
    """The tasks of the role that take a step, also those in blocks."""
    for task in tasks:
        if "mitodl.openedx.rotation_step" in task:
            yield task
        for part in ("block", "rescue"):
            yield from steps_of(task.get(part, []))


@pytest.mark.parametrize("file", ["main", "switch", "client_secret", "undo", "left"])
def test_every_task_asks_the_side_that_its_step_is_for(file):
    """And reads where it only reads, and has its starts counted; those of the way back belong to a run that fails."""
    tasks = list(steps_of(yaml.safe_load((ROLE / f"tasks/{file}.yml").read_text(encoding="utf-8"))))
    assert tasks
    for task in tasks:
        step = STEPS[task["mitodl.openedx.rotation_step"]["step"]]
        assert (task.get("delegate_to") == "{{ mit_app_facts.lms.host }}") is (step.side == "lms"), task["name"]
        assert task.get("check_mode", False) is step.reads, task["name"]
        if file not in ("undo", "left"):
            assert task["register"] in {"lms": starts.LMS, "app": starts.APP}[step.side], task["name"]


@pytest.mark.parametrize("rotate", ["all", *rotation.PARTS])
def test_the_steps_go_on_from_what_the_first_noted(rotate):
    """What a task returns as registered result is all that the tasks after it get."""
    parts = rotation.parts_of(rotate)
    options = {name: spec.get("default") for name, spec in rotation_step.SPEC.items()}
    first = rotation_step.rotation_of(declared(), {**options, "rotate": rotate, "token_days": 7})
    assert first == Rotation(declared(), parts, 7)
    noted = {"parts": list(parts), "token_days": 7, "objects": [ROWS[part] for part in parts]}
    later = rotation_step.rotation_of(declared(), {**options, "begun": noted, "renewed": {"objects": [RENEWED]}})
    assert later == replace(first.after_begin(noted["objects"]), renewed=RENEWED)
    assert rotation_step.rotation_of(declared(), {**options, "begun": noted, "back": True}).back


def test_an_app_that_only_logs_people_in_has_no_token_to_rotate():
    found = declared(env={"OPENEDX_API_CLIENT_ID": ENV["OPENEDX_API_CLIENT_ID"]})
    only = replace(found, app={**found.app, "api": False})
    assert rotation.parts_of("all", api=False) == ("lms_client", "app_client")
    Rotation(only, rotation.parts_of("all", api=False)).check()
    with pytest.raises(RotationError, match="has no API token"):
        Rotation(only, ("api_token",)).check()


def test_an_app_in_which_nothing_is_run_cannot_be_switched_over():
    with pytest.raises(RotationError, match="Give the new secret in mit_app_edx_client_secret"):
        Rotation(declared(mit_app_target="none")).check()


def test_the_way_back_ends_with_a_client_secret_that_both_know():
    """Also where the one from before is not known: then with a new one."""
    lost = replace(Rotation(declared(), ("app_client",)).after_begin([{"secrets": {}}]), renewed=RENEWED, back=True)
    assert asked("renew_secret", lost) == [{**CLIENT, "update_secret": "renew"}]
    assert asked("store_secret", lost) == [{**PROVIDER, "client_secret": "new-provider-secret"}]


def test_the_way_back_is_only_said_to_be_gone_where_the_app_was_seen_to_run_so():
    previous = {"env_values": {"OPENEDX_API_CLIENT_ID": "old-id"}, "env_secrets": {"OPENEDX_API_CLIENT_SECRET": "s"}}
    options = {name: spec.get("default") for name, spec in rotation_step.SPEC.items()}
    noted = {"parts": ["lms_client"], "token_days": 7, "objects": [ROWS["lms_client"]]}
    current = rotation_step.rotation_of(declared(), {**options, "begun": noted, "back": True, "previous": previous})
    assert current.expected_settings(STEPS["verify_environment"]) == {
        "OPENEDX_API_CLIENT_ID": "old-id",
        "OPENEDX_API_CLIENT_SECRET": "s",
    }
    tasks = list(steps_of(yaml.safe_load((ROLE / "tasks/undo.yml").read_text(encoding="utf-8"))))
    assert [task["mitodl.openedx.rotation_step"]["step"] for task in tasks] == [
        "find_previous",
        "verify_environment",
        "revoke",
        "require_secret",
    ]


def test_what_is_in_use_again_is_said_as_it_is():
    """Where the LMS was without its secret, as after a rotation that was broken off, the old one is not known."""
    whole = "The old credentials are in use again, and the new ones are removed"
    assert replace(begun(), back=True).went_back() == f"{whole}."
    without = {**ROWS["app_client"], "secrets": {"client_secret": ""}}
    unknown = replace(begun(), begun={**begun().begun, "app_client": without}, back=True)
    assert unknown.went_back().startswith(f"{whole}; but the secret with which the LMS comes to the app is a new one")


def test_what_is_left_is_named_with_the_way_out():
    def left(found, why="no docker"):
        return begun().left(found, why)

    application = {"kind": "oauth_application", "operation": "removed", "changes": []}
    tokens = {
        "kind": "oauth_access_token",
        "operation": "updated",
        "changes": [{"field": "other tokens", "before": 1, "after": 0}],
    }
    gone = {"kind": "oauth_application", "operation": "unchanged", "changes": []}
    assert left([application, tokens]) == (
        "Switching back failed, too: no docker Left in the LMS, and accepted by it: the application xpro-oauth-app "
        "(rotated out), 2 API tokens of xpro_serviceworker. The app may take the LMS without its client secret until "
        "then. Fix: mend that, then run `ansible-playbook mitodl.openedx.rotate --limit xpro.odl.local` again, or the "
        "app's playbook: either ends it."
    )
    assert "Left in the LMS" not in left([gone])
    assert "The LMS does not answer, so what is left in it is not known." in left(None)
    asks = "The app asks the LMS for its client secret, so nobody logs in until then if they differ in it."
    assert asks in begun().left([gone], "no docker", confidential=True)
    assert left([gone], "").startswith("The old credentials are not revoked. Fix:")


def test_what_a_run_takes_away_after_a_rotation_that_was_broken_off():
    rows = replace(Rotation(declared()), token="the token")
    client, token = asked("finish", rows)
    assert client == {
        "name": "xpro-oauth-app (rotated out)",
        "state": "absent",
        "transfer_tokens_to": "xpro-oauth-app",
    }
    assert (token["token"], token["exclusive"]) == ("the token", True)
    assert [name for name, step in STEPS.items() if step.releases] == ["revoke", "finish"]
    assert rows.claim == "rotation of xpro-oauth-app"


@pytest.mark.parametrize(("given", "days"), [({}, "3650"), ({"edx_oauth_provider_token_days": 90}, "90")])
def test_a_new_token_lives_as_long_as_one_of_a_run(given, days):
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    assert jinja2.Template(defaults["sso_rotation_token_days"]).render(given) == days
