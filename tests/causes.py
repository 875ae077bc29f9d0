# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a login chain, and what the doctor says of it.

The tests break each of these and hold the doctor's words against what stands here; tools/causes_table.py makes
docs/causes.md of it. So the table says what was seen.
"""

from __future__ import annotations

from typing import NamedTuple

PROVIDER_ROLE = "Run the app's playbook again (role edx_oauth_provider): it brings the row in line."
APP_ROLE = "Run the app's playbook again (role mit_app_env): it brings the app in line."
SETTINGS_ROLE = "Run the app's playbook again (role edx_private_settings), which also restarts the LMS."
SECRET_ROLES = (
    "Run the app's playbook again (roles edx_oauth_provider and mit_app_env): it gives both sides the same secret."
)

PLAYBOOK = "a run of the app's playbook"

#: What the placeholders of facts and fixes stand for in the table; the tests have their own.
EXAMPLE = {
    "lms": "http://local.openedx.io:8000",
    "lms_host": "local.openedx.io",
    "lms_port": "8000",
    "site": "local.openedx.io:8000",
    "app": "http://xpro.odl.local:8053",
    "app_host": "xpro.odl.local",
    "app_port": "8053",
    "online_port": "8013",
    "dotenv": "~/src/mitxpro/.env",
}


class Cause(NamedTuple):
    """One cause. In a fact, an ellipsis stands for what differs from case to case."""

    id: str
    broken: str
    hop: str
    fact: str
    fix: str
    #: How the test follows the fix.
    healed: str = PLAYBOOK
    status: str = "failed"
    #: Whether it shows in a login only.
    login: bool = False


LAB = [
    Cause(
        "lms-host-changed",
        "The LMS got another address: the provider row hangs on the Site of the old one",
        "lms.site",
        "No Site has the domain {site}; there are …old.openedx.io:8000",
        PROVIDER_ROLE,
    ),
    Cause(
        "provider-other-site",
        "The provider row was made on the default Site",
        "lms.provider",
        "There is no provider row for ol-oauth2 on {site}. There is an enabled row on example.com, which "
        "serves only that Site.",
        PROVIDER_ROLE,
    ),
    Cause(
        "provider-missing",
        "There is no provider row",
        "lms.provider",
        "There is no provider row for ol-oauth2 on {site}.",
        PROVIDER_ROLE,
    ),
    Cause(
        "provider-disabled",
        "The newest provider row is disabled; enabled rows before it do not count",
        "lms.provider",
        "The newest provider row for ol-oauth2 on {site} (of … is disabled.",
        PROVIDER_ROLE,
    ),
    Cause(
        "backend-missing",
        "private.py lost the lines that add the backend",
        "lms.backend",
        "No class of AUTHENTICATION_BACKENDS has the name ol-oauth2",
        f"{SETTINGS_ROLE} By hand: install ol-social-auth and put ol_social_auth.backends.OLOAuth2 into "
        "AUTHENTICATION_BACKENDS.",
    ),
    Cause(
        "secret-hashed",
        "The secret in the provider row is the hash that configure_instance prints",
        "lms.secret",
        "The app refuses the LMS: the secret in the provider row is a password hash: all that "
        "configure_instance and the admin show.",
        SECRET_ROLES,
    ),
]

DOCKER: list[Cause] = []

#: The tables of docs/causes.md.
LISTS = {"Seen in the embedded lab": LAB}
