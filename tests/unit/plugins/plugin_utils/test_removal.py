# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a removal says: why it does not begin, what it leaves and why."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import removal

APP = {
    "name": "xpro",
    "backend_name": "ol-oauth2",
    "service_worker": "xpro_serviceworker",
    "api": True,
    "target": {},
    "lms_site": "local.openedx.io:8000",
    "lms_base_url": "http://local.openedx.io:8000",
    "base_url": "http://xpro.odl.local:8053",
    "edx_application": "edx-oauth-app",
    "migrated_application": False,
    "api_module": "courseware.api",
    "repair_command": ["repair_missing_courseware_records"],
    "env_required": {"MAILGUN_KEY": "development", "VOUCHER_COMPANY_ID": "1"},
}
ROWS = [
    {"kind": "third_party_auth_provider", "key": {"backend_name": "other"}, "left": {"people": 7, "rows": 8}},
    {
        "kind": "third_party_auth_provider",
        "key": {"backend_name": "ol-oauth2"},
        "left": {"people": 1, "rows": 2, "link_history": 5, "logins_begun": 3},
    },
    {"kind": "oauth_application", "key": {"name": "xpro-oauth-app"}},
    {"kind": "django_user", "key": {"username": "xpro_serviceworker"}},
]


def test_nothing_stands_in_the_way_where_everybody_answers():
    assert removal.refusal(APP, []) == ""


@pytest.mark.parametrize(
    ("silent", "dead", "fix"),
    [
        (
            ["app"],
            "http://xpro.odl.local:8053 does not answer",
            "-e remove_side=lms to take the other side's part away",
        ),
        (
            ["lms"],
            "http://local.openedx.io:8000 does not answer",
            "-e remove_side=app to take the other side's part away",
        ),
        (
            ["app", "lms"],
            "http://local.openedx.io:8000 and http://xpro.odl.local:8053 do not answer",
            "Start them",
        ),
    ],
)
def test_a_side_that_does_not_answer_is_named_with_the_way_out(silent, dead, fix):
    text = removal.refusal(APP, silent)
    assert text.startswith(f"{dead}. Start ")
    assert text.endswith(f"{fix}. Nothing was changed.")


def test_an_app_behind_a_gateway_that_is_not_there_is_removed_without_it():
    text = removal.refusal({**APP, "api_gateway": True}, ["app"])
    assert text.startswith("http://xpro.odl.local:8053, the gateway of xpro, does not answer. Start it; ")
    assert "give -e mit_app_api_gateway=false to ask the app itself" in text
    assert "-e remove_side=lms" in text
    assert "gateway" not in removal.refusal({**APP, "api_gateway": True}, ["lms"])


def test_a_dotenv_that_cannot_be_edited_stands_in_the_way_of_what_is_taken_out_of_it():
    seen = {"exists": True, "problem": "It has 2 names."}
    assert removal.no_dotenv(APP, "all", seen) == "xpro: It has 2 names. Nothing was changed."
    assert removal.no_dotenv(APP, "lms", seen) == removal.no_dotenv(APP, "app", {"problem": ""}) == ""


def test_what_stays_in_the_lms():
    people, records, provider, worker, rest = removal.left_in_lms(APP, ROWS, 404)
    assert people.startswith("the LMS accounts of people who logged in through xpro (1): ")
    assert records.endswith(": 5 rows of support_historicalusersocialauth, 3 of social_auth_partial")
    assert provider.startswith("the rows of the provider ol-oauth2 (2): ")
    assert worker.startswith("the service worker xpro_serviceworker, deactivated and without tokens")
    assert "made for it (profile, preferences, tours)" in worker
    assert rest.startswith("the Site local.openedx.io:8000, superusers (edx_superusers) and courses")


def test_a_worker_that_another_app_uses_stays_as_it_is():
    lines = removal.left_in_lms(APP, ROWS[:-1], 404)
    assert lines[3] == "the service worker xpro_serviceworker: another app uses it too"


@pytest.mark.parametrize(("status", "named"), [(404, False), (None, False), (302, True), (500, True), (-1, True)])
def test_a_backend_that_other_settings_name_is_said(status, named):
    lines = removal.left_in_lms(APP, ROWS, status)
    assert any("settings that are not of this collection name it too" in line for line in lines) is named


def test_what_stays_in_the_app():
    required, copies, accounts = removal.left_in_app(APP, 3, ["MAILGUN_KEY"])
    assert required == "placeholders in the .env (MAILGUN_KEY): the app does not start without them"
    assert copies.startswith("copies of the .env beside it (3, .env.*~)")
    assert accounts.startswith("the accounts of the app, and its learners' tokens for Open edX (OpenEdxApiAuth, ")
    assert "http://xpro.odl.local:8053/admin/courseware/openedxapiauth/" in accounts
    assert "run its command repair_missing_courseware_records, where it can run with that checkout's Django" in accounts
    other = removal.left_in_app({**APP, "api_module": "", "repair_command": []}, 0)[-1]
    assert other.endswith("its learners' tokens for Open edX (OpenEdxApiAuth), which no longer work")
    # What the app needs and had before is not of the collection.
    assert removal.left_in_app(APP, 0) == [accounts]
    hosts, *_others = removal.left_in_app({**APP, "manage_hosts": True, "hosts_file": "/h"}, 0)
    assert hosts == "the lines of /h: other programs may use the names"
    migrated, *_others = removal.left_in_app({**APP, "migrated_application": True}, 0)
    assert migrated.startswith("the OAuth2 application edx-oauth-app, without this LMS's redirect URI")


def test_the_report():
    assert removal.report(APP, ["one", "two"]) == ["What stays of xpro, and why:", "  - one", "  - two"]


def test_where_a_login_would_begin():
    assert removal.login_url(APP) == "http://local.openedx.io:8000/auth/login/ol-oauth2/?auth_entry=login"


def test_an_app_that_only_logged_people_in_leaves_no_worker_and_no_tokens():
    only = {**APP, "api": False, "target": {"type": "none"}, "env_required": {}}
    assert not [line for line in removal.left_in_lms(only, ROWS, 404) if "service worker" in line]
    client, accounts = removal.left_in_app(only, 0)
    assert ("registered in the app" in client, accounts) == (True, "the accounts of the app")
