# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import lms_settings

ROLE = Path(__file__).resolve().parents[4] / "roles/edx_private_settings"
APP = {
    "host": "xpro",
    "name": "mitxpro",
    "backend_name": "ol-oauth2",
    "base_url": "http://xpro.odl.local:8053",
    "server_base_url": "http://xpro.odl.local:8053",
    "domain": "xpro.odl.local",
    "logout_uri": "http://xpro.odl.local:8053/logout",
}


def lms(kind, **facts):
    return {"target": {"type": kind} if kind else {}, **facts}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (lms("tutor_dev", settings_strategy="tutor_plugin", envs_dir="", restart_argv=[]), ""),
        (lms("tutor_local"), ""),
        (lms("tutor_dev", settings_strategy="private_py", envs_dir="/envs"), ""),
        (lms("compose", settings_strategy="private_py", envs_dir="/envs", restart_argv=["r"]), ""),
        (lms("tutor_dev", settings_strategy="private_py"), "edx_envs_dir is empty"),
        (lms("tutor_local", settings_strategy="private_py", envs_dir="/envs"), "does not read private.py"),
        (
            lms("compose", settings_strategy="tutor_plugin", restart_argv=["r"]),
            "no Tutor runs a target of type compose",
        ),
        (lms("tutor_k8s"), ""),
        (lms("tutor_k8s", settings_strategy="private_py", envs_dir="/envs"), "`tutor k8s` does not read private.py"),
        (lms("", settings_strategy="private_py", envs_dir="/envs"), "edx_restart_argv is empty. Give the command"),
    ],
)
def test_what_the_strategy_lacks_is_said(facts, says):
    problem = lms_settings.problem(facts)
    assert says in problem
    assert bool(problem) == bool(says)


@pytest.mark.parametrize(
    ("changes", "mapped"),
    [
        ({}, {"xpro": "xpro.odl.local:host-gateway"}),
        ({"server_base_url": "http://172.18.0.1:8053"}, {}),
        ({"domain": "127.0.0.1"}, {}),
        ({"domain": "localhost"}, {}),
        ({"domain": "localhost.example.org"}, {"xpro": "localhost.example.org:host-gateway"}),
        ({"domain": "10.example.org"}, {"xpro": "10.example.org:host-gateway"}),
    ],
)
def test_names_are_mapped_and_addresses_are_not(changes, mapped):
    assert lms_settings.mapped_hosts([{**APP, **changes}], "tutor_dev") == mapped
    assert lms_settings.mapped_hosts([{**APP, **changes}], "tutor_k8s") == {}


def texts(strategy, mapped=(), companion=None):
    return lms_settings.files(strategy, [APP], {"hide_country": True}, mapped, companion, lambda name: f"<{name}>")


def test_the_package_is_the_same_for_both_strategies():
    plugin, private = texts("tutor_plugin"), texts("private_py")
    package = {name: text for name, text in plugin.items() if name.startswith("mit_apps/")}
    # What Tutor's own settings assign after private.py needs a second place; a plugin's patches come last anyway.
    assert private.pop("mit_apps/late.py")
    assert package == {name: text for name, text in private.items() if name.startswith("mit_apps/")}
    assert sorted(package) == [
        "mit_apps/__init__.py",
        "mit_apps/apps.d/xpro.json",
        "mit_apps/backends.py",
        "mit_apps/shared.json",
    ]
    assert package["mit_apps/backends.py"] == "<mit_apps/backends.py>"
    assert set(plugin) - set(package) == {"mitodl_openedx.py", "test_sso.py", "docker-compose.override.yml"}
    assert set(private) - set(package) == {"private.py"}
    # Bytes that an earlier version wrote, so that an update restarts no LMS.
    assert package["mit_apps/shared.json"] == '{\n    "hide_country": true\n}\n'
    assert package["mit_apps/apps.d/xpro.json"] == (
        '{\n    "backend_name": "ol-oauth2",\n    "host": "xpro.odl.local:8053",\n    "hostname": "",\n'
        '    "logout_uri": "http://xpro.odl.local:8053/logout",\n    "name": "mitxpro"\n}\n'
    )
    mapped = texts("tutor_plugin", mapped=["xpro"])["mit_apps/apps.d/xpro.json"]
    assert json.loads(mapped)["hostname"] == "xpro.odl.local"


def test_the_companion_leads_to_its_app():
    assert lms_settings.COMPANION not in texts("private_py")
    found = json.loads(texts("private_py", companion=APP)[lms_settings.COMPANION])
    assert found["MITX_REDIRECT_LOGIN_URL"] == "/auth/login/ol-oauth2/?auth_entry=login"
    assert found["MITX_REDIRECT_ENABLED"] is True


def test_every_setting_of_the_package_is_declared_by_the_role():
    specs = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]
    declared = lms_settings.setting_specs(specs["main"]["options"])
    assert declared["hide_country"] == {"type": "bool", "default": True}
    assert all("default" in spec for spec in declared.values())
    package = (ROLE / "files/mit_apps/__init__.py").read_text()
    assert [name for name in declared if f'shared["{name}"]' not in package] == []
