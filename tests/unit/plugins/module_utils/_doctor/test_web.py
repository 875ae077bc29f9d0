# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where requests go, and where they never do."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.mitodl.openedx.plugins.module_utils import _http
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor import recorder, web
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops.credentials import by_proxy
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.visitor import Visitor

ELSEWHERE = (
    "file://{file}",
    "FILE://{file}",
    "ftp://127.0.0.1:{port}/x",
    "data:,read",
    "gopher://127.0.0.1:{port}/",
    "no address",
    "http://[::1",
    "",
)


class Leads(BaseHTTPRequestHandler):
    """Notes what it is asked with, and leads to what the path says."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(302)
        self.send_header("Location", self.server.location)
        self.send_header("Set-Cookie", f"sessionid={'a' * 40}; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_words):
        """Print nothing."""


@contextlib.contextmanager
def saying(said):
    """The address of a server that says the same to everybody."""

    class Says(BaseRequestHandler):
        def handle(self):
            self.request.recv(65536)
            self.request.sendall(said)

    with ThreadingTCPServer(("127.0.0.1", 0), Says) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Leads) as server:
        server.asked, server.location = [], "/"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("address", ELSEWHERE)
def test_only_http_and_https_are_asked(address, server, tmp_path):
    """By whatever asks: the probes inside a target, the visitor at the browser, and what waits for a server."""
    (tmp_path / "file").write_text("canary")
    address = address.format(file=tmp_path / "file", port=server.server_port)
    for found in (web.fetch(address), Visitor().fetch(address)):
        assert (found["status"], found["url"], "text" in found) == (0, address, False)
        assert "canary" not in str(found)
    answer = _http.ask(address)
    assert (answer.status, answer.location) == (-1, "")
    assert "canary" not in answer.message
    assert server.asked == []


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nends here",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
    ],
    ids=["shorter than said", "no chunks", "not compressed", "no HTTP", "nothing"],
)
def test_an_answer_that_breaks_off_is_a_fact(said):
    with saying(said) as url:
        found = Visitor().fetch(url)
        assert (found["url"], found["status"], "error" in found) == (url, 0, True)
        assert web.fetch(url)["url"] == url


def test_a_proxy_that_speaks_no_http_is_a_fact(monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with saying(b"SSH-2.0-OpenSSH_9.9\r\n") as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        found = by_proxy("http://lms.example.org/")
    assert (found["host"], found["kind"]) == ("lms.example.org", "other")


@pytest.mark.parametrize(
    ("body", "more"), [('{"results": [1, 2]}', {"courses": 2}), ("<p>not yet</p>", {}), ("[]", {}), ("null", {})]
)
def test_the_app_gets_every_answer_as_it_is(body, more):
    """Its own code makes the requests that are noted."""
    with saying(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()) as url:
        url += recorder.COURSES.lstrip("/")
        with recorder.recorded([]) as noted:
            assert requests.get(url, timeout=10).text == body
    assert noted == [{"method": "GET", "url": url, "status": 200, **more}]


@pytest.mark.parametrize(
    "address", ["http://xpro.odl.local:8O53", "http://xpro.odl.local:99999", "http://[::1", "/api", "", None]
)
def test_what_is_no_address_is_reached_nowhere(address):
    found = web.reach(address)
    assert (found["url"], found["host"], found["error"]) == (address, "", "it is not an address")


@pytest.mark.parametrize("name", [".odl.local", "a" * 70 + ".local"])
def test_what_is_no_name_resolves_nowhere(name):
    assert web.reach(f"http://{name}")["kind"] == "name"


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", "//[::1", "http://a:b:c/", "\x1b]0;\u00e9"]
)
def test_a_redirect_leads_nowhere_else(location, server):
    """Neither is it followed with what was meant for one host, nor does one that is no address break anything."""
    server.location = location
    url = f"http://127.0.0.1:{server.server_port}/way"
    found = web.fetch(url, form={"client_secret": "canary"}, headers={"Authorization": "Bearer canary"})
    assert found["status"] == _http.ask(url).status == 302
    urlsplit(found["location"])
    steps = list(Visitor().walk(url))
    assert [step["status"] for step in steps][:2] in ([302, 0], [302, 302])
    assert not any("root:" in str(step) for step in steps)


def test_what_is_meant_for_one_host_goes_to_no_other(server):
    """A visitor's cookies and a token: the second host, here another name, gets neither."""
    other = f"http://localhost:{server.server_port}"
    server.location = f"{other}/second"
    first = f"http://127.0.0.1:{server.server_port}/first"
    web.fetch(first, form={"client_secret": "canary"}, headers={"Authorization": "Bearer canary"})
    assert [path for path, _headers in server.asked] == ["/first"]
    person = Visitor()
    person.keep({"name": "mine", "value": "canary", "path": "/"}, first)
    assert len(list(person.walk(first))) > 1
    asked = [(path, headers.get("Cookie", "")) for path, headers in server.asked[1:]]
    assert asked[0] == ("/first", "mine=canary")
    assert asked[1] == ("/second", "")
    assert not any("canary" in cookie for path, cookie in asked if path == "/second")
