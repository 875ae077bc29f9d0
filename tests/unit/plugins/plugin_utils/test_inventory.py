# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations: defaults, what is derived, and what is refused with which words."""

from __future__ import annotations

import re
import shlex

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import (
    DEMO_COURSES,
    InventoryError,
    edx_host_of,
    read_app,
    read_lms,
    unknown_names,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import (
    FIELDS,
    PROFILES,
    ProfileError,
    check_own,
    read_profile,
)

TUTOR = {"edx_target": {"type": "tutor_dev"}}
XPRO = {"mit_app_profile": "mitxpro", "mit_app_dir": "/src/mitxpro"}


def app(given=None, profile="mitxpro", lms=None, **more):
    given = {**XPRO, **(given or {})}
    overrides = {name: given[f"mit_app_{name}"] for name in FIELDS if f"mit_app_{name}" in given}
    return read_app("xpro", given, read_profile(profile, {}, overrides), lms or read_lms("lms", TUTOR), **more)


def test_the_smallest_lms():
    lms = read_lms("lms", TUTOR)
    assert (lms.base_url, lms.name, lms.site) == (
        "http://local.openedx.io:8000",
        "local.openedx.io",
        "local.openedx.io:8000",
    )
    assert lms.settings_strategy == "tutor_plugin"
    assert lms.courses == []
    assert lms.tutor["version"] == "21.0.9"
    assert not lms.tutor["launch"]


def test_the_demo_courses_are_made_where_somebody_can_be_their_instructor():
    people = {"edx_superusers": [{"username": "edx", "email": "edx@example.org"}]}
    assert read_lms("lms", {**TUTOR, **people}).courses == list(DEMO_COURSES)
    assert read_lms("lms", {**TUTOR, **people, "edx_courses": []}).courses == []


def test_an_lms_that_tutor_does_not_run_has_no_demo_courses_and_slashes_at_its_end_do_not_count():
    lms = read_lms("lms", {"edx_target": {"type": "command"}, "edx_lms_base_url": "https://lms.example.org//"})
    assert (lms.base_url, lms.courses) == ("https://lms.example.org", [])


def test_addresses_have_the_form_that_browsers_give_them():
    lms = read_lms("lms", {**TUTOR, "edx_lms_base_url": "HTTP://LMS.Example.org:80/"})
    assert (lms.base_url, lms.name, lms.site) == ("http://lms.example.org", "lms.example.org", "lms.example.org")
    assert lms.studio_url == "http://studio.lms.example.org"
    found = app({"mit_app_domain": "Xpro.Odl.Local", "mit_app_extra_redirect_uris": ["http://As.Given:80/"]})
    assert found.base_url == "http://xpro.odl.local:8053"
    assert found.redirect_uris[0].startswith("http://xpro.odl.local:8053/")
    # A redirect URI that somebody gives is compared letter for letter.
    assert found.redirect_uris[-1] == "http://As.Given:80/"
    online = app({"mit_app_port": 8080, "mit_app_extra_ports": [80]}, profile="mitxonline")
    assert "http://mitxonline.odl.local/login/_private/complete" in online.redirect_uris


def test_the_docker_engine_of_a_side_is_in_its_target():
    lms = read_lms("lms", {**TUTOR, "edx_docker_context": "colima"})
    assert lms.target == {"type": "tutor_dev", "docker_context": "colima"}
    assert read_lms("lms", {**TUTOR, "edx_docker_host": "tcp://x:1"}).target["docker_host"] == "tcp://x:1"
    found = app({"mit_app_docker_host": "ssh://me@build"})
    assert (found.target["type"], found.target["docker_host"]) == ("compose", "ssh://me@build")
    log = "env DOCKER_HOST=ssh://me@build docker compose --project-directory /src/mitxpro logs web"
    assert shlex.join(found.log_argv) == log
    assert app({"mit_app_target": {"argv": ["python", "-"]}}).log_argv == []
    assert found.seed_argv[:3] == ["env", "DOCKER_HOST=ssh://me@build", "docker"]
    outside = {"mit_app_target": "none", "mit_app_dotenv": "/x/.env", "mit_app_docker_context": "colima"}
    assert app(outside).target == {"type": "none"}
    with pytest.raises(InventoryError, match="mit_app_docker_host and mit_app_docker_context are both given"):
        app({"mit_app_docker_host": "x", "mit_app_docker_context": "y"})


def test_the_address_that_an_app_gives_for_its_lms_wins():
    assert read_lms("lms", {**TUTOR, "edx_lms_base_url": "http://one:1"}, "http://two:2").base_url == "http://two:2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"edx_lms_base_url": "http://localhost:8000/dashboard"},
            "edx_lms_base_url is 'http://localhost:8000/dashboard'. Give the",
        ),
        ({"edx_settings_strategy": "private"}, "edx_settings_strategy of lms is neither tutor_plugin nor private_py"),
        ({"edx_settings_strategy": "private_py"}, "edx_envs_dir of lms is empty. The strategy private_py needs"),
        ({"edx_target": None}, "edx_target of lms is not given"),
        (
            {"edx_superusers": [{"username": "a", "emial": "a@b.org"}]},
            r"edx_superusers of lms: there is no key emial. Did you mean email\? An entry has: ",
        ),
        (
            {"edx_courses": [{"key": "course-v1:a+b+c", "title": "C", "stat": "2024"}]},
            r"edx_courses of lms: there is no key stat. Did you mean start\? An entry has: key, title, start, end.$",
        ),
        ({"edx_superusers": [{"email": "a@b.org"}]}, "edx_superusers of lms has an entry without username. Give it"),
        ({"edx_courses": [{"key": "x"}]}, "edx_courses of lms has an entry without title. Give it"),
    ],
)
def test_an_lms_that_cannot_be(given, said):
    with pytest.raises(InventoryError, match=said.replace(".", r"\.")):
        read_lms("lms", {**TUTOR, **given})


def test_the_smallest_app():
    found = app(backend_name="ol-oauth2")
    assert found.base_url == found.server_base_url == "http://xpro.odl.local:8053"
    assert found.target == {
        "type": "compose",
        "chdir": "/src/mitxpro",
        "service": "web",
        "settings": "mitxpro.settings",
    }
    assert found.dotenv == "/src/mitxpro/.env"
    assert found.redirect_uris == ["http://xpro.odl.local:8053/login/_private/complete"]
    assert found.complete_uris == ["http://local.openedx.io:8000/auth/complete/ol-oauth2/"]
    assert found.authorization_url == "http://xpro.odl.local:8053/oauth2/authorize/"
    assert (found.service_worker, found.service_worker_email) == ("xpro_serviceworker", "xpro-service@mitx.odl.local")
    assert (found.lms_application, found.edx_application) == ("xpro-oauth-app", "edx-oauth-app")
    assert (found.openedx_ip, found.starts_by) == ("host-gateway", "compose")
    assert found.network == "mitxpro_default"
    assert found.network_labels == {"com.docker.compose.project": "mitxpro", "com.docker.compose.network": "default"}
    assert found.env_required["VOUCHER_COMPANY_ID"] == "1"


@pytest.mark.parametrize(
    ("host", "name", "worker"),
    [
        ("mitxonline.odl.local", "mitxonline", "mitxonline_serviceworker"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7_serviceworker"),
        ("fe80::1", "fe80::1", "fe80-1_serviceworker"),
        ("a-very-long-name-of-a-host", "a-very-long-name-of-a-host", "a-very-lo-cee0d4_serviceworker"),
    ],
)
def test_what_is_called_after_a_host_is_usable(host, name, worker):
    given = {**XPRO, "mit_app_name": None}
    found = read_app(host, given, read_profile("mitxpro", {}, {}), read_lms("lms", TUTOR))
    assert (found.name, found.service_worker, found.lms_application) == (name, worker, f"{name}-oauth-app")
    assert len(found.service_worker) <= 30
    assert re.fullmatch(r"[\w.+-]+@mitx\.odl\.local", found.service_worker_email)


def test_a_name_with_spaces_is_no_username():
    found = app({"mit_app_name": "MIT xPRO"})
    assert (found.service_worker, found.service_worker_email) == (
        "MIT-xPRO_serviceworker",
        "MIT-xPRO-service@mitx.odl.local",
    )


def test_every_further_port_has_every_redirect_path():
    found = app({"mit_app_extra_redirect_uris": ["http://elsewhere/"]}, profile="mitxonline")
    assert found.redirect_uris == [
        "http://mitxonline.odl.local:8013/_/auth/complete",
        "http://mitxonline.odl.local:8013/login/_private/complete",
        "http://mitxonline.odl.local:9080/_/auth/complete",
        "http://mitxonline.odl.local:9080/login/_private/complete",
        "http://elsewhere/",
    ]


@pytest.mark.parametrize(
    ("scheme", "port", "url"),
    [("http", 80, "http://x.org"), ("https", 443, "https://x.org"), ("https", 80, "https://x.org:80")],
)
def test_the_port_that_a_scheme_means_is_left_out(scheme, port, url):
    assert app({"mit_app_scheme": scheme, "mit_app_port": port, "mit_app_domain": "x.org"}).base_url == url


def test_by_the_gateway_only_the_server_side_addresses_change():
    found = app({"mit_app_network_mode": "gateway"}, gateway="172.18.0.1")
    assert found.authorization_url == "http://xpro.odl.local:8053/oauth2/authorize/"
    assert found.access_token_url == "http://172.18.0.1:8053/oauth2/token/"
    assert found.api_root == "http://172.18.0.1:8053/"
    assert app({"mit_app_network_mode": "gateway"}).api_root == "http://xpro.odl.local:8053/"
    assert app({"mit_app_network_mode": "gateway"}, gateway="fd00::1").api_root == "http://[fd00::1]:8053/"


def test_a_discovery_document_needs_the_servers_address_in_the_env():
    given = {"mit_app_discovery_url": "http://x/.well-known"}
    env = app(given, profile="mitxonline").env
    assert env["MITXONLINE_DOCKER_BASE_URL"] == "http://mitxonline.odl.local:8013"
    assert app(given).env == {}
    assert "MITXONLINE_DOCKER_BASE_URL" not in app({}, profile="mitxonline").env


LINKS = ("OPENEDX_COURSE_BASE_URL", "OPENEDX_STUDIO_API_BASE_URL", "MITXONLINE_NEW_USER_LOGIN_URL")


@pytest.mark.parametrize(
    ("url", "given", "studio"),
    [
        ("http://local.openedx.io:8000", {}, "http://studio.local.openedx.io:8001"),
        ("https://lms.example.org", {}, "https://studio.lms.example.org"),
        ("https://lms.example.org", {"edx_studio_base_url": "https://cms.example.org/"}, "https://cms.example.org"),
    ],
)
def test_the_app_leads_people_to_its_lms_and_studio(url, given, studio):
    found = app({}, "mitxonline", read_lms("lms", {**TUTOR, "edx_lms_base_url": url, **given}))
    assert [found.env[name] for name in LINKS] == [
        f"{url}/learn/course/",
        studio,
        "http://mitxonline.odl.local:8013/create-profile",
    ]
    assert found.links.keys() == set(LINKS)


def test_behind_its_gateway_an_app_has_the_gateways_address():
    found = app({"mit_app_api_gateway": True}, "mitxonline", env={"COMPOSE_PROFILES": "notebook,keycloak"})
    assert found.base_url == "http://mitxonline.odl.local:9080"
    assert found.authorization_url == "http://mitxonline.odl.local:9080/oauth2/authorize/"
    assert found.redirect_uris[::2] == [f"http://mitxonline.odl.local:{port}/_/auth/complete" for port in (9080, 8013)]
    assert found.env["COMPOSE_PROFILES"] == "notebook,keycloak,apisix"
    assert found.env["MITXONLINE_NEW_USER_LOGIN_URL"] == "http://mitxonline.odl.local:9080/create-profile"
    assert found.env_required["KEYCLOAK_CLIENT_ID"] == "apisix"
    assert found.api_gateway_hosts == ["kc.odl.local"]
    plain = app({}, "mitxonline")
    assert (plain.api_gateway, plain.api_gateway_port, plain.api_gateway_hosts) == (False, 9080, [])
    assert not {"COMPOSE_PROFILES", "KEYCLOAK_CLIENT_ID"} & {*plain.env, *plain.env_required}


def test_further_addresses_and_values_are_the_inventorys():
    given = {
        "mit_app_api_gateway": True,
        "mit_app_api_gateway_port": 9000,
        "mit_app_api_gateway_values": {"TRUST_PROXY": "1"},
        "mit_app_dotenv_addresses": {"LEARN_URL": "{lms}/learn", "HELP_URL": "{app}/help"},
    }
    found = app(given)
    assert found.env["TRUST_PROXY"] == "1"
    assert found.links == {"LEARN_URL": f"{found.lms_base_url}/learn", "HELP_URL": f"{found.base_url}/help"}
    del given["mit_app_api_gateway"]
    assert "TRUST_PROXY" not in app(given).env


def test_an_app_without_a_gateway_cannot_be_behind_it():
    with pytest.raises(InventoryError, match="Give its port in mit_app_api_gateway_port"):
        app({"mit_app_api_gateway": True})


def test_a_gateway_that_could_log_nobody_in_is_refused_before_anything_is_written():
    found = app({"mit_app_api_gateway": True}, "mitxonline").facts()
    problem = app_env.gateway_problem(found, {}, {})
    assert "KEYCLOAK_CLIENT_SECRET is empty in /src/mitxpro/.env" in problem
    assert "mit_app_api_gateway_client_secret" in problem
    assert app_env.gateway_problem(found, {}, {"KEYCLOAK_CLIENT_SECRET": "s"}) == ""
    assert app_env.gateway_problem(found, {"mit_app_api_gateway_client_secret": "s"}, {}) == ""
    assert app_env.gateway_problem(app({}, "mitxonline").facts(), {}, {}) == ""


@pytest.mark.parametrize(
    ("name", "worker", "email"),
    [
        ("mit_Application_serviceworker", "mit_Application_serviceworker", "service@mitx.odl.local"),
        ("other_serviceworker", "other_serviceworker", "xpro-service@mitx.odl.local"),
        ("somebody", "xpro_serviceworker", "xpro-service@mitx.odl.local"),
    ],
)
def test_the_worker_that_the_env_names_is_kept_where_the_guide_made_it(name, worker, email):
    found = app(env={"OPENEDX_SERVICE_WORKER_USERNAME": name})
    assert (found.service_worker, found.service_worker_email) == (worker, email)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mit_app_domain": ""}, "xpro: mit_app_domain is ''. Give the host name"),
        (
            {"mit_app_domain": "http://x"},
            "xpro: mit_app_domain is 'http://x'. Give the host name by which .* without scheme",
        ),
        ({"mit_app_port": 70000}, "xpro: mit_app_port is '70000'. Give the published port"),
        ({"mit_app_port": 0}, "mit_app_port is '0'"),
        ({"mit_app_backend_name": "a b"}, "mit_app_backend_name is 'a b'"),
        ({"mit_app_backend_name": "x" * 31}, "at most 30"),
        ({"mit_app_display_name": "x" * 51}, "Open edX allows at most 50 letters in the name of a provider."),
        ({"mit_app_service_worker": "a b"}, "mit_app_service_worker is 'a b'"),
        ({"mit_app_dir": ""}, "mit_app_dir is empty"),
        ({"mit_app_repo": "https://x"}, "mit_app_repo is given without mit_app_version or mit_app_dir"),
        ({"mit_app_kubernetes_secret": "x"}, "the type of mit_app_target is not kubernetes"),
        (
            {
                "mit_app_kubernetes_secret": "x",
                "mit_app_target": {"type": "kubernetes"},
                "mit_app_restart_argv": ["x"],
            },
            "mit_app_kubernetes_secret and mit_app_restart_argv are both given",
        ),
    ],
)
def test_an_app_that_cannot_be(given, said):
    with pytest.raises(InventoryError, match=said):
        app(given)


def test_profiles_are_data():
    own = {"ours": {"port": 9000, "domain": "ours.example.org"}, "mitxpro": {"port": 1}}
    assert read_profile("ours", own, {"port": 9001}).port == 9001
    assert read_profile("mitxpro", own, {}).port == 1
    assert read_profile("mitxpro", own, {}).api_module == PROFILES["mitxpro"].api_module
    with pytest.raises(ProfileError, match=rf"mit_app_profile is 'our'\. Give one of {', '.join(PROFILES)}, ours"):
        read_profile("our", own, {})
    with pytest.raises(ProfileError, match=r"mit_app_profiles\.x: there is no field colour\. A profile has: domain"):
        check_own({"x": {"colour": "red"}})
    with pytest.raises(ProfileError, match=r"no field domian\. Did you mean domain\? A profile has"):
        check_own({"x": {"domian": "x.example.org"}})
    with pytest.raises(ProfileError, match=r"mit_app_profiles\.x is 'None'\. Give its fields"):
        check_own({"x": None})


def test_a_name_that_nothing_reads_is_named_with_the_one_that_was_meant():
    known = {"edx_superusers", "mit_app_dir", "mit_app_directory_wanted"}
    offered = known - {"mit_app_directory_wanted"}
    for host, names, said in (
        ("lms", ["edx_superuser", "other", "edx_superusers"], "edx_superuser. Did you mean edx_superusers?"),
        ("xpro", ["mit_app_qqqqqqqqqqq"], "mit_app_qqqqqqqqqqq."),
        # Nearer would be one that the roles give each other.
        ("xpro", ["mit_app_directory"], "mit_app_directory. Did you mean mit_app_dir?"),
    ):
        assert unknown_names(host, names, known, offered) == [f"{host}: there is no variable {said}"]


def test_the_lms_of_an_app_is_the_first_where_it_names_none():
    assert edx_host_of({}, ["one", "two"]) == "one"
    assert edx_host_of({"mit_app_edx_host": "two"}, ["one", "two"]) == "two"
    assert edx_host_of({}, []) == ""


def test_an_app_that_is_no_copy():
    given = {"mit_app_domain": "polls.odl.local", "mit_app_port": 8093, "mit_app_scopes": ["read"]}
    paths = {"mit_app_authorize_path": "/o/authorize/", "mit_app_token_path": "/o/token/", "mit_app_logout_path": ""}
    found = app({**given, **paths, "mit_app_user_info_fields": {"username": "sub"}}, "generic")
    assert found.authorization_url == "http://polls.odl.local:8093/o/authorize/"
    assert (found.access_token_url, found.logout_uri) == ("http://polls.odl.local:8093/o/token/", "")
    assert found.provider_settings == {
        "SCOPE": ["read"],
        "IGNORE_DEFAULT_SCOPE": True,
        "USER_INFO_FIELDS": {"username": "sub"},
    }
    assert (found.own_backend, found.api) == (True, False)
    other = app({**given, "mit_app_user_info_path": "/me"}, "generic")
    assert (other.provider_settings["USER_INFO_URL"], other.own_backend) == ("http://polls.odl.local:8093/me", True)
    assert (app().provider_settings, app().own_backend, app().api) == ({}, False, True)


def test_an_app_calls_the_lms_where_it_is_said_or_does_already():
    given = {"mit_app_domain": "x.org", "mit_app_port": 1}
    assert app({**given, "mit_app_api": True}, "generic").api
    assert app(given, "generic", env={"OPENEDX_SERVICE_WORKER_API_TOKEN": "t"}).api
    assert not app({"mit_app_api": False}).api


def test_a_target_of_compose_says_only_what_is_special():
    found = app({"mit_app_target": {"type": "compose", "service": "app"}, "mit_app_settings": "own.settings"})
    assert found.target == {"type": "compose", "chdir": "/src/mitxpro", "service": "app", "settings": "own.settings"}


def test_an_app_in_which_nothing_is_run():
    given = {"mit_app_domain": "x.org", "mit_app_port": 1, "mit_app_dir": "", "mit_app_dotenv": "/x/.env"}
    found = app({**given, "mit_app_target": "none"}, "generic")
    assert (found.target, found.starts_by, found.seed_argv) == ({"type": "none"}, "nothing", [])
    assert app({**given, "mit_app_target": "none", "mit_app_restart_argv": ["x"]}, "generic").starts_by == "command"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mit_app_target": "nothing"}, "mit_app_target is 'nothing'. Give none"),
        ({"mit_app_target": "none", "mit_app_dir": ""}, "there is neither mit_app_dir nor mit_app_dotenv. Give"),
        # Its .env would be that of the root directory.
        ({"mit_app_target": {"argv": ["python", "-"]}, "mit_app_dir": ""}, "there is neither mit_app_dir nor"),
        ({"mit_app_target": {"type": "compose", "chdir": "/src"}, "mit_app_dir": ""}, "mit_app_dir is empty"),
        ({"mit_app_token_path": "o/token/"}, "mit_app_token_path is 'o/token/'. Give a path"),
        ({"mit_app_logout_path": "logout"}, "mit_app_logout_path is 'logout'. Give a path"),
        ({"mit_app_redirect_paths": ["/in", "out"]}, "mit_app_redirect_paths is 'out'. Give a path"),
        ({"mit_app_network_subnets": ["10.9.0.0/24"]}, "mit_app_manage_network is false. Set it to true"),
        ({"mit_app_user_info_fields": {"uid": "sub"}}, "mit_app_user_info_fields has uid. The LMS reads username"),
    ],
)
def test_what_no_app_can_be(given, said):
    with pytest.raises(InventoryError, match=re.escape(said)):
        app({"mit_app_domain": "x.org", "mit_app_port": 1, **given}, "generic")
