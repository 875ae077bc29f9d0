# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/app.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import app
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.look import Look, clean
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.agent import Scrubber
from chain import LMS, cases, hops_of, named, row

SECRET = "OPENEDX_API_CLIENT_SECRET"
# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    (
        "app.env",
        "failed",
        "OPENEDX_API_BASE_URL, OPENEDX_API_CLIENT_SECRET",
        "environment: of a compose file",
        {"machine/env/differs": ["OPENEDX_API_BASE_URL", "OPENEDX_API_CLIENT_SECRET"]},
    ),
    (
        "app.env",
        "failed",
        "not integrated with this LMS: /home/me/mitxpro/.env has OPENEDX_API_CLIENT_ID=removed, as after a",
        "Run the app's playbook",
        {"machine/env/integrated": False, "machine/env/client_id": "removed"},
    ),
    (
        "app.env",
        "failed",
        "not integrated with this LMS: /home/me/mitxpro/.env has no credentials",
        "Run the app's playbook",
        {"machine/env/integrated": False, "machine/env/client_id": ""},
    ),
    (
        "app.env",
        "skipped",
        "/home/me/mitxpro/.env cannot be read",
        "",
        {"machine/env": {"there": False, "differs": []}},
    ),
    (
        "app.settings",
        "failed",
        "OPENEDX_OAUTH_PROVIDER is mitxpro-oauth2, not ol-oauth2",
        "/home/me/mitxpro/.env",
        {"app/settings/values/OPENEDX_OAUTH_PROVIDER": "mitxpro-oauth2"},
    ),
    (
        "app.settings",
        "failed",
        "OPENEDX_SOCIAL_LOGIN_PATH is None",
        "docker compose up -d",
        {"app/settings/values/OPENEDX_SOCIAL_LOGIN_PATH": None},
    ),
    (
        "app.settings",
        "failed",
        "not the client id of xpro-oauth-app",
        "mit_app_env",
        {"app/settings/values/OPENEDX_API_CLIENT_ID": "placeholder"},
    ),
    (
        "app.settings",
        "failed",
        "the base URL is http://other:8053",
        "mit_app_env",
        {"app/settings/values/SITE_BASE_URL": "http://other:8053"},
    ),
    (
        "app.cookie_domain",
        "failed",
        "in its host (local.openedx.io, not 172.17.0.1)",
        f"OPENEDX_API_BASE_URL={LMS}",
        {"app/settings/values/OPENEDX_API_BASE_URL": "http://172.17.0.1:8000"},
    ),
    (
        "app.cookie_domain",
        "failed",
        "without a dot",
        "name with a dot",
        {"app/settings/values/SITE_BASE_URL": "http://web:8053", "declared/base_url": "http://web:8053"},
    ),
    # As a browser takes them, these are the declared ones.
    (
        "app.cookie_domain",
        "ok",
        "as the browser does",
        "",
        {"app/settings/values/OPENEDX_API_BASE_URL": "http://LOCAL.openedx.io:8000/"},
    ),
    (
        "app.settings",
        "ok",
        "the declared settings",
        "",
        {
            "app/settings/values/SITE_BASE_URL": "http://xpro.odl.local:80/",
            "declared/base_url": "http://xpro.odl.local",
        },
    ),
    (
        "app.application",
        "failed",
        f"is {LMS}/auth/complete/ol-oauth2/ to a browser, but is compared letter for letter",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": ["http://LOCAL.openedx.io:8000/auth/complete/ol-oauth2/"]},
    ),
    (
        "app.application",
        "failed",
        "There is no OAuth2 application edx-oauth-app",
        "mit_app_env",
        {"app/application/rows": []},
    ),
    (
        "app.application",
        "failed",
        "2 OAuth2 applications",
        "Delete the others",
        {"app/application/rows": [row(), row(id=2)]},
    ),
    (
        "app.application",
        "failed",
        "by the slash at its end",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": [f"{LMS}/auth/complete/ol-oauth2"]},
    ),
    (
        "app.application",
        "failed",
        "port (8000, not 18000)",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": ["http://local.openedx.io:18000/auth/complete/ol-oauth2/"]},
    ),
    (
        "app.application",
        "failed",
        "scheme (http, not https)",
        "mit_app_env",
        {"app/application/rows/0/redirect_uris": ["https://local.openedx.io:8000/auth/complete/ol-oauth2/"]},
    ),
    ("app.application", "failed", "is missing", "mit_app_env", {"app/application/rows/0/redirect_uris": []}),
    (
        "app.application",
        "failed",
        "skip_authorization is False",
        "mit_app_env",
        {"app/application/rows/0/skip_authorization": False},
    ),
    (
        "app.application",
        "failed",
        "not the one of the provider row",
        "same one",
        {"app/application/rows/0/client_id": "other"},
    ),
]


def running_and_env(tmp_path, env, **runs):
    """What the probes find of an app that runs with these values, beside this text of its .env."""
    dotenv = tmp_path / ".env"
    dotenv.write_text(env)
    scrub = Scrubber()
    look = Look({"app": {"dotenv": str(dotenv)}}, scrub)
    look.setting = runs.get
    shown = clean(app.find_settings(look), scrub)
    look.request.update(running=look.handover["running"], digests=look.handover["digests"])
    return shown, app.compare_env(look)


def test_a_value_that_reads_like_a_secret_differs_from_nothing(tmp_path):
    """A removal leaves the same word for both."""
    both = {"OPENEDX_API_CLIENT_ID": "removed", "OPENEDX_API_CLIENT_SECRET": "removed"}
    shown, found = running_and_env(tmp_path, "".join(f"{key}={value}\n" for key, value in both.items()), **both)
    assert shown["values"]["OPENEDX_API_CLIENT_ID"] == "********"
    assert (found["differs"], found["integrated"], found["client_id"]) == ([], False, "removed")
    _shown, found = running_and_env(tmp_path, "OPENEDX_API_CLIENT_ID=removed\n", **{**both, SECRET: "a-real-one"})
    assert found["integrated"]
    _shown, found = running_and_env(tmp_path, "", **dict.fromkeys(both))
    assert (found["integrated"], found["client_id"]) == (False, "")


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(app) == {cause[0] for cause in CAUSES}
