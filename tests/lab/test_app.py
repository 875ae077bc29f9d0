# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab app behaves as the real MITxPro and MITx Online were seen to behave, above all where that hurts.

Each mode runs as a server and as management commands beside it, in a directory of its own and on a free port. Open edX
is played by a small server in this file, so that nothing else has to run and its refusals can be chosen.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browsing import Answer, Browser

SOURCE = Path(__file__).parents[2] / "lab" / "app"
MISSING = "Set LAB_APP_PYTHON to a Python that has lab/app/requirements.txt (lab/ctl.py setup makes one)."
PASSWORD = "correct horse"
SETTINGS = {"mitxpro": "mitxpro.settings", "mitxonline": "main.settings"}
BASE_URL = {"mitxpro": "MITXPRO_BASE_URL", "mitxonline": "MITX_ONLINE_BASE_URL"}
RUN = "course-v1:edX+DemoX+Demo_Course"


# -- the browser -------------------------------------------------------------------------------------------------------


class Visitor(Browser):
    """A browser with cookies of its own."""

    def __init__(self, base: str):
        super().__init__()
        self.base = base

    def get(self, path: str, **headers: str) -> Answer:
        return self.send(urllib.request.Request(self.url(path), headers=headers))

    def post(self, path: str, form: dict) -> Answer:
        return self.send(urllib.request.Request(self.url(path), data=urlencode(form).encode()))

    def post_json(self, path: str, body: dict) -> Answer:
        headers = {"Content-Type": "application/json"}
        return self.send(urllib.request.Request(self.url(path), data=json.dumps(body).encode(), headers=headers))

    def submit(self, page: Answer, path: str, **fields: str) -> Answer:
        """Fill in the form of a page, its hidden fields included."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return self.post(path, {**hidden, **fields})

    def url(self, path: str) -> str:
        return path if path.startswith("http") else self.base + path

    @property
    def cookies(self) -> set[str]:
        return {cookie.name for cookie in self.jar}


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# -- the other side: Open edX ------------------------------------------------------------------------------------------


class OpenEdx(ThreadingHTTPServer):
    """Registers, logs in through the app, authorizes, and hands out tokens; or refuses, as a test wants it."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.app: App | None = None
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.reset()

    def reset(self) -> None:
        self.registration: list[tuple[int, dict]] = []
        self.accounts: list[dict] = []
        self.token_status = 200
        self.course_status = 200
        self.logs_in = True
        self.requests: list[tuple[str, dict, dict]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.person: dict | None = None
        self.app_url = ""

    def asked(self, path: str) -> list[tuple[dict, dict]]:
        return [(data, headers) for seen, data, headers in self.requests if seen == path]

    def ask_app(self, token: str) -> dict:
        return Visitor(self.app.url).get("/api/users/me", Authorization=f"Bearer {token}").json


class Handler(BaseHTTPRequestHandler):
    server: OpenEdx

    def do_GET(self) -> None:
        self.answer(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        self.answer(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def answer(self, lists: dict) -> None:
        path, edx = urlsplit(self.path).path, self.server
        data = {name: values[0] for name, values in lists.items()}
        edx.requests.append((path, {**data, "course_keys": lists.get("course_keys")}, dict(self.headers)))
        if path == "/user_api/v1/account/registration/":
            edx.seen = edx.ask_app(data["access_token"])
            edx.meanwhile()
            self.reply(*(edx.registration.pop(0) if edx.registration else (200, {"success": True})))
        elif path == "/api/user/v1/accounts":
            self.reply(200 if edx.accounts else 404, edx.accounts)
        elif path == "/api/user/v1/me":
            self.reply(200, {})
        elif path == "/auth/login/ol-oauth2/":
            ask = {"client_id": "edx", "redirect_uri": edx.url + "/auth/complete/ol-oauth2/", "response_type": "code"}
            self.go((edx.app_url or edx.app.url) + "/oauth2/authorize/?" + urlencode(ask))
        elif path == "/auth/complete/ol-oauth2/":
            form = {"client_id": "edx", "client_secret": "app-secret", "grant_type": "authorization_code"}
            form |= {"code": data["code"], "redirect_uri": edx.url + path}
            token = Visitor(edx.app.url).post("/oauth2/token/", form).json["access_token"]
            edx.person = edx.ask_app(token)
            self.reply(200, {})
        elif path == "/oauth2/authorize":
            if edx.person and edx.logs_in:
                self.go(data["redirect_uri"] + "?code=edx-code")
            else:
                self.go("/login")
        elif path == "/oauth2/access_token":
            self.reply(edx.token_status, {"access_token": "edx-a", "refresh_token": "edx-r", "expires_in": 36000})
        elif path == "/api/courses/v1/courses/":
            course = {"course_id": RUN, "id": RUN, "name": "Demo from Open edX", "start": "2030-01-01T00:00:00Z"}
            self.reply(edx.course_status, {"results": [course], "pagination": {"next": None}})
        else:
            self.reply(200, {})

    def reply(self, status: int, body) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def go(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args) -> None:
        pass


# -- the app -----------------------------------------------------------------------------------------------------------

WORKER = """
import json, os, sys, traceback
import django
django.setup()
from django.conf import settings
for line in sys.stdin:
    request = json.loads(line)
    if pid := os.fork():
        os.waitpid(pid, 0)
        continue
    for name, value in request["settings"].items():
        setattr(settings, name, value)
    space = {}
    try:
        exec(request["code"], space)
        print("@@" + json.dumps(space["found"], default=str), flush=True)
    except BaseException:
        traceback.print_exc()
        print("failed", flush=True)
    os._exit(0)
"""


class App:
    """One mode: a migrated and seeded database, a server, and commands beside it."""

    def __init__(self, mode: str, state: Path, edx: OpenEdx):
        self.mode, self.state, self.edx = mode, state, edx
        self.python = os.environ.get("LAB_APP_PYTHON")
        if not self.python:
            pytest.fail(MISSING)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = state / "app.sqlite3"
        self.server: subprocess.Popen | None = None
        self.worker: subprocess.Popen | None = None

    @property
    def env(self) -> dict[str, str]:
        """Everything an app needs to start, and nothing of the caller's."""
        return {
            "PATH": os.environ["PATH"],
            "LAB_APP_MODE": self.mode,
            "LAB_STATE": str(self.state),
            "LAB_LEARNER_PASSWORD": PASSWORD,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "secret",
            BASE_URL[self.mode]: self.url,
            "MAILGUN_KEY": "x",
            "MAILGUN_SENDER_DOMAIN": "x",
            "OPENEDX_API_CLIENT_ID": "app-at-edx",
            "OPENEDX_API_CLIENT_SECRET": "edx-secret",
            "EXTERNAL_COURSE_SYNC_API_KEY": "x",
        }

    @property
    def connected(self) -> dict[str, str]:
        """What the guide puts into the .env file."""
        return {
            "OPENEDX_API_BASE_URL": self.edx.url,
            "OPENEDX_OAUTH_PROVIDER": "ol-oauth2",
            "OPENEDX_SOCIAL_LOGIN_PATH": "/auth/login/ol-oauth2/?auth_entry=login",
            "OPENEDX_SERVICE_WORKER_API_TOKEN": "service-token",
            "OPENEDX_SERVICE_WORKER_USERNAME": "service",
        }

    def run(self, *argv: str, stdin: str = "", env: dict | None = None, **extra: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.python, *argv],
            cwd=SOURCE,
            env={**(self.env if env is None else env), **extra},
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        )

    def manage(self, *argv: str, **extra: str) -> subprocess.CompletedProcess:
        return self.run("manage.py", *argv, **extra)

    def program(self, code: str, **extra: str):
        """A program on stdin, as the collection sends its own; what it leaves in `found` comes back."""
        start = "import json, django\ndjango.setup()\n"
        end = "\nprint('@@' + json.dumps(found, default=str))\n"
        extra = {"DJANGO_SETTINGS_MODULE": SETTINGS[self.mode], **extra}
        done = self.run("-", stdin=start + code + end, **extra)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.rpartition("@@")[2])

    def warm(self, code: str, **settings: str):
        """The same in the copy of a process that has started already, for where the start is not what is tested."""
        if self.worker is None:
            env = {**self.env, **self.connected, "DJANGO_SETTINGS_MODULE": SETTINGS[self.mode]}
            command, pipe = [self.python, "-c", WORKER], subprocess.PIPE
            with (self.state / "worker.log").open("w") as log:
                self.worker = subprocess.Popen(
                    command, cwd=SOURCE, env=env, text=True, stdin=pipe, stdout=pipe, stderr=log
                )
        self.worker.stdin.write(json.dumps({"code": code, "settings": settings}) + "\n")
        self.worker.stdin.flush()
        answer = self.worker.stdout.readline()
        assert answer.startswith("@@"), (self.state / "worker.log").read_text()
        return json.loads(answer[2:])

    def call(self, *argv: str) -> str:
        """What a management command prints, without its start."""
        code = "import io\nfrom django.core.management import call_command\nout = io.StringIO()\n"
        return self.warm(code + f"call_command(*{argv!r}, stdout=out)\nfound = out.getvalue()")

    def rows(self, sql: str, *values) -> list[tuple]:
        with sqlite3.connect(self.database, timeout=20) as connection:
            return connection.execute(sql, values).fetchall()

    def start(self) -> None:
        command = [self.python, "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"]
        with (self.state / "server.log").open("w") as log:
            self.server = subprocess.Popen(
                command, cwd=SOURCE, env={**self.env, **self.connected}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.server.poll() is None:
            try:
                self.visitor().get("/robots.txt")
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("The server did not start:\n" + (self.state / "server.log").read_text())

    def stop(self) -> None:
        for process in (self.server, self.worker):
            if process:
                process.terminate()
                process.wait(10)

    def visitor(self) -> Visitor:
        return Visitor(self.url)

    def token_answer(self, client_id: str, client_secret: str) -> tuple[int, str]:
        """The answer to a code that cannot exist: it says whether the credentials are right."""
        form = {"grant_type": "authorization_code", "code": "bogus", "redirect_uri": "http://a/"}
        answer = self.visitor().post("/oauth2/token/", {**form, "client_id": client_id, "client_secret": client_secret})
        return answer.status, answer.json["error"]


def make(mode: str, tmp_path_factory: pytest.TempPathFactory, edx: OpenEdx) -> Iterator[App]:
    app = App(mode, tmp_path_factory.mktemp(mode), edx)
    for command in ("migrate", "lab_seed"):
        done = app.manage(command)
        assert done.returncode == 0, done.stderr
    app.after_migrate = app.rows("SELECT redirect_uris, client_secret FROM oauth2_provider_application")
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def edx() -> Iterator[OpenEdx]:
    server = OpenEdx()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def pro_server(tmp_path_factory, edx) -> Iterator[App]:
    yield from make("mitxpro", tmp_path_factory, edx)


@pytest.fixture(scope="module")
def online_server(tmp_path_factory, edx) -> Iterator[App]:
    yield from make("mitxonline", tmp_path_factory, edx)


@pytest.fixture
def pro(pro_server: App, edx: OpenEdx) -> App:
    edx.reset()
    edx.app = pro_server
    return pro_server


@pytest.fixture
def online(online_server: App, edx: OpenEdx) -> App:
    edx.reset()
    edx.app = online_server
    return online_server


@pytest.fixture(params=["pro", "online"])
def app(request) -> App:
    return request.getfixturevalue(request.param)


CONNECT = """
from oauth2_provider.models import Application
row = Application.objects.filter(name="edx-oauth-app").first() or Application(name="edx-oauth-app")
row.client_id, row.client_secret, row.redirect_uris = "edx", "app-secret", "%s/auth/complete/ol-oauth2/"
row.client_type, row.authorization_grant_type, row.skip_authorization = "confidential", "authorization-code", True
row.save()
found = row.client_secret
"""


def know(app: App) -> App:
    """Make the application for Open edX what it should be, unless it is."""
    uris = app.edx.url + "/auth/complete/ol-oauth2/"
    if app.rows("SELECT client_id, redirect_uris FROM oauth2_provider_application") != [("edx", uris)]:
        app.warm(CONNECT % app.edx.url)
    return app


@pytest.fixture
def known(app: App) -> App:
    return know(app)


@pytest.fixture
def known_pro(pro: App) -> App:
    return know(pro)


@pytest.fixture
def known_online(online: App) -> App:
    return know(online)


# -- starting ----------------------------------------------------------------------------------------------------------


def test_all_missing_settings_are_named_at_once(app):
    env = {**app.env, "MAILGUN_KEY": "", "OPENEDX_API_CLIENT_ID": "", "DJANGO_SETTINGS_MODULE": SETTINGS[app.mode]}
    del env["OPENEDX_API_CLIENT_SECRET"], env["MAILGUN_SENDER_DOMAIN"], env["EXTERNAL_COURSE_SYNC_API_KEY"]
    done = app.run("-", stdin="import django; django.setup()", env=env)
    names = ["MAILGUN_SENDER_DOMAIN", "MAILGUN_KEY", "OPENEDX_API_CLIENT_ID", "OPENEDX_API_CLIENT_SECRET"]
    names += ["EXTERNAL_COURSE_SYNC_API_KEY"] if app.mode == "mitxpro" else []
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: The following settings are missing: {', '.join(names)}. "
        "You need to add these environment variables in .env file."
    )


def test_an_empty_number_hides_the_missing_settings(pro):
    done = pro.manage("check", VOUCHER_COMPANY_ID="", MAILGUN_KEY="")
    assert done.returncode == 1
    assert done.stderr.endswith("Expected value in VOUCHER_COMPANY_ID= to be an int\n")


def test_logs_go_to_stderr_and_shell_talks_on_stdout(pro):
    done = pro.manage("shell", "-c", "print('mine')")
    assert re.fullmatch(r"\d+ objects imported automatically \(use -v 2 for details\)\.\n\nmine\n", done.stdout)
    assert json.loads(done.stderr)["level"] == "info"
    coloured = pro.manage("shell", "-v", "0", "-c", "print('mine')", DEBUG="True")
    assert coloured.stdout == "mine\n"
    assert "\x1b[" in coloured.stderr


def test_every_start_leaves_a_line(app):
    log = app.state / "boots.log"
    before = len(log.read_text().splitlines())
    app.program("found = 1")
    lines = log.read_text().splitlines()[before:]
    assert len(lines) == 1
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT[\d:.+]+ {app.mode} \d+ python -", lines[0])
    assert f" {app.mode} " in log.read_text().splitlines()[0]
    assert "manage.py migrate" in log.read_text().splitlines()[0]


def test_defaults_point_mitxpro_at_tutor_and_mitxonline_at_the_old_devstack(app):
    code = "from django.conf import settings as s\n"
    names = ["API_BASE_URL", "BASE_REDIRECT_URL", "OAUTH_PROVIDER", "SOCIAL_LOGIN_PATH"]
    code += f"found = [getattr(s, 'OPENEDX_' + name) for name in {names}]"
    lms, backend = {
        "mitxpro": ("http://local.openedx.io:8000", "ol-oauth2"),
        "mitxonline": ("http://edx.odl.local:18000", "mitxpro-oauth2"),
    }[app.mode]
    assert app.program(code) == [lms, lms, backend, f"/auth/login/{backend}/?auth_entry=login"]


def test_new_people_are_inactive_only_in_mitxpro(app):
    assert app.warm("from users.models import User\nfound = User().is_active") == (app.mode == "mitxonline")


def test_lab_seed_is_repeatable(app):
    assert app.manage("lab_seed").stdout.endswith("learner: exists\nadmin: exists\n")


# -- the application row -----------------------------------------------------------------------------------------------


def test_migrate_makes_an_application_only_in_mitxonline(pro, online):
    assert pro.after_migrate == []
    ((uris, secret),) = online.after_migrate
    assert uris == "http://edx.odl.local:18000/auth/complete/mitxpro-oauth2/"
    assert secret.startswith("pbkdf2_sha256$")


def forget_applications(app: App) -> None:
    app.warm("from oauth2_provider.models import Application\nApplication.objects.all().delete()\nfound = 0")


def test_configure_instance_without_gateway_ends_with_255(pro, online):
    for app, platform in ((pro, "linux"), (online, None)):
        done = app.manage("configure_instance", "-S", *([platform] if platform else []))
        assert done.returncode == 255
        assert f"Gateway required for platform type {platform}." in done.stdout


def test_configure_instance_of_mitxpro_prints_a_hash_and_never_updates(pro):
    forget_applications(pro)
    command = ["configure_instance", "linux", "--tutor-dev", "-S", "--gateway"]
    first = pro.manage(*command, "172.18.0.1")
    assert first.returncode == 0
    client_id, printed = re.search(r"Your client ID is \n(\S+)\nand your secret is\n(\S+)\n", first.stdout).groups()
    assert printed.startswith("pbkdf2_sha256$")
    assert f"== edX OAuth2 Application Details ==\nClient ID: {client_id}\nSecret: {printed}\n" in first.stdout
    uris = "\n".join(f"http://{host}:8000/auth/complete/ol-oauth2/" for host in ("local.openedx.io", "172.18.0.1"))
    row = "SELECT client_id, client_secret, redirect_uris FROM oauth2_provider_application"
    assert pro.rows(row) == [(client_id, printed, uris)]
    assert pro.token_answer(client_id, printed) == (401, "invalid_client")

    second = pro.manage(*command, "172.99.0.9")
    assert second.returncode == 0
    assert "Created OAuth2 app" in second.stdout
    assert "Ignored (Already Existed): {'Program': 3, 'Course': 7, 'CourseRun': 10}" in second.stdout
    assert "Cache table 'durable_cache' already exists." in second.stdout
    assert pro.rows(row) == [(client_id, printed, uris)]

    third = pro.manage(*command, "172.99.0.9", "--edx-oauth-client", "mine", "--edx-oauth-secret", "clear")
    ((now_id, now_hash, now_uris),) = pro.rows(row)
    assert (now_id, now_uris) == ("mine", uris)
    assert now_hash in third.stdout
    assert "clear" not in third.stdout
    assert pro.token_answer("mine", "clear") == (400, "invalid_grant")
    assert pro.token_answer("mine", now_hash) == (401, "invalid_client")


def test_configure_instance_of_mitxonline_never_ends_well(online):
    command = ["configure_instance", "linux", "--tutor-dev", "-S", "--gateway", "172.18.0.1"]
    first = online.manage(*command)
    assert first.returncode == 1
    assert re.search(r"and your secret is\npbkdf2_sha256\S+\n", first.stdout)
    assert "Application Details" not in first.stdout
    assert "TypeError: Unknown option(s) for create_courseware command: run_url." in first.stderr
    second = online.manage(*command)
    assert second.returncode == 255
    assert "Program with ID program-v1:MITx+DEDP already exists." in second.stderr
    assert "172.18.0.1" not in online.rows("SELECT redirect_uris FROM oauth2_provider_application")[0][0]


# -- who is who --------------------------------------------------------------------------------------------------------


def test_a_bad_token_makes_an_anonymous_person_with_200(app):
    paths = ["/api/users/me"] + (["/api/v0/users/me"] if app.mode == "mitxonline" else [])
    for path in paths:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = app.visitor().get(path, **headers)
            assert answer.status == 200
            assert (answer.json["id"], answer.json["email"], answer.json["is_authenticated"]) == (None, None, False)
            assert answer.json["username"] == ("" if app.mode == "mitxpro" else None)
            assert ("global_id" in answer.json) == (app.mode == "mitxonline")
    assert app.visitor().get("/api/users/me/").status == 403


AUTHORIZE = "/oauth2/authorize/?"


def log_in(app: App) -> Visitor:
    """The learner in a browser; in MITx Online, which has no form for that, the administrator."""
    visitor = app.visitor()
    if app.mode == "mitxonline":
        page = visitor.get("/admin/login/?next=/")
        assert visitor.submit(page, "/admin/login/", username="admin", password="admin").status == 302
    else:
        page = visitor.submit(visitor.get("/signin/?next=/catalog/"), "/signin/", email="learner@example.org")
        done = visitor.submit(page, "/signin/", password=PASSWORD)
        assert (done.status, done.location) == (302, "/catalog/")
    return visitor


def test_authorize_and_token(known):
    app, uri = known, known.edx.url + "/auth/complete/ol-oauth2/"
    ask = {"client_id": "edx", "redirect_uri": uri, "response_type": "code", "state": "s"}
    login_page = "/signin?next=" if app.mode == "mitxpro" else "/login/?next="
    assert app.visitor().get(AUTHORIZE + urlencode(ask)).location.startswith(login_page)

    visitor = log_in(app)
    sent = visitor.get(AUTHORIZE + urlencode(ask))
    assert sent.status == 302
    assert sent.location.startswith(uri + "?")
    assert query(sent.location)["state"] == "s"
    assert visitor.get(AUTHORIZE + urlencode({**ask, "redirect_uri": uri.rstrip("/")})).status == 400
    assert visitor.get(AUTHORIZE + urlencode({**ask, "client_id": "nobody"})).status == 400
    scope = visitor.get(AUTHORIZE + urlencode({**ask, "scope": "profile"}))
    assert query(scope.location)["error"] == "invalid_scope"
    assert visitor.get("/oauth2/authorize?" + urlencode(ask)).status == 301

    form = {
        "grant_type": "authorization_code",
        "code": query(sent.location)["code"],
        "redirect_uri": uri,
        "client_id": "edx",
    }
    wrong = visitor.post("/oauth2/token/", {**form, "client_secret": "wrong"})
    assert (wrong.status, wrong.json) == (401, {"error": "invalid_client"})
    tokens = visitor.post("/oauth2/token/", {**form, "client_secret": "app-secret"})
    assert tokens.status == 200
    assert (tokens.json["scope"], tokens.json["expires_in"], tokens.json["token_type"]) == (
        "user:read",
        36000,
        "Bearer",
    )
    reused = visitor.post("/oauth2/token/", {**form, "client_secret": "app-secret"})
    assert (reused.status, reused.json["error"]) == (400, "invalid_grant")

    bearer = {"Authorization": "Bearer " + tokens.json["access_token"]}
    me = app.visitor().get("/api/users/me", **bearer).json
    person = "learner" if app.mode == "mitxpro" else "admin"
    assert (me["username"], me["email"], me["is_authenticated"]) == (person, f"{person}@example.org", True)
    assert me["legal_address"]["country"] == "US"
    assert ("profile" in me, "user_profile" in me) == (app.mode == "mitxpro", app.mode == "mitxonline")
    if app.mode == "mitxonline":  # its pages know the person by the token as well
        assert app.visitor().get(f"/api/users/{me['id']}/", **bearer).json["id"] == me["id"]
        assert app.visitor().get("/logout?no_redirect=1", **bearer).location == app.url + "/logout/oidc"
        assert me["global_id"] is None


def test_the_login_api_answers_200_whatever_happens(pro):
    visitor = pro.visitor()
    assert (
        visitor.post_json("/api/login/email/", {"flow": "login", "email": "no@x.org"}).json["state"]
        == "register/required"
    )
    start = visitor.post_json(
        "/api/login/email/", {"flow": "login", "email": "learner@example.org", "next": "/catalog/"}
    )
    assert (start.status, start.json["state"]) == (200, "login/password")
    answer = {"flow": "login", "partial_token": start.json["partial_token"]}
    assert visitor.post_json("/api/login/password/", {**answer, "password": "short"}).status == 400
    wrong = visitor.post_json("/api/login/password/", {**answer, "password": "wrong password"})
    assert (wrong.status, wrong.json["state"], list(wrong.json["field_errors"])) == (200, "error", ["password"])
    right = visitor.post_json("/api/login/password/", {**answer, "password": PASSWORD})
    assert (right.status, right.json["state"], right.json["redirect_url"]) == (200, "success", "/catalog/")
    assert visitor.cookies == {"sessionid", "csrftoken"}
    assert visitor.get("/api/users/me").json["username"] == "learner"


def test_the_sign_in_page_refuses_kindly(pro):
    visitor = pro.visitor()
    unknown = visitor.submit(visitor.get("/signin/?next=//evil.example/"), "/signin/", email="no@x.org")
    assert "Couldn&#x27;t find your account" in unknown.text
    page = visitor.submit(unknown, "/signin/", email="learner@example.org")
    assert "Unable to login" in visitor.submit(page, "/signin/", password="wrong").text
    assert visitor.submit(page, "/signin/", password=PASSWORD).location == "/"


def test_a_superuser_of_the_command_line_can_only_use_the_admin_site(pro):
    arguments = ["createsuperuser", "--noinput", "--username", "boss", "--email", "boss@x.org"]
    assert "You must use --name with --noinput." in pro.manage(*arguments).stderr
    assert pro.manage(*arguments, "--name", "Boss", DJANGO_SUPERUSER_PASSWORD="boss password").returncode == 0
    again = pro.manage(*arguments, "--name", "Boss", DJANGO_SUPERUSER_PASSWORD="boss password")
    assert again.returncode == 1
    assert "That username is already taken." in again.stderr
    visitor = pro.visitor()
    start = visitor.post_json("/api/login/email/", {"flow": "login", "email": "boss@x.org"}).json
    body = {"flow": "login", "partial_token": start["partial_token"], "password": "boss password"}
    assert visitor.post_json("/api/login/password/", body).json["state"] == "register/extra"
    done = visitor.submit(visitor.get("/admin/login/"), "/admin/login/", username="boss", password="boss password")
    assert done.status == 302


def test_mitxonline_sends_an_anonymous_browser_round_in_circles(online):
    visitor = online.visitor()
    first = visitor.get("/oauth2/authorize/?client_id=edx&response_type=code")
    assert first.location.startswith("/login/?next=")
    assert visitor.get(first.location).location == "/oauth2/authorize/?client_id=edx&response_type=code"
    assert log_in(online).cookies == {"mitxonline_sessionid", "csrf_mitxonline"}


def test_logout(pro, online):
    assert pro.visitor().get("/logout/").status == 405
    visitor = log_in(pro)
    home = visitor.get("/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', home.text)[1]
    done = visitor.post("/logout/", {"csrfmiddlewaretoken": token})
    assert done.location == "/?" + urlencode({"redirect_url": pro.url})
    assert not visitor.get("/api/users/me").json["is_authenticated"]
    assert online.visitor().get("/logout").location == "/?" + urlencode({"redirect_url": online.url})
    assert online.visitor().get("/logout?no_redirect=1").location == online.url
    visitor = log_in(online)
    assert visitor.get("/logout?no_redirect=1").location == online.url + "/logout/oidc"
    assert visitor.get("/api/users/me").json["is_authenticated"]


def test_discovery(pro, online):
    addresses = {"issuer": "", "authorization_endpoint": "/oauth2/authorize/", "token_endpoint": "/oauth2/token/"}
    path = "/.well-known/openid-configuration"
    assert pro.visitor().get(path).json == {name: pro.url + end for name, end in addresses.items()}
    addresses["userinfo_endpoint"] = "/api/v0/userinfo/"
    assert online.visitor().get(path).json == {name: online.url + end for name, end in addresses.items()}
    assert online.visitor().get("/api/v0/userinfo/").status == 409


def test_pages(app):
    visitor = app.visitor()
    statuses = {
        "/": 200,
        "/catalog/": 200,
        "/dashboard/": 200,
        "/admin/login/": 200,
        "/nothing": 404,
    }
    statuses |= {f"/health/{probe}": 200 for probe in ("startup", "liveness", "readiness")} | {"/health/full": 500}
    statuses |= {"/login/_private/complete": 200, "/static/admin/css/base.css": 200}
    if app.mode == "mitxonline":
        statuses |= {"/_/auth/complete": 200, "/create-profile/": 200, "/api/app_context": 404}
    else:
        statuses |= {"/signin/": 200, "/_/auth/complete": 404, "/api/app_context": 200}
    assert {path: visitor.get(path).status for path in statuses} == statuses


def test_without_the_cache_table_mitxpro_fails_on_some_pages(known_pro):
    pro, visitor = known_pro, log_in(known_pro)
    bad = AUTHORIZE + urlencode({"client_id": "edx", "redirect_uri": "http://a/", "response_type": "code"})
    pro.rows("ALTER TABLE durable_cache RENAME TO aside")
    try:
        statuses = [visitor.get(path).status for path in ("/", "/api/users/me", "/signin/", "/nothing", bad)]
    finally:
        pro.rows("ALTER TABLE aside RENAME TO durable_cache")
    assert statuses == [200, 200, 500, 500, 500]
    assert visitor.get(bad).status == 400


def test_the_admin_site(known):
    visitor = known.visitor()
    visitor.submit(visitor.get("/admin/login/"), "/admin/login/", username="admin", password="admin")
    own = ["courseware/coursewareuser", "courseware/openedxapiauth"]
    own = own if known.mode == "mitxpro" else ["openedx/openedxuser", "openedx/openedxapiauth"]
    for model in ["users/user", "courses/courserun", "oauth2_provider/application", *own]:
        for page in ("", "add/"):
            assert visitor.get(f"/admin/{model}/{page}").status == 200, model
    form = {"username": "by-hand", "email": "by-hand@x.org", "name": "By Hand", "usable_password": "true"}
    form |= {"password1": "a fine password", "password2": "a fine password"}
    made = visitor.submit(visitor.get("/admin/users/user/add/"), "/admin/users/user/add/", **form)
    assert visitor.get(made.location).status == 200
    assert known.rows(
        "SELECT count(*) FROM users_legaladdress a JOIN users_user u ON u.id = a.user_id WHERE u.username = 'by-hand'"
    )


# -- Open edX ----------------------------------------------------------------------------------------------------------

CREATE = """
from django.conf import settings
from users.models import User
try:
    from courseware import api
    from courseware.models import OpenEdxApiAuth
except RuntimeError:
    from openedx import api
    from openedx.models import OpenEdxApiAuth
user = User.objects.create_user("%(name)s", email="%(name)s@x.org", password=None, name="Probe", is_active=True)
user.legal_address.country = "US"
user.legal_address.save()
error = None
try:
    api.create_user(user)
except Exception as caught:
    error = f"{type(caught).__name__}: {caught}"
user = User.objects.get(pk=user.pk)
auth = OpenEdxApiAuth.objects.filter(user=user).values("access_token", "refresh_token").first()
found = {"error": error, "auth": auth, "username": user.username}
if hasattr(user, "edx_username"):
    found |= {"username": user.edx_username, "refused": user.openedx_user.sync_error_data}
else:
    found["noted"] = user.courseware_users.count()
found["deleted"] = sorted(user.delete()[1])
"""
TOKENS = {"access_token": "edx-a", "refresh_token": "edx-r"}


def create(app: App, name: str, **settings: str) -> dict:
    return app.warm(CREATE % {"name": name}, **settings)


def test_the_whole_dance(known):
    app, edx = known, known.edx
    found = create(app, "probe")
    assert (found["error"], found["auth"], found["username"]) == (None, TOKENS, "probe")
    ((form, headers),) = edx.asked("/user_api/v1/account/registration/")
    expected = {"username": "probe", "email": "probe@x.org", "name": "Probe", "provider": "ol-oauth2"}
    expected |= {"country": "US", "honor_code": "True"}
    assert {name: form[name] for name in expected} == expected
    assert "Authorization" not in headers
    assert edx.seen["username"] == edx.person["username"] == "probe"
    complete = "/login/_private/complete" if app.mode == "mitxpro" else "/_/auth/complete"
    ((ask, _headers),) = edx.asked("/oauth2/authorize")
    assert (ask["redirect_uri"], ask["scope"], ask["client_id"]) == (app.url + complete, "read write", "app-at-edx")
    ((redeemed, _headers),) = edx.asked("/oauth2/access_token")
    assert (redeemed["client_secret"], redeemed["redirect_uri"]) == ("edx-secret", app.url + complete)
    assert not app.rows("SELECT 1 FROM users_user WHERE username = 'probe'")


NAMELESS = """
from users.models import User
from openedx.api import named_account
user = User.objects.create_user("nobody@x.org", email="nobody@x.org", password=None, name=%(full_name)r)
user.openedx_users.all().delete()
found = {"username": named_account(user, None).edx_username}
user.delete()
"""


@pytest.mark.parametrize(("full_name", "username"), [("Ann Other", "ann-other"), ("", "nobody")])
def test_mitxonline_makes_a_user_name_where_an_address_is_one(online, full_name, username):
    assert online.warm(NAMELESS % {"full_name": full_name})["username"] == username


def test_others_write_while_somebody_is_registered(known):
    """Open edX redeems somebody else's code meanwhile. On one database that is locked as a whole both would wait."""
    app, edx = known, known.edx

    def write() -> None:
        with contextlib.closing(sqlite3.connect(app.database, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            written.append(True)

    written: list[bool] = []
    edx.meanwhile = write
    assert create(app, "slow")["error"] is None
    assert written == [True]


READS_FIRST = """
import time
from django.db import transaction
from users.models import User
with transaction.atomic():
    user = User.objects.get(username="learner")
    time.sleep(0.5)
    user.save()
found = True
"""


def test_who_reads_first_and_writes_then_waits_for_another_writer(known):
    """SQLite says "database is locked" at once where the other wants to commit and this one has read already."""
    with contextlib.closing(sqlite3.connect(known.database, timeout=20, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE users_user SET is_active = is_active")
        later = threading.Timer(0.2, other.commit)
        later.start()
        assert known.warm(READS_FIRST)
        later.join()


def test_a_login_that_does_not_end_at_the_app(known):
    known.edx.logs_in = False
    expected = known.url + ("/login/_private/complete" if known.mode == "mitxpro" else "/_/auth/complete")
    found = create(known, "lost")
    assert found["error"] == f"OpenEdXOAuth2Error: Redirected to '{known.edx.url}/login', expected: '{expected}'"
    assert found["auth"] is None


def test_a_base_url_without_a_dot_loses_the_session_cookie(known):
    known.edx.app_url = f"http://localhost:{known.port}"
    found = create(known, "dotless", SITE_BASE_URL=known.edx.app_url)
    loop_or_form = {"mitxpro": "OpenEdXOAuth2Error: Redirected to ", "mitxonline": "TooManyRedirects: "}
    assert found["error"].startswith(loop_or_form[known.mode])
    assert known.edx.person is None


def test_a_refused_code_is_silent_in_mitxpro_and_raises_in_mitxonline(known):
    known.edx.token_status = 401
    found = create(known, "refused")
    assert found["auth"] is None
    if known.mode == "mitxpro":
        assert (found["error"], found["noted"]) == (None, 1)
    else:
        assert found["error"].startswith("HTTPError: 401 Client Error")


def test_the_application_is_found_by_its_name_alone(known):
    found = create(known, "none", OPENEDX_OAUTH_APP_NAME="other")
    assert found["error"] == "DoesNotExist: Application matching query does not exist."
    twin = "from oauth2_provider.models import Application\nApplication.objects.%s\nfound = 0"
    known.warm(twin % "create(name='edx-oauth-app', client_id='twin')")
    found = create(known, "two")
    known.warm(twin % "filter(client_id='twin').delete()")
    assert found["error"] == "MultipleObjectsReturned: get() returned more than one Application -- it returned 2!"


def test_mitxpro_adopts_the_account_of_the_same_email(known_pro):
    pro, edx = known_pro, known_pro.edx
    edx.registration, edx.accounts = [(409, {"error_code": "duplicate-email"})], [{"username": "elder"}]
    found = create(pro, "younger")
    assert (found["error"], found["username"], found["auth"]) == (None, "elder", TOKENS)
    ((asked, headers),) = edx.asked("/api/user/v1/accounts")
    assert (asked["email"], headers["Authorization"]) == ("younger@x.org", "Bearer service-token")


def test_mitxpro_names_the_answer_of_a_refused_registration(known_pro):
    pro, edx = known_pro, known_pro.edx
    edx.registration = [(400, {"error_code": "tpa-invalid-access-token"})]
    found = create(pro, "unwanted")
    content = '{"error_code": "tpa-invalid-access-token"}'
    message = f"CoursewareUserCreateError: Error creating Open edX user. Response - code: 400, content: {content}"
    assert (found["error"], found["noted"]) == (message, 0)


def test_mitxonline_takes_a_suggested_name_and_notes_a_refusal(known_online):
    online, edx = known_online, known_online.edx
    edx.registration = [(409, {"error_code": "duplicate-username", "username_suggestions": ["wanted_1"]})]
    found = create(online, "wanted")
    assert (found["error"], found["username"], found["auth"]) == (None, "wanted_1", TOKENS)
    assert edx.seen["username"] == "wanted_1"
    edx.registration = [(409, {"error_code": "duplicate-email"})]
    found = create(online, "second")
    assert (found["error"], found["auth"], found["refused"]) == (None, None, {"error_code": "duplicate-email"})


def test_sync_courseruns_of_mitxpro(pro):
    pro.call("seed_data")
    assert "unrecognized arguments: --all ALL" in (bad := pro.manage("sync_courseruns", "--all", "ALL")).stderr
    assert bad.returncode == 2
    without = pro.manage("sync_courseruns")
    assert (without.returncode, pro.edx.requests) == (1, [])
    assert "OPENEDX_SERVICE_WORKER_API_TOKEN is not set" in without.stderr
    done = pro.manage("sync_courseruns", **pro.connected)
    assert (done.returncode, done.stdout) == (0, "Sync complete: 1 updated, 0 failures, 0 unchanged.\n")
    ((asked, headers),) = pro.edx.asked("/api/courses/v1/courses/")
    assert headers["Authorization"] == "Bearer service-token"
    assert (asked["username"], asked["page_size"], asked["page"], len(asked["course_keys"])) == (
        "service",
        "100",
        "1",
        10,
    )
    assert RUN in asked["course_keys"]
    assert pro.call("sync_courseruns") == "Sync complete: 0 updated, 0 failures, 1 unchanged.\n"
    pro.edx.course_status = 404
    failed = pro.manage("sync_courseruns", **pro.connected)
    assert (failed.returncode, failed.stdout) == (0, "Sync complete: 0 updated, 10 failures, 0 unchanged.\n")


def test_sync_courserun_of_mitxonline(online):
    for arguments in (["--all"],):
        assert online.manage("sync_courserun", *arguments).returncode == 2
    course = ["course", "course-v1:edX+DemoX", "Demo", "--live", "-d", "Science", "--create-run", "Demo_Course"]
    online.call("create_courseware", *course)
    assert online.call("sync_courserun", "--all", "False") == "Sync complete: 1 updated, 0 failures\n"
    online.edx.course_status = 404
    failed = online.manage("sync_courserun", "--run", RUN, **online.connected)
    assert (failed.returncode, failed.stdout) == (0, "Sync complete: 0 updated, 1 failures\n")


def test_repair_is_broken_in_mitxpro_unless_the_lab_mends_it(known_pro):
    pro, command = known_pro, "repair_missing_courseware_records"
    broken = pro.manage(command, **pro.connected)
    assert broken.returncode == 1
    assert re.fullmatch(r"Repairing \d+ users\n", broken.stdout)
    assert broken.stderr.endswith(
        "ValueError: chunk_size must be provided when using QuerySet.iterator() after prefetch_related().\n"
    )
    assert pro.edx.requests == []
    mended = pro.manage(command, **pro.connected, LAB_REPAIR_FIXED="1")
    assert "learner (learner@example.org): Created edX user, Created edX auth token\n" in mended.stdout
    assert re.search(r"Repair Complete: \d+ repaired, 0 failures\n$", mended.stdout)


def test_repair_of_mitxonline(known_online):
    online, command = known_online, ["repair_missing_courseware_records", "--user"]
    online.edx.registration = [(500, {})]
    failed = online.manage(*command, "learner", **online.connected)
    assert failed.returncode == 0
    assert failed.stdout.endswith("Repair Complete: 0 repaired, 1 failures\n")
    assert "learner (learner@example.org): Failed to repair (Response - code: 500, content: {})" in failed.stderr
    done = online.call(*command, "learner@example.org")
    assert "Created edX user, Created edX auth token" in done
    assert done.endswith("Repair Complete: 1 repaired, 0 failures\n")
