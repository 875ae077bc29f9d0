# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the keys of an app's .env may be shown."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env


def test_what_sounds_like_a_secret_and_what_was_said_to_be_one_are_kept_apart():
    values = {"HOST": "a", "SMTP_PASSWORD": "b", "mailgun_key": "c", "DSN": "d", "OPENEDX_API_CLIENT_ID": "e"}
    plain, hidden = app_env.told_apart(values, {"DSN": "d"})
    assert plain == {"HOST": "a", "OPENEDX_API_CLIENT_ID": "e"}
    assert hidden == {"SMTP_PASSWORD": "b", "mailgun_key": "c", "DSN": "d"}


def test_what_is_given_needs_no_default():
    app = {"env_required": {"MAILGUN_KEY": "development", "VOUCHER_COMPANY_ID": "1"}}
    assert app_env.defaults(app, {"OTHER": "x"}, {"MAILGUN_KEY": "given"}) == {"VOUCHER_COMPANY_ID": "1"}
    assert app_env.placeholders(app) == {**app_env.PLACEHOLDERS, **app["env_required"]}


def test_only_what_this_collection_has_published_is_no_secret():
    app = {"env_required": {"MAILGUN_KEY": "development", "EXTERNAL_COURSE_SYNC_API_KEY": "given", "OWN_KEY": "mine"}}
    assert app_env.public(app) == {**app_env.PLACEHOLDERS, "MAILGUN_KEY": "development"}


def test_an_application_that_a_migration_made_stays_without_the_lms():
    app = {"edx_application": "edx-oauth-app", "complete_uris": ["http://lms/"], "migrated_application": False}
    gone = {"name": "edx-oauth-app", "state": "absent"}
    assert app_env.no_application(app) == gone
    assert app_env.no_application({**app, "migrated_application": True}) == {
        **gone,
        "on_absent": "withdraw",
        "redirect_uris": ["http://lms/"],
    }
