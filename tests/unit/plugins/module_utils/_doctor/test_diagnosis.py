# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the verdicts of a whole chain hang together, and that the catalogue holds every hop."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor import catalogue
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE, PLACES, ROOMS
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import diagnose, message
from chain import APP, LMS, by_id, dance, healthy, put, step


def test_a_healthy_chain_has_only_good_hops():
    hops = diagnose(healthy())
    assert {entry["id"]: entry["fact"] for entry in hops if entry["status"] != "ok"} == {}
    assert all(entry["proves"] and entry["title"] and not entry["fix"] for entry in hops)
    assert len({entry["id"] for entry in hops}) == len(hops)
    assert {entry["side"] for entry in hops} == {"app", "lms", "browser", "network"}


def test_a_hop_behind_a_broken_one_is_skipped_and_says_why():
    seen = healthy()
    put(seen, "app/lms/kind", "refused")
    put(seen, "app/lms/error", "connection refused")
    for probe in ("client", "me", "accounts", "user", "sync", "repair"):
        put(seen, f"app/{probe}", None)
    found = by_id(seen)
    for hop in ("app.client", "app.token", "app.token_staff", "login.app", "commands.sync"):
        assert (found[hop]["status"], found[hop]["fact"]) == ("skipped", "not judged, because app.reaches_lms failed")


def test_a_probe_that_looked_at_nothing_is_no_reason_to_say_that_all_is_well():
    seen = healthy()
    put(seen, "lms/token_url", None)
    put(seen, "lms/secret", None)
    found = by_id(seen)["lms.reaches_app"]
    assert (found["status"], found["fix"]) == ("failed", "Run it again with -vvv.")
    assert found["fact"] == "Its probe found nothing to look at, which no earlier hop explains."


def test_the_hop_after_which_nothing_was_seen_is_named_where_it_was_looked_for():
    seen = healthy()
    put(seen, "app/lms/kind", "refused")
    put(seen, "app/lms/error", "connection refused")
    put(seen, "lms/token_url", None)
    put(seen, "lms/secret", None)
    after = "not judged, because its probe found nothing to look at after {} failed"
    found = by_id(seen)["lms.reaches_app"]
    assert (found["status"], found["fact"]) == ("skipped", after.format("app.reaches_lms"))
    put(seen, "lms/worker", {"broken": "ValueError: x"})
    assert by_id(seen)["lms.reaches_app"]["fact"] == after.format("lms.worker")


def test_a_failure_that_comes_from_another_is_no_finding_of_its_own():
    """And those that do not come from one another are told together, each with its fix."""
    seen = healthy()
    put(seen, "app/client", {**seen.app["client"], "answer": "invalid_client", "status": 401})
    put(seen, "app/user", dance(step(f"{LMS}/oauth2/access_token", 401)))
    seen.silent["lms"] = "tutor: No such file or directory. Fix: Install Tutor."
    seen.lms.clear()
    hops = diagnose(seen)
    first, second = message(hops).splitlines()
    assert first == "lms.starts: tutor: No such file or directory. Fix: Install Tutor."
    assert second.startswith("app.client: The LMS refuses the client id or secret that the app runs with")
    assert " Fix: Run the app's playbook again (role mit_app_env)" in second
    found = {hop["id"]: hop["fact"] for hop in hops}
    assert found["login.app"] == "not judged, because app.client failed"


def test_of_an_app_that_was_removed_the_doctor_says_that_and_no_more():
    seen = healthy()
    put(seen, "machine/env", {**seen.machine["env"], "integrated": False, "client_id": "removed"})
    put(seen, "app/settings/values/OPENEDX_OAUTH_PROVIDER", None)
    # At the address that it comes with.
    put(seen, "app/lms/kind", "refused")
    put(seen, "app/lms/error", "connection refused")
    put(seen, "app/application/rows", [])
    put(seen, "lms/application/rows", [])
    put(seen, "lms/worker/is_active", False)
    put(seen, "machine/services/services/celery/state", "exited")
    found = by_id(seen)
    assert found["app.env"]["fact"].startswith("The app is not integrated with this LMS")
    parts = ("app.reaches_lms", "app.settings", "app.application", "lms.application", "lms.worker")
    assert {found[part]["fact"] for part in parts} == {"not judged, because app.env failed"}
    # What has nothing to do with it stays a finding.
    assert found["app.services"]["status"] == "warning"
    assert [hop for hop, entry in found.items() if entry["status"] == "failed"] == ["app.env"]
    assert "explains" not in found["app.env"]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_of_an_app_that_is_stopped_its_web_server_says_nothing_more(status):
    seen = healthy()
    seen.silent["app"] = 'The compose target gave no answer. It said: service "web" is not running Fix: start it first.'
    seen.app.clear()
    for evidence in ("browser/app_answer", "lms/user_info", "lms/secret"):
        put(seen, f"{evidence}/url", f"{APP}/api/users/me")
        put(seen, f"{evidence}/status", status)
        put(seen, f"{evidence}/answer", None)
    # Another server that is broken is a finding.
    put(seen, "browser/authorize/status", 502)
    found = by_id(seen)
    assert [hop for hop, entry in found.items() if entry["status"] == "failed"] == ["app.starts", "browser.authorize"]
    for hop in ("browser.app", "lms.user_info", "lms.secret"):
        assert found[hop]["fact"] == "not judged, because app.starts failed"


def test_of_an_app_that_this_machine_cannot_look_into_its_answers_stay_findings():
    seen = healthy()
    seen.silent["app"] = "docker: No such file or directory. Fix: Install Docker."
    seen.app.clear()
    put(seen, "browser/app_answer/status", 502)
    assert [hop for hop, entry in by_id(seen).items() if entry["status"] == "failed"] == ["app.starts", "browser.app"]


def test_what_a_hop_proves_is_one_line():
    assert [entry["id"] for entry in diagnose(healthy()) if entry["proves"] != " ".join(entry["proves"].split())] == []


def test_what_was_not_wanted_is_skipped_with_the_reason():
    seen = healthy()
    seen.unwanted = {"login": "not tried: it was not asked for", "commands": "not tried: check mode"}
    found = by_id(seen)
    assert {hop: entry["fact"] for hop, entry in found.items() if entry["status"] == "skipped"} == {
        "login.app": "not tried: it was not asked for",
        "login.token": "not tried: it was not asked for",
        "login.browser": "not tried: it was not asked for",
        "login.linked": "not tried: it was not asked for",
        "lms.removal": "not tried: it was not asked for",
        "app.removal": "not tried: it was not asked for",
        "commands.sync": "not tried: check mode",
        "commands.repair": "not tried: check mode",
    }


def test_a_probe_that_breaks_is_a_failed_hop_and_not_a_crash():
    seen = healthy()
    seen.app["user"] = {"broken": "it did not end within 60 seconds (the option timeout)", "seconds": 60.0}
    found = by_id(seen)["login.app"]
    assert (found["status"], found["seconds"]) == ("failed", 60.0)
    assert "60 seconds" in found["fact"]


@pytest.mark.parametrize(
    "said",
    [
        "OperationalError: no such column: third_party_auth_oauth2providerconfig.was_valid_at",
        "ProgrammingError: (1146, \"Table 'openedx.site_configuration' doesn't exist\")",
        "OperationalError: (1054, \"Unknown column 'x.y' in 'field list'\")",
        'ProgrammingError: relation "users_user" does not exist LINE 1: SELECT',
    ],
)
def test_a_database_that_is_older_than_the_code_is_named_with_the_migrations(said):
    seen = healthy()
    seen.lms["provider"] = {"broken": said}
    found = by_id(seen)["lms.provider"]
    assert found["fact"] == f"The database of the LMS is older than its code: {said}."
    assert found["fix"] == "Run the migrations of the LMS (tutor dev do init --limit lms)."


def test_a_row_that_another_run_removes_meanwhile_is_no_broken_probe():
    seen = healthy()
    seen.lms["provider"] = {"broken": "DoesNotExist: Application matching query does not exist."}
    found = by_id(seen)["lms.provider"]
    assert found["fact"].startswith("A row of the LMS went while it was looked at: DoesNotExist")
    assert found["fix"] == "Let the run end that removes or rotates it, then run it again."


def test_the_order_of_the_catalogue_is_that_of_causes():
    """The judges of a hop may rely on it: what a hop needs comes before it, and so do the probes."""
    order = [hop.id for hop in CATALOGUE]
    assert order[:2] == ["app.starts", "lms.starts"]
    for hop in CATALOGUE:
        assert all(order.index(need) < order.index(hop.id) for need in (*hop.needs, *hop.after)), hop.id
    assert {hop.evidence for hop in CATALOGUE} - {""} <= set(PLACES)
    assert PLACES.index("app.lms") < PLACES.index("app.client") < PLACES.index("app.user") < PLACES.index("app.sync")
    assert PLACES.index("lms.linked") < PLACES.index("lms.removal")


def test_every_file_of_hops_is_in_the_catalogue_and_has_its_test():
    rooms = {room.rpartition(".")[2] for room in ROOMS}
    code = Path(catalogue.__file__).with_name("hops")
    assert rooms == {path.stem for path in code.glob("*.py")} - {"__init__"}
    assert {f"test_{room}" for room in rooms} <= {path.stem for path in Path(__file__).parent.glob("test_*.py")}
