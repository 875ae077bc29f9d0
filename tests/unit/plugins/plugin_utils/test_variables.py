# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable that describes an app or an LMS reaches the fact from which everything later works."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.action.resolve import resolve
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations

SMALLEST = {"mit_app_profile": "mitxpro", "mit_app_dir": "/src/mitxpro", "mit_app_found": {"env": {}}}
COMMAND = {"type": "command", "argv": ["python", "-"]}


def facts(app, lms):
    hosts = {
        "lms": {"edx_target": {"type": "tutor_dev"}, **lms},
        "other": {"edx_target": COMMAND},
        "xpro": {**SMALLEST, **app},
    }
    task_vars = {
        **hosts["xpro"],
        "inventory_hostname": "xpro",
        "hostvars": hosts,
        "groups": {"edx": ["lms", "other"], "mit_apps": ["xpro"]},
        "ansible_play_hosts": ["xpro"],
    }
    return resolve(Declarations(task_vars, lambda value: value))


@pytest.mark.parametrize(
    ("name", "value", "field", "becomes"),
    [
        ("mit_app_profile", "mitxonline", "base_url_env", "MITX_ONLINE_BASE_URL"),
        ("mit_app_settings", "own.settings", "target", {"settings": "own.settings"}),
        ("mit_app_base_url_env", "OWN_BASE_URL", "base_url_env", "OWN_BASE_URL"),
        ("mit_app_extra_ports", [9], "redirect_uris", "http://xpro.odl.local:9/login/_private/complete"),
        ("mit_app_user_info_path", "/me", "user_info_path", "/me"),
        ("mit_app_api_module", "own.api", "api_module", "own.api"),
        ("mit_app_sync_command", ["sync", "--all"], "sync_command", ["sync", "--all"]),
        ("mit_app_repair_command", ["repair"], "repair_command", ["repair"]),
        ("mit_app_migrated_application", True, "migrated_application", True),
        ("mit_app_dotenv_values", {"OWN": "1"}, "env", {"OWN": None}),
        ("mit_app_dotenv_defaults", {"OWN": "1"}, "env_required", {"OWN": None}),
        ("mit_app_name", "pro", "lms_application", "pro-oauth-app"),
        ("mit_app_scheme", "https", "base_url", "https://xpro.odl.local:8053"),
        ("mit_app_domain", "x.org", "base_url", "http://x.org:8053"),
        ("mit_app_port", "9000", "base_url", "http://xpro.odl.local:9000"),
        ("mit_app_dir", "/elsewhere", "dotenv", "/elsewhere/.env"),
        ("mit_app_dotenv", "/own/.env", "dotenv", "/own/.env"),
        ("mit_app_target", COMMAND, "starts_by", "command"),
        ("mit_app_edx_host", "other", "edx_host", "other"),
        ("mit_app_lms_base_url", "http://own:1", "lms_site", "own:1"),
        ("mit_app_backend_name", "own", "backend_name", "own"),
        ("mit_app_display_name", "Own", "display_name", "Own"),
        ("mit_app_visible", False, "visible", False),
        ("mit_app_lms_application", "own", "lms_application", "own"),
        ("mit_app_edx_application", "own", "edx_application", "own"),
        ("mit_app_service_worker", "own", "service_worker", "own"),
        ("mit_app_service_worker_email", "own@example.org", "service_worker_email", "own@example.org"),
        ("mit_app_redirect_paths", ["/own"], "redirect_uris", "http://xpro.odl.local:8053/own"),
        ("mit_app_extra_redirect_uris", ["http://own/"], "redirect_uris", "http://own/"),
        ("mit_app_logout_path", "/own", "logout_uri", "http://xpro.odl.local:8053/own"),
        ("mit_app_network_mode", "gateway", "network_mode", "gateway"),
        ("mit_app_network", "own", "network", "own"),
        ("mit_app_manage_network", True, "manage_network", True),
        ("mit_app_discovery_url", "http://own/", "discovery_url", "http://own/"),
        ("mit_app_manage_hosts", True, "manage_hosts", True),
        ("mit_app_hosts_file", "/own", "hosts_file", "/own"),
        ("mit_app_restart_argv", ["own"], "restart_argv", ["own"]),
        ("mit_app_seed_argv", ["own"], "seed_argv", ["own"]),
        ("mit_app_reset_argv", ["own"], "reset_argv", ["own"]),
        ("mit_app_reset_destroys", ["it"], "reset_destroys", ["it"]),
        ("mit_app_ca_path", "/own.pem", "ca_path", "/own.pem"),
        ("mit_app_validate_certs", False, "validate_certs", False),
        ("mit_app_history_user", "own", "history_user", "own"),
        ("mit_app_session", False, "target", {"type": "compose"}),
        ("edx_lms_base_url", "http://own:1/", "base_url", "http://own:1"),
        ("edx_ca_path", "/own.pem", "ca_path", "/own.pem"),
        ("edx_validate_certs", False, "validate_certs", False),
        ("edx_target", COMMAND, "target", COMMAND),
        ("edx_start_argv", ["own"], "start_argv", ["own"]),
        ("edx_restart_argv", ["own"], "restart_argv", ["own"]),
        ("edx_reset_argv", ["own"], "reset_argv", ["own"]),
        ("edx_reset_destroys", ["it"], "reset_destroys", ["it"]),
        ("edx_superusers", [{"username": "own"}], "superusers", {"username": "own"}),
        ("edx_courses", [{"key": "course-v1:a+b+c", "title": "Own"}], "courses", {"title": "Own"}),
        ("edx_companion_auth", "xpro", "companion_auth", "xpro"),
        ("edx_history_user", "own", "history_user", "own"),
        ("edx_tutor_venv", "/own", "tutor", {"venv": "/own"}),
        ("edx_tutor_version", "20.0.0", "tutor", {"version": "20.0.0"}),
        ("edx_tutor_launch", True, "tutor", {"launch": True}),
        ("edx_tutor_launch_options", ["--own"], "tutor", {"launch_options": ["--own"]}),
        ("edx_tutor_pip_requirements", ["own"], "tutor", {"pip_requirements": ["own"]}),
        ("edx_tutor_build_images", True, "tutor", {"build_images": True}),
    ],
)
def test_it_becomes_its_field(name, value, field, becomes):
    side = "lms" if name.startswith("edx_") else "app"
    found = facts(*(({}, {name: value}) if side == "lms" else ({name: value}, {})))[side][field]
    assert found != facts({}, {})[side][field]
    assert has(found, becomes)


def has(found, wanted):
    """The same, or a list with it in it, or a dictionary with these items."""
    if isinstance(found, dict):
        return wanted.items() <= found.items()
    return found == wanted or (isinstance(found, list) and any(has(entry, wanted) for entry in found))


def test_a_secret_and_the_pods_that_have_it_go_together():
    given = {"mit_app_kubernetes_secret": "own", "mit_app_target": {"type": "kubernetes"}}
    found = facts(given, {})["app"]
    assert (found["kubernetes_secret"], found["starts_by"]) == ("own", "kubernetes")


def test_files_of_the_settings_and_what_makes_them_go_together():
    found = facts({}, {"edx_settings_strategy": "private_py", "edx_envs_dir": "/own"})["lms"]
    assert (found["settings_strategy"], found["envs_dir"]) == ("private_py", "/own")


def test_the_servers_address_of_a_discovery_document_has_its_key():
    given = {"mit_app_discovery_url": "http://own/", "mit_app_server_base_url_env": "OWN_SERVER"}
    assert [*facts(given, {})["app"]["env"]] == ["OWN_SERVER"]


def test_a_repository_has_its_version():
    found = facts({"mit_app_repo": "https://own", "mit_app_version": "1.0"}, {})["app"]
    assert (found["repo"], found["version"]) == ("https://own", "1.0")


def test_no_fact_has_the_values_of_tutors_configuration_or_a_password():
    given = {"edx_tutor_config": {"KEY": "canary"}, "edx_superusers": [{"username": "own", "password": "canary"}]}
    assert "canary" not in str(facts({}, given))
