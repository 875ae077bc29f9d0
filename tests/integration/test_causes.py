# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cause that the doctor knows, made real in the lab: named as the root, and healed by doing what the fix says.

One converged lab serves all. A cause whose fix is a run of the playbook is taken back after it was named; one run then
heals all causes of a round together.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import sso_check
from causes import LAB, ONLINE, PLAYBOOK, PLAYBOOK_AND_ROW, Cause
from modules import run_apart
from runs import ROOT
from warm import target

PROVIDER = "third_party_auth_oauth2providerconfig"
APPLICATION = "oauth2_provider_application"
SITE_CONFIGURATION = "site_configuration_siteconfiguration"
RESTRICTED = "oauth_dispatch_restrictedapplication"
DASHBOARD_FLAG = "learner_home_mfe.enabled"
MANAGE = ("exec", "lms", "--", "python", "manage.py", "lms")
CAUSES = {cause.id: cause for cause in LAB}
# What runs a command that has a file of its own in the place of /etc/hosts; the file comes next.
WITH_HOSTS = ("unshare", "--map-root-user", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"')


class Clinic:
    """The lab, what the playbook gives the doctor to know of an app in it, and a way back to health in a moment."""

    def __init__(self, lab, app: str, *options: str):
        self.lab, self.app, self.options = lab, app, options
        self.dotenv = lab.state / app / ".env"
        #: Files in the place of /etc/hosts, for the whole machine and for the app alone.
        self.machine_hosts: Path | None = None
        self.app_hosts: Path | None = None
        #: What wins over the app's .env.
        self.environment: dict[str, str] = {}
        #: What the inventory says of the app by mistake.
        self.declared: dict[str, str] = {}
        self.open = ExitStack()
        self.arguments = self.ask()
        #: What a person would call to start and to restart a side, which fixes name.
        ctl = ("python", "lab/ctl.py")
        self.start = {side: [*ctl, "start", side] for side in ("lms", app)}
        self.restart = {side: [*ctl, "restart", side] for side in ("lms", app)}
        self.files = lab.digest()
        lab.save(f"healthy {app}")

    def ask(self) -> dict[str, Any]:
        """The doctor's own arguments, from a run of its playbook, which finds everything well."""
        where = ("-i", ROOT / "inventories/lab", "--limit", self.app, "-e", "sso_doctor_report_dir=", *self.options)
        less = ("-e", "sso_doctor_commands=false", "--tags", "hops")
        command = ("ansible-playbook", ROOT / "playbooks/doctor.yml", *where, *less, "-vvv")
        said = self.lab.ansible(*command, ANSIBLE_CALLBACK_RESULT_FORMAT="json").well().out
        found = re.findall(rf"^ok: \[{self.app}\] => (\{{$.*?^\}})$", said, re.MULTILINE | re.DOTALL)
        (result,) = (json.loads(text) for text in found if '"table"' in text)
        green(result, warned=self.app == "mitxonline")
        arguments = result["invocation"]["module_args"]
        return {name: value for name, value in arguments.items() if name not in ("target", "app_target")}

    def examine(self, login: bool = False) -> dict[str, Any]:
        """What the module says: in this process and with sides that are started already, where that is the same."""
        given = {
            **self.arguments,
            "app": {**self.arguments["app"], **self.commands(self.app), **self.declared},
            "lms": self.commands("lms"),
            "login": login,
            "commands": False,
        }
        if not (self.machine_hosts or self.app_hosts or self.environment):
            return self.lab.warm.run("lms", "sso_check", app_target=self.lab.warm.target(self.app), **given)
        *argv, python, program = target(self.app)["argv"]
        inside = (*self.wins(), python, program)
        app = {"argv": [*(within(self.app_hosts) if self.app_hosts else ()), *argv, *inside]}
        around = within(self.machine_hosts) if self.machine_hosts else ()
        return run_apart(sso_check, {**given, "target": target("lms"), "app_target": app}, self.lab.env, *around)

    def commands(self, side: str) -> dict[str, list[str]]:
        return {"start_argv": self.start[side], "restart_argv": self.restart[side]}

    def wins(self) -> list[str]:
        return ["env", *(f"{name}={value}" for name, value in self.environment.items())] if self.environment else []

    def forget(self) -> None:
        """Empty the LMS's cache, as a change in its admin does of what was changed."""
        shutil.rmtree(self.lab.state / "lms-cache", ignore_errors=True)

    def back(self) -> None:
        self.open.close()
        self.machine_hosts = self.app_hosts = None
        self.environment, self.declared = {}, {}
        self.lab.back_to(f"healthy {self.app}")


def within(hosts: Path) -> tuple[str, ...]:
    """What runs a command that has a file in the place of /etc/hosts."""
    return (*WITH_HOSTS, str(hosts))


@pytest.fixture(scope="module")
def xpro(lab):
    lab.back_to("converged")
    return Clinic(lab, "xpro")


@pytest.fixture
def clinic(xpro):
    """Each test leaves a lab that works."""
    yield xpro
    xpro.back()


# -- how each is broken ------------------------------------------------------------------------------------------------


def sql(side: str, statement: str, *values: Any) -> Callable:
    """A change of a database; the placeholders are as in the facts."""

    def make(clinic):
        clinic.lab.sql(side, statement, *(value.format(**names(clinic)) for value in values))
        clinic.forget()

    return make


def provider_row(**changes: Any) -> Callable:
    """A new row in the provider's history, as the admin's Update button makes it."""

    def make(clinic):
        insert_provider_row(clinic, **changes)
        clinic.forget()

    return make


def insert_provider_row(clinic, **changes: Any) -> None:
    lab = clinic.lab
    row = {**lab.one("lms", f"select * from {PROVIDER} order by id desc limit 1"), **changes}
    del row["id"]
    row["change_date"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    columns = ", ".join(f'"{name}"' for name in row)
    lab.sql("lms", f"insert into {PROVIDER} ({columns}) values ({', '.join('?' * len(row))})", *row.values())


def provider_on_default_site(enabled: int) -> Callable:
    def make(clinic):
        site = clinic.lab.one("lms", "select id from django_site where domain = 'example.com'")["id"]
        provider_row(site_id=site, enabled=enabled)(clinic)

    return make


def disable_on_other_sites(clinic) -> None:
    """In the history of each Site a row that disables, as the admin makes it."""
    here = clinic.lab.one("lms", "select id from django_site where domain = ?", names(clinic)["site"])["id"]
    for row in clinic.lab.sql("lms", f"select distinct site_id from {PROVIDER} where site_id != ?", here):
        provider_row(site_id=row["site_id"], enabled=0)(clinic)


def provider_settings(**changes: str) -> Callable:
    """The same with other addresses."""

    def make(clinic):
        row = clinic.lab.one("lms", f"select other_settings from {PROVIDER} order by id desc limit 1")
        changed = {name: value.format(**names(clinic)) for name, value in changes.items()}
        provider_row(other_settings=json.dumps({**json.loads(row["other_settings"]), **changed}))(clinic)

    return make


def env_line(name: str, value: str) -> Callable:
    def make(clinic):
        line = f"{name}={value.format(**names(clinic))}"
        text, count = re.subn(rf"^{name}=.*$", lambda _found: line, clinic.dotenv.read_text(), flags=re.MULTILINE)
        assert count == 1
        clinic.dotenv.write_text(text)

    return make


def private_py(*lines: str, restart: bool = True) -> Callable:
    """Lines at the end of private.py, below those of the collection."""

    def make(clinic):
        with (clinic.lab.envs / "private.py").open("a") as file:
            file.writelines(line.format(**names(clinic)) + "\n" for line in lines)
        if restart:
            clinic.lab.ctl("restart", "lms")

    return make


def third_party_auth_off(clinic) -> None:
    (clinic.lab.envs / "private.py").write_text("ENABLE_THIRD_PARTY_AUTH = False\n")
    clinic.lab.ctl("restart", "lms")


def without_backend(clinic, restart: bool = True) -> None:
    (clinic.lab.envs / "private.py").write_text("# emptied by hand\n")
    if restart:
        clinic.lab.ctl("restart", "lms")


def private_py_as_it_was(clinic) -> None:
    path = clinic.lab.envs / "private.py"
    path.write_bytes(clinic.files[str(path.relative_to(clinic.lab.state))])
    clinic.lab.ctl("restart", "lms")


def second_application(side: str, name: str) -> Callable:
    def make(clinic):
        row = clinic.lab.one(side, f"select * from {APPLICATION} where name = ?", name)
        del row["id"]
        row["client_id"] = "another"
        columns = ", ".join(row)
        clinic.lab.sql(
            side, f"insert into {APPLICATION} ({columns}) values ({', '.join('?' * len(row))})", *row.values()
        )

    return make


def redirect_uri(side: str, name: str, uri: str) -> Callable:
    return sql(side, f"update {APPLICATION} set redirect_uris = ? where name = '{name}'", uri)


def dashboard_elsewhere(clinic) -> None:
    """As Tutor's plugin mfe has it, which turns the flag on in its init."""
    private_py('LEARNER_HOME_MICROFRONTEND_URL = "http://127.0.0.1:9/learner-dashboard/"')(clinic)
    clinic.lab.ctl(*MANAGE, "waffle_flag", "--create", "--everyone", DASHBOARD_FLAG)


def token_expires(days: float) -> Callable:
    def make(clinic):
        expires = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f")
        clinic.lab.sql("lms", "update oauth2_provider_accesstoken set expires = ?", expires)

    return make


def token_of_edx(clinic) -> None:
    token = "token-of-somebody-else-0123456789"
    clinic.lab.sql(
        "lms",
        "insert into oauth2_provider_accesstoken (token, expires, scope, user_id, created, updated) select ?, "
        "'2099-01-01', '', id, '2026-01-01', '2026-01-01' from auth_user where username = 'edx'",
        token,
    )
    env_line("OPENEDX_SERVICE_WORKER_API_TOKEN", token)(clinic)


def worker(change: str) -> Callable:
    return sql("lms", f"update auth_user set {change} where username = 'xpro_serviceworker'")


def person(password: str, profile: bool) -> Callable:
    """Somebody whom the LMS knows through the app."""

    def make(clinic):
        clinic.lab.sql(
            "lms",
            "insert into auth_user (username, email, password, first_name, last_name, is_superuser, is_staff, "
            "is_active, "
            "date_joined) values ('ann', 'ann@example.org', ?, '', '', 0, 0, 1, '2026-01-01')",
            password,
        )
        tie("ann")(clinic)
        if profile:
            add_profile("ann")(clinic)

    return make


def tie(username: str) -> Callable:
    return sql(
        "lms",
        "insert into social_auth_usersocialauth (provider, uid, user_id, created, modified, extra_data) select "
        f"'ol-oauth2', username, id, '2026-01-01', '2026-01-01', '{{}}' from auth_user where username = '{username}'",
    )


def add_profile(username: str) -> Callable:
    return sql(
        "lms",
        "insert into auth_userprofile (name, user_id) select username, id from auth_user where "
        f"username = '{username}'",
    )


def stale_registry(clinic) -> None:
    """A row that came past the LMS, whose server still has the one before."""
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"{clinic.lab.lms}/login", timeout=30).close()
    clinic.examine()
    insert_provider_row(clinic)


def hosts_file(clinic, *lines: str) -> Path:
    """A file for the place of /etc/hosts; whoever cannot have one, or resolves the name all the same, is skipped."""
    path = clinic.lab.state.with_name("hosts")
    path.write_text("".join(f"{line}\n" for line in lines))
    look = "import socket; socket.gethostbyname('localhost')"
    command = [*within(path), sys.executable, "-c", look]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("this machine has no unshare, which gives a process an /etc/hosts of its own")
    decides = done.returncode == 0 if lines else "gaierror" in done.stderr
    if not decides:
        pytest.skip(f"here no process can have an /etc/hosts of its own that decides: {done.stderr[-200:]}")
    return path


def no_line_for_the_machine(clinic) -> None:
    clinic.machine_hosts = hosts_file(clinic)


def no_line_for_the_app(clinic) -> None:
    clinic.app_hosts = hosts_file(clinic)


def firewall(clinic) -> None:
    """An address of this machine at which connections are neither accepted nor refused: a queue of one, and full."""
    clinic.app_hosts = hosts_file(clinic, "127.0.0.2 localhost")
    door = clinic.door = clinic.open.enter_context(socket.socket())
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.2", int(names(clinic)["lms_port"])))
    door.listen(0)
    for _place in range(2):
        waiting = clinic.open.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(door.getsockname())


def let_through(clinic) -> None:
    address, there = clinic.door.getsockname(), ("localhost", int(names(clinic)["lms_port"]))
    clinic.open.close()

    class Through(BaseRequestHandler):
        """Hands on what it gets, both ways."""

        def handle(self):
            with socket.create_connection(there) as lms:
                back = Thread(target=pour, args=(lms, self.request), daemon=True)
                back.start()
                pour(self.request, lms)
                back.join()

    ThreadingTCPServer.allow_reuse_address = True
    server = clinic.open.enter_context(ThreadingTCPServer(address, Through))
    clinic.open.callback(server.shutdown)
    Thread(target=server.serve_forever, daemon=True).start()


def pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def environment_wins(clinic) -> None:
    clinic.environment = {
        "OPENEDX_API_BASE_URL": f"http://127.0.0.1:{names(clinic)['lms_port']}",
        "OPENEDX_SERVICE_WORKER_API_TOKEN": "set-in-the-compose-file",
    }


# What openedx-companion-auth does, with an allow list that its reader forgot the admin in.
COMPANION = """
import re

from django.conf import settings
from django.shortcuts import redirect


def send_away(get_response):
    def middleware(request):
        allowed = any(re.match(pattern, request.path) for pattern in settings.MITX_REDIRECT_ALLOW_RE_LIST)
        if settings.MITX_REDIRECT_ENABLED and not request.user.is_authenticated and not allowed:
            return redirect("/auth/login/ol-oauth2/?auth_entry=login")
        return get_response(request)

    return middleware
"""


def companion(clinic) -> None:
    (clinic.lab.envs / "mit_apps" / "companion_stand_in.py").write_text(COMPANION)
    private_py(
        "from lms.envs.devstack import MIDDLEWARE",
        'MIDDLEWARE = [*MIDDLEWARE, "lms.envs.mit_apps.companion_stand_in.send_away"]',
        'MITX_REDIRECT_ENABLED, MITX_REDIRECT_ALLOW_RE_LIST = True, ["^/api", "^/auth", "^/oauth2", "^/user_api"]',
    )(clinic)


def use_up_registrations(clinic) -> None:
    path = clinic.lab.envs / "mit_apps" / "shared.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "registration_ratelimit": "2/7d"}))
    clinic.lab.ctl("restart", "lms")
    for _attempt in range(3):
        form = urllib.parse.urlencode({"username": "x"}).encode()
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{clinic.lab.lms}/user_api/v1/account/registration/", form, timeout=30).close()


def ctl(*words: str) -> Callable:
    return lambda clinic: clinic.lab.ctl(*words)


def database_away(side: str) -> Callable:
    """Something that is no database in its place, until the test is over or the fix is followed."""

    def make(clinic):
        path = clinic.lab.database(side)
        away = path.rename(path.with_suffix(".away"))
        path.mkdir()
        clinic.open.callback(lambda: (path.rmdir(), away.rename(path)))

    return make


def cache_down(clinic) -> None:
    marker = clinic.lab.state / "lms-cache.down"
    marker.touch()
    clinic.open.callback(marker.unlink)


def provider_scope(clinic) -> None:
    row = clinic.lab.one("lms", f"select other_settings from {PROVIDER} order by id desc limit 1")
    provider_row(other_settings=json.dumps({**json.loads(row["other_settings"]), "SCOPE": ["nobody:has"]}))(clinic)


def app_https_only(clinic) -> None:
    with clinic.dotenv.open("a") as file:
        file.write("\nMITXPRO_SECURE_SSL_REDIRECT=True\n")
    clinic.lab.ctl("restart", "xpro")


def app_env_as_it_was(clinic) -> None:
    clinic.dotenv.write_bytes(clinic.files["xpro/.env"])
    clinic.lab.ctl("restart", "xpro")


HASH = "pbkdf2_sha256$1000$salt$aGFzaA=="
HOW: dict[str, Callable] = {
    "app-env-incomplete": env_line("MAILGUN_KEY", ""),
    "backend-path-wrong": private_py(
        'AUTHENTICATION_BACKENDS = ["ol_social.backends.OLOAuth2", *AUTHENTICATION_BACKENDS]', restart=False
    ),
    "etc-hosts-line-missing": no_line_for_the_machine,
    "lms-not-running": ctl("stop", "lms"),
    "app-not-running": ctl("stop", "xpro"),
    "extra-hosts-missing": no_line_for_the_app,
    "firewall": firewall,
    "environment-wins": environment_wins,
    "app-client-id-wrong": env_line("OPENEDX_API_CLIENT_ID", "an-id-that-no-application-has"),
    "app-provider-name": env_line("OPENEDX_OAUTH_PROVIDER", "mitxpro-oauth2"),
    "cookie-domain": env_line("OPENEDX_API_BASE_URL", "http://127.0.0.1:{lms_port}"),
    "app-application-missing": sql("xpro", f"delete from {APPLICATION}"),
    "app-application-twice": second_application("xpro", "edx-oauth-app"),
    "app-redirect-scheme": redirect_uri("xpro", "edx-oauth-app", "https://{site}/auth/complete/ol-oauth2/"),
    "app-redirect-port": redirect_uri("xpro", "edx-oauth-app", "http://{lms_host}:9999/auth/complete/ol-oauth2/"),
    "app-redirect-slash": redirect_uri("xpro", "edx-oauth-app", "{lms}/auth/complete/ol-oauth2"),
    "lms-host-wrong": private_py('LMS_ROOT_URL = "http://www.myopenedx.com:{lms_port}"'),
    "lms-cookie-domain": private_py('SESSION_COOKIE_DOMAIN = "www.myopenedx.com"'),
    "lms-cookie-samesite": private_py('SESSION_COOKIE_SAMESITE = "None"'),
    "lms-cookie-secure": private_py("SESSION_COOKIE_SECURE = True"),
    "settings-replaced": private_py(
        'AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]'
    ),
    "settings-replaced-comfort": private_py('REGISTRATION_RATELIMIT = "60/7d"'),
    "lms-host-changed": sql("lms", "update django_site set domain = 'old.openedx.io:8000' where domain = ?", "{site}"),
    "lms-application-twice": second_application("lms", "xpro-oauth-app"),
    "lms-redirect-scheme": redirect_uri(
        "lms", "xpro-oauth-app", "https://{app_host}:{app_port}/login/_private/complete"
    ),
    "lms-redirect-port": redirect_uri("lms", "xpro-oauth-app", "http://{app_host}:9999/login/_private/complete"),
    "lms-redirect-slash": redirect_uri("lms", "xpro-oauth-app", "{app}/login/_private/complete/"),
    "backend-missing": without_backend,
    "backend-in-server-only": lambda clinic: without_backend(clinic, restart=False),
    "provider-other-site": sql(
        "lms", f"update {PROVIDER} set site_id = (select id from django_site where domain = 'example.com')"
    ),
    "provider-two-sites": provider_on_default_site(enabled=1),
    "provider-missing": sql("lms", f"delete from {PROVIDER}"),
    "provider-disabled": provider_row(enabled=0),
    "provider-stale-gateway": provider_settings(API_ROOT="http://127.0.0.99:{app_port}/"),
    "backend-shared": provider_settings(
        AUTHORIZATION_URL="http://127.0.0.1:{other_port}/oauth2/authorize/",
        ACCESS_TOKEN_URL="http://127.0.0.1:{other_port}/oauth2/token/",
        API_ROOT="http://127.0.0.1:{other_port}/",
    ),
    "provider-discovery": provider_settings(DISCOVERY_URL="{app}/.well-known/openid-configuration"),
    "provider-unreadable": provider_row(other_settings="not json"),
    "provider-slug": provider_row(slug="xpro"),
    "registry-stale": stale_registry,
    "worker-inactive": worker("is_active = 0"),
    "worker-not-staff": worker("is_staff = 0"),
    "worker-disabled": worker("password = '!unusable'"),
    "worker-superuser": worker("is_superuser = 1"),
    "worker-without-profile": sql(
        "lms",
        "delete from auth_userprofile where user_id = (select id from auth_user where username = 'xpro_serviceworker')",
    ),
    "token-missing": sql(
        "lms",
        "delete from oauth2_provider_accesstoken where user_id = (select id from auth_user where username = "
        "'xpro_serviceworker')",
    ),
    "token-unknown": env_line("OPENEDX_SERVICE_WORKER_API_TOKEN", "a-token-that-nobody-has-ever-made"),
    "token-of-somebody-else": token_of_edx,
    "token-expired": token_expires(-3),
    "token-expiring": token_expires(5.03),
    "person-locked": person("!unusable", profile=True),
    "person-without-profile": person(HASH, profile=False),
    "superuser-taken": sql("xpro", "update users_user set email = 'edx@example.org' where username = 'learner'"),
    "superuser-free": sql("lms", "update auth_user set email = 'edx@openedx.org' where username = 'edx'"),
    "app-secret-wrong": env_line("OPENEDX_API_CLIENT_SECRET", "a-secret-that-no-application-has"),
    "app-secret-hashed": env_line("OPENEDX_API_CLIENT_SECRET", f"'{HASH}'"),
    "secret-hashed": provider_row(secret=HASH),
    "secret-wrong": provider_row(secret="typed-into-the-admin"),
    "server-older": lambda clinic: (
        without_backend(clinic),
        (clinic.lab.envs / "private.py").write_bytes(clinic.files["lms/lms/envs/private.py"]),
    ),
    "application-restricted": sql(
        "lms", f"insert into {RESTRICTED} (application_id) select id from {APPLICATION} where name = 'xpro-oauth-app'"
    ),
    "admins-locked-out": companion,
    "admin-login-not-served": private_py(
        'AUTHN_MICROFRONTEND_URL = "http://127.0.0.1:9/authn"', "ENABLE_AUTHN_MICROFRONTEND = True"
    ),
    "dashboard-not-served": dashboard_elsewhere,
    "dashboard-out-of-reach": lambda clinic: (
        dashboard_elsewhere(clinic),
        env_line("OPENEDX_SOCIAL_LOGIN_PATH", "'/auth/login/ol-oauth2/?auth_entry=login'")(clinic),
    ),
    "registrations-used-up": use_up_registrations,
    "app-database-down": database_away("xpro"),
    "lms-database-down": database_away("lms"),
    "lms-database-read-only": private_py(
        "from lms.envs.devstack import DATABASES",
        'DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA query_only = ON"',
    ),
    "cache-down": cache_down,
    "redirect-is-https": private_py("SOCIAL_AUTH_REDIRECT_IS_HTTPS = True"),
    "lms-cookie-path": private_py('SESSION_COOKIE_PATH = "/courses"'),
    "third-party-auth-replaced": private_py("ENABLE_THIRD_PARTY_AUTH = False"),
    "third-party-auth-off": third_party_auth_off,
    "site-configuration": sql(
        "lms",
        f"insert into {SITE_CONFIGURATION} (id, enabled, site_values, site_id) "
        "select 1, 1, '{\"ALLOW_PUBLIC_ACCOUNT_CREATION\": false}', id from django_site where domain = ?",
        "{site}",
    ),
    "lms-not-migrated": sql("lms", f"alter table {PROVIDER} drop column was_valid_at"),
    "lms-proxy": private_py("import os", 'os.environ["HTTP_PROXY"] = "http://somebody:secret@127.0.0.1:9"'),
    "lms-host-not-allowed": private_py('ALLOWED_HOSTS, DEBUG = ["local.openedx.io"], False'),
    "app-https-only": app_https_only,
    "provider-scope": provider_scope,
    "registration-by-login-only": private_py("ENABLE_REQUIRE_THIRD_PARTY_AUTH = True"),
    "registration-fields": private_py(
        'REGISTRATION_EXTRA_FIELDS = {{"city": "required", "country": "hidden", "honor_code": "required"}}'
    ),
    "registration-emails": private_py('REGISTRATION_EMAIL_PATTERNS_ALLOWED = ["nobody"]'),
    "emails-whitelisted": private_py('SOCIAL_AUTH_OL_OAUTH2_WHITELISTED_DOMAINS = ["mit.edu"]'),
}
HOW_ONLINE: dict[str, Callable] = {
    "links-elsewhere": lambda clinic: (
        env_line("OPENEDX_COURSE_BASE_URL", "http://edx.odl.local:18000/learn/course/")(clinic),
        clinic.lab.ctl("restart", "mitxonline"),
    ),
    # It is so as long as there is no gateway.
    "no-login-page": lambda clinic: None,
    "discovery-missing": lambda clinic: (
        clinic.declared.update(discovery_url=f"{clinic.lab.online}/nowhere"),
        provider_settings(DISCOVERY_URL="{app}/nowhere")(clinic),
    ),
    "discovery-elsewhere": lambda clinic: (
        env_line("MITXONLINE_DOCKER_BASE_URL", "http://host.docker.internal:9080")(clinic),
        clinic.lab.ctl("restart", "mitxonline"),
    ),
}
# What the test does of what the fix names, where that is not a run of the playbook.
BY_HAND: dict[str, Callable] = {
    "backend-path-wrong": private_py_as_it_was,
    "etc-hosts-line-missing": lambda clinic: hosts_file(clinic, "127.0.0.1 localhost"),
    "lms-not-running": ctl("start", "lms"),
    "app-not-running": ctl("start", "xpro"),
    "extra-hosts-missing": lambda clinic: hosts_file(clinic, "127.0.0.1 localhost"),
    "firewall": let_through,
    "environment-wins": lambda clinic: clinic.environment.clear(),
    "app-application-twice": sql("xpro", f"delete from {APPLICATION} where client_id = 'another'"),
    "lms-host-wrong": private_py_as_it_was,
    "lms-cookie-domain": private_py('SESSION_COOKIE_DOMAIN = "{lms_host}"'),
    "lms-cookie-samesite": private_py('SESSION_COOKIE_SAMESITE = "Lax"'),
    "lms-cookie-secure": private_py("SESSION_COOKIE_SECURE = False"),
    "settings-replaced": private_py_as_it_was,
    "settings-replaced-comfort": private_py_as_it_was,
    "lms-application-twice": sql("lms", f"delete from {APPLICATION} where client_id = 'another'"),
    "provider-two-sites": provider_on_default_site(enabled=0),
    "registry-stale": lambda clinic: clinic.forget(),
    "worker-superuser": worker("is_superuser = 0"),
    "person-locked": sql("lms", f"update auth_user set password = '{HASH}' where username = 'ann'"),
    "person-without-profile": add_profile("ann"),
    "superuser-taken": sql("lms", "update auth_user set email = 'edx@example.com' where username = 'edx'"),
    "superuser-free": tie("edx"),
    "app-database-down": lambda clinic: clinic.open.close(),
    "lms-database-down": lambda clinic: clinic.open.close(),
    "lms-database-read-only": private_py_as_it_was,
    "cache-down": lambda clinic: clinic.open.close(),
    "redirect-is-https": private_py_as_it_was,
    "lms-cookie-path": private_py_as_it_was,
    "third-party-auth-replaced": private_py_as_it_was,
    "site-configuration": sql("lms", f"update {SITE_CONFIGURATION} set site_values = '{{}}'"),
    "lms-not-migrated": sql("lms", f"alter table {PROVIDER} add column was_valid_at datetime"),
    "lms-proxy": private_py_as_it_was,
    "lms-host-not-allowed": private_py_as_it_was,
    "app-https-only": app_env_as_it_was,
    "registration-by-login-only": private_py_as_it_was,
    "registration-fields": private_py_as_it_was,
    "registration-emails": private_py_as_it_was,
    "emails-whitelisted": private_py_as_it_was,
    "server-older": ctl("restart", "lms"),
    "application-restricted": sql("lms", f"delete from {RESTRICTED}"),
    "admins-locked-out": private_py("MITX_REDIRECT_ENABLED = False"),
    "admin-login-not-served": private_py("ENABLE_AUTHN_MICROFRONTEND = False"),
    "dashboard-not-served": lambda clinic: clinic.lab.ctl(*MANAGE, "waffle_flag", "--deactivate", DASHBOARD_FLAG),
    "dashboard-out-of-reach": env_line(
        "OPENEDX_SOCIAL_LOGIN_PATH", "'/auth/login/ol-oauth2/?auth_entry=login&next=/api/user/v1/me'"
    ),
}
# Causes that one run heals together: they are of different rows, fields and settings.
ROUNDS = [
    [
        "lms-host-changed",
        "backend-missing",
        "app-redirect-slash",
        "lms-redirect-slash",
        "token-expired",
        "app-secret-wrong",
        "cookie-domain",
        "app-env-incomplete",
        "worker-not-staff",
        # Not beside a provider row that is missing: without a row the name in the .env is the app's name.
        "app-provider-name",
    ],
    [
        "provider-other-site",
        "backend-in-server-only",
        "app-redirect-port",
        "lms-redirect-port",
        "token-unknown",
        "app-client-id-wrong",
        "worker-inactive",
        "worker-without-profile",
    ],
    ["third-party-auth-off", "provider-missing", "registrations-used-up", "app-application-missing", "token-missing"],
    ["provider-disabled", "provider-unreadable", "secret-hashed", "provider-slug", "token-of-somebody-else"],
    [
        "secret-wrong",
        "provider-scope",
        "provider-discovery",
        "backend-shared",
        "provider-stale-gateway",
        "app-redirect-scheme",
        "lms-redirect-scheme",
        "token-expiring",
        "app-secret-hashed",
        "worker-disabled",
    ],
]


# -- the tests ---------------------------------------------------------------------------------------------------------


def names(clinic) -> dict[str, str]:
    """What the placeholders stand for in this lab."""
    lms, app = clinic.lab.lms.partition("//")[2], clinic.arguments["app"]["base_url"].partition("//")[2]
    host, restart = lms.partition(":")[0], f"the app ({' '.join(clinic.restart[clinic.app])})"
    mapped = (
        "Let {0} lead to this machine where the app runs (its /etc/hosts, or extra_hosts: "
        '["{0}:host-gateway"] of its container)'
    )
    return {
        "lms": clinic.lab.lms,
        "site": lms,
        "lms_host": host,
        "lms_port": lms.partition(":")[2],
        "app": f"http://{app}",
        "app_host": app.partition(":")[0],
        "app_port": app.partition(":")[2],
        "other_port": clinic.lab.online.rpartition(":")[2],
        "dotenv": str(clinic.dotenv),
        # The lab's processes are targets of type command.
        "lms_start": " ".join(clinic.start["lms"]),
        "lms_restart": " ".join(clinic.restart["lms"]),
        "app_start": " ".join(clinic.start[clinic.app]),
        "Set_host": f"Set LMS_ROOT_URL and SESSION_COOKIE_DOMAIN in the LMS's settings to the host {host}",
        "app_log": "the app's log",
        "reread": f"restart {restart}",
        "Reread": f"Restart {restart}",
        "env_wins": "what starts the app sets them itself, which wins over the .env: take it out there",
        "Map_lms": mapped.format(host),
        "apply_lms": f"restart the LMS ({' '.join(clinic.restart['lms'])})",
        "Migrate_lms": "Run the migrations of the LMS.",
        "Start_app_database": f"See that {clinic.lab.database(clinic.app)} is a file that the app can read and write.",
        "Start_lms_database": f"See that {clinic.lab.database('lms')} is a file that the LMS can read and write.",
        "Start_cache": f"Start the cache at {clinic.lab.state / 'lms-cache'}.",
    }


def named(clinic, cause: Cause, result: dict[str, Any]) -> None:
    """The doctor names the cause, with its fact and its fix, as the root; of a warning, that nothing is broken."""
    hops = {hop["id"]: hop for hop in result["hops"]}
    fact, fix = cause.fact.format(**names(clinic)), cause.fix.format(**names(clinic))
    said = "\n".join(result["table"])
    assert hops[cause.hop]["status"] == cause.status, said
    assert result["first_failed"].get("id") == (cause.hop if cause.status == "failed" else None), said
    assert re.search(".*".join(map(re.escape, fact.split("…"))), hops[cause.hop]["fact"]), said
    assert hops[cause.hop]["fix"] == fix


def green(result: dict[str, Any], warned: bool = False) -> None:
    assert (result["ok"], bool(result["summary"]["warning"])) == (True, warned), "\n".join(result["table"])


def test_the_lists_are_of_the_same_causes():
    assert set(HOW) == set(CAUSES)
    assert set(BY_HAND) == {cause.id for cause in LAB if not cause.healed.startswith(PLAYBOOK)}
    rounds = [name for names in ROUNDS for name in names]
    assert sorted(rounds) == sorted(cause.id for cause in LAB if cause.healed.startswith(PLAYBOOK))


@pytest.mark.parametrize("cause", LAB, ids=lambda cause: cause.id)
def test_the_doctor_names_it(clinic, cause):
    HOW[cause.id](clinic)
    named(clinic, cause, clinic.examine(login=cause.login))
    if cause.id in BY_HAND:
        BY_HAND[cause.id](clinic)
        # The page at the end of a browser's way is still out of reach then, which hurts nobody.
        green(clinic.examine(login=cause.login), warned=cause.id == "dashboard-out-of-reach")


@pytest.mark.parametrize("round_", ROUNDS, ids=lambda round_: round_[0])
def test_one_run_heals(clinic, round_):
    login = any(CAUSES[name].login for name in round_)
    for name in round_:
        HOW[name](clinic)
    hops = {hop["id"]: hop["status"] for hop in clinic.examine(login=login)["hops"]}
    assert [name for name in round_ if hops[CAUSES[name].hop] == "ok"] == []
    clinic.lab.playbook().well()
    if any(CAUSES[name].healed == PLAYBOOK_AND_ROW for name in round_):
        green(clinic.examine(login=login), warned=True)
        disable_on_other_sites(clinic)
    green(clinic.examine(login=login))


@pytest.fixture(scope="module")
def mitxonline(lab):
    lab.back_to("converged")
    options = ("-e", f"mit_app_discovery_url={lab.online}/.well-known/openid-configuration")
    lab.playbook(*options, book="mitxonline").well()
    return Clinic(lab, "mitxonline", *options)


@pytest.fixture
def online_clinic(mitxonline):
    yield mitxonline
    mitxonline.back()


@pytest.mark.parametrize("cause", ONLINE, ids=lambda cause: cause.id)
def test_the_doctor_names_it_of_mitx_online(online_clinic, cause):
    HOW_ONLINE[cause.id](online_clinic)
    named(online_clinic, cause, online_clinic.examine())
    # Who gave a wrong one corrects it.
    online_clinic.declared.clear()
    online_clinic.lab.playbook(*online_clinic.options, book="mitxonline").well()
    # Without the gateway there is no login page, which no run makes.
    green(online_clinic.examine(), warned=True)
