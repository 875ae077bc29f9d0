# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app that moves to another LMS: how that is seen, what goes with it, and what is said of what stays."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import moves
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.moves import NOTE, Former, Left

OLD, NEW = "http://old.example.org:8000", "https://new.example.org"
LONG = "0123456789abcdefghijklmn"
ENV = {
    "OPENEDX_API_BASE_URL": OLD,
    "OPENEDX_OAUTH_PROVIDER": "ol-oauth2-xpro",
    "OPENEDX_API_CLIENT_ID": LONG + "-id",
    "OPENEDX_API_CLIENT_SECRET": LONG + "-secret",
    "OPENEDX_SERVICE_WORKER_API_TOKEN": LONG + "-token",
    "OPENEDX_SERVICE_WORKER_USERNAME": "worker",
}
LEFT = Former(OLD, "ol-oauth2-xpro")
APP = {"name": "xpro", "host": "xpro"}


def test_an_app_is_left_where_its_env_leads_elsewhere():
    assert moves.left(ENV, NEW) == LEFT
    assert (LEFT.login, LEFT.complete_uri) == (
        f"{OLD}/auth/login/ol-oauth2-xpro/",
        f"{OLD}/auth/complete/ol-oauth2-xpro/",
    )


@pytest.mark.parametrize(
    "env",
    [
        {**ENV, "OPENEDX_API_BASE_URL": f"{NEW}/"},
        {**ENV, "OPENEDX_API_BASE_URL": "HTTPS://New.example.org:443"},
        {**ENV, "OPENEDX_API_BASE_URL": ""},
        {**ENV, "OPENEDX_API_CLIENT_SECRET": "change-me"},
        {},
    ],
)
def test_an_app_that_was_not_elsewhere_leaves_nothing(env):
    assert moves.left(env, NEW) is None
    assert moves.offered(env, NEW, [], [OLD]) == env


def test_an_lms_that_had_that_address_before_is_the_same():
    assert moves.left(ENV, NEW, ["old.example.org:8000"]) is None
    assert (
        moves.left({**ENV, "OPENEDX_API_BASE_URL": "http://Old.example.org:8000"}, NEW, ["old.example.org:8000"])
        is None
    )


@pytest.mark.parametrize(
    ("address", "leaves"),
    [
        ("http://172.18.0.1:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://172.18.0.1:8001", True),
        ("http://93.184.216.34:8000", True),
        ("http://lms.example.org:8000", True),
    ],
)
def test_the_gateway_of_a_network_is_no_other_lms(address, leaves):
    """As where the name of the LMS did not resolve in containers; a mistake of it is mended and no move."""
    env = {**ENV, "OPENEDX_API_BASE_URL": address}
    assert (moves.left(env, "http://local.openedx.io:8000") is not None) is leaves
    assert moves.left(env, "http://10.0.0.5:8000") is not None


def test_an_address_that_was_written_otherwise_is_known_and_kept_as_the_app_has_it():
    """Browsers see no difference, but redirect URIs are compared letter for letter."""
    env = {**ENV, "OPENEDX_API_BASE_URL": "http://Old.example.org:8000"}
    assert moves.left(env, NEW).complete_uri == "http://Old.example.org:8000/auth/complete/ol-oauth2-xpro/"
    assert "OPENEDX_API_CLIENT_ID" not in moves.offered(env, NEW, [], [OLD])
    noted = {NOTE: "HTTPS://New.example.org:443/auth/login/ol-oauth2/"}
    assert moves.formers({**ENV, **noted}, NEW) == [LEFT]


def test_no_secret_goes_from_one_lms_to_another():
    told = moves.offered(ENV, NEW, [], [OLD])
    assert told == {key: ENV[key] for key in ENV if LONG not in ENV[key]}
    # One of which nothing is known may be the same under another address: by its client id it finds what it has.
    told = moves.offered(ENV, NEW, [], [])
    assert [key for key in told if LONG in told[key]] == ["OPENEDX_API_CLIENT_ID"]


def test_what_was_left_before_is_remembered_until_it_is_gone():
    older = Former("http://older:8000", "ol-oauth2")
    env = {**ENV, NOTE: f"{older.login}, {NEW}/auth/login/ol-oauth2/, nonsense"}
    assert moves.formers(env, NEW) == [older, LEFT]
    # And back again.
    assert moves.formers(env, OLD) == [older, Former(NEW, "ol-oauth2")]
    assert moves.noted({NOTE: moves.note([Left(older, "xpro").facts(), Left(LEFT, "xpro").facts()])}) == [older, LEFT]


def test_an_lms_under_a_new_address_was_not_left():
    unknown, known = Left(LEFT, "xpro").facts(), Left(LEFT, "xpro", "lms_a").facts()
    assert moves.really_left([unknown], ENV, LONG + "-secret") == []
    assert moves.really_left([unknown], ENV, LONG + "-other") == [unknown]
    # Two LMSs of the inventory are two, also where somebody gave both the same.
    assert moves.really_left([known], ENV, LONG + "-secret") == [known]


def test_what_could_not_be_removed_is_named_with_the_command():
    known, unknown = Left(LEFT, "xpro", "lms_a").facts(), Left(LEFT, "xpro").facts()
    said = moves.warning(APP, known, "it does not answer (connection refused)")
    assert said.startswith(f"xpro left {OLD} and was not removed there: it does not answer (connection refused). ")
    assert said.endswith(
        "or: ansible-playbook mitodl.openedx.remove --limit xpro -e mit_app_edx_host=lms_a -e remove_side=lms."
    )
    said = moves.warning(APP, unknown)
    assert "the inventory does not know it" in said
    assert f"(edx_lms_base_url: {OLD})" in said
    assert said.endswith(f"take it out of {NOTE} in the app's .env.")
