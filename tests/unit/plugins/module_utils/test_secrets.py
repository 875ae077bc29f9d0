# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names say that a value is a secret: one decision for `.env`, Tutor's configuration, rows and logs."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv, _long_command, _tutor_project
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import is_secret, named, veiled
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env

SECRETS = (
    "SECRET_KEY",
    "OPENEDX_API_CLIENT_SECRET",
    "password",
    "SMTP_PASSWORD",
    "DB_PASSWD",
    "api-key",
    "apiKey",
    "KEY",
    "AWS_ACCESS_KEY_ID",
    "client.secret",
    "credentials",
    "SSH_PASSPHRASE",
    "SOCIAL_AUTH_TOKEN_2",
    # These end like an address, a path or a span of time in part of a word only.
    "SECRET_MESSAGE",
    "TOKEN_PROFILE",
    "PRIVATE_KEY_OF_CURL",
    # The address comes first: this is the secret of one.
    "URL_SECRET",
    "TIMEOUT_TOKEN",
)
OTHERS = (
    "ACCESS_TOKEN_URL",
    "accessTokenUrl",
    "tokenURL",
    "TOKEN_ENDPOINT",
    "PASSWORD_RESET_URI",
    "token_urls",
    "SECRET_FILE",
    "private-key-path",
    "SSH_KEY_DIR",
    "TOKEN_EXPIRE_SECONDS",
    "edx_oauth_provider_token_days",
    "PASSWORD_RESET_TIMEOUT",
    "JWT_TOKEN_EXPIRATION",
    "SESSION_TOKEN_AGE",
    "LMS_HOST",
    "name",
    "",
    7,
)
CASES = [*((name, True) for name in SECRETS), *((name, False) for name in OTHERS)]


@pytest.mark.parametrize(("name", "secret"), CASES)
def test_a_name_says_whether_its_value_is_a_secret(name, secret):
    assert is_secret(name) is secret


@pytest.mark.parametrize(("name", "secret"), [case for case in CASES if str(case[0]).isidentifier()])
def test_everything_that_shows_a_value_asks_the_same(name, secret):
    value = "some-value-of-it"
    edit = _dotenv.edit("", values={name: value})
    project = _tutor_project.Project._shown({name: None}, {name: value}, [name])
    seen = {
        "dotenv": not any(value in line for line in edit.after),
        "extra keys": app_env.told_apart({name: value}, ()) == ({}, {name: value}),
        "Tutor's configuration": value not in project["after"],
        "logs of Tutor": value in _long_command.secrets_of(f"{name}: {value}\n"),
        "rows": value not in str(veiled({name: value})),
        "messages": value in named({name: value}),
    }
    assert set(seen.values()) == {secret}, seen
