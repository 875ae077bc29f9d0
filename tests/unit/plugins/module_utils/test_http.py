# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a private authority, and proxies of the environment, with real servers on this machine."""

from __future__ import annotations

import time

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _http, _requests
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor import web
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.visitor import Visitor
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.words import well_known
from ansible_collections.mitodl.openedx.plugins.modules import http_status_info
from modules import run_here
from tls import Authority, serving


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def lms(authority):
    with serving(authority.context("localhost")) as server:
        yield f"https://localhost:{server.server_port}/"


def test_a_private_authority_is_the_fact_and_the_fix_and_not_waited_for(lms, authority):
    before = time.monotonic()
    found = _http.wait(lms, seconds=60)
    assert time.monotonic() - before < 10
    said = found.tls_problem(lms, "edx")
    assert f"{lms}: its certificate is not trusted (unable to get local issuer certificate)." in said
    assert "edx_ca_path" in said
    assert "mkcert" in said
    for trust in ({"ca_path": str(authority.path)}, {"validate_certs": False}):
        assert _http.ask(lms, **trust).status == 401
        assert _http.ask(lms, **trust).tls_problem(lms, "edx") == ""


def test_a_certificate_for_another_name(lms, authority):
    url = lms.replace("localhost", "127.0.0.1")
    said = _http.ask(url, ca_path=str(authority.path)).tls_problem(url, "mit_app")
    assert "Give its server a certificate that is valid for that name today, or set mit_app_validate_certs" in said


def test_a_server_that_speaks_http_and_a_file_that_is_not_there(authority):
    with serving() as server:
        url = f"https://localhost:{server.server_port}/"
        assert "it speaks http and not https. Give its address with http" in _http.ask(url).tls_problem(url, "edx")
    nowhere = str(authority.home / "nowhere.pem")
    said = _http.ask(url, ca_path=nowhere).tls_problem(url, "edx")
    assert said == f"{url}: {nowhere}, the authorities to be trusted, is no file. Correct edx_ca_path."


def test_each_of_several_addresses_is_trusted_on_its_own(lms, authority):
    found = run_here(
        http_status_info, {"urls": {"lms": lms, "app": lms}, "trust": {"app": {"ca_path": str(authority.path)}}}
    )
    assert (found["statuses"], found["silent"], found["tls"]) == (
        {"lms": -1, "app": 401},
        ["lms"],
        {"lms": "authority"},
    )
    assert "not trusted" in found["reasons"]["lms"]
    assert "trust: " in run_here(http_status_info, {"urls": {"lms": lms}, "trust": {"lms": {"ca": ""}}})["msg"]


def test_the_doctor_at_a_browser_trusts_it_for_the_hosts_that_it_was_given_for(lms, authority):
    assert Visitor().fetch(lms)["kind"] == "tls"
    trusts = _requests.trusted((lms, str(authority.path), True), ("http://xpro.odl.local", None, True))
    assert trusts == {"localhost": str(authority.path)}
    assert Visitor(trusts=trusts).fetch(lms)["status"] == 401
    assert Visitor(trusts=_requests.trusted((lms, None, False))).fetch(lms)["status"] == 401
    other = _requests.trusted(("https://elsewhere", str(authority.path), True))
    found = Visitor(trusts=other).fetch(lms)
    assert found["kind"] == "tls"
    assert "edx_ca_path" in well_known(found).fix


def test_a_side_is_given_the_authority_as_text(lms, authority):
    try:
        assert web.fetch(lms)["kind"] == "tls"
        web.trust({"authorities": authority.path.read_text()})
        assert web.fetch(lms)["status"] == 401
        web.trust({"unchecked": ["localhost"]})
        assert web.fetch(lms)["status"] == 401
    finally:
        web.trust(None)
    assert web.fetch(lms)["kind"] == "tls"


@pytest.fixture
def proxy(monkeypatch):
    """A proxy that knows nothing of this machine's names, as one of a company."""
    with serving() as server:
        url = f"http://somebody:secret@127.0.0.1:{server.server_port}"
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server


def test_what_is_on_this_machine_is_asked_directly(proxy):
    with serving() as server:
        url = f"http://localhost:{server.server_port}/direct"
        assert _http.ask(url).status == 401
        assert Visitor().fetch(url)["status"] == 401
        assert server.asked == ["/direct", "/direct"]
    assert proxy.asked == []


def test_what_is_elsewhere_is_asked_through_the_proxy_which_is_named_without_its_password(proxy, monkeypatch):
    url = "http://lms.mitodl-openedx-test.invalid/"
    assert _http.ask(url).status == 401
    assert proxy.asked == [url]
    monkeypatch.setenv("http_proxy", "http://somebody:secret@127.0.0.1:9")
    said = _http.ask(url).message
    assert "(asked through the proxy 127.0.0.1:9 of the environment; with lms.mitodl-openedx-test.invalid in" in said
    assert "secret" not in said
