# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The course of an examination and the browser's side, on real processes and sockets. The hops are tested apart."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import ClassVar

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor import doctor, look, temporary_user, web
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Probe
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.visitor import Visitor
from ansible_collections.mitodl.openedx.plugins.module_utils._requests import trusted
from ansible_collections.mitodl.openedx.plugins.modules import sso_check

USER = "sso-check-aaaa-6746f000-0001"
HERE = {"argv": [sys.executable, "-"]}


def declared(lms, app):
    return {
        "name": "xpro",
        "base_url": app,
        "lms_base_url": lms,
        "lms_site": "local.openedx.io:8000",
        "backend_name": "ol-oauth2",
        "lms_application": "xpro-oauth-app",
        "edx_application": "edx-oauth-app",
        "service_worker": "worker",
        "service_worker_email": "worker@example.com",
        "redirect_uris": [f"{app}/login/_private/complete"],
        "complete_uris": [f"{lms}/auth/complete/ol-oauth2/"],
        "authorization_url": f"{app}/oauth2/authorize/",
        "access_token_url": f"{app}/oauth2/token/",
        "api_root": f"{app}/",
        "user_info_path": "/api/users/me",
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(_ansible_check_mode=False, **options):
    """Run the module as Ansible does: a process of its own, the arguments on its stdin, JSON on its stdout."""
    done = subprocess.run(
        [sys.executable, sso_check.__file__],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": _ansible_check_mode, **options}}),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def examine(**options):
    nowhere = f"http://127.0.0.1:{free_port()}"
    return run(**{"target": HERE, "app_target": HERE, "app": declared(nowhere, nowhere), **options})


@pytest.mark.parametrize(
    ("patterns", "email"),
    [
        ([r".*@mit\.edu"], "{user}@mit.edu"),
        ([r"^.*@(example\.org|mit\.edu)$"], "{user}@example.org"),
        ([r"[^@]+@(?:student\.)?mit\.edu"], None),
        ([r"staff\..*@mit\.edu", r".+@edx\.org"], "{user}@edx.org"),
        ([r"nothing-of-a-domain"], None),
        (["@("], None),
        ([], None),
    ],
)
def test_an_address_is_made_that_the_lms_allows(patterns, email):
    assert doctor.email_like(patterns, USER) == email


@pytest.mark.parametrize("email", ["someone@mit.edu", "{user}", "x{user}@mit.edu", "{user}@", "{user} @mit.edu"])
def test_the_temporary_user_is_never_given_the_address_of_a_person(email):
    result = examine(email=email)
    assert result["failed"]
    assert "{user}@example.com" in result["msg"]


# -- the module --------------------------------------------------------------------------------------------------------


def test_a_broken_chain_is_a_result_and_no_failure():
    result = examine()
    assert "failed" not in result
    assert (result["ok"], result["changed"]) == (False, False)
    assert result["first_failed"]["id"] == "app.starts"
    assert "has no Django" in result["first_failed"]["fact"]
    assert "target.argv" in result["first_failed"]["fix"]
    assert result["boots"] == {"app": 1, "lms": 1}
    assert result["summary"]["failed"] == 4  # the two sides, and the two addresses where nothing listens
    assert sum(result["summary"].values()) == len(result["hops"])
    assert result["token_days_left"] is None
    assert ": the login chain of http" in result["table"][0]
    assert result["table"][1].startswith("[FAIL] app.starts")


def test_without_requests_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "requests.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    result = examine()
    assert "Failed to import the required Python library (requests)" in result["msg"]


def test_an_app_that_broke_off_is_started_again_to_remove_the_user():
    result = examine(app_target={"argv": ["sh", "-c", "cat >/dev/null; exit 9"]})
    assert "exit status 9" in result["first_failed"]["fact"]
    assert result["boots"] == {"app": 2, "lms": 1}
    assert examine(app_target={"argv": ["sh", "-c", "cat >/dev/null; exit 9"]}, login=False)["boots"] == {
        "app": 1,
        "lms": 1,
    }


def test_check_mode_leaves_out_what_would_write():
    status = {entry["id"]: (entry["status"], entry["fact"]) for entry in examine(_ansible_check_mode=True)["hops"]}
    for hop in ("login.app", "login.browser", "commands.sync", "commands.repair", "app.removal"):
        assert status[hop] == ("skipped", "not tried: check mode")


def test_an_incomplete_declaration_is_a_failure():
    result = examine(app={"name": "xpro"})
    assert result["failed"] is True
    assert "backend_name" in result["msg"]


def test_the_name_of_the_test_user_suits_open_edx_and_sorts_by_time(monkeypatch):
    app = declared("http://lms", "http://app")
    early = doctor.name_temporary_user(app)
    later = time.time() + 60
    monkeypatch.setattr(doctor.time, "time", lambda: later)
    late = doctor.name_temporary_user(app)
    assert len(early) <= 30
    assert early < late
    assert early[:15] == late[:15] != doctor.name_temporary_user(declared("http://lms", "http://other"))[:15]


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        (USER, True),
        (f"{USER}@example.com", True),
        # Another doctor of the same app, which has begun at the same time, a minute before, or since then.
        ("sso-check-aaaa-6746f000-0000", False),
        ("sso-check-aaaa-6746f000-0002", False),
        ("sso-check-aaaa-6746efc4-ffff@example.com", False),
        ("sso-check-aaaa-6746f03c-0000", False),
        # One that was interrupted, 15 minutes and a second ago.
        ("sso-check-aaaa-6746ec7b-0001", True),
        ("sso-check-aaaa-6746ec7b-0001@example.com", True),
        # Those of another app, and whatever else begins so.
        ("sso-check-bbbb-6746ec7b-0001", False),
        ("sso-check-aaaa-somebody", False),
        ("sso-check-aaaa-", False),
        ("rosa", False),
    ],
)
def test_two_doctors_at_once_leave_each_other_their_users(other, ours):
    assert temporary_user.is_ours(other, USER) is ours


@pytest.mark.parametrize(("side", "hop"), [("app", "browser.reaches_app"), ("lms", "browser.reaches_lms")])
def test_the_commands_that_were_given_are_those_of_the_fixes(side, hop):
    given = {"start_argv": ["lab", "up", "the side"], "restart_argv": ["lab", "restart"]}
    nowhere = f"http://127.0.0.1:{free_port()}"
    app = {**declared(nowhere, nowhere), **(given if side == "app" else {})}
    result = examine(app=app, **({"lms": given} if side == "lms" else {}))
    fixes = {entry["id"]: entry["fix"] for entry in result["hops"]}
    name, address = {"app": ("the app", "mit_app_domain or mit_app_port"), "lms": ("the LMS", "edx_lms_base_url")}[side]
    assert fixes[hop] == f"Start {name} (lab up 'the side'). Or correct {address}."


# -- what the machine of the module knows beside the two sides -------------------------------------------------------


def examined(app, **params):
    """A doctor that has seen something and was started for nothing."""

    class Module:
        check_mode = False
        no_log_values: ClassVar[set] = set()

    Module.params = {
        "app": app,
        "target": {"type": "command"},
        "app_target": {"type": "command"},
        "warn_days": 30,
        "email": doctor.DEFAULT_EMAIL,
        "login": False,
        "commands": False,
        "timeout": 60,
        **params,
    }
    return doctor.Doctor(Module())


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("OPENEDX_API_BASE_URL=http://lms/\nOPENEDX_API_CLIENT_SECRET='s3cret'\n", []),
        ("OPENEDX_API_BASE_URL=http://other\n", ["OPENEDX_API_BASE_URL"]),
        ("OPENEDX_API_CLIENT_SECRET=other\n", ["OPENEDX_API_CLIENT_SECRET"]),
        ("OPENEDX_API_BASE_URL=\n", []),
    ],
)
def test_what_the_app_runs_with_is_held_against_its_env(tmp_path, text, differs):
    path = tmp_path / ".env"
    path.write_text(text)
    one = examined({**declared("http://lms", "http://app"), "dotenv": str(path)})
    running = {"OPENEDX_API_BASE_URL": "http://lms", "SITE_BASE_URL": "http://app"}

    def compared(digests):
        found = one.look("machine", running=running, digests=digests, compose=[])["env"]
        return found["there"], found["differs"]

    assert compared({"OPENEDX_API_CLIENT_SECRET": look.digest("s3cret")}) == (True, differs)
    path.unlink()
    assert compared({}) == (False, [])
    assert "env" not in one.look("machine", running=None, digests={}, compose=[])


def test_an_address_of_this_machine_is_told_from_one_that_is_gone():
    one = examined(declared("http://lms", "http://app"))
    one.seen.lms = {
        "token_url": {"addresses": ["192.0.2.1"]},
        "user_info_url": {"addresses": ["192.0.2.1", "127.0.0.1"]},
    }
    one.locate()
    assert [facts["here"] for facts in one.seen.lms.values()] == [False, True]


def test_each_side_has_the_engine_that_its_target_names(monkeypatch):
    asked = []

    def engine(_module, target):
        asked.append(target)
        return SimpleNamespace(endpoint=lambda: target.get("docker_host", "unix:///var/run/docker.sock"))

    monkeypatch.setattr(doctor.Docker, "of", engine)
    far = {"type": "tutor_dev", "tutor": "tutor", "docker_host": "ssh://me@build"}
    one = examined(declared("http://lms", "http://app"), target=far, app_target={"type": "compose", "chdir": "/x"})
    assert one.endpoints() == {"lms": "ssh://me@build", "app": "unix:///var/run/docker.sock"}
    # Once for both where it is the same.
    asked.clear()
    one = examined(declared("http://lms", "http://app"), target=far, app_target={**far, "type": "compose"})
    assert set(one.endpoints().values()) == {"ssh://me@build"}
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("kind", "endpoint", "elsewhere"),
    [
        ("compose", "unix:///var/run/docker.sock", False),
        ("tutor_dev", "", False),
        ("compose", "ssh://somewhere", True),
        ("tutor_dev", "unix:///home/me/.docker/desktop/docker.sock", True),
        ("tutor_local", "unix:///run/user/1000/docker.sock", True),
        ("command", "ssh://somewhere", False),
        ("tutor_k8s", "", True),
    ],
)
def test_where_the_gateways_of_containers_are(monkeypatch, kind, endpoint, elsewhere):
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    assert doctor.is_elsewhere(kind, endpoint) is elsewhere
    monkeypatch.setattr(doctor.sys, "platform", "darwin")
    assert doctor.is_elsewhere(kind, endpoint) is (kind != "command")


# -- the browser's side ------------------------------------------------------------------------------------------------


class Server:
    """A web server whose pages are a dictionary: path to (status, headers, body)."""

    def __init__(self):
        pages = self.pages = {}
        seen = self.seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append((self.path, self.headers.get("Cookie")))
                page = pages.get(self.path.split("?")[0], (404, {}, "nothing here"))
                status, headers, body = page(self) if callable(page) else page
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_port


@pytest.fixture
def pair():
    """An LMS (by the name localhost) and an app (by its address), whose cookies are apart."""
    lms, app = Server(), Server()
    here, there = f"http://localhost:{lms.port}", f"http://127.0.0.1:{app.port}"
    known = "sid=in"

    def me(request):
        inside = known in (request.headers.get("Cookie") or "")
        return (200, {}, {"username": USER}) if inside else (401, {}, {"detail": "no"})

    def authorize(request):
        inside = "app=signed" in (request.headers.get("Cookie") or "")
        return 302, {"Location": f"{here}/auth/complete/ol-oauth2/?code=the-code" if inside else "/signin"}, ""

    query = f"client_id=app-side&redirect_uri={here}/auth/complete/ol-oauth2/%3Fredirect_state%3Dx&state=x"
    lms.pages.update(
        {
            "/api/user/v1/me": me,
            "/admin/login/": (200, {}, "<form>"),
            "/auth/login/ol-oauth2/": (302, {"Location": f"{there}/oauth2/authorize/?{query}"}, ""),
            "/auth/complete/ol-oauth2/": (302, {"Location": "/dashboard", "Set-Cookie": f"{known}; Path=/"}, ""),
            "/dashboard": (200, {}, "hello"),
        }
    )
    app.pages.update(
        {
            "/oauth2/authorize/": authorize,
            "/api/users/me": (200, {}, {"id": None, "username": ""}),
            "/signin": (200, {}, ""),
        }
    )
    yield declared(here, there), lms, app
    for side in (lms, app):
        side.server.shutdown()
        side.server.server_close()


COOKIE = {"name": "app", "value": "signed", "path": "/"}


def browse(app, cookie):
    return examined(app, login=True).look("browser", cookie=cookie)


def test_a_login_is_followed_to_its_end_and_the_lms_says_who_it_was(pair):
    app, lms, _app = pair
    found = browse(app, COOKIE)
    assert found["login"]["username"] == USER
    assert [step["status"] for step in found["login"]["requests"]] == [302, 302, 302, 200]
    assert not any("the-code" in json.dumps(facts) for facts in found.values())
    assert not any("app=signed" in (cookie or "") for _path, cookie in lms.seen)


def test_the_sessions_of_a_walk_can_be_ended_and_are_shown_to_nobody(pair):
    """Those of strangers too; a flag is no session."""
    app, lms, _app = pair
    key = "0123456789abcdefghijklmnopqrstuv"
    lms.pages["/admin/login/"] = (200, {"Set-Cookie": f"sessionid=1|{key}|salt|signature; Path=/"}, "<form>")
    lms.pages["/auth/login/ol-oauth2/"] = (200, {"Set-Cookie": "edxloggedin=true"}, "")
    examination = examined(app, login=True)
    found = examination.look("browser", cookie=None)
    (cookie,) = examination.cookies
    assert temporary_user.keys_of(cookie) == [key]
    assert cookie["value"] in examination.module.no_log_values
    assert key not in json.dumps(found)


def test_the_request_for_a_login_is_taken_apart(pair):
    app, _lms, _app = pair
    found = browse(app, None)
    assert found["authorize"]["client_id"] == "app-side"
    assert found["authorize"]["redirect_uri"] == app["complete_uris"][0]
    assert found["authorize"]["location"] == app["authorization_url"]
    assert "login" not in found


def test_a_login_that_goes_astray_keeps_its_steps(pair):
    app, _lms, _app = pair
    found = browse(app, {**COOKIE, "value": "wrong"})["login"]
    assert found["username"] is None
    assert found["requests"][-1]["url"].endswith("/signin")


def test_a_stranger_is_followed_to_where_people_sign_in(pair):
    app, _lms, side = pair
    assert [step["status"] for step in browse(app, None)["entrance"]["requests"]] == [302, 302, 200]
    side.pages["/signin"] = (302, {"Location": "/oauth2/authorize/"}, "")
    side.pages["/oauth2/authorize/"] = (302, {"Location": "/signin"}, "")
    steps = browse(app, COOKIE)["entrance"]["requests"]
    assert [step["url"].rpartition(str(side.port))[2] for step in steps[1:]] == [
        "/oauth2/authorize/",
        "/signin",
        "/oauth2/authorize/",
        "/signin",
    ]


def test_what_stands_in_the_place_of_a_code_is_read():
    assert web.refusal("http://lms/complete/?error=invalid_scope&error_description=No.+Scope&state=x") == {
        "refused": "invalid_scope: No. Scope"
    }
    assert web.refusal("http://lms/complete/?error=access_denied") == {"refused": "access_denied"}
    assert web.refusal("http://lms/complete/?code=1") == {}


def test_redirects_in_a_circle_end(pair):
    app, lms, _app = pair
    lms.pages["/dashboard"] = (302, {"Location": "/dashboard"}, "")
    assert len(browse(app, COOKIE)["login"]["requests"]) == 15


def test_an_lms_that_is_down_leaves_only_what_can_be_seen(pair):
    app, _lms, _app = pair
    found = browse({**app, "lms_base_url": f"http://127.0.0.1:{free_port()}"}, COOKIE)
    assert found["lms"]["kind"] == "refused"
    assert set(found) == {"app", "app_answer", "former", "lms"}


def test_why_a_visitor_got_no_answer(monkeypatch):
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert Visitor().fetch(nowhere)["kind"] == "refused"
    assert Visitor().fetch("http://does-not-exist.invalid/")["kind"] == "name"
    assert Visitor().fetch("it is no address")["kind"] == "other"
    monkeypatch.setenv("HTTP_PROXY", nowhere)
    assert Visitor().fetch("http://does-not-exist.invalid/")["kind"] == "proxy"


def test_both_sides_have_the_private_authorities_of_their_addresses(tmp_path):
    """On this machine as files, inside the targets as text."""
    path, said = tmp_path / "ca.pem", []
    path.write_text("-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
    trusts = trusted(("https://lms:8000", str(path), True), ("https://app", None, False), ("https://mine", None, True))
    assert trusts == {"lms": str(path), "app": False}
    module = SimpleNamespace(fail_json=lambda msg: said.append(msg))
    assert doctor.authorities(module, trusts) == {"authorities": path.read_text(), "unchecked": ["app"]}
    # As bundles name them.
    path.write_text("# NetLock F\u0151tan\u00fas\u00edtv\u00e1ny\n-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
    assert doctor.authorities(module, trusts)["authorities"].isascii()
    assert said == []
    path.write_bytes(b"0\x82\x03\xff")
    doctor.authorities(module, trusts)
    path.unlink()
    doctor.authorities(module, trusts)
    assert len(said) == 2
    for message in said:
        assert f"{path} (edx_ca_path or mit_app_ca_path) cannot be read as a certificate in PEM" in message
    # What the options of both sides are called.
    assert {"ca_path", "validate_certs"} < set(sso_check.APP_SPEC) & set(sso_check.LMS_SPEC)


def test_only_a_stranger_goes_on_behind_a_certificate_that_is_not_trusted(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost")
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    provider = Server()
    provider.pages["/sign-in"] = (200, {}, "<form><input name=username></form>")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    provider.server.socket = context.wrap_socket(provider.server.socket, server_side=True)
    url = f"https://localhost:{provider.port}/sign-in"
    assert Visitor().fetch(url)["kind"] == "tls"
    found = Visitor(trusting=True).fetch(url)
    assert (found["status"], found["asks"], found["untrusted"]) == (200, True, True)
    provider.server.shutdown()
    provider.server.server_close()


def test_a_visitor_brings_nothing_of_a_netrc(pair, tmp_path, monkeypatch):
    app, lms, _app = pair
    (tmp_path / "netrc").write_text("default login me password mine")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    sent = []
    lms.pages["/me"] = lambda request: sent.append(request.headers.get("Authorization")) or (200, {}, "")
    Visitor().fetch(app["lms_base_url"] + "/me")
    assert sent == [None]


# -- what the probes are made of ---------------------------------------------------------------------------------------


def test_a_name_that_does_not_resolve_is_told_from_a_port_that_is_closed():
    assert web.reach("http://does-not-exist.invalid:8000")["kind"] == "name"
    assert web.reach(f"http://127.0.0.1:{free_port()}")["kind"] == "refused"
    assert web.reach("")["kind"] == "name"


def test_a_probe_that_hangs_or_breaks_is_a_finding():
    seen = look.Look({"app": {}, "timeout": 1})
    seen.take(Probe("app.slow", lambda _look: time.sleep(30), ""))
    seen.take(Probe("app.broken", lambda _look: {}["x"], ""))
    seen.take(Probe("app.nothing", lambda _look: None, ""))
    assert set(seen.found) == {"slow", "broken"}
    assert "within 1 seconds" in seen.found["slow"]["broken"]
    assert seen.found["broken"]["broken"] == "KeyError: 'x'"
    assert seen.found["slow"]["seconds"] < 5


def test_the_gist_of_a_page_is_its_text():
    page = "<html><style>a{}</style><h1>Exception</h1>\n<pre>Can&#x27;t fetch setting</pre><script>x</script>"
    assert web.gist(page) == "Exception Can't fetch setting"


def test_secrets_are_cut_out_at_every_depth():
    found = {"a": ["the secret", {"b": "secret"}], "c": 1, "d": None}
    assert look.clean(found, lambda text: text.replace("secret", "***")) == {
        "a": ["the ***", {"b": "***"}],
        "c": 1,
        "d": None,
    }
