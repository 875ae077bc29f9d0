# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Field tables, and how declared objects become a request and a plan becomes a diff."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.module_utils.common import arg_spec
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import agent
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Change
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.module import (
    Module,
    difference,
    of_kind,
    secret_values,
    veil,
    wire,
)
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import HIDDEN
from ansible_collections.mitodl.openedx.plugins.modules import django_objects
from modules import run_here

MODULES = Path(__file__).resolve().parents[5] / "plugins/modules"


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_a_key_and_marks_its_secrets(name):
    kind = KINDS[name]
    assert kind.key_fields()
    for field, spec in kind.fields.items():
        assert kind.arguments()[field]["no_log"] is spec.secret, field
        assert spec.secret == (field in {"password", "client_secret", "token"}), field


@pytest.mark.parametrize("name", KINDS)
def test_every_option_of_a_kind_is_documented_with_its_type_and_choices(name):
    """By the module's text itself: ansible-test compares the two as well, but only with the built collection."""
    kind = KINDS[name]
    text = (MODULES / f"{name}.py").read_text().split('DOCUMENTATION = r"""')[1].split('"""')[0]
    options = yaml.safe_load(text)["options"]
    assert set(options) == {*kind.arguments(), kind.plural}
    assert set(options[kind.plural]["suboptions"]) == set(kind.arguments())
    for option, spec in kind.arguments().items():
        for fact in ("type", "elements", "choices", "default"):
            assert options[option].get(fact) == spec.get(fact), (option, fact)
    with_many = yaml.safe_load((MODULES / "django_objects.py").read_text().split('"""')[1])["options"]["objects"]
    assert name in with_many["suboptions"]["kind"]["choices"]
    assert name in yaml.safe_load((MODULES.parents[1] / "meta/runtime.yml").read_text())["action_groups"]["django"]


def test_the_action_group_has_the_modules_that_say_so():
    group = yaml.safe_load((MODULES.parents[1] / "meta/runtime.yml").read_text())["action_groups"]["django"]
    # By the fragment or by themselves.
    signs = ("  - mitodl.openedx.target\n", "membership: [mitodl.openedx.django]")
    assert group == sorted(
        path.stem for path in MODULES.glob("*.py") if any(sign in path.read_text() for sign in signs)
    )


def test_a_module_with_an_action_plugin_says_so():
    """Readers of its documentation learn where it runs by that."""
    actions = {path.stem for path in MODULES.parent.glob("action/*.py")}
    assert {path.stem for path in MODULES.glob("*.py") if "  - mitodl.openedx.action\n" in path.read_text()} == actions


def returned(name):
    return yaml.safe_load((MODULES / f"{name}.py").read_text().split('RETURN = r"""')[1].split('"""')[0])


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_documented_to_return_the_same(name):
    """Besides what only some can say; Ansible has no fragments for this part of the documentation."""
    one, other = returned("django_site"), returned(name)
    fields = [result["objects"]["contains"] for result in (one, other)]
    for contains in fields:
        contains["fields"].pop("sample", None)
    assert fields[0].items() <= fields[1].items()
    del one["objects"]["contains"], other["objects"]["contains"]
    assert one.items() <= other.items()


def test_only_what_is_given_is_managed():
    params = {"state": "present", "domain": "x", "name": None}
    assert wire(KINDS["django_site"], params)["values"] == {}


@pytest.mark.parametrize(
    ("name", "key", "many"),
    [
        ("django_site", {"domain": "a.org"}, "sites"),
        ("django_user", {"username": "a"}, "users"),
        ("oauth_application", {"name": "a"}, "applications"),
        ("oauth_access_token", {"user": "a", "application": "b"}, "access_tokens"),
        ("third_party_auth_provider", {"backend_name": "a", "site": "b", "slug": "c"}, "providers"),
    ],
)
def test_one_object_by_flat_options_or_many_by_a_list(name, key, many):
    """Of a target that does not run yet: check mode says what a run would make."""
    module = importlib.import_module(f"ansible_collections.mitodl.openedx.plugins.modules.{name}")
    run = {"target": {"argv": ["false", "-"]}}
    check = {**run, "_ansible_check_mode": True}
    one = run_here(module, {**check, "assume_absent": True, **key})
    listed = run_here(module, {**check, "assume_absent": True, many: [key, key]})
    assert (one["changed"], [found["operation"] for found in one["objects"]]) == (True, ["created"])
    assert "false" in one["objects"][0]["unseen"]
    assert [found["key"] for found in listed["objects"]] == 2 * [one["objects"][0]["key"]]
    assert run_here(module, {**check, **key})["failed"]
    assert run_here(module, {**run, "assume_absent": True, **key})["failed"]


def test_secrets_are_kept_out_of_what_others_wrote():
    scrub = agent.Scrubber()
    for value in ("canary", "canary-and-more", "abc", None):
        scrub.add(value)
    assert scrub("canary-and-more, canary; abc") == "********, ********; abc"


def test_an_empty_key_is_refused_by_name():
    with pytest.raises(ValueError, match=r"django_site sites\[1\] domain: it is required"):
        wire(KINDS["django_site"], {"state": "present", "domain": "", "name": None}, "sites[1] ")


def test_options_of_a_kind_are_checked_as_its_module_checks_them():
    item = {"kind": "django_user", "options": {"username": "u", "is_stuff": True}}
    with pytest.raises(ValueError, match="is_stuff"):
        of_kind(item, "objects[0] ")


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"kind": "django_user", "options": {"username": "u"}, "state": "absent"}, "django_user state: give it in opt"),
        (
            {"kind": "django_site", "options": {"domain": "d"}, "values": {"name": "n"}},
            "django_site values: give it",
        ),
        ({"model": "auth.Group", "key": {"name": "g"}, "options": {"state": "absent"}}, "auth.Group options: a kind"),
    ],
)
def test_what_stands_in_the_wrong_place_is_no_option(item, says):
    """It would be left out: whom somebody wants to be absent would be made."""
    secret = {"kind": "oauth_application", "options": {"name": "a", "client_secret": "canary"}}
    other = {"model": "auth.Group", "key": {"name": "h"}, "secrets": {"note": "canary"}}
    asked = {"target": {"argv": ["false", "-"]}, "expect_settings": {"KEY": "canary"}}
    found = run_here(django_objects, {**asked, "objects": [secret, item, secret, other]})
    assert found["failed"]
    assert f"objects[1] {says}" in found["msg"]
    assert "canary" not in str(found)


def test_old_names_of_options_work_and_are_reported(monkeypatch):
    said = []
    monkeypatch.setattr(arg_spec, "deprecate", lambda **words: said.append((words["msg"], words["version"])))
    old = {"name": "a (old)", "state": "absent", "heir": "a", "heir_takes_credentials": True}
    new = {"name": "a (old)", "state": "absent", "transfer_tokens_to": "a", "transfer_credentials": True}
    asked = {
        key: of_kind({"kind": "oauth_application", "options": dict(which)}, "")
        for key, which in (("old", old), ("new", new))
    }
    assert asked["old"] == asked["new"]
    assert asked["new"]["options"]["transfer_tokens_to"] == "a"
    assert asked["new"]["options"]["transfer_credentials"] is True
    assert [version for _msg, version in said] == ["2.0.0", "2.0.0"]
    assert "heir" in said[0][0]


def test_secrets_of_an_object_are_known_for_the_log():
    item = {"kind": "oauth_application", "options": {"name": "a", "client_secret": "s3cret"}}
    assert secret_values(of_kind(item, "")) == {"s3cret"}


def test_a_truth_value_is_no_secret_to_search_a_result_for():
    """Else the word True of `changed` would be censored, and a text counts as changed."""
    asked = {
        "target": {"argv": ["false", "-"]},
        "assume_absent": True,
        "objects": [{"model": "auth.Group", "key": {"name": "a"}, "secrets": {"note": None}}],
        "expect_settings": {"DEBUG": True, "LIMIT": 12345},
        "_ansible_check_mode": True,
    }
    found = run_here(django_objects, asked)
    assert found["changed"] is True
    assert "12345" not in str(found)


def test_only_secrets_that_are_said_are_left_to_ansible_to_look_for():
    ended = []
    said = {"objects": [{"fields": {"name": "it is one-of-many, said"}}, {"n": 12345}], "msg": None}
    module = SimpleNamespace(params={"name": "given-here"}, no_log_values={f"secret-{n}" for n in range(1000)})
    module.no_log_values |= {"one-of-many", "given-here", "12345", "one", "of-many-others", ""}
    Module.leave(module, lambda **result: ended.append(result), **said)
    assert ended == [said]
    assert module.no_log_values == {"one-of-many", "given-here", "12345", "one"}


def test_a_call_is_shown_without_secrets():
    params = {"client_secret": "canary", "token": None, "name": "n", "other_settings": {"SECRET": "canary", "A": "b"}}
    veil(params, "client_secret", "token")
    assert params == {
        "client_secret": HIDDEN,
        "token": None,
        "name": "n",
        "other_settings": {"SECRET": HIDDEN, "A": "b"},
    }


def test_a_diff_names_the_entry_that_differs_and_no_secret():
    changes = [
        {"field": "redirect_uris", "before": ["http://a/", "http://b/"], "after": ["http://a/"]},
        {"field": "other_settings", "before": {"A": 1, "B": 2}, "after": {"A": 1, "B": 3}},
        Change("client_secret", "old-canary", "new-canary", secret=True).shown(),
        {"field": "name", "before": None, "after": "n"},
    ]
    diff = difference({"kind": "oauth_application", "key": {"name": "x"}, "operation": "updated", "changes": changes})
    assert diff["before_header"] == "oauth_application x"
    assert diff["after_header"] == "oauth_application x (updated)"
    assert diff["before"].splitlines() == [
        "redirect_uris: http://a/",
        "redirect_uris: http://b/",
        "other_settings.A: 1",
        "other_settings.B: 2",
        "client_secret: (secret, old)",
    ]
    assert "name: n" in diff["after"]
    assert "canary" not in diff["before"] + diff["after"]


def test_messages_of_others_are_scrubbed_longest_secret_first():
    scrub = agent.Scrubber()
    for value in ("abcd", "abcdefgh", "xy", None):
        scrub.add(value)
    assert scrub("Duplicate entry 'abcdefgh' for xy") == "Duplicate entry '********' for xy"
