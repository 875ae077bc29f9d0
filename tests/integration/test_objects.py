# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module for Django objects on both sides: each option set, read back from the database itself, and changed.

The sides differ where it matters: the LMS stores client secrets as text, the app (a newer toolkit) as hashes. Their
Django is started once for all; one test of each kind begins as Ansible does, with a module's process and a start.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from checkout import copied
from hypothesis import given, settings
from hypothesis import strategies as st

SIDES = ("lms", "xpro")
USERS = {"lms": "auth_user", "xpro": "users_user"}
# A row that Django itself makes.
SITE = "example.com"


@pytest.fixture(scope="module")
def sides(lab):
    """Both sides as the playbook leaves them, with a user and an application to point at on each."""
    lab.back_to("converged")
    for side in SIDES:
        run(lab, side, "django_user", username="owner", email="owner@example.org")
        run(lab, side, "django_user", username="heir", email="heir@example.org")
        application = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
        run(lab, side, "oauth_application", name="holder", **application)
    return lab


def run(lab, side, module, check=False, **options):
    return lab.warm.run(side, module, check, **options)


def same_secret(given, stored):
    """Whether a stored secret is the given one, by Django's format of hashes and not by Django."""
    if not stored.startswith("pbkdf2_sha256$"):
        return given == stored
    _name, rounds, salt, digest = stored.split("$")
    computed = hashlib.pbkdf2_hmac("sha256", given.encode(), salt.encode(), int(rounds))
    return base64.b64decode(digest) == computed


def utc(text):
    return datetime.fromisoformat(text)


# -- what the database says, in the form in which it is declared ------------------------------------------------------


def site(lab, side):
    return lab.sql(side, "select * from django_site where domain = 'new.example.org:8000'")


def user(lab, side):
    if side == "lms":
        people = "select u.*, p.name from auth_user u join auth_userprofile p on p.user_id = u.id"
    else:
        people = "select u.* from users_user u"
    return [
        {**row, **{name: bool(row[name]) for name in ("is_active", "is_staff", "is_superuser")}}
        for row in lab.sql(side, people + " where u.username = 'walter'")
    ]


def application(lab, side):
    users = "auth_user" if side == "lms" else "users_user"
    found = lab.sql(
        side,
        f"""select a.*, u.username as user from oauth2_provider_application a left join {users} u on u.id = a.user_id
        where a.name = 'new'""",
    )
    words = {"redirect_uris", "post_logout_redirect_uris"}
    return [
        {name: sorted(value.split()) if name in words else value for name, value in row.items()}
        | {"skip_authorization": bool(row["skip_authorization"])}
        for row in found
    ]


def token(lab, side):
    users = "auth_user" if side == "lms" else "users_user"
    found = lab.sql(
        side,
        f"""select t.*, u.username as user, a.name as application from oauth2_provider_accesstoken t
        join {users} u on u.id = t.user_id left join oauth2_provider_application a on a.id = t.application_id
        where u.username = 'owner'""",
    )
    return [{**row, "scope": sorted(row["scope"].split())} for row in found]


def provider(lab, side):
    found = lab.sql(
        side,
        """select p.*, p.key as client_id, p.secret as client_secret, s.domain as site
        from third_party_auth_oauth2providerconfig p join django_site s on s.id = p.site_id
        where p.backend_name = 'new' order by p.change_date desc, p.id desc limit 1""",
    )
    flags = {name for name, spec in KINDS["third_party_auth_provider"].fields.items() if spec.type == "bool"}
    return [
        {name: bool(value) if name in flags else value for name, value in row.items()}
        | {"other_settings": json.loads(row["other_settings"])}
        for row in found
        if row["enabled"]
    ]


@dataclass
class Case:
    """One object on one side: its key, two sets of options, what the database says, and a drift with its diff."""

    module: str
    side: str
    key: dict
    first: dict
    second: dict
    read: Callable
    drift: str
    drifted: set[str]
    virtual: set[str] = field(default_factory=set)

    @property
    def id(self):
        return f"{self.module}-{self.side}"


CONFIDENTIAL = {"client_type": "confidential", "authorization_grant_type": "authorization-code", "algorithm": "HS256"}
PUBLIC = {"client_type": "public", "authorization_grant_type": "client-credentials", "algorithm": ""}


def application_case(side, first=None, second=None):
    return Case(
        "oauth_application",
        side,
        {"name": "new"},
        {
            **CONFIDENTIAL,
            "client_id": "first-client-id",
            "client_secret": "first-client-secret",
            "user": "owner",
            "redirect_uris": ["http://a.example.org/", "http://b.example.org/"],
            "skip_authorization": True,
            **(first or {}),
        },
        {
            **PUBLIC,
            "client_id": "second-client-id",
            "client_secret": "second-client-secret",
            "user": "heir",
            "redirect_uris": ["http://b.example.org/"],
            "redirect_uris_behavior": "exact",
            "on_absent": "delete",
            "skip_authorization": False,
            "update_secret": "always",
            **(second or {}),
        },
        application,
        "update oauth2_provider_application set skip_authorization = 1, client_secret = 'x' where name = 'new'",
        {"skip_authorization", "client_secret"},
        {"redirect_uris_behavior", "on_absent", "update_secret"},
    )


def user_case(side):
    table = "auth_user" if side == "lms" else "users_user"
    return Case(
        "django_user",
        side,
        {"username": "walter"},
        {
            "email": "walter@example.org",
            "name": "Walter One",
            "is_active": True,
            "is_staff": True,
            "is_superuser": False,
            "password": "first-password",
        },
        {
            "email": "second@example.org",
            "name": "Walter Two",
            "is_active": False,
            "is_staff": False,
            "is_superuser": True,
            "password": "second-password",
            "update_password": "always",
            "usable_password": True,
            "on_absent": "delete",
        },
        user,
        f"update {table} set is_superuser = 0, email = 'else@example.org' where username = 'walter'",
        {"is_superuser", "email"},
        {"update_password", "usable_password", "on_absent"},
    )


def token_case(side):
    return Case(
        "oauth_access_token",
        side,
        {"user": "owner"},
        {"application": "holder", "token": "first-token", "scope": ["read"], "expires_in_days": 10},
        {"token": "first-token", "scope": ["read", "write"], "expires_in_days": 400, "renew_before_days": 30}
        | {"update_secret": "always"},
        token,
        "update oauth2_provider_accesstoken set scope = 'write', expires = '2020-01-01' where token = 'first-token'",
        {"scope", "expires"},
        {"expires_in_days", "renew_before_days", "update_secret"},
    )


def plain_case(module, side, key, first, second):
    """A kind whose options are columns of its table, each with another value in the second set; see new_kind.py."""
    kind, ((name, value),) = KINDS[module], key.items()
    table, columns = (
        kind.label.lower().replace(".", "_"),
        {name: spec.orm or name for name, spec in kind.fields.items()},
    )

    def read(lab, side):
        found = lab.sql(side, f"select * from {table} where {columns[name]} = ?", value)
        flags = {option for option, spec in kind.fields.items() if spec.type == "bool"}
        return [
            {option: bool(row[column]) if option in flags else row[column] for option, column in columns.items()}
            for row in found
        ]

    drifted = next(iter(first))
    literal = int(first[drifted]) if isinstance(first[drifted], bool) else repr(first[drifted])
    drift = f"update {table} set {columns[drifted]} = {literal} where {columns[name]} = '{value}'"
    return Case(module, side, key, first, second, read, drift, {drifted})


FLAGS = [
    name
    for name, spec in KINDS["third_party_auth_provider"].fields.items()
    if spec.type == "bool" and name != "enabled"
]
CASES = [
    Case(
        "django_site",
        "lms",
        {"domain": "new.example.org:8000"},
        {"name": "One"},
        {"name": "Two"},
        site,
        "update django_site set name = 'x' where domain = 'new.example.org:8000'",
        {"name"},
    ),
    user_case("lms"),
    user_case("xpro"),
    application_case("lms"),
    application_case(
        "xpro",
        {"post_logout_redirect_uris": ["http://a.example.org/bye"]},
        {"post_logout_redirect_uris": ["http://b.example.org/bye"]},
    ),
    token_case("lms"),
    token_case("xpro"),
    Case(
        "third_party_auth_provider",
        "lms",
        {"backend_name": "new", "site": SITE},
        {
            **dict.fromkeys(FLAGS, True),
            "enabled": True,
            "name": "One",
            "slug": "one",
            "client_id": "first-id",
            "client_secret": "first-secret",
            "other_settings": {"API_ROOT": "http://a.example.org/"},
            "icon_class": "fa-one",
            "max_session_length": 60,
        },
        {
            **dict.fromkeys(FLAGS, False),
            "enabled": True,
            "name": "Two",
            "slug": "two",
            "client_id": "second-id",
            "client_secret": "second-secret",
            "update_secret": "always",
            "other_settings": {"API_ROOT": "http://b.example.org/", "X": [1]},
            "icon_class": "fa-two",
            "max_session_length": 90,
        },
        provider,
        "update third_party_auth_oauth2providerconfig set name = 'x', secret = 'y' where backend_name = 'new'",
        {"name", "client_secret"},
        {"update_secret"},
    ),
]


def assert_stored(case, lab, declared):
    (row,) = case.read(lab, case.side)
    for option, value in {**case.key, **declared}.items():
        if option in case.virtual:
            continue
        if option in ("client_secret", "password", "token"):
            assert same_secret(value, row[option]), option
        else:
            assert row[option] == (sorted(value) if isinstance(value, list) else value), option
    if "expires_in_days" in declared:
        left = utc(row["expires"]) - datetime.now()
        assert timedelta(days=declared["expires_in_days"] - 1) < left <= timedelta(days=declared["expires_in_days"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_option_reaches_the_database_and_is_compared_truthfully(sides, case):
    lab, database = sides, sides.database(case.side)

    def do(check=False, **options):
        return run(lab, case.side, case.module, check, **{**case.key, **options})

    before = database.read_bytes()
    planned = do(check=True, **case.first)
    assert planned["changed"], planned
    assert database.read_bytes() == before
    made = do(**case.first)
    assert made["diff"] == planned["diff"] or "expires" in str(made)
    assert made["objects"][0]["operation"] == "created"
    assert_stored(case, lab, case.first)

    before = database.read_bytes()
    for check in (False, True):
        again = do(check=check, **case.first)
        assert (again["changed"], again["diff"]) == (False, []), again
        assert database.read_bytes() == before

    changed = do(**case.second)
    assert changed["objects"][0]["operation"] == "updated"
    assert_stored(case, lab, case.second)
    assert not do(**case.second)["changed"]

    lab.sql(case.side, case.drift)
    before = database.read_bytes()
    named = do(check=True, **case.second)
    assert {change["field"] for change in named["objects"][0]["changes"]} == case.drifted
    assert database.read_bytes() == before
    assert do(**case.second)["changed"]
    assert_stored(case, lab, case.second)

    assert not shown(planned, made, changed, named)

    gone = {"state": "absent", **{name: case.second[name] for name in ("token",) if name in case.second}}
    before = database.read_bytes()
    assert do(check=True, **gone)["changed"]
    assert database.read_bytes() == before
    assert do(**gone)["objects"][0]["operation"] == "removed"
    assert case.read(lab, case.side) == []
    assert not do(**gone)["changed"]


ODD = [
    "'",
    '"',
    "\\",
    "\n",
    "\r",
    "\t",
    "\x1b",
    "\u202e",
    "\u2028",
    "$HOME",
    "{{ x }}",
    "%s",
    "<b>",
    "é",
    "😀",
    " ",
    "\0",
]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.lists(st.sampled_from(ODD), max_size=5).map("".join)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXTS, part, max_size=3),
    max_leaves=5,
)
ANY = {
    str: TEXTS,
    list: st.lists(TEXTS, max_size=3),
    dict: st.dictionaries(TEXTS, DATA, max_size=3),
    int: st.integers(),
}
OPTIONS = [
    pytest.param(case, option, id=f"{case.id}-{option}")
    for case in CASES
    for option, value in case.second.items()
    if option not in case.virtual and type(value) in ANY
]
#: Where these are empty, they are not given: what is there stays, and is made where there is nothing.
CREDENTIALS = ("client_id", "password", "token")


@pytest.mark.parametrize(("case", "option"), OPTIONS)
def test_what_is_given_arrives_as_it_is_or_is_refused(sides, case, option):
    lab, database = sides, sides.database(case.side)
    how = {name: value for name, value in case.second.items() if name.startswith("update_") or "behavior" in name}
    assert not run(lab, case.side, case.module, **case.key, **case.first).get("failed")

    # The same in each run: what it finds is no flake.
    @settings(max_examples=int(os.environ.get("EXAMPLES") or 30), deadline=None, derandomize=True, database=None)
    @given(value=ANY[type(case.second[option])])
    def holds(value):
        before, rows = database.read_bytes(), case.read(lab, case.side)
        given = {**case.key, option: value, **how}
        result = run(lab, case.side, case.module, **given)
        if result.get("failed"):
            assert "Traceback" not in result["msg"]
            assert database.read_bytes() == before
        elif option in CREDENTIALS and not value:
            assert case.read(lab, case.side) == rows
        else:
            words = {word for text in value for word in text.split()} if isinstance(value, list) else ()
            assert_stored(case, lab, {option: list(words) if isinstance(value, list) else value})
            assert not run(lab, case.side, case.module, **given)["changed"]

    holds()
    (row,) = case.read(lab, case.side)
    last = {"token": row["token"]} if "token" in case.first else {}
    last |= {"on_absent": "delete"} if "on_absent" in case.second else {}
    assert run(lab, case.side, case.module, **case.key, **last, state="absent")["changed"]


def shown(*results):
    """The secrets of the cases that can be read in results."""
    secrets = {
        value
        for case in CASES
        for declared in (case.first, case.second)
        for name, value in declared.items()
        if name in ("client_secret", "password", "token")
    }
    return {secret for secret in secrets if secret in json.dumps(results)}


@pytest.mark.parametrize("case", {case.module: case for case in CASES}.values(), ids=lambda case: case.module)
def test_a_module_is_a_process_and_a_start(sides, case):
    """As Ansible runs it, for one object of each kind."""
    boots = len(sides.boots())
    made = sides.warm.start(case.side, case.module, **case.key, **case.first)
    assert len(sides.boots()) - boots == made["boots"] == 1
    assert (made["changed"], shown(made)) == (True, set())
    assert_stored(case, sides, case.first)
    given = {"token": case.first["token"]} if "token" in case.first else {}
    assert run(sides, case.side, case.module, **case.key, **given, state="absent")["changed"]


def test_every_option_of_every_kind_is_tested():
    rotating = {"keep_old_as", "transfer_tokens_to", "transfer_credentials", "exclusive"}  # See test_new_credentials...
    for name, kind in KINDS.items():
        # See test_takeover.py, and the test of redirect URIs below.
        tested = {"state", "refuse_takeover", "redirect_uris_absent"} | rotating
        for case in CASES:
            if case.module == name:
                tested |= {*case.key, *case.first, *case.second}
        assert tested >= set(kind.arguments()), name


def test_redirect_uris_are_added_and_taken_away_beside_those_of_others(sides):
    def converge(**options):
        return run(sides, "xpro", "oauth_application", name="mixed", **options)["changed"]

    assert converge(**CONFIDENTIAL, redirect_uris=["http://old.example.org/", "http://other.example.org/"])
    moved = {
        "redirect_uris": ["http://new.example.org/"],
        "redirect_uris_behavior": "add",
        "redirect_uris_absent": ["http://old.example.org/"],
    }
    assert (converge(**moved), converge(**moved)) == (True, False)
    stored = sides.one("xpro", "select redirect_uris from oauth2_provider_application where name = 'mixed'")
    assert stored["redirect_uris"].split() == ["http://new.example.org/", "http://other.example.org/"]
    assert converge(state="absent")


def test_tokens_that_nobody_names_are_removed_at_once(sides):
    token = {"user": "owner", "application": "holder", "expires_in_days": 9, "token": "named"}
    run(sides, "lms", "oauth_access_token", **token)
    key = {"user": "owner", "application": "holder"}
    for _other in range(2):
        run(sides, "lms", "oauth_access_token", **key, expires_in_days=9, update_secret="renew")
    absent = {**key, "state": "absent"}
    assert run(sides, "lms", "oauth_access_token", **absent, token="named")["objects"][0]["changes"][1:] == []
    removed = [run(sides, "lms", "oauth_access_token", check, **absent) for check in (True, False, False)]
    assert [result["changed"] for result in removed] == [True, True, False]
    assert removed[1]["objects"][0]["changes"][1] == {"field": "other tokens", "before": 1, "after": 0}


def test_an_entry_of_a_list_may_be_several_words(sides):
    """As scopes are often written."""
    token = {"user": "owner", "application": "holder", "expires_in_days": 9, "scope": ["read write"]}
    made, again = (run(sides, "lms", "oauth_access_token", **token) for _run in range(2))
    assert (made["changed"], again["changed"]) == (True, False)
    assert again["objects"][0]["fields"]["scope"] == ["read", "write"]
    assert run(sides, "lms", "oauth_access_token", **token, state="absent")["changed"]


def test_many_objects_cost_one_start_and_may_point_at_each_other(sides):
    objects = [
        {"kind": "django_site", "options": {"domain": "many.example.org"}},
        {"kind": "django_user", "options": {"username": "many", "email": "many@example.org"}},
        {
            "kind": "oauth_application",
            "options": {"name": "many", "user": "many", "redirect_uris": ["http://m/"], **CONFIDENTIAL},
        },
        {"kind": "oauth_access_token", "options": {"user": "many", "application": "many", "expires_in_days": 9}},
        {
            "kind": "third_party_auth_provider",
            "options": {"backend_name": "many", "site": "many.example.org", "enabled": True, "slug": "many"},
        },
        {"model": "auth.Group", "key": {"name": "many"}, "values": {"permissions": [{"codename": "add_user"}]}},
        {
            "model": "oauth_dispatch.ApplicationAccess",
            "key": {"application": {"name": "holder"}},
            "values": {"scopes": ["read", "user_id"]},
        },
        *({"kind": "django_site", "options": {"domain": f"{number}.example.org"}} for number in range(43)),
    ]
    boots = len(sides.boots())
    made = sides.warm.start("lms", "django_objects", objects=objects)
    assert {obj["operation"] for obj in made["objects"]} == {"created"}, made
    assert len(sides.boots()) - boots == made["boots"] == 1
    row = sides.one(
        "lms",
        """select u.username, a.name, t.scope from oauth2_provider_accesstoken t join auth_user u on u.id = t.user_id
        join oauth2_provider_application a on a.id = t.application_id where u.username = 'many' and a.user_id = u.id""",
    )
    assert (row["username"], row["name"]) == ("many", "many")
    assert sides.one("lms", "select count(*) as n from auth_group_permissions")["n"] == 1
    assert sides.one("lms", "select scopes from oauth_dispatch_applicationaccess")["scopes"] == "read,user_id"
    again = run(sides, "lms", "django_objects", objects=objects)
    assert not again["changed"], again["diff"]
    plural = run(sides, "lms", "django_site", sites=[{"domain": "many.example.org", "state": "present"}])
    assert not plural["changed"]


@pytest.mark.parametrize("side", SIDES)
def test_new_credentials_beside_the_old_ones(sides, side):
    def do(module, **options):
        result = run(sides, side, module, return_secrets=True, **options)
        assert "failed" not in result, result
        return result

    def pairs():
        found = sides.sql(side, "select * from oauth2_provider_application where name like 'pair%'")
        return {row["name"]: (row["client_id"], row["client_secret"]) for row in found}

    def tokens():
        found = sides.sql(
            side,
            """select t.token, a.name from oauth2_provider_accesstoken t
            join oauth2_provider_application a on a.id = t.application_id where a.name like 'pair%'""",
        )
        return {row["token"][:6]: row["name"] for row in found}

    do("oauth_application", name="pair", client_id=f"old-{side}", client_secret="old-secret", **PUBLIC)
    do("oauth_access_token", user="owner", application="pair", token=f"first-{side}", expires_in_days=9)
    old = pairs()["pair"]
    split = do("oauth_application", name="pair", keep_old_as="pair (old)")
    new = pairs()["pair"]
    assert pairs() == {"pair": new, "pair (old)": old}
    assert new[0] != old[0]
    assert split["objects"][0]["fields"]["client_id"] == new[0]
    assert same_secret(split["objects"][0]["secrets"]["client_secret"], new[1])
    assert not do("oauth_application", name="pair", keep_old_as="pair (old)")["changed"]
    assert pairs() == {"pair": new, "pair (old)": old}

    # What was made through the old one is not lost with it; the credentials go along only when they are to.
    do("oauth_access_token", user="owner", application="pair (old)", token=f"second-{side}", expires_in_days=9)
    assert tokens() == {"first-": "pair", "second": "pair (old)"}
    do("oauth_application", name="pair (old)", state="absent", transfer_tokens_to="pair")
    assert (pairs(), tokens()) == ({"pair": new}, {"first-": "pair", "second": "pair"})
    do("oauth_application", name="pair", keep_old_as="pair (old)")
    # In processes of their own: where Ansible's controller is loaded, a deprecation is for its display.
    old = {"name": "pair (old)", "state": "absent", "heir": "pair", "heir_takes_credentials": True}
    back = sides.warm.start(side, "oauth_application", **old)
    assert pairs() == {"pair": new}
    # By names that they had, alone and inside django_objects.
    assert len(back["deprecations"]) == 2
    do("oauth_application", name="pair", keep_old_as="pair (old)")
    options = {"name": "pair (old)", "state": "absent", "heir": "pair", "transfer_credentials": True}
    again = sides.warm.start(side, "django_objects", objects=[{"kind": "oauth_application", "options": options}])
    assert pairs() == {"pair": new}
    assert ["'heir'" in str(entry) for entry in again["deprecations"]] == [True]

    renewed = do("oauth_application", name="pair", update_secret="renew")
    assert pairs()["pair"][0] == new[0]
    assert same_secret(renewed["objects"][0]["secrets"]["client_secret"], pairs()["pair"][1])
    third = do("oauth_access_token", user="owner", application="pair", update_secret="renew", expires_in_days=9)
    assert len(tokens()) == 3
    only = {"user": "owner", "application": "pair", "token": third["objects"][0]["secrets"]["token"]}
    assert do("oauth_access_token", exclusive=True, **only)["changed"]
    assert list(tokens()) == [only["token"][:6]]
    assert not do("oauth_access_token", exclusive=True, **only)["changed"]

    # A token that takes the place of another is said once, and not as if the user were without one.
    fourth = do("oauth_access_token", user="owner", application="pair", update_secret="renew", expires_in_days=9)
    kept = fourth["objects"][0]["secrets"]["token"]
    rows = [
        {"user": "owner", "token": only["token"], "state": "absent"},
        {"user": "owner", "application": "pair", "token": kept, "exclusive": True},
    ]
    planned, replaced = (run(sides, side, "oauth_access_token", check, access_tokens=rows) for check in (True, False))
    (told,) = replaced["diff"]
    assert planned["diff"] == [told]
    assert told["after_header"] == "oauth_access_token owner (removed, another token of the user stays)"
    assert list(tokens()) == [kept[:6]]


@pytest.mark.parametrize("side", SIDES)
def test_a_user_is_deactivated_where_a_deletion_would_take_more_along(sides, side):
    def user():
        return sides.one(side, f"select * from {USERS[side]} where username = 'gone'")

    rights = {"is_active": True, "is_staff": True, "is_superuser": True}
    run(sides, side, "django_user", username="gone", email="gone@example.org", **rights)
    run(sides, side, "oauth_application", name="gone", user="gone", **CONFIDENTIAL, redirect_uris=["http://g/"])
    for application in ({"application": "gone"}, {}):
        run(sides, side, "oauth_access_token", user="gone", expires_in_days=9, **application)
    before = sides.database(side).read_bytes()
    off = {"username": "gone", "state": "absent", "on_absent": "deactivate"}
    planned = run(sides, side, "django_user", check=True, **off)
    assert sides.database(side).read_bytes() == before
    kept = {name: value for name, value in user().items() if name not in (*rights, "updated_on")}
    done = run(sides, side, "django_user", **off)
    assert done["diff"] == planned["diff"]
    assert done["diff"][0]["after_header"] == "django_user gone (deactivated)"
    assert done["objects"][0]["operation"] == "removed"
    assert "parting" not in done["objects"][0]
    assert [change["field"] for change in done["objects"][0]["changes"]] == [*rights, "tokens"]
    assert kept.items() <= user().items()
    assert [user()[name] for name in rights] == [0, 0, 0]
    assert sides.sql(side, "select * from oauth2_provider_accesstoken where user_id = ?", user()["id"]) == []
    assert len(sides.sql(side, "select * from oauth2_provider_application where name = 'gone'")) == 1
    assert not run(sides, side, "django_user", **off)["changed"]
    assert not run(sides, side, "django_user", **{**off, "username": "never"})["changed"]


@pytest.mark.parametrize("stored", ["", "!unusable"])
@pytest.mark.parametrize("side", SIDES)
def test_a_user_without_a_password_gets_one_once(sides, side, stored):
    """None at all is what `get_or_create` in a shell leaves."""
    silent = {"username": "silent", "email": "silent@example.org", "usable_password": True}
    run(sides, side, "django_user", **silent)
    sides.sql(side, f"update {USERS[side]} set password = ? where username = 'silent'", stored)
    done = run(sides, side, "django_user", **silent)
    assert [change["field"] for change in done["objects"][0]["changes"]] == ["password"]
    assert sides.one(side, f"select * from {USERS[side]} where username = 'silent'")["password"].startswith("pbkdf2_")
    assert not run(sides, side, "django_user", **silent)["changed"]


@pytest.mark.parametrize("side", SIDES)
def test_an_application_that_is_withdrawn_stays_for_others(sides, side):
    def application():
        return sides.one(side, "select * from oauth2_provider_application where name = 'shared'")

    uris = ["http://a/", "http://b/"]
    run(sides, side, "oauth_application", name="shared", **CONFIDENTIAL, redirect_uris=uris)
    before = application()
    off = {"name": "shared", "state": "absent", "on_absent": "withdraw", "redirect_uris": ["http://b/", "http://c/"]}
    planned = run(sides, side, "oauth_application", check=True, **off)
    assert application() == before
    done = run(sides, side, "oauth_application", **off)
    assert done["diff"] == planned["diff"]
    assert done["diff"][0]["after_header"] == "oauth_application shared (withdrawn)"
    assert application() == {**before, "redirect_uris": "http://a/"}
    assert not run(sides, side, "oauth_application", **off)["changed"]
    assert not run(sides, side, "oauth_application", **{**off, "name": "never"})["changed"]


def test_a_target_with_other_settings_is_refused(sides):
    objects = [{"kind": "oauth_application", "options": {"name": "unwanted", **PUBLIC}}]
    expected = {"OPENEDX_OAUTH_APP_NAME": "edx-oauth-app", "OPENEDX_API_CLIENT_SECRET": "canary-expected"}
    result = run(sides, "xpro", "django_objects", objects=objects, expect_settings=expected)
    assert "the setting OPENEDX_API_CLIENT_SECRET: the target runs with another value" in result["msg"]
    assert "OPENEDX_OAUTH_APP_NAME" not in result["msg"]
    for secret in ("canary-expected", sides.read_env()["OPENEDX_API_CLIENT_SECRET"]):
        assert secret not in json.dumps(result)
    assert sides.sql("xpro", "select * from oauth2_provider_application where name = 'unwanted'") == []
    del expected["OPENEDX_API_CLIENT_SECRET"]
    assert run(sides, "xpro", "django_objects", objects=objects, expect_settings=expected)["changed"]


WRONG = {
    "an owner who does not exist": (
        {"kind": "oauth_application", "options": {"name": "w", "user": "nobody"}},
        "there is no auth.User with username nobody",
    ),
    "a hash in the place of a secret": (
        {"kind": "oauth_application", "options": {"name": "w", "client_secret": "pbkdf2_sha256$1$a$aGFzaA=="}},
        "is a password hash, not a secret. Fix: give the clear text",
    ),
    "a redirect URI with a wrong scheme": (
        {"kind": "oauth_application", "options": {"name": "w", "redirect_uris": ["ftp://a/"], **CONFIDENTIAL}},
        "Unauthorized redirect scheme: ftp",
    ),
    "a field that this version lacks": (
        {"kind": "oauth_application", "options": {"name": "w", "post_logout_redirect_uris": ["http://a/"]}},
        "has no field post_logout_redirect_uris. Fix: leave the option out",
    ),
    "a model that is not there": ({"model": "nowhere.Nothing", "key": {"a": "b"}}, "has no model nowhere.Nothing"),
    "a field that is not there": (
        {"model": "auth.Group", "key": {"nome": "w"}},
        "has no field nome. Fix: its fields are",
    ),
    "a key of another type": ({"model": "auth.Group", "key": {"id": "x"}}, "id: "),
    "a lookup by a field that is not there": (
        {"model": "auth.Permission", "key": {"codename": "w", "content_type": {"nodel": "user"}}},
        "content_type: Cannot resolve keyword 'nodel' into field",
    ),
    "one where there are many": (
        {"model": "auth.Group", "key": {"name": "w"}, "values": {"permissions": 5}},
        "permissions: it is a list",
    ),
    "a username that is too long": (
        {"kind": "django_user", "options": {"username": "w" * 31, "email": "w@example.org"}},
        "longer than the 30 characters",
    ),
    "an e-mail that is taken": (
        {"kind": "django_user", "options": {"username": "w", "email": "Owner@example.org"}},
        "belongs to the user owner already",
    ),
    "nothing to renew": (
        {"kind": "oauth_application", "options": {"name": "w", "keep_old_as": "v"}},
        "there is nothing to renew. Fix: make it first",
    ),
    "a successor that does not exist": (
        {"kind": "oauth_application", "options": {"name": "holder", "state": "absent", "transfer_tokens_to": "nobody"}},
        "there is no oauth2_provider.Application with name nobody",
    ),
    "a token without an end": (
        {"kind": "oauth_access_token", "options": {"user": "owner"}},
        "give expires_in_days",
    ),
    "a site that does not exist": (
        {"kind": "third_party_auth_provider", "options": {"backend_name": "w", "site": "nowhere"}},
        "there is no sites.Site with domain nowhere",
    ),
    "a site in another case": (
        {"kind": "django_site", "options": {"domain": "EXAMPLE.com"}},
        "there is example.com, which Django takes for the same domain. Fix: change its domain to EXAMPLE.com",
    ),
    "a database error": ({"model": "auth.Group", "key": {"id": 1}, "values": {"id": "x"}}, "id:"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_error_names_the_object_and_nothing_is_written(sides, name):
    """The faulty object is the second of two: the good one before it must not be written either."""
    faulty, message = WRONG[name]
    before = sides.database("lms").read_bytes()
    good = {"kind": "django_site", "options": {"domain": "good.example.org"}}
    result = run(sides, "lms", "django_objects", objects=[good, faulty])
    assert result["failed"]
    assert message in result["msg"]
    assert "objects[1]" in result["msg"]
    assert "Traceback" not in result["msg"]
    assert sides.database("lms").read_bytes() == before


def absent(model, **key):
    return {"model": model, "key": key, "state": "absent"}


def refused(sides, objects, *words, checks=(True, False)):
    """Nothing is written, in check mode and without it."""
    for check in checks:
        before = sides.database("lms").read_bytes()
        result = run(sides, "lms", "django_objects", check, objects=objects)
        assert result.get("failed"), result
        assert all(word in result["msg"] for word in ("No row was changed.", "Fix: remove these first", *words)), result
        assert sides.database("lms").read_bytes() == before


def test_a_row_at_which_others_point_is_not_removed(sides):
    run(sides, "lms", "django_site", domain="pointed.example.org")
    provider = {"backend_name": "pointed", "site": "pointed.example.org", "enabled": True, "slug": "pointed"}
    assert run(sides, "lms", "third_party_auth_provider", **provider)["changed"]
    site = absent("sites.Site", domain="pointed.example.org")
    said = "with sites.Site domain=pointed.example.org other rows would be removed, because they point at it: "
    by_its_kind = {"kind": "django_site", "options": {"domain": "pointed.example.org", "state": "absent"}}
    for one in (site, by_its_kind):
        refused(sides, [one], "objects[0] ", said, "1 of third_party_auth.OAuth2ProviderConfig")
    # Nobody points at this one.
    run(sides, "lms", "django_site", domain="alone.example.org")
    alone = [absent("sites.Site", domain="alone.example.org")]
    for check, changed in ((True, True), (False, True), (False, False)):
        assert run(sides, "lms", "django_objects", check, objects=alone)["changed"] is changed


def test_a_row_takes_its_own_relations_to_many_along_and_not_those_of_others(sides):
    def links():
        return [
            sides.one("lms", f"select count(*) as n from auth_{of}")["n"] for of in ("group_permissions", "user_groups")
        ]

    group = {"model": "auth.Group", "key": {"name": "linked"}, "values": {"permissions": [{"codename": "add_user"}]}}
    begin = links()
    run(sides, "lms", "django_objects", objects=[group])
    sides.sql(
        "lms",
        "insert into auth_user_groups (user_id, group_id) select u.id, g.id from auth_user u, auth_group g"
        " where u.username = 'owner' and g.name = 'linked'",
    )
    assert links() == [begin[0] + 1, begin[1] + 1]
    refused(
        sides, [absent("auth.Group", name="linked")], "auth.Group name=linked", "point at it: 1 of auth.User_groups."
    )
    sides.sql("lms", "delete from auth_user_groups where group_id in (select id from auth_group where name = 'linked')")
    assert run(sides, "lms", "django_objects", objects=[absent("auth.Group", name="linked")])["changed"]
    assert links() == begin
    assert sides.sql("lms", "select * from auth_group where name = 'linked'") == []


def test_what_is_removed_before_does_not_point_any_more_and_what_is_made_before_does(sides):
    def rows():
        return [
            sides.one("lms", "select count(*) as n from oauth_dispatch_applicationaccess")["n"],
            sides.one("lms", "select count(*) as n from oauth2_provider_application where name = 'gated'")["n"],
        ]

    begin = rows()
    given = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
    assert run(sides, "lms", "oauth_application", name="gated", **given)["changed"]
    access = {"model": "oauth_dispatch.ApplicationAccess", "key": {"application": {"name": "gated"}}}
    gone, application = {**access, "state": "absent"}, absent("oauth2_provider.Application", name="gated")
    made = {**access, "values": {"scopes": ["read"]}}
    # Only who writes sees that.
    refused(sides, [made, application], "objects[1] ", "1 of oauth_dispatch.ApplicationAccess", checks=(False,))
    run(sides, "lms", "django_objects", objects=[made])
    refused(sides, [application, gone], "objects[0] ", "1 of oauth_dispatch.ApplicationAccess")
    for check in (True, False):
        assert run(sides, "lms", "django_objects", check, objects=[gone, application])["changed"]
    assert rows() == begin


def test_an_object_is_declared_once(sides):
    before = sides.database("lms").read_bytes()
    twice = 2 * [{"kind": "django_site", "options": {"domain": "twice.example.org"}}]
    result = run(sides, "lms", "django_objects", objects=twice)
    assert "objects[1] django_site twice.example.org: it is declared twice in one request" in result["msg"]
    assert sides.database("lms").read_bytes() == before


def test_what_the_database_refuses_takes_the_rest_along(sides):
    """No plan can see it: the two are not there yet."""
    groups = [{"model": "auth.Group", "key": {"id": number}, "values": {"name": "same"}} for number in (901, 902)]
    result = run(sides, "lms", "django_objects", objects=groups)
    assert "objects[1] auth.Group id=902: IntegrityError" in result["msg"]
    assert sides.sql("lms", "select * from auth_group where name = 'same'") == []


def test_two_rows_of_one_name_are_an_error(sides):
    columns = "client_id, client_secret, name, redirect_uris, client_type, authorization_grant_type, skip_authorization"
    for number in (1, 2):
        sides.sql(
            "lms",
            f"insert into oauth2_provider_application ({columns}, algorithm, created, updated) values"
            f" ('twin-{number}', 's', 'twin', '', 'public', 'password', 0, '', '2026-01-01', '2026-01-01')",
        )
    result = run(sides, "lms", "oauth_application", name="twin", skip_authorization=True)
    assert "2 rows of oauth2_provider.Application match name=twin" in result["msg"]
    assert "Fix: keep one" in result["msg"]


@pytest.mark.parametrize("side", SIDES)
def test_a_secret_that_is_only_for_creation_stays(sides, side):
    given = {"name": f"soft-{side}", "update_secret": "on_create", "client_type": "confidential"}
    given["authorization_grant_type"] = "client-credentials"
    made = run(sides, side, "oauth_application", **given, client_secret="the-first", return_secrets=True)
    assert made["objects"][0]["secrets"] == {"client_secret": "the-first"}
    kept = run(sides, side, "oauth_application", **given, client_secret="the-second")
    assert not kept["changed"]
    stored = sides.one(side, "select client_secret from oauth2_provider_application where name = ?", given["name"])
    assert same_secret("the-first", stored["client_secret"])
    assert run(sides, side, "oauth_application", **{**given, "update_secret": "always"}, client_secret="the-second")[
        "changed"
    ]


@pytest.mark.parametrize("side", SIDES)
def test_a_dry_run_invents_no_client_id(sides, side):
    made = {"name": "never-made", **CONFIDENTIAL, "redirect_uris": ["http://a/"]}
    planned = run(sides, side, "oauth_application", check=True, **made)
    assert planned["objects"][0]["fields"]["client_id"] == "(to be generated)"
    given = run(sides, side, "oauth_application", check=True, client_id="given", **made)
    assert given["objects"][0]["fields"]["client_id"] == "given"


def test_a_generated_secret_is_returned_once_where_it_is_hashed(sides):
    given = {"name": "generated", "client_type": "confidential", "authorization_grant_type": "client-credentials"}
    made = run(sides, "xpro", "oauth_application", **given, return_secrets=True)["objects"][0]["secrets"][
        "client_secret"
    ]
    stored = sides.one("xpro", "select client_secret from oauth2_provider_application where name = 'generated'")
    assert stored["client_secret"].startswith("pbkdf2_sha256$")
    assert same_secret(made, stored["client_secret"])
    again = run(sides, "xpro", "oauth_application", **given, return_secrets=True)
    assert (again["changed"], again["objects"][0]["secrets"]) == (False, {})


def test_provider_rows_are_a_history(sides):
    """Rows are only added, the newest counts, and a pasted hash is replaced because no login works with it."""
    key = {"backend_name": "history", "site": SITE}
    table = "third_party_auth_oauth2providerconfig where backend_name = 'history'"
    run(sides, "lms", "third_party_auth_provider", **key, enabled=True, slug="history", client_secret="clear")
    run(sides, "lms", "third_party_auth_provider", **key, enabled=True, name="Renamed")
    run(sides, "lms", "third_party_auth_provider", **key, enabled=True, name="Renamed")
    rows = sides.sql("lms", f"select name, secret from {table} order by id")
    assert [(row["name"], row["secret"]) for row in rows] == [("", "clear"), ("Renamed", "clear")]
    sides.sql(
        "lms",
        "update third_party_auth_oauth2providerconfig set secret = 'pbkdf2_sha256$1$a$aGFzaA==' where name = 'Renamed'",
    )
    assert run(sides, "lms", "third_party_auth_provider", **key)["changed"]
    run(sides, "lms", "third_party_auth_provider", **key, state="absent")
    rows = sides.sql("lms", f"select enabled, secret from {table} order by id")
    assert [row["enabled"] for row in rows] == [1, 1, 1, 0]
    assert not rows[2]["secret"].startswith("pbkdf2")


def test_a_provider_that_was_removed_lends_another_site_nothing(sides):
    key = {"backend_name": "moved", "site": SITE}
    run(sides, "lms", "third_party_auth_provider", **key, enabled=True, slug="moved", client_secret="of-before")
    run(sides, "lms", "third_party_auth_provider", **key, state="absent")
    site = {"kind": "django_site", "options": {"domain": "other.example.org"}}
    provider = {"backend_name": "moved", "site": "other.example.org", "enabled": True, "slug": "moved"}
    objects = [site, {"kind": "third_party_auth_provider", "options": provider}]
    made = run(sides, "lms", "django_objects", objects=objects, return_secrets=True)["objects"][1]
    assert made["operation"] == "created"
    assert made["secrets"]["client_secret"] not in ("", "of-before")


def test_two_converges_at_once_make_one_row(sides):
    """Of processes that start Django for themselves: a session takes one request after another."""
    objects = [
        {"kind": "oauth_application", "options": {"name": "race", **PUBLIC}},
        {
            "kind": "third_party_auth_provider",
            "options": {"backend_name": "race", "site": SITE, "enabled": True, "slug": "race"},
        },
    ]
    with ThreadPoolExecutor() as pool:
        made = [pool.submit(sides.warm.start, "lms", "django_objects", objects=objects) for _ in range(2)]
        operations = [obj["operation"] for job in made for obj in job.result()["objects"]]
    assert sorted(operations) == ["created", "created", "unchanged", "unchanged"]
    assert sides.one("lms", "select count(*) as n from oauth2_provider_application where name = 'race'")["n"] == 1
    found = "select count(*) as n from third_party_auth_oauth2providerconfig where backend_name = 'race'"
    assert sides.one("lms", found)["n"] == 1


@pytest.mark.parametrize("side", SIDES)
def test_the_history_of_the_admin(sides, side):
    """An entry for each change under the named user; none for a look, for nothing to do, or with a missing user."""

    def entries():
        statement = f"""select u.username, c.model, l.object_repr, l.action_flag, l.change_message
            from django_admin_log l join {USERS[side]} u on u.id = l.user_id
            join django_content_type c on c.id = l.content_type_id order by l.id"""
        return [tuple(row.values()) for row in sides.sql(side, statement)]

    before = entries()
    application = {"name": "noted", "client_type": "public", "authorization_grant_type": "client-credentials"}
    for _again in (1, 2):
        run(sides, side, "oauth_application", history_user="owner", **application)
    run(sides, side, "oauth_application", check=True, history_user="owner", name="noted", client_type="confidential")
    run(sides, side, "oauth_application", history_user="owner", name="noted", client_type="confidential")
    token = {
        "user": "owner",
        "application": "noted",
        "scope": ["read"],
        "expires_in_days": 9,
        "token": "not-to-be-seen-in-a-log",
    }
    run(sides, side, "oauth_access_token", history_user="owner", **token)
    for check in (True, False):
        failed = run(sides, side, "oauth_application", check, history_user="nobody", name="noted", state="absent")
        assert "there is no user nobody" in failed["msg"]
    run(sides, side, "oauth_application", history_user="owner", name="noted", state="absent")
    assert entries()[len(before) :] == [
        ("owner", "application", "noted", 1, '[{"added": {}}]'),
        ("owner", "application", "noted", 2, '[{"changed": {"fields": ["client_type"]}}]'),
        ("owner", "accesstoken", "owner", 1, '[{"added": {}}]'),
        ("owner", "application", "noted", 3, '[{"deleted": {}}]'),
    ]


def test_a_model_becomes_a_module(sides, tmp_path):
    """A kind that tools/new_kind.py makes of a model of the LMS, in a copy of the checkout, used by its first user."""
    lab = sides
    copy = copied(tmp_path)
    env = {**lab.env, "PYTHONPATH": str(copy / ".ansible/collections")}
    # Not the example of docs/developing.md, which somebody may have followed.
    words = [sys.executable, copy / "tools/new_kind.py", "any_flag", "waffle.Flag"]
    done = subprocess.run(words, env=env, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Left out, for there is no plain option for it: created (DateTimeField)" in done.stdout

    def flag(**options):
        argv = [sys.executable, str(copy / "lab/ctl.py"), "exec", "lms", "--", "python", "-"]
        # One start for all: its processes are another matter.
        arguments = {"target": {"argv": argv, "session": lab.warm.name}, "name": "new", **options}
        done = subprocess.run(
            [sys.executable, copy / "plugins/modules/any_flag.py"],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            env={**os.environ, **env},
            text=True,
            capture_output=True,
            check=False,
        )
        return json.loads(done.stdout)

    # Of the percents, decimals in the database, there is no float that is the same.
    assert [flag(everyone=True, note="mine", percent=33.3)["changed"] for _again in (1, 2)] == [True, False]
    assert lab.one("lms", "select everyone, note, percent from waffle_flag where name = 'new'") == {
        "everyone": 1,
        "note": "mine",
        "percent": 33.3,
    }
    assert [flag(state="absent")["changed"] for _again in (1, 2)] == [True, False]
    assert lab.sql("lms", "select * from waffle_flag where name = 'new'") == []
