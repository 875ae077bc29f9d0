# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables of hosts to one fact: what counts, what is refused, and that no host changes another's."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.action.resolve import resolve
from ansible_collections.mitodl.openedx.plugins.plugin_utils import _declared
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import (
    NOTED,
    Declarations,
    known_names,
    plain_options,
    specs,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import profiles
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError

ROOT = Path(__file__).resolve().parents[4]
LONG = "0123456789abcdefghijklmn"
LMS = {"edx_target": {"type": "tutor_dev"}}


def integrated(name):
    env = {"OPENEDX_OAUTH_PROVIDER": name, "OPENEDX_API_CLIENT_ID": LONG, "OPENEDX_API_CLIENT_SECRET": LONG}
    return {"env": env, "status": 200, "names": {}, "directory": True, "dotenv": {"exists": True}}


def app(host, profile="generic", **more):
    own = {"mit_app_domain": f"{host}.example.org", "mit_app_port": 8000} if profile == "generic" else {}
    return {"mit_app_profile": profile, "mit_app_dir": f"/src/{host}", "mit_app_found": {"env": {}}, **own, **more}


def declarations(host, apps, lms=None, play=None):
    """What a host's task sees, in an inventory of these apps in this order."""
    edx = lms or {"lms": LMS}
    task_vars = {
        **apps[host],
        "inventory_hostname": host,
        "hostvars": {**edx, **apps},
        "groups": {"edx": list(edx), "mit_apps": list(apps)},
        "ansible_play_hosts": play or list(apps),
    }
    return Declarations(task_vars, lambda value: value)


def facts(host, apps, lms=None, play=None):
    """The fact of a host."""
    return resolve(declarations(host, apps, lms, play))


def test_the_fact_has_the_app_its_lms_and_what_was_found():
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=integrated("ol-oauth2"))})
    assert found["app"]["backend_name"] == "ol-oauth2"
    assert (found["lms"]["leader"], found["lms"]["leads"], found["lms"]["apps"]) == ("xpro", True, ["xpro"])
    assert found["found"]["status"] == 200
    assert LONG not in str(found)


def test_a_dotenv_that_cannot_be_used_is_refused_before_anything_is_written():
    seen = {**integrated("ol-oauth2"), "dotenv": {"exists": True, "problem": "Docker Compose refuses it."}}
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen)})
    assert (found["refusal"], found["preparations"]) == ("Docker Compose refuses it.", [])


def test_what_is_in_the_way_of_the_app_is_refused_too():
    seen = {**integrated("ol-oauth2"), "obstacle": "Docker does not answer."}
    assert facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen)})["refusal"] == "Docker does not answer."


def test_what_only_keeps_a_run_from_writing_is_no_refusal_to_look():
    target = {"type": "command", "argv": ["python", "-"]}
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_target=target)})
    assert found["refusal"] == ""
    assert "Give the command in mit_app_restart_argv." in found["unwritable"]


def test_a_name_that_does_not_resolve_is_refused_or_gets_its_line():
    seen = {**integrated("ol-oauth2"), "names": {"unresolved": ["a", "b"], "missing_lines": ["127.0.0.1 b", "::1 b"]}}
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen)})
    assert "a and b cannot be resolved" in found["refusal"]
    assert found["refusal"].endswith(" exactly:\n127.0.0.1 a\n127.0.0.1 b\n::1 b")
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen, mit_app_manage_hosts=True)})
    assert (found["refusal"], found["preparations"]) == ("", ["hosts"])


def test_the_network_is_that_of_the_project_that_compose_makes():
    seen = {**integrated("ol-oauth2"), "project": "mine"}
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen)})
    assert found["app"]["network"] == "mine_default"
    target = {"type": "compose", "chdir": "/src/x", "project": "given"}
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen, mit_app_target=target)})
    assert found["app"]["network"] == "given_default"


def test_what_a_variable_leaves_out_somewhere_inside_is_not_given():
    # What `omit` becomes in ansible-core 2.17 and 2.18, which leave it out in the options of a task only.
    omit = "__omit_place_holder__7c1f"
    env = {"OWN": "1", "LEFT": omit}
    lms = {
        "lms": {"edx_target": {"type": "tutor_dev", "root": omit}, "edx_superusers": [{"username": "edx", "x": omit}]}
    }
    apps = {"xpro": app("xpro", "mitxpro", mit_app_name=omit, mit_app_dotenv_values=env)}
    found = facts("xpro", apps, lms)
    assert found["app"]["name"] == "xpro"
    assert declarations("xpro", apps, lms).app("xpro")[0].env["OWN"] == "1"
    assert "LEFT" not in found["app"]["env"]
    assert omit not in str(found)


def test_the_fact_has_the_keys_of_the_environment_and_not_their_values():
    given = {"mit_app_dotenv_values": {"MAILGUN_KEY": "hush"}, "mit_app_dotenv_defaults": {"OWN_WORD": "hush"}}
    found = facts("xpro", {"xpro": app("xpro", "mitxpro", **given)})
    assert "hush" not in str(found)
    assert ([*found["app"]["env"]], [*found["app"]["env_required"]]) == (["MAILGUN_KEY"], ["OWN_WORD"])


def test_two_apps_that_would_be_called_alike_after_their_hosts_are_told_apart():
    apps = {name: app(name, "mitxpro") for name in ("xpro.a.example", "xpro.b.example")}
    with pytest.raises(
        InventoryError, match=r"it is called xpro after its host, and so is xpro\.b\.example on the same"
    ):
        facts("xpro.a.example", apps)
    apps["xpro.a.example"]["mit_app_name"] = "first"
    assert facts("xpro.a.example", apps)["app"]["service_worker"] == "first_serviceworker"
    # Names that somebody gives may not be alike either.
    for given in ({"mit_app_name": "first"}, {"mit_app_lms_application": "first-oauth-app"}):
        one, other = app("one", "mitxpro", mit_app_name="first"), app("other", "mitxpro", **given)
        with pytest.raises(InventoryError, match="in the LMS is called first-oauth-app, and so is that of other"):
            facts("one", {"one": one, "other": other})
    # On LMSs of their own they may.
    apps = {name: app(name, "mitxpro", mit_app_edx_host=lms) for name, lms in (("xpro.a", "lms"), ("xpro.b", "other"))}
    assert facts("xpro.a", apps, {"lms": LMS, "other": LMS})["app"]["name"] == "xpro"


def test_both_targets_have_the_session_of_the_run_unless_it_is_switched_off():
    found = facts("xpro", {"xpro": app("xpro", "mitxpro")})
    assert found["app"]["target"]["session"] == found["lms"]["target"]["session"]
    off = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_session=False)}, {"lms": {**LMS, "edx_session": False}})
    assert "session" not in off["app"]["target"]
    assert "session" not in off["lms"]["target"]


@pytest.mark.parametrize(
    ("of_app", "of_lms", "begun"),
    [
        ({"ansible_connection": "local"}, {"ansible_connection": "local"}, True),
        ({"ansible_host": "10.0.0.1"}, {"ansible_host": "10.0.0.1"}, True),
        ({"ansible_host": "10.0.0.1"}, {"ansible_host": "10.0.0.1", "ansible_connection": "other"}, False),
        ({}, {}, False),
        ({"ansible_connection": "local"}, {"ansible_host": "10.0.0.1"}, False),
        ({"ansible_connection": "local"}, {"ansible_connection": "local", "ansible_become": True}, False),
        ({"ansible_connection": "local"}, {"ansible_connection": "local", "edx_session": False}, False),
    ],
)
def test_the_session_of_an_lms_is_begun_where_the_app_that_does_its_work_is_on_its_machine(of_app, of_lms, begun):
    apps = {name: app(name, **of_app) for name in ("one", "two")}
    edx = {"lms": {**LMS, **of_lms}}
    assert declarations("one", apps, edx).begins_lms("one", "lms") is begun
    assert not declarations("two", apps, edx).begins_lms("two", "lms")
    assert declarations("two", apps, edx, play=["two"]).begins_lms("two", "lms") is begun


def test_a_host_that_comes_goes_or_moves_changes_no_other_app():
    """A whole fact, what is led apart: it is the plan of everything."""

    def plan(host, apps):
        found = facts(host, apps)
        return {
            **found,
            "lms": {
                name: value
                for name, value in found["lms"].items()
                if name not in ("apps", "leader", "leads", "names_settled")
            },
        }

    known = {
        "xpro": app("xpro", "mitxpro", mit_app_found=integrated("ol-oauth2")),
        "mitxonline": app("mitxonline", "mitxonline", mit_app_found=integrated("ol-oauth2-mitxonline")),
    }
    new = {"aaa": app("aaa"), "newhost": app("newhost"), "zzz": app("zzz", mit_app_backend_name="mine")}
    wanted = {host: plan(host, {host: known[host]}) for host in known}
    tried = 0
    for number in range(1, 6):
        for hosts in itertools.permutations({**known, **new}, number):
            for host in known.keys() & set(hosts):
                assert plan(host, {name: {**known, **new}[name] for name in hosts}) == wanted[host], hosts
                tried += 1
    assert tried > 100


def test_the_takeover_of_a_name_by_a_host_above_is_impossible():
    """`site.yml --limit newhost`, written above the integrated one; the LMS says whose the name is."""
    row = {"backend_name": "ol-oauth2", "enabled": True, "addresses": ["http://xpro.odl.local:8053/"]}
    apps = {
        "newhost": app("newhost", mit_app_providers={"providers": [row]}),
        "xpro": app("xpro", "mitxpro"),
    }
    assert facts("newhost", apps, play=["newhost"])["app"]["backend_name"] == "ol-oauth2-newhost"
    assert not facts("newhost", apps, play=["newhost"])["lms"]["names_settled"]


def test_a_host_of_the_play_need_not_be_in_the_group_of_apps():
    xpro = app("xpro", "mitxpro", mit_app_found=integrated("ol-oauth2"))
    task_vars = {
        **app("mitxonline", "mitxonline"),
        "inventory_hostname": "mitxonline",
        "hostvars": {"lms": LMS, "xpro": xpro, "mitxonline": app("mitxonline", "mitxonline")},
        "groups": {"edx": ["lms"], "mit_apps": ["xpro"]},
        "ansible_play_hosts": ["mitxonline"],
    }
    found = resolve(Declarations(task_vars, lambda value: value))
    assert found["lms"]["leads"]
    assert [other["host"] for other in found["lms"]["other_apps"]] == ["xpro"]


def test_the_last_look_at_a_machine_counts_and_one_that_was_skipped_does_not():
    first, last = integrated("first"), integrated("last")
    for again, wanted in (({"skipped": True}, "first"), (last, "last"), ({}, "first")):
        found = facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=first, mit_app_found_again=again)})
        assert found["app"]["backend_name"] == wanted
        assert found["found"]["status"] == 200


def test_the_lms_is_asked_where_an_env_may_name_what_is_another_apps():
    apps = {
        "xpro": app("xpro", "mitxpro", mit_app_found=integrated("ol-oauth2")),
        "mitxonline": app("mitxonline", "mitxonline", mit_app_found=integrated("ol-oauth2")),
    }
    row = {"backend_name": "ol-oauth2", "enabled": True, "addresses": ["http://xpro.odl.local:8053/"]}
    assert facts("xpro", apps)["lms"]["names_settled"]
    alone = facts("mitxonline", apps, play=["mitxonline"])
    assert not alone["lms"]["names_settled"]
    apps["mitxonline"]["mit_app_providers"] = {"providers": [row]}
    # The row is xPRO's, which takes no part; its addresses say so.
    told = facts("mitxonline", apps, play=["mitxonline"])
    assert told["app"]["backend_name"] == "ol-oauth2-mitxonline"
    assert "its .env says that it is called ol-oauth2 on the LMS" in told["contradiction"]
    assert "points at xpro" in told["contradiction"]
    apps["xpro"]["mit_app_providers"] = {"providers": [row]}
    assert facts("mitxonline", apps)["app"]["backend_name"] == "ol-oauth2-mitxonline"
    assert facts("xpro", apps)["app"]["backend_name"] == "ol-oauth2"


def test_the_work_of_each_lms_is_done_by_one_app_of_the_play():
    two = {"one": LMS, "two": LMS}
    apps = {
        name: app(name, mit_app_edx_host=lms) for name, lms in (("a", "one"), ("b", "two"), ("c", "one"), ("d", "two"))
    }
    leaders = [name for name in apps if facts(name, apps, two)["lms"]["leads"]]
    assert leaders == ["a", "b"]
    assert facts("c", apps, two)["lms"]["apps"] == ["a", "c"]
    assert facts("c", apps, two, ["c", "d"])["lms"]["leads"]
    assert facts("c", apps, two, ["c", "d"])["lms"]["other_apps"] == [{"host": "a", "dotenv": "/src/a/.env"}]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"mit_app_port": "http"}, "mit_app_port.*'http'.*int"),
        (
            {"mit_app_profile": "mitpro"},
            f"xpro: mit_app_profile is 'mitpro'. Give one of {', '.join(profiles.PROFILES)}",
        ),
        ({"mit_app_profiles": {"x": {"port": "http"}}}, "xpro: mit_app_profiles.x: .*port"),
        ({"mit_app_profiles": {"x": None}}, "xpro: mit_app_profiles.x is 'None'. Give its fields"),
        (
            {"mit_app_target": {"type": "compse"}},
            "xpro: mit_app_target: value of type must be one of: command, compose,",
        ),
        (
            {"mit_app_target": {"type": "compose", "services": "app"}},
            r"^xpro: mit_app_target: there is no key services\. Did you mean service\? A target has: .*, session\.$",
        ),
        ({"mit_app_target": {"type": "command"}}, "xpro: mit_app_target: type=command needs argv"),
        ({"mit_app_dotenv_values": {"NO-NAME": "x"}}, "xpro: what .* for its .env cannot be written: NO-NAME: not a"),
        ({"mit_app_dotenv_defaults": {"X": "1\n2"}}, "xpro: what .* for its .env cannot be written: X: the value"),
        ({"mit_app_edx_host": "lmss"}, "xpro: mit_app_edx_host is 'lmss', which is no host of the group edx"),
        ({"mit_app_scheme": "ftp"}, "mit_app_scheme.*http, https.*ftp"),
    ],
)
def test_what_cannot_be_is_refused_with_the_host_and_the_variable(own, said):
    with pytest.raises(InventoryError, match=said):
        facts("xpro", {"xpro": app("xpro", "mitxpro", **own)})


def test_two_apps_of_one_lms_cannot_have_one_name():
    apps = {name: app(name, mit_app_backend_name="same") for name in ("a", "b")}
    with pytest.raises(InventoryError, match="a: mit_app_backend_name is 'same', and so it is for b on the same LMS"):
        facts("a", apps)


def test_an_lms_that_cannot_be_is_named_with_the_app_that_needs_it():
    apps = {"xpro": app("xpro", "mitxpro"), "other": app("other", mit_app_edx_host="second")}
    for name in ("nobody", "other"):
        edx = {"lms": {**LMS, "edx_companion_auth": name}, "second": LMS}
        with pytest.raises(InventoryError, match=f"edx_companion_auth of lms is '{name}', which is no app of that LMS"):
            facts("xpro", apps, edx)
    with pytest.raises(InventoryError, match=r"xpro: edx_target of lms: value of type must be one of: .*tutor_dev"):
        facts("xpro", {"xpro": app("xpro", "mitxpro")}, {"lms": {"edx_target": {"type": "tutor-dev"}}})
    with pytest.raises(InventoryError, match=r"xpro: edx_target of lms: there is no key arg\. Did you mean argv\? A"):
        facts("xpro", {"xpro": app("xpro", "mitxpro")}, {"lms": {"edx_target": {"type": "command", "arg": ["x"]}}})
    with pytest.raises(InventoryError, match="xpro: mit_app_lms_base_url is 'nowhere'"):
        facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_lms_base_url="nowhere")})
    with pytest.raises(InventoryError, match="xpro: edx_settings_strategy of lms is neither"):
        facts("xpro", {"xpro": app("xpro", "mitxpro")}, {"lms": {**LMS, "edx_settings_strategy": "private"}})


@pytest.mark.parametrize("field", profiles.FIELDS)
def test_every_field_of_a_profile_is_overridden_by_a_variable_of_the_host(field):
    text, number, words, table = "overridden", 4711, ["overridden"], {"KEY": "overridden"}
    kind = specs()["mit_app.main"][f"mit_app_{field}"]
    value = {"str": text, "int": number, "dict": table, "bool": True}.get(
        kind["type"], [number] if kind.get("elements") == "int" else words
    )
    if field == "domain":
        value = "overridden.example.org"
    if field.endswith("_path"):
        value = "/overridden"
    if field == "redirect_paths":
        value = ["/overridden"]
    if field == "user_info_fields":
        value = {"username": "overridden"}
    more = {"mit_app_discovery_url": "http://d"} if field == "server_base_url_env" else {}
    if field.startswith("api_gateway_"):
        more = {"mit_app_api_gateway_port": 9080, "mit_app_api_gateway": True}
    if field == "api":
        value = False
    apps = {"xpro": app("xpro", "mitxpro", **{**more, f"mit_app_{field}": value})}
    said = {**facts("xpro", apps)["app"], **declarations("xpro", apps).app("xpro")[0].environment}
    assert re.search(f"overridden|4711|'{field}': True", str(said)) or (field == "api" and said["api"] is False)


def test_names_that_nothing_reads_are_refused_unless_the_site_lists_them():
    def check(**own):
        apps = {"xpro": app("xpro", "mitxpro", **own)}
        task_vars = {
            **apps["xpro"],
            "inventory_hostname": "xpro",
            "hostvars": apps,
            "groups": {},
            "ansible_play_hosts": ["xpro"],
        }
        Declarations(task_vars, lambda value: value).check_names("xpro")

    check(mit_app_env_backup=False, edx_oauth_provider_objects=[], anything="else")
    check(mit_app_ours=1, mit_app_site_variables=["mit_app_ours"])
    check(mit_app_ours=1, mit_app_site_variables="mit_app_ours")
    with pytest.raises(
        InventoryError, match=r"xpro: there is no variable mit_app_domian\. Did you mean mit_app_domain\?"
    ):
        check(mit_app_domian="x")


def test_what_is_no_number_or_switch_is_refused_before_the_role_that_reads_it():
    def check(**own):
        declarations("xpro", {"xpro": app("xpro", "mitxpro", **own)}).check_types("xpro")

    check(sso_doctor_warn_days="14", sso_doctor_login="no")
    assert any(name.startswith("tutor_bootstrap_") for name in plain_options())
    for name, value in (
        ("sso_doctor_warn_days", "soon"),
        ("mit_app_env_backup", "perhaps"),
        *((name, "perhaps") for name in plain_options() if name.startswith("tutor_bootstrap_")),
    ):
        with pytest.raises(InventoryError, match=rf"^xpro: argument '{name}' is of type"):
            check(**{name: value})


@pytest.mark.parametrize(
    ("of_xpro", "of_lms", "said"),
    [
        ({"edx_superusers": []}, {}, "xpro: edx_superusers is read from the LMS's host lms only."),
        ({}, {"mit_app_manage_hosts": True}, "lms: mit_app_manage_hosts is read from the hosts of apps only."),
        ({}, {"sso_doctor_login": False}, "lms: sso_doctor_login is read from the hosts of apps only."),
        (
            {"edx_private_settings_hide_country": False},
            {},
            "xpro: edx_private_settings_hide_country is about the whole LMS, and differs from that of other.",
        ),
    ],
)
def test_a_variable_where_nothing_reads_it_is_refused(of_xpro, of_lms, said):
    apps = {"xpro": app("xpro", "mitxpro", **of_xpro), "other": app("other")}
    with pytest.raises(InventoryError, match=re.escape(f"{said}\nGive it there, or to all hosts")):
        declarations("xpro", apps, {"lms": {**LMS, **of_lms}}).check_places("xpro", "lms")
    # What all hosts have is theirs to read.
    every = {**of_xpro, **of_lms}
    apps = {name: {**own, **every} for name, own in apps.items()}
    declarations("xpro", apps, {"lms": {**LMS, **every}}).check_places("xpro", "lms")


def test_a_directory_that_is_not_there_is_named_with_the_variable_that_gave_it():
    seen = {**integrated("ol-oauth2"), "directory": False}
    own = {"mit_app_found": seen, "mit_app_target": "none", "mit_app_dotenv": "/no/.env"}
    assert "Correct mit_app_dotenv." in facts("xpro", {"xpro": app("xpro", "mitxpro", **own)})["refusal"]
    assert "Correct mit_app_dir:" in facts("xpro", {"xpro": app("xpro", "mitxpro", mit_app_found=seen)})["refusal"]


def test_an_old_name_works_and_is_named_with_the_new_one():
    old = {"mit_app_env_restart_argv": ["old"]}
    assert facts("xpro", {"xpro": app("xpro", "mitxpro", **old)})["app"]["restart_argv"] == ["old"]
    both = {**old, "mit_app_restart_argv": ["new"]}
    assert facts("xpro", {"xpro": app("xpro", "mitxpro", **both)})["app"]["restart_argv"] == ["new"]
    strategy = {"edx_private_settings_strategy": "private_py", "edx_envs_dir": "/envs", "edx_restart_argv": ["x"]}
    lms = facts("xpro", {"xpro": app("xpro", "mitxpro")}, {"lms": {**LMS, **strategy}})["lms"]
    assert lms["settings_strategy"] == "private_py"
    task_vars = {**old, "inventory_hostname": "xpro", "hostvars": {}, "groups": {}, "ansible_play_hosts": []}
    assert Declarations(task_vars, lambda value: value).old_names("xpro") == [
        "xpro: the variable mit_app_env_restart_argv is called mit_app_restart_argv now."
    ]


def test_every_variable_that_an_inventory_of_ours_sets_is_declared():
    used = {
        name
        for path in (ROOT / "inventories").rglob("*.yml")
        for name in re.findall(r"^\s*#?\s*((?:edx|mit_app)_\w+):", path.read_text(), re.MULTILINE)
    }
    assert len(used) > 15
    assert used <= known_names()


def test_what_our_roles_register_is_known():
    registered = {
        name
        for path in (ROOT / "roles").rglob("tasks/*.yml")
        for name in re.findall(r"^\s*register: ((?:edx|mit_app)_\w+)$", path.read_text(), re.MULTILINE)
    }
    assert registered <= set(NOTED)
    assert set(NOTED) - registered == set()


def test_the_specs_of_every_role_are_read():
    assert {name.partition(".")[0] for name in specs()} == {
        path.name for path in _declared.ROLES.iterdir() if path.is_dir()
    }


TWO = {
    "lms_a": {"edx_target": {"type": "command", "argv": ["a"]}, "edx_lms_base_url": "http://a.example.org:8000"},
    "lms_b": {"edx_target": {"type": "command", "argv": ["b"]}, "edx_lms_base_url": "http://b.example.org:8000"},
}


def moved(host="lms_b", **env):
    seen = integrated("ol-oauth2-old")
    seen["env"] = {**seen["env"], "OPENEDX_API_BASE_URL": "http://a.example.org:8000", **env}
    return app("xpro", "mitxpro", mit_app_found=seen, mit_app_edx_host=host)


def test_an_app_that_moves_is_told_with_the_lms_that_it_left():
    stays = app("stays", mit_app_edx_host="lms_a")
    found = facts("xpro", {"xpro": moved(), "stays": stays}, TWO)
    (left,) = found["former"]
    assert (found["lms"]["host"], left["edx_host"], left["lms"]["host"]) == ("lms_b", "lms_a", "lms_a")
    assert left["app"]["backend_name"] == "ol-oauth2-old"
    assert left["app"]["complete_uris"] == ["http://a.example.org:8000/auth/complete/ol-oauth2-old/"]
    assert left["other_apps"] == [{"host": "stays", "dotenv": "/src/stays/.env"}]
    # On the new one it is asked for a name as any app that was never there.
    assert (found["app"]["backend_name"], found["lms"]["names_settled"]) == ("ol-oauth2", False)
    assert found["app"]["former"][0]["login"] == "http://a.example.org:8000/auth/login/ol-oauth2-old/"
    assert LONG not in str(found)


def test_an_app_that_stays_leaves_nothing():
    found = facts("xpro", {"xpro": moved("lms_a")}, TWO)
    assert (found["former"], found["app"]["former"]) == ([], [])
    assert found["app"]["backend_name"] == "ol-oauth2-old"


def test_an_lms_that_the_inventory_does_not_know_is_told_by_its_address():
    (left,) = facts("xpro", {"xpro": moved()}, {"lms_b": TWO["lms_b"]})["former"]
    assert (left["base_url"], left["edx_host"], "lms" in left) == ("http://a.example.org:8000", "", False)


def test_the_rows_of_the_new_lms_are_offered_no_secret_of_the_old_one():
    hosts = {"xpro": moved()}
    hosts["xpro"]["mit_app_facts"] = {"app": {}}
    task_vars = {
        **hosts["xpro"],
        "inventory_hostname": "xpro",
        "hostvars": {**TWO, **hosts},
        "groups": {"edx": list(TWO), "mit_apps": ["xpro"]},
        "ansible_play_hosts": ["xpro"],
    }
    assert LONG not in str(Declarations(task_vars, lambda value: value).declared("xpro").env)
