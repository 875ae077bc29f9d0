# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab LMS behaves as the real one was measured to behave: one test per row of that table.

A server and a shell run side by side as two processes, on a free port and in a directory of their own. The other side
of a login is a small OAuth provider in this file, so that nothing else has to run.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browsing import Answer, Browser

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "lab" / "lms"
GOOD_CODE, SECRET = "good-code", "xpro-secret"
MISSING = "No {}: run `lab/ctl.py setup`, or set LAB_LMS_PYTHON to a Python that has lab/lms/requirements.txt."


# -- the two sides ---------------------------------------------------------------------------------------------------


class Visitor(Browser):
    """A browser with cookies of its own."""

    def __init__(self, base: str):
        super().__init__()
        self.base = base

    def request(self, path: str, data=None, host: str = "", **headers: str) -> Answer:
        if isinstance(data, dict):
            data = urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(urllib.parse.urljoin(self.base, path), data)
        for name, value in {**headers, **({"Host": host} if host else {})}.items():
            request.add_header(name.replace("_", "-"), value)
        return self.send(request)

    get = request

    def post(self, path: str, data: dict, **headers: str) -> Answer:
        token = next((cookie.value for cookie in self.jar if cookie.name == "csrftoken"), "")
        return self.request(path, {"csrfmiddlewaretoken": token, **data}, **headers)

    def follow(self, path: str) -> list[tuple[int, str]]:
        """Every hop until there is no redirect any more: (status, path and query)."""
        hops, url = [], urllib.parse.urljoin(self.base, path)
        for _hop in range(10):
            answer = self.request(url)
            hops.append((answer.status, url.removeprefix(self.base)))
            if not answer.location:
                break
            url = answer.location if "//" in answer.location else self.base + answer.location.removeprefix("/")
        return hops


class Lms:
    """The server process, and a second process for what is done behind its back."""

    def __init__(self, python: str, state: Path, provider: str):
        self.python, self.state, self.code = python, state, state / "lms"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.host, self.base, self.provider = f"localhost:{self.port}", f"http://localhost:{self.port}/", provider
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = {
            **keep,
            "LAB_STATE": str(state),
            "LAB_LMS_PORT": str(self.port),
            "LAB_SQLITE_TRANSACTION": "DEFERRED",
            "DJANGO_SETTINGS_MODULE": "lms.envs.devstack",
        }
        self.processes: list[subprocess.Popen] = []

    def manage(self, *arguments: str, service: str = "lms") -> subprocess.CompletedProcess:
        command = [self.python, "manage.py", service, *arguments]
        return subprocess.run(command, cwd=self.code, env=self.env, text=True, capture_output=True, check=False)

    def start(self) -> None:
        serve = [self.python, "manage.py", "lms", "runserver", "--noreload", f"127.0.0.1:{self.port}"]
        log = (self.state / "server.log").open("w")
        self.processes.append(subprocess.Popen(serve, cwd=self.code, env=self.env, stdout=log, stderr=log))
        self.talk = subprocess.Popen(
            [self.python, "-c", SHELL], cwd=self.code, env=self.env, stdin=-1, stdout=-1, stderr=log, text=True
        )
        self.processes.append(self.talk)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if Visitor(self.base).get("heartbeat").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((self.state / "server.log").read_text())

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
            process.wait(10)

    def shell(self, code: str, **values):
        """Run code in the shell process; the value of `result` comes back, or the error as text."""
        print(json.dumps([code, values]), file=self.talk.stdin, flush=True)
        return json.loads(self.talk.stdout.readline())

    def call(self, *command: str):
        """A management command in the shell process: None, or its error as text."""
        return self.shell("from django.core.management import call_command; call_command(*command)", command=command)

    def row(self, **fields) -> int:
        """A new provider row, as a script would save it."""
        return self.shell("result = new_row(**fields).pk", fields={**self.defaults, **fields})

    @property
    def defaults(self) -> dict:
        urls = {"AUTHORIZATION_URL": "oauth2/authorize/", "ACCESS_TOKEN_URL": "oauth2/token/", "API_ROOT": ""}
        return {
            "domain": self.host,
            "backend_name": "ol-oauth2",
            "enabled": True,
            "name": "Login with MIT App",
            "slug": "ol-oauth2",
            "skip_email_verification": True,
            "sync_learner_profile_data": True,
            "key": "app-client",
            "secret": SECRET,
            "other_settings": json.dumps({name: self.provider + path for name, path in urls.items()}),
        }


# Long-lived, so that the tests pay for one start of Django and not for fifty.
SHELL = """
import json, sys
from datetime import timedelta
import django
django.setup()
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from edx_django_utils.cache import RequestCache, TieredCache
from oauth2_provider.models import AccessToken, Application
from social_django.models import UserSocialAuth
from common.djangoapps.student.accounts import create_person
from common.djangoapps.student.models import UserProfile
from common.djangoapps.third_party_auth.models import OAuth2ProviderConfig as Row
from common.djangoapps.third_party_auth.provider import Registry
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

def new_row(domain, **fields):
    site = Site.objects.get_or_create(domain=domain, defaults={"name": domain[:50]})[0]
    row = Row(site=site, **fields)
    row.save()
    return row

def forget():
    for site in Site.objects.all():
        for name in {"ol-oauth2", "ol-oauth2-second", *Row.objects.values_list("backend_name", flat=True)}:
            TieredCache.delete_all_tiers(Row.cache_key_name(site.id, name))
    TieredCache.delete_all_tiers(Row.key_values_cache_key_name("backend_name"))

for line in sys.stdin:
    code, values = json.loads(line)
    RequestCache.clear_all_namespaces()
    space = {**globals(), **values, "result": None}
    try:
        exec(code, space)
        answer = space["result"]
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps(answer, default=str), flush=True)
"""

PRIVATE = """
from .production import AUTHENTICATION_BACKENDS, IDA_LOGOUT_URI_LIST, REGISTRATION_EXTRA_FIELDS
AUTHENTICATION_BACKENDS = [
    "ol_social_auth.backends.OLOAuth2", "lms.envs.second.Second", *AUTHENTICATION_BACKENDS
]
IDA_LOGOUT_URI_LIST = [*IDA_LOGOUT_URI_LIST, "http://app.example.org:8053/logout"]
LOGIN_REDIRECT_WHITELIST = ["app.example.org:8053"]
REGISTRATION_RATELIMIT = "12/7d"
"""
SECOND = """
from ol_social_auth.backends import OLOAuth2

class Second(OLOAuth2):
    name = "ol-oauth2-second"
"""


class Provider(BaseHTTPRequestHandler):
    """The MIT app's part of a login: whoever comes is `server.person`, and nobody is asked."""

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/oauth2/authorize/":
            back = urllib.parse.urlencode({"code": GOOD_CODE, "state": query["state"]})
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}{'&' if '?' in query['redirect_uri'] else '?'}{back}")
            self.end_headers()
        elif url.path == "/api/users/me":
            known = self.headers.get("Authorization") == f"Bearer {SECRET}-token"
            self.reply(200, self.server.person if known else {"username": "", "email": None})
        else:
            self.reply(404, {})

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if form.get("client_secret") != SECRET:
            self.reply(401, {"error": "invalid_client"})
        else:
            self.reply(200, {"access_token": f"{SECRET}-token", "token_type": "Bearer"})

    def reply(self, status: int, body: dict) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def lms(provider, tmp_path_factory) -> Iterator[Lms]:
    python = os.environ.get("LAB_LMS_PYTHON") or str(ROOT / ".lab" / "venv-lms" / "bin" / "python")
    if not Path(python).is_file():
        pytest.fail(MISSING.format(python))
    state = tmp_path_factory.mktemp("lab")
    lms = Lms(python, state, f"http://127.0.0.1:{provider.server_port}/")
    shutil.copytree(SOURCE, lms.code, ignore=shutil.ignore_patterns("__pycache__"))
    (lms.code / "lms" / "envs" / "private.py").write_text(PRIVATE)
    (lms.code / "lms" / "envs" / "second.py").write_text(SECOND)
    for command in (("migrate", "--noinput"), ("lab_seed",)):
        done = lms.manage(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    try:
        lms.start()
        yield lms
    finally:
        lms.stop()


@pytest.fixture
def clean(lms) -> Lms:
    """No provider rows, no people but the seeded ones, no caches."""
    lms.shell(
        'forget(); Row.objects.all().delete(); Site.objects.exclude(pk=2).exclude(domain="%s").delete();'
        'User.objects.exclude(username__in=["edx", "login_service_user"]).delete()' % lms.host
    )
    return lms


@pytest.fixture
def visitor(lms) -> Visitor:
    return Visitor(lms.base)


def person(server, username: str, email: str = "") -> None:
    server.person = {"username": username, "email": email or f"{username}@example.org", "name": "A Person"}


# -- the database and the rows (items 1, 7) --------------------------------------------------------------------------


def test_fresh_database(lms):
    assert lms.call("lab_seed") is None
    assert lms.shell("result = list(Site.objects.filter(pk=2).values_list('domain', flat=True))") == ["example.com"]
    assert lms.shell("result = list(Application.objects.values_list('client_id', 'name'))") == [
        ["login-service-client-id", "Login Service for JWT Cookies"]
    ]
    assert lms.shell("User(username='x', email='edx@example.org', password='x').full_clean()") is None
    assert "IntegrityError" in lms.shell("User(username='x', email='edx@example.org', password='x').save()")


def test_rows_are_append_only(clean):
    first = clean.row()
    assert clean.shell("row = Row.objects.get(pk=pk); row.save(); result = row.pk", pk=first) > first
    assert "MultipleObjectsReturned" in clean.shell("Row.objects.get_or_create(backend_name='ol-oauth2')")
    again = "Row.objects.update_or_create(site_id=2, backend_name='only', defaults={'name': 'x'})"
    assert clean.shell(again) is None
    assert "Cannot force an update in save() with no primary key" in clean.shell(again)
    assert clean.shell("row = Row.current('nope'); result = [row.pk, row.enabled]") == [None, False]
    refused = "TypeError: cache_key_name() takes exactly 2 arguments (3 given)"
    assert refused in clean.shell("Row.equal_to_current({'site_id': 2, 'backend_name': 'only'})")


def test_the_newest_row_counts(clean):
    clean.row(domain="example.com")
    clean.row(domain="example.com", slug="other")
    assert clean.shell("result = Row.current('ol-oauth2').slug") == "other"
    clean.row(domain="example.com", enabled=False)
    assert clean.shell("result = Row.current('ol-oauth2').enabled") is False
    skewed = (
        "tomorrow = timezone.now() + timedelta(1); oldest = Row.objects.order_by('pk').first();"
        "Row.objects.filter(pk=oldest.pk).update(change_date=tomorrow);"
        "forget(); newest = Row.current('ol-oauth2').pk; result = newest < Row.objects.current_set().get().pk"
    )
    assert clean.shell(skewed) is True


CLEAN = "row = Row(**{'site_id': 2, 'slug': 'ol-oauth2', 'backend_name': 'ol-oauth2', **fields}); row.full_clean(%s)"
CHECKED = f"{CLEAN % ''}; result = row.other_settings"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"slug": ""}, "slug"),
        ({"slug": "two words"}, "slug"),
        ({"slug": "s" * 31}, "slug"),
        ({"name": "n" * 51}, "name"),
        ({"backend_name": ""}, "backend_name"),
        ({"backend_name": "b" * 51}, "backend_name"),
        ({"site_id": 999}, "site"),
        ({"icon_image": "x.svg"}, "__all__"),
        ({"other_settings": "[1]"}, "Expected a JSON <class 'dict'>"),
        ({"other_settings": '{"A": 1} x'}, "Invalid JSON: Extra data: line 1 column 10 (char 9)"),
        ({"other_settings": None}, "AttributeError"),
        ({"other_settings": {"A": 1}}, "Invalid JSON"),
    ],
)
def test_refused_rows(lms, fields, field):
    answer = lms.shell(CHECKED, fields=fields)
    assert field in answer
    if fields != {"other_settings": None}:
        assert answer.startswith("ValidationError") or "AttributeError" in answer


def test_accepted_rows(lms):
    assert lms.shell(CHECKED, fields={"other_settings": '{"A":1}'}) == '{\n    "A": 1\n}'
    assert lms.shell(CHECKED, fields={"other_settings": ""}) == "{}"
    assert lms.shell(CHECKED, fields={"backend_name": "not-loaded"}) == "{}"


def test_admin_form(clean):
    admin = Visitor(clean.base)
    assert admin.get("admin/login/").location == "/login?next=/admin"
    admin.get("login?next=/admin")
    entered = admin.post("login", {"email_or_username": "edx", "password": "edx", "next": "/admin"})
    assert (entered.status, entered.location) == (302, "/admin")
    add = "admin/third_party_auth/oauth2providerconfig/add/"
    form = admin.get(add).text
    assert '<option value="2" selected>example.com</option>' in form
    for backend in ("ol-oauth2", "ol-oauth2-second", "google-oauth2"):
        assert f'<option value="{backend}">' in form
    fields = {
        "icon_class": "fa-sign-in",
        "slug": "ol-oauth2",
        "site": 2,
        "backend_name": "ol-oauth2",
        "secret": "shown",
    }
    assert "Invalid JSON" in admin.post(add, {**fields, "other_settings": "no"}).text
    assert [admin.post(add, fields).status for _twice in range(2)] == [302, 302]
    pks = clean.shell("result = list(Row.objects.order_by('pk').values_list('pk', flat=True))")
    assert len(pks) == 2
    change = f"admin/third_party_auth/oauth2providerconfig/{pks[1]}/"
    assert 'name="slug"' not in admin.get(f"{change}change/").text
    assert admin.get(f"{change}delete/").status == 403
    assert "shown</textarea>" in admin.get(f"{add}?source={pks[1]}").text
    assert "ProtectedError" in clean.shell("User.objects.get(username='edx').delete()")
    models = "auth/user sites/site oauth2_provider/application oauth2_provider/accesstoken admin/logentry"
    for model in f"{models} course_overviews/courseoverview social_django/usersocialauth".split():
        assert admin.get(f"admin/{model}/").status == 200, model
    clean.shell("Row.objects.all().delete()")


# -- caches of two processes (item 2) --------------------------------------------------------------------------------


def begin(lms, backend: str = "ol-oauth2", **options) -> Answer:
    return Visitor(lms.base).get(f"auth/login/{backend}/?auth_entry=login", **options)


def shown(lms) -> bool:
    """Does the running server's registry have the provider?"""
    return "Login with MIT App" in Visitor(lms.base).get("login").text


def test_saving_does_not_reach_the_registry(clean):
    assert begin(clean).status == 500
    assert not shown(clean)
    clean.row(visible=True)
    assert begin(clean).status == 302
    assert not shown(clean)
    clean.shell("TieredCache.delete_all_tiers(Row.key_values_cache_key_name('backend_name'))")
    assert shown(clean)


def test_other_writes_reach_no_cache(clean):
    clean.row()
    assert begin(clean).status == 302
    clean.shell("Row.objects.update(enabled=False)")
    assert begin(clean).status == 302
    clean.shell("Row.objects.all().delete()")
    assert begin(clean).status == 302
    clean.shell("forget()")
    assert begin(clean).status == 500


def test_save_clears_the_cache_before_the_commit(clean):
    clean.row(key="old")
    during = (
        "import urllib.request\n"
        "class Stay(urllib.request.HTTPRedirectHandler):\n"
        "    def redirect_request(self, *args): return None\n"
        "def ask():\n"
        "    try: urllib.request.build_opener(Stay).open(url)\n"
        "    except urllib.error.HTTPError as error: return error.headers['Location']\n"
        "with transaction.atomic():\n"
        "    new_row(**fields)\n"
        "    inside = ask()\n"
        "after = ask(); forget(); result = ['client_id=old' in place for place in (inside, after, ask())]"
    )
    url = f"{clean.base}auth/login/ol-oauth2/?auth_entry=login"
    assert clean.shell(during, url=url, fields={**clean.defaults, "key": "new"}) == [True, True, False]


def test_visible_rows_are_displayed(clean):
    pairs = "result = [len(Registry.enabled()), len(Registry.displayed_for_login())]"
    clean.row(domain="example.com")
    assert clean.shell(f"forget(); {pairs}") == [1, 0]
    clean.row(domain="example.com", visible=True)
    assert clean.shell(pairs) == [1, 1]


# -- settings of a backend, sites, status codes (items 3 to 6) -------------------------------------------------------


def test_order_of_settings(clean):
    clean.row(domain="example.com", secret="", key="", other_settings='{"SCOPE": ["row"]}')
    ask = "from social_django.utils import load_strategy; from ol_social_auth.backends import OLOAuth2\n"
    ask += "strategy = load_strategy(); value = lambda name: strategy.setting(name, backend=OLOAuth2(strategy))\n"
    assert clean.shell(f"{ask}result = [value('KEY'), value('SECRET'), value('SCOPE'), value('NOPE')]") == [
        "",
        "",
        ["row"],
        None,
    ]
    assert clean.shell(f"{ask}settings.NOPE = 1; result = value('NOPE')") == 1
    assert clean.shell(f"{ask}settings.SOCIAL_AUTH_NOPE = 2; result = value('NOPE')") == 2
    assert clean.shell(f"{ask}settings.SOCIAL_AUTH_OL_OAUTH2_NOPE = 3; result = value('NOPE')") == 3
    secrets = "settings.SOCIAL_AUTH_OAUTH_SECRETS = {'ol-oauth2': 'from settings'}"
    assert clean.shell(f"{ask}{secrets}; result = value('SECRET')") == "from settings"
    clean.row(domain="example.com")
    assert clean.shell(f"{ask}result = value('SECRET')") == SECRET


def test_status_codes(clean):
    assert begin(clean, "unknown").status == 404
    clean.shell("new_row(domain='example.com', backend_name='unknown', enabled=True)")
    assert begin(clean, "unknown").status == 404
    missing = begin(clean)
    assert missing.status == 500
    assert "Can&#x27;t fetch setting of a disabled backend/provider." in missing.text
    clean.row(enabled=False)
    assert begin(clean).status == 500
    clean.row()
    good = begin(clean)
    assert good.status == 302
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(good.location).query)
    assert good.location.startswith(f"{clean.provider}oauth2/authorize/?")
    assert query["client_id"] == ["app-client"]
    assert query["redirect_uri"][0].startswith(f"{clean.base}auth/complete/ol-oauth2/?redirect_state=")
    visitor = Visitor(clean.base)
    assert visitor.get("auth/login/ol-oauth2").status == 301
    assert [visitor.get(f"auth/login/ol-oauth2/{entry}").status for entry in ("", "?auth_entry=bogus")] == [302, 302]
    completed = Visitor(clean.base).get("auth/complete/ol-oauth2/?code=x")
    assert (completed.status, completed.location) == (302, "/")


def test_site_of_the_host_header(clean):
    clean.row()
    assert begin(clean, host=clean.host.upper()).status == 302
    for other in ("localhost", "lms:8000", "127.0.0.1:8000"):
        assert begin(clean, host=other).status == 500
    clean.row(domain="example.com")
    odd = begin(clean, host="lms:8000")
    assert odd.status == 302
    assert "redirect_uri=http%3A%2F%2Flms%3A8000%2Fauth%2Fcomplete" in odd.location
    # Only hits are cached: a new Site is seen at once.
    clean.row(domain="lms:8000", key="of-the-new-site")
    assert "of-the-new-site" in begin(clean, host="lms:8000").location


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("not json", "JSONDecodeError"),
        ("[1]", "AssertionError"),
        ("", "Cannot mix str and non-str arguments"),
        ("{}", "Cannot mix str and non-str arguments"),
    ],
)
def test_broken_rows(clean, broken, text):
    clean.row(other_settings=broken)
    answer = begin(clean)
    assert answer.status == 500
    assert text in answer.text


def test_a_backend_that_cannot_be_imported_stops_every_command(clean):
    private = clean.code / "lms" / "envs" / "private.py"
    private.write_text(PRIVATE.replace("lms.envs.second", "lms.envs.nowhere"))
    try:
        done = clean.manage("check")
    finally:
        private.write_text(PRIVATE)
    assert done.returncode != 0
    assert "ModuleNotFoundError" in done.stderr


# -- whole logins (items 5, 6 and the extra ones) --------------------------------------------------------------------

PERSON = "create_person(username, email or username + '@example.org', active=active, name='A Person')"


def log_in(lms, provider, username: str, backend: str = "ol-oauth2", **options) -> tuple[list, Visitor]:
    person(provider, username, **options)
    visitor = Visitor(lms.base)
    lms.shell("forget()")
    hops = visitor.follow(f"auth/login/{backend}/?auth_entry=login")
    return [(status, path.partition("?code=")[0]) for status, path in hops if "/oauth2/authorize/" not in path], visitor


def links(lms) -> list:
    return lms.shell(
        "result = list(UserSocialAuth.objects.order_by('pk').values_list('provider', 'uid', 'user__username'))"
    )


def test_same_email_is_linked_and_logged_in(clean, provider):
    clean.row()
    clean.row(backend_name="ol-oauth2-second")
    clean.shell(PERSON, username="learner", email="", active=True)
    hops, visitor = log_in(clean, provider, "learner")
    assert hops[0] == (302, "auth/login/ol-oauth2/?auth_entry=login")
    assert hops[1][1].startswith("auth/complete/ol-oauth2/?redirect_state=")
    assert hops[2:] == [(302, "auth/complete/ol-oauth2/?"), (200, "dashboard")]
    assert "Logged in as <b>learner</b>" in visitor.get("dashboard").text
    assert "Login with MIT App" in visitor.get("dashboard").text
    assert links(clean) == [["ol-oauth2", "learner", "learner"]]
    tokens = (
        "tokens = AccessToken.objects.filter(user__username='learner');"
        "result = list(tokens.values_list('application__client_id', 'scope'))"
    )
    assert clean.shell(tokens) == [["login-service-client-id", "user_id email profile"]]
    # The same person through another backend is the same person.
    hops, visitor = log_in(clean, provider, "learner", "ol-oauth2-second")
    assert hops[-1] == (200, "dashboard")
    assert links(clean)[1] == ["ol-oauth2-second", "learner", "learner"]
    # Known by the link now: a new e-mail address over there overwrites the one here.
    log_in(clean, provider, "learner", email="moved@example.org")
    assert clean.shell("result = User.objects.get(username='learner').email") == "moved@example.org"


def test_inactive_unknown_and_taken(clean, provider):
    clean.row()
    clean.shell(PERSON, username="sleeper", email="", active=False)
    assert log_in(clean, provider, "sleeper")[0][-1] == (200, "login")
    hops, visitor = log_in(clean, provider, "stranger")
    assert hops[-1] == (200, "register")
    assert log_in(clean, provider, "sleeper", email="other@example.org")[0][-1] == (200, "register")
    # Who registers there is linked and logged in.
    form = {"name": "Stranger", "username": "stranger", "email": "stranger@example.org", "honor_code": "true"}
    done = visitor.post("register", form)
    assert (done.status, done.location) == (302, "/auth/complete/ol-oauth2/?")
    assert visitor.follow(done.location)[-1] == (200, "dashboard")
    assert links(clean) == [["ol-oauth2", "stranger", "stranger"]]
    # An owner of the address who can log in here gets the link that way.
    hops, visitor = log_in(clean, provider, "sleeper")
    clean.shell(
        "user = User.objects.get(username='sleeper'); user.is_active = True; user.set_password('pw'); user.save()"
    )
    done = visitor.post("login", {"email_or_username": "sleeper@example.org", "password": "pw"})
    assert (done.status, done.location) == (302, "/auth/complete/ol-oauth2/?")
    assert visitor.follow(done.location)[-1] == (200, "dashboard")
    assert links(clean)[1] == ["ol-oauth2", "sleeper", "sleeper"]


def test_a_stale_registry_loses_the_person_on_the_way(clean, provider):
    person(provider, "stranger")
    assert begin(clean).status == 500
    assert not shown(clean)
    clean.row()
    assert Visitor(clean.base).follow("auth/login/ol-oauth2/?auth_entry=login")[-1] == (200, "login")


def test_people_who_cannot_log_in(clean, provider):
    clean.row()
    close = "user.set_unusable_password(); user.save()"
    clean.shell(f"user = {PERSON}; {close}", username="closed", email="", active=True)
    hops, visitor = log_in(clean, provider, "closed")
    assert hops[-1][0] == 403
    assert visitor.get("dashboard").status == 302
    clean.shell("user = User(username='bare', email='bare@example.org'); user.set_password('x'); user.save()")
    assert log_in(clean, provider, "bare")[0][-1][0] == 500


def test_wrong_secrets_and_addresses(clean, provider):
    clean.shell(PERSON, username="learner", email="", active=True)
    clean.row(secret="wrong")
    assert log_in(clean, provider, "learner")[0][-1] == (200, "login")
    good = json.loads(clean.defaults["other_settings"])
    clean.row(other_settings=json.dumps({**good, "ACCESS_TOKEN_URL": "http://127.0.0.1:9/"}))
    assert log_in(clean, provider, "learner")[0][-1] == (200, "login")
    clean.row(other_settings=json.dumps({name: good[name] for name in good if name != "API_ROOT"}))
    assert log_in(clean, provider, "learner")[0][-1][0] == 500


def test_next(clean, provider):
    clean.row()
    clean.shell(PERSON, username="learner", email="", active=True)
    person(provider, "learner")
    clean.shell("forget()")
    for target, end in (("/heartbeat", "heartbeat"), ("http://elsewhere.example.org/", "dashboard")):
        query = urllib.parse.urlencode({"auth_entry": "login", "next": target})
        assert Visitor(clean.base).follow(f"auth/login/ol-oauth2/?{query}")[-1] == (200, end)


# -- bearer tokens (item 8) ------------------------------------------------------------------------------------------

TOKEN = "AccessToken.objects.create(user=user, token=token, expires=timezone.now() + timedelta(days=days))"


def me(lms, authorization: str | None, path: str = "api/user/v1/me") -> Answer:
    return Visitor(lms.base).get(path, **({"Authorization": authorization} if authorization else {}))


def test_bearer(clean):
    clean.shell(f"user = {PERSON}; {TOKEN}", username="worker", email="", active=True, token="good", days=1)
    assert me(clean, "Bearer good").json == {"username": "worker"}
    assert me(clean, "bearer good").status == 200
    clean.shell(f"user = User.objects.get(username='worker'); {TOKEN}", token="old", days=-1)
    for header, code in {
        "Bearer nope": "nonexistent",
        "Bearer old": "expired",
        "Bearer": "not_provided",
        "Bearer a b": "malformed",
    }.items():
        answer = me(clean, header)
        assert (answer.status, answer.json["error_code"]) == (401, f"token_{code}")
        assert answer.json["developer_message"]
    for header in ("Token good", None):
        assert me(clean, header).json == {"detail": "Authentication credentials were not provided."}
    assert (me(clean, "JWT good").status, me(clean, "JWT good").json) == (401, {"detail": "Invalid token."})
    courses = "api/courses/v1/courses/?username=worker"
    assert me(clean, "Bearer good", courses).status == 200
    clean.shell("user = User.objects.get(username='worker'); user.set_unusable_password(); user.save()")
    assert me(clean, "Bearer good").json == {
        "error_code": "user_is_disabled",
        "developer_message": "User disabled by admin: worker",
    }
    own = "Application.objects.create(user=User.objects.get(username='worker'), client_type='confidential')"
    clean.shell(own)
    assert me(clean, "Bearer good").status == 200
    clean.shell("User.objects.filter(username='worker').update(is_active=False)")
    assert me(clean, "Bearer good").status == 200
    strict = (
        "from rest_framework.test import APIRequestFactory\n"
        "from openedx.core.lib.api.authentication import BearerAuthentication\n"
        "BearerAuthentication().authenticate(APIRequestFactory().get('/', HTTP_AUTHORIZATION='Bearer good'))"
    )
    assert "user_not_active" in clean.shell(strict)
    assert "User inactive or deleted: worker" in clean.shell(strict)
    clean.shell("AccessToken.objects.filter(token='good').update(user=None)")
    assert me(clean, "Bearer good").status == 500
    clean.shell("AccessToken.objects.filter(token='good').delete()")


def test_accounts(clean):
    clean.shell(f"user = {PERSON}; {TOKEN}", username="worker", email="", active=True, token="good", days=1)
    own = "api/user/v1/accounts?email=worker@example.org"
    assert me(clean, "Bearer good", own).status == 403
    assert me(clean, "Bearer good", "api/user/v1/accounts?username=edx").status == 200
    assert me(clean, "Bearer good", "api/courses/v1/courses/?username=edx").status == 403
    clean.shell("User.objects.filter(username='worker').update(is_staff=True)")
    account = me(clean, "Bearer good", own).json[0]
    assert (account["username"], account["email"]) == ("worker", "worker@example.org")
    assert list(account)[:4] == ["account_privacy", "profile_image", "username", "bio"]
    assert list(account["profile_image"])[1:] == [f"image_url_{size}" for size in ("full", "large", "medium", "small")]
    assert me(clean, "Bearer good", "api/user/v1/accounts?email=nobody@example.org").status == 404
    answer = me(
        clean,
        "Bearer good",
        "api/courses/v1/courses/?username=worker&page_size=1&course_keys=course-v1:edX%2BE2E-101%2Bcourse",
    )
    assert [course["name"] for course in answer.json["results"]] == ["E2E Test Course"]
    assert answer.json["pagination"]["count"] == 1


def test_enrollment(clean):
    clean.shell(f"user = {PERSON}; {TOKEN}", username="worker", email="", active=True, token="good", days=1)
    key = "course-v1:edX+DemoX+Demo_Course"

    def post(**body) -> Answer:
        headers = {"Authorization": "Bearer good", "Content_Type": "application/json"}
        return Visitor(clean.base).request("api/enrollment/v1/enrollment", json.dumps(body).encode(), **headers)

    assert post(course_details={"course_id": key}).json["mode"] == "audit"
    assert post(course_details={"course_id": key}, mode="verified").status == 400
    assert post(course_details={"course_id": key}, user="edx").status == 404
    assert me(clean, "Bearer good", f"api/enrollment/v1/enrollment/worker,{key}").json["is_active"] is True


# -- the LMS as an OAuth provider (item 9) ---------------------------------------------------------------------------


def test_application_rows(clean):
    make = "row = Application(name='x', user=User.objects.get(username='edx'), **fields)"
    good = {
        "client_id": "same",
        "client_secret": "clear",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "http://app.example.org:8053/login/_private/complete",
    }
    read = f"{make}; row.full_clean(); row.save(); result = Application.objects.get(pk=row.pk).client_secret"
    assert clean.shell(read, fields=good) == "clear"
    assert "IntegrityError" in clean.shell(f"{make}; row.save()", fields=good)
    assert "ValidationError" in clean.shell(f"{make}; row.clean()", fields={**good, "redirect_uris": ""})
    names = "result = sorted(field.name for field in Application._meta.concrete_fields)"
    assert clean.shell(names) == [
        *("algorithm", "authorization_grant_type", "client_id", "client_secret", "client_type", "created"),
        *("id", "name", "redirect_uris", "skip_authorization", "updated", "user"),
    ]


def test_authorization_code(clean):
    back = "http://app.example.org:8053/login/_private/complete"
    clean.shell(
        "Application.objects.create(user=User.objects.get(username='edx'), **fields)",
        fields={
            "client_id": "cid",
            "client_secret": "cs",
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "skip_authorization": True,
            "redirect_uris": back,
        },
    )
    ask = urllib.parse.urlencode(
        {"client_id": "cid", "response_type": "code", "scope": "read write", "redirect_uri": back}
    )
    visitor = Visitor(clean.base)
    anonymous = visitor.get(f"oauth2/authorize?{ask}")
    assert anonymous.status == 302
    assert anonymous.location.startswith("/login?next=")
    visitor.get("login")
    assert visitor.post("login", {"email_or_username": "edx", "password": "edx"}).location == "/dashboard"
    granted = visitor.get(f"oauth2/authorize?{ask}")
    assert granted.location.startswith(f"{back}?code=")
    code = granted.location.partition("code=")[2]
    assert visitor.get(f"oauth2/authorize?{ask.replace('complete', 'other')}").status == 400

    def token(path: str = "oauth2/access_token", basic: str = "", **form: str) -> tuple[int, str]:
        headers = {"Authorization": f"Basic {b64encode(basic.encode()).decode()}"} if basic else {}
        answer = Visitor(clean.base).request(path, form, **headers)
        return answer.status, answer.json.get("error", "")

    creds = {"client_id": "cid", "client_secret": "cs"}
    bogus = {"grant_type": "authorization_code", "code": "bogus", "redirect_uri": back}
    for path in ("oauth2/access_token", "oauth2/access_token/", "oauth2/token/"):
        assert token(path, **creds, **bogus) == (400, "invalid_grant")
    assert token(basic="cid:cs", **bogus) == (400, "invalid_grant")
    assert token(**{**creds, "client_secret": "no"}, **bogus) == (401, "invalid_client")
    assert token(**{**creds, "client_id": "no"}, **bogus) == (401, "invalid_client")
    assert token(basic="cid:no", **bogus) == (401, "invalid_client")
    assert token(**creds, grant_type="authorization_code") == (400, "invalid_request")
    assert token(**creds, grant_type="client_credentials") == (400, "unauthorized_client")
    assert token(**creds, grant_type="refresh_token", refresh_token="no") == (400, "invalid_grant")
    assert token(**{**creds, "client_secret": "no"}, grant_type="refresh_token", refresh_token="no")[0] == 401
    assert Visitor(clean.base).get("oauth2/access_token").status == 405
    final = Visitor(clean.base).request("oauth2/access_token", {**creds, **bogus, "code": code}).json
    assert final["refresh_token"]
    assert me(clean, f"Bearer {final['access_token']}").json == {"username": "edx"}
    clean.shell("Application.objects.filter(client_id='cid').delete()")


def test_create_dot_application(clean):
    flags = ["--grant-type", "authorization-code", "--redirect-uris", "http://a/", "--skip-authorization"]
    first = clean.manage(
        "create_dot_application", "app", "edx", *flags, "--client-id", "one", "--client-secret", "very-secret"
    )
    assert first.returncode == 0
    assert "very-secret" in first.stdout + first.stderr
    state = (
        "result = list(Application.objects.filter(name='app').order_by('pk')"
        ".values_list('client_id', 'redirect_uris', 'authorization_grant_type', 'skip_authorization'))"
    )
    before = [["one", "http://a/", "authorization-code", True]]
    assert clean.shell(state) == before
    assert clean.call("create_dot_application", "app", "edx", "--redirect-uris", "http://b/") is None
    assert clean.shell(state) == before
    clean.call("create_dot_application", "app", "edx", "--update", "--client-secret", "other")
    assert clean.shell(state) == [["one", "", "client-credentials", False]]
    assert "DoesNotExist" in clean.call("create_dot_application", "app", "nobody")
    clean.call("create_dot_application", "app", "login_service_user")
    assert len(clean.shell(state)) == 2
    clean.shell("Application.objects.filter(name='app').delete()")


# -- people (registration, manage_user) ------------------------------------------------------------------------------


def register(lms, **form: str) -> Answer:
    data = {"name": "A Person", "honor_code": "True", "country": "US", "provider": "ol-oauth2", **form}
    return Visitor(lms.base).request("user_api/v1/account/registration/", data)


def test_registration(clean, provider):
    person(provider, "newbie")
    clean.shell("from django.core.cache import cache; cache.clear()")
    form = {"username": "newbie", "email": "newbie@example.org"}
    # The LMS asks the app whose token it is: an app that it cannot reach makes every token invalid.
    clean.row(other_settings=json.dumps({"API_ROOT": "http://127.0.0.1:9/"}))
    answer = register(clean, **form, access_token=f"{SECRET}-token")
    assert (answer.status, answer.json["error_code"]) == (400, "tpa-invalid-access-token")
    assert "access_token" in answer.json
    assert clean.shell("result = User.objects.filter(username='newbie').exists()") is False
    clean.row()
    assert register(clean, **form).json["error_code"] == "tpa-missing-access-token"
    answer = register(clean, **form, access_token=f"{SECRET}-token")
    assert answer.status == 200, answer.text
    assert answer.json["success"] is True
    made = (
        "user = User.objects.get(username='newbie');"
        "result = [user.is_active, user.has_usable_password(), user.profile.name]"
    )
    assert clean.shell(made) == [True, True, "A Person"]
    assert links(clean) == [["ol-oauth2", "newbie", "newbie"]]
    answer = register(clean, **form, access_token=f"{SECRET}-token")
    assert (answer.status, answer.json["error_code"]) == (409, "duplicate-email-username")
    assert [answer.json[name][0]["user_message"] for name in ("email", "username")] == [
        "This email is already associated with an existing account",
        "It looks like this username is already taken",
    ]
    answer = register(clean, username="newbie", email="free@example.org")
    assert (answer.status, answer.json["error_code"]) == (409, "duplicate-username")
    assert answer.json["username_suggestions"]
    answer = register(clean, username="free", email="free@example.org", country="Nowhere")
    assert (answer.status, answer.json["error_code"]) == (400, "invalid-country")
    answer = register(clean, username="f" * 31, email="free@example.org")
    assert (answer.status, answer.json["error_code"]) == (400, "validation-error")
    # One IP address, one allowance.
    codes = [register(clean, username="newbie", email="newbie@example.org") for _more in range(7)]
    assert (codes[-1].status, codes[-1].json) == (403, {"error_code": "forbidden-request"})


# A registration in the shell process, whose settings a test can change.
REGISTER = (
    "from django.test import Client, override_settings\n"
    "with override_settings(RATELIMIT_ENABLE=False, **changes):\n"
    "    data = {'username': 'guest', 'email': 'guest@example.org', 'name': 'Guest', 'honor_code': 'True', **form}\n"
    "    answer = Client(HTTP_HOST=host).post('/user_api/v1/account/registration/', data)\n"
    "    result = [answer.status_code, answer.content.decode()]"
)
FIELDS = {"honor_code": "required", "city": "required"}


@pytest.mark.parametrize(
    ("changes", "form", "status", "text"),
    [
        ({}, {}, 400, '{"password": [{"user_message": "This field is required."}]'),
        ({}, {"password": "x", "name": ""}, 400, "Your legal name must be a minimum of one character long"),
        ({}, {"password": "x", "honor_code": ""}, 400, "To enroll, you must follow the honor code."),
        (
            {"REGISTRATION_EXTRA_FIELDS": FIELDS},
            {"password": "x"},
            400,
            '"city": [{"user_message": "A city is required',
        ),
        ({"REGISTRATION_EMAIL_PATTERNS_ALLOWED": [r".*@mit\.edu"]}, {}, 400, "Unauthorized email address."),
        ({"ENABLE_REQUIRE_THIRD_PARTY_AUTH": True}, {}, 403, "Third party authentication is required to register."),
        ({"ALLOW_PUBLIC_ACCOUNT_CREATION": False}, {}, 403, "Account creation not allowed."),
    ],
)
def test_what_a_registration_is_refused_for(clean, changes, form, status, text):
    answer = clean.shell(REGISTER, changes=changes, form=form, host=clean.host)
    assert answer[0] == status
    assert text in answer[1]


def test_the_form_of_the_registration(clean):
    answer = Visitor(clean.base).get("user_api/v1/account/registration/")
    assert answer.status == 200
    assert [field["name"] for field in answer.json["fields"]][:4] == ["name", "username", "email", "password"]


CONFIGURE = (
    "from openedx.core.djangoapps.site_configuration.models import SiteConfiguration\n"
    "site = Site.objects.get_or_create(domain=host, defaults={'name': host})[0]\n"
    "SiteConfiguration.objects.update_or_create(site=site, defaults={'enabled': enabled, 'site_values': values})"
)


def test_the_configuration_of_a_site_wins(clean):
    # What other tests registered counts for the limit, too.
    clean.shell("from django.core.cache import cache; cache.clear()")
    values = {"ALLOW_PUBLIC_ACCOUNT_CREATION": False, "SESSION_COOKIE_DOMAIN": "other.example.org"}
    clean.row()
    refused = register(clean, username="guest", email="guest@example.org", provider="", password="x")
    assert refused.status == 200
    clean.shell("User.objects.get(username='guest').delete()")
    clean.shell(CONFIGURE, host=clean.host, enabled=True, values=values)
    try:
        refused = register(clean, username="guest", email="guest@example.org", provider="", password="x")
        assert (refused.status, refused.text) == (403, "Account creation not allowed.")
        assert "domain=other.example.org" in begin(clean).headers["Set-Cookie"].lower()
    finally:
        clean.shell(CONFIGURE, host=clean.host, enabled=False, values=values)
    assert "other.example.org" not in begin(clean).headers["Set-Cookie"].lower()


def test_every_change_of_a_link_leaves_a_row_that_outlives_the_person(clean, provider):
    clean.row()
    clean.shell(PERSON, username="historic", email="", active=True)
    log_in(clean, provider, "historic")
    history = (
        "from simple_history.utils import get_history_model_for_model as of\n"
        "rows = of(UserSocialAuth).objects.filter(uid='historic').order_by('history_id')\n"
        "result = [[row.history_type, 'access_token' in row.extra_data] for row in rows]"
    )
    before = clean.shell(history)
    assert before[0][0] == "+"
    assert before[-1] == ["~", True]
    clean.shell("User.objects.get(username='historic').delete()")
    assert clean.shell(history) == [*before, ["-", True]]


def test_a_cache_that_is_down_keeps_nothing_without_a_word(clean):
    clean.row()
    down = clean.state / "lms-cache.down"
    down.touch()
    try:
        assert clean.shell("from django.core.cache import cache; cache.set('a', 1); result = cache.get('a')") is None
        token = Visitor(clean.base).request("oauth2/access_token", {"grant_type": "authorization_code"})
        assert (token.status, token.text) == (429, "Too Many Requests")
        assert register(clean, username="guest", email="guest@example.org").status == 403
        assert "cache is unavailable" in begin(clean).text
    finally:
        down.unlink()


def test_without_third_party_auth_there_is_no_address_of_a_login(lms, tmp_path):
    (tmp_path / "lms.env.yml").write_text("FEATURES: {ENABLE_THIRD_PARTY_AUTH: false}")
    code = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "try: print(resolve('/auth/login/ol-oauth2/'))\n"
        "except Resolver404: print('404')"
    )
    done = subprocess.run(
        [lms.python, "-c", code],
        cwd=lms.code,
        env={**lms.env, "LAB_STATE": str(tmp_path), "LMS_CFG": str(tmp_path / "lms.env.yml")},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "404"


def test_manage_user(clean):
    flags = (
        "user = User.objects.get(username='worker'); result = [user.is_staff, user.is_superuser,"
        " user.has_usable_password(), UserProfile.objects.filter(user=user).exists()]"
    )
    assert clean.manage("manage_user", "worker", "worker@example.org", "--staff", "--superuser").returncode == 0
    assert clean.shell(flags) == [True, True, True, True]
    clean.call("manage_user", "worker", "worker@example.org", "--staff")
    assert clean.shell(flags) == [True, False, True, True]
    assert "CommandError" in clean.call("manage_user", "worker", "other@example.org")
    clean.call("manage_user", "worker", "worker@example.org", "--unusable-password")
    assert clean.shell(flags) == [False, False, False, True]


def test_courses_by_command(clean):
    course = {
        "store": "split",
        "organization": "edX",
        "number": "New",
        "fields": {"display_name": "New", "start": "2026-01-01T00:00:00Z"},
    }
    made = "result = list(CourseOverview.objects.filter(id__contains='New').values_list('id', flat=True))"
    # A user name is not found, an unknown address is a warning; both leave the exit status 0.
    courses = [{**course, "run": user, "user": user} for user in ("edx", "nobody@example.org", "edx@example.org")]
    done = clean.manage("generate_courses", json.dumps({"courses": courses}), service="cms")
    assert done.returncode == 0
    assert "nobody@example.org user does not exist" in done.stderr
    assert clean.shell(made) == ["course-v1:edX+New+edx@example.org"]
    clean.shell("CourseOverview.objects.filter(id__contains='New').delete()")


# -- pages and settings ----------------------------------------------------------------------------------------------


def test_logout(clean, visitor):
    page = visitor.get("logout?redirect_url=http://app.example.org:8053/after").text
    assert 'src="http://app.example.org:8053/logout?no_redirect=1"' in page
    assert "http://app.example.org:8053/after" in page
    assert "elsewhere" not in visitor.get("logout?redirect_url=http://elsewhere.example.org/").text


def test_pages(visitor):
    for path in ("", "login", "register", "heartbeat"):
        assert visitor.get(path).status == 200, path
    assert visitor.get("robots.txt").status == 404
    assert visitor.get("api/user/v1/me").status == 401
    assert visitor.get("dashboard").location == "/login?next=/dashboard"


def test_boots_are_logged(lms):
    before = (lms.state / "boots.log").read_text().splitlines()
    assert any(" lms " in line and line.endswith(f"runserver --noreload 127.0.0.1:{lms.port}") for line in before)
    subprocess.run(
        [lms.python, "-"], input="import django; django.setup()", cwd=lms.code, env=lms.env, text=True, check=True
    )
    new = (lms.state / "boots.log").read_text().splitlines()[len(before) :]
    assert len(new) == 1
    assert new[0].endswith(" python -")


FEATURES = {
    # how it is set: (private.py, patch of the Tutor plugin, YAML) -> (flat, FEATURES) under Tutor 21 and under Tutor 22
    "guide": (
        "from .production import FEATURES\nFEATURES['SKIP_EMAIL_VALIDATION'] = True",
        "",
        "",
        (False, True),
        (False, False),
    ),
    "private, flat": ("SKIP_EMAIL_VALIDATION = True", "", "", (True, True), (True, True)),
    "patch": ("", "FEATURES['SKIP_EMAIL_VALIDATION'] = True", "", (False, True), (True, True)),
    "patch, flat": ("", "SKIP_EMAIL_VALIDATION = True", "", (True, False), (True, True)),
    "yaml": ("", "", "FEATURES: {SKIP_EMAIL_VALIDATION: true}", (True, True), (True, True)),
}
REBIND = "from openedx.core.lib.features_setting_proxy import FeaturesProxy\nFEATURES = FeaturesProxy(globals())\n"


@pytest.mark.parametrize("how", FEATURES)
def test_features(lms, tmp_path, how):
    private, patch, yaml, tutor21, tutor22 = FEATURES[how]
    code = tmp_path / "lms"
    shutil.copytree(SOURCE, code, ignore=shutil.ignore_patterns("__pycache__"))
    if private:
        (code / "lms/envs/private.py").write_text(private)
    (tmp_path / "lms.env.yml").write_text(yaml)
    for name, rebind in (("tutor21", ""), ("tutor22", REBIND)):
        (code / f"lms/envs/{name}.py").write_text(f"from lms.envs.devstack import *\n{rebind}{patch}\n")
    show = "result = lambda m: (m.SKIP_EMAIL_VALIDATION, m.FEATURES['SKIP_EMAIL_VALIDATION'])\n"
    for name, expected in (("tutor21", tutor21), ("tutor22", tutor22)):
        done = subprocess.run(
            [lms.python, "-c", f"{show}import lms.envs.{name} as m; print(result(m))"],
            cwd=code,
            env={**lms.env, "LAB_STATE": str(tmp_path), "LMS_CFG": str(tmp_path / "lms.env.yml")},
            text=True,
            capture_output=True,
            check=True,
        )
        assert done.stdout.strip() == str(expected), name
