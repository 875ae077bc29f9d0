#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded lab as local processes: a stand-in LMS and stand-in MIT apps, without Docker and without root.

    lab/ctl.py up              make what is missing, start what is not running
    lab/ctl.py down            stop everything
    lab/ctl.py reset           stop everything and forget all data
    lab/ctl.py start|stop|restart NAME     one side: lms, xpro, mitxonline (with its gateway, where its .env wants it)
    lab/ctl.py exec NAME -- COMMAND...     run a command where `docker compose exec` would run it
    lab/ctl.py status|urls|setup

Environment: LAB_STATE (the directory of one lab, default `.lab/state`), LAB_PORT_OFFSET (added to every port,
default 0), LAB_APPS (what `up` starts beside the LMS, default `xpro`; what was started before is started again; more
apps of the kind of xpro are app03, app04 and so on, which only this variable makes known), LAB_RELOAD (start servers
with the reloader of Django).
Standard library only; Linux and macOS.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent / ".lab"
STATE = Path(os.environ.get("LAB_STATE") or HOME / "state").absolute()
OFFSET = int(os.environ.get("LAB_PORT_OFFSET") or 0)
START_SECONDS = 30


class LabError(Exception):
    """What went wrong and what to do, for a person."""


class Side(ABC):
    """One of the two halves: its code, its Python, its address, and how it is prepared and served."""

    name: str
    source: str
    host: str
    port: int

    @property
    def python(self) -> Path:
        return HOME / f"venv-{self.source}" / "bin" / "python"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port + OFFSET}"

    @property
    def template(self) -> str:
        """Sides with the same one begin with the same tables."""
        return self.source

    @property
    def home(self) -> Path:
        """The directory that a user would call the checkout: what is edited by hand lies here."""
        return STATE / self.name

    @property
    def database(self) -> Path:
        return STATE / f"{self.name}.sqlite3"

    @property
    def log(self) -> Path:
        return STATE / f"{self.name}.log"

    @property
    def pidfile(self) -> Path:
        return STATE / f"{self.name}.pid"

    @abstractmethod
    def environment(self) -> dict[str, str]: ...

    @abstractmethod
    def prepare(self) -> None: ...

    @property
    @abstractmethod
    def code(self) -> Path: ...

    @abstractmethod
    def manage(self) -> list[str]: ...

    def server(self) -> list[str]:
        """The command that serves this side."""
        once = [] if os.environ.get("LAB_RELOAD") else ["--noreload"]
        serve = ["runserver", *once, f"127.0.0.1:{self.port + OFFSET}"]
        return [str(self.python), *self.manage(), *serve]

    def missing(self) -> str:
        """Why the server cannot be started yet; empty when it can."""
        return ""

    def env(self) -> dict[str, str]:
        keep = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")}
        path = f"{self.python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {**keep, "PATH": path, "LAB_STATE": str(STATE), "PYTHONUNBUFFERED": "1", **self.environment()}

    def run(self, *command: str, **extra: str) -> None:
        """A command of the side; its output is kept for the message when it fails."""
        done = subprocess.run(
            [str(self.python), *command],
            cwd=self.code,
            env={**self.env(), **extra},
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise LabError(f"{self.name}: {' '.join(command)} failed ({done.returncode}):\n{tail}")

    # -- the server ----------------------------------------------------------------------------------------------------

    def pid(self) -> int | None:
        """The process id of the running server, which holds a lock: without it the number is a stranger's."""
        with contextlib.suppress(FileNotFoundError, ValueError), self.pidfile.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read())
        return None

    def answers(self) -> bool:
        # Any answer, a redirect to where nobody listens included.
        with contextlib.closing(http.client.HTTPConnection(self.host, self.port + OFFSET, timeout=5)) as connection:
            try:
                connection.request("GET", "/api/user/v1/me")
                connection.getresponse()
            except (OSError, http.client.HTTPException):
                return False
        return True

    def start(self) -> str:
        if self.pid():
            return "running"
        if reason := self.missing():
            return f"not started: {reason}"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port + OFFSET))
            except OSError:
                raise LabError(
                    f"{self.name}: port {self.port + OFFSET} is in use by another program. Stop that program, or "
                    f"choose other ports for the whole lab with one variable: LAB_PORT_OFFSET={OFFSET + 100}"
                ) from None
        with self.log.open("a") as log, self.pidfile.open("w") as pidfile:
            # The server has this open as long as it lives, and with it the lock.
            fcntl.flock(pidfile, fcntl.LOCK_EX)
            server = subprocess.Popen(
                self.server(),
                cwd=self.code,
                env=self.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(pidfile.fileno(),),
            )
            pidfile.write(str(server.pid))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if server.poll() is not None:
                self.pidfile.unlink(missing_ok=True)
                tail = "\n".join(self.log.read_text().splitlines()[-12:])
                raise LabError(f"{self.name}: the server ended at once. The end of {self.log}:\n{tail}")
            if self.answers():
                return "started"
            time.sleep(0.1)
        raise LabError(f"{self.name}: no answer at {self.url} within {START_SECONDS} seconds; see {self.log}")

    def stop(self) -> str:
        pid = self.pid()
        if pid is None:
            return "not running"
        os.kill(pid, signal.SIGTERM)
        for _attempt in range(100):
            if self.pid() is None:
                break
            # A server that this very process started stays a zombie until it is waited for.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)
        else:
            os.kill(pid, signal.SIGKILL)
        self.pidfile.unlink(missing_ok=True)
        return "stopped"

    def reset(self) -> None:
        """As if it had never been there; `up` makes it anew."""
        say(f"{self.name}: {self.stop()}")
        shutil.rmtree(self.home, ignore_errors=True)
        self.database.unlink(missing_ok=True)
        # That there is a log says to inventories/lab that this side belongs to the lab.
        self.log.unlink(missing_ok=True)


class Lms(Side):
    name, source, host, port = "lms", "lms", "localhost", 8000

    @property
    def code(self) -> Path:
        return self.home

    def manage(self) -> list[str]:
        return ["manage.py", "lms"]

    def environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "lms.envs.tutor.development",
            "LAB_LMS_HOST": self.host,
            "LAB_LMS_PORT": str(self.port + OFFSET),
            "LAB_DATABASE_URL": f"sqlite:///{self.database}",
        }

    def prepare(self) -> None:
        # A copy, like a mounted edx-platform: lms/envs/private.py is written there and not into this repository.
        copy_new(HERE / self.source, self.home)
        seeded(self, [["lms", "migrate", "--noinput"], ["lms", "lab_seed"]])

    def reset(self) -> None:
        super().reset()
        shutil.rmtree(STATE / "lms-cache", ignore_errors=True)


class App(Side):
    source, host = "app", "127.0.0.1"

    def __init__(self, name: str, mode: str, port: int, settings: str, base_url: str, required: tuple[str, ...]):
        self.name, self.mode, self.port, self.settings, self.base_url = name, mode, port, settings, base_url
        self.required = required

    @property
    def template(self) -> str:
        return self.mode

    @property
    def code(self) -> Path:
        return HERE / self.source

    def manage(self) -> list[str]:
        return ["manage.py"]

    @property
    def dotenv(self) -> Path:
        return self.home / ".env"

    def environment(self) -> dict[str, str]:
        """As compose does it: `environment:` of the compose file wins over the `.env` file of the user."""
        file = dict(read_dotenv(self.dotenv))
        return {
            **file,
            "LAB_APP_MODE": self.mode,
            "DJANGO_SETTINGS_MODULE": self.settings,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "local_unsafe_key",
            self.base_url: file.get(self.base_url) or self.url,
        }

    def reset(self) -> None:
        super().reset()
        # Somebody's checkout stays; what was in it is the app's own.
        self.home.mkdir(parents=True)

    def missing(self) -> str:
        lacking = [name for name in self.required if not self.environment().get(name)]
        return f"{self.dotenv} lacks {', '.join(lacking)} (the playbook sets them)" if lacking else ""

    def prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.dotenv.exists():
            shutil.copy(self.code / f"{self.mode}.env.example", self.dotenv)
        placeholders = dict.fromkeys(self.required, "1")
        seeded(self, [["migrate", "--noinput"], ["lab_seed"]], **placeholders)


class Online(App):
    """MITx Online, with its gateway where the profiles of compose in its .env say so."""

    def start(self) -> str:
        state = super().start()
        self.gateway.start()
        return state

    def stop(self) -> str:
        self.gateway.stop()
        return super().stop()

    @property
    def gateway(self) -> Gateway:
        return Gateway(self)


class Gateway(Side):
    """The stand-in of APISIX and Keycloak."""

    name, source, host, port = "gateway", "gateway", "127.0.0.1", 9080

    def __init__(self, app: App):
        self.app = app

    @property
    def code(self) -> Path:
        return HERE / self.source

    def manage(self) -> list[str]:
        return []

    def prepare(self) -> None:
        pass

    def server(self) -> list[str]:
        return [sys.executable, "gateway.py"]

    def environment(self) -> dict[str, str]:
        file = dict(read_dotenv(self.app.dotenv))
        return {
            **{name: value for name, value in file.items() if name.startswith("KEYCLOAK_")},
            "UPSTREAM": self.app.url,
            "APISIX_PORT": str(self.port + OFFSET),
            "KEYCLOAK_PORT": str(7080 + OFFSET),
        }

    def missing(self) -> str:
        profiles = dict(read_dotenv(self.app.dotenv)).get("COMPOSE_PROFILES", "").split(",")
        return "" if {"apisix", "keycloak"} <= set(profiles) else f"{self.app.dotenv} does not want it"


COMMON = ("MAILGUN_KEY", "MAILGUN_SENDER_DOMAIN", "OPENEDX_API_CLIENT_ID", "OPENEDX_API_CLIENT_SECRET")
APPS = (os.environ.get("LAB_APPS") or "xpro").split(",")


def xpro(name: str, port: int) -> App:
    required = (*COMMON, "EXTERNAL_COURSE_SYNC_API_KEY", "VOUCHER_COMPANY_ID")
    return App(name, "mitxpro", port, "mitxpro.settings", "MITXPRO_BASE_URL", required)


SIDES: dict[str, Side] = {
    "lms": Lms(),
    "xpro": xpro("xpro", 8053),
    "mitxonline": Online("mitxonline", "mitxonline", 8013, "main.settings", "MITX_ONLINE_BASE_URL", COMMON),
    **{name: xpro(name, 8100 + int(name[3:])) for name in APPS if re.fullmatch(r"app\d\d", name)},
}


def read_dotenv(path: Path) -> list[tuple[str, str]]:
    """The simple part of the .env format, enough for what the collection and the examples write."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        name, separator, value = line.removeprefix("export ").partition("=")
        if separator and not line.lstrip().startswith("#"):
            value = value.strip()
            quote = value[:1]
            if quote in ("'", '"') and value[-1:] == quote:
                value = re.sub(r"\\([\"\\])" if quote == '"' else r"\\(')", r"\1", value[1:-1])
            found.append((name.strip(), value))
    return found


def copy_new(source: Path, target: Path) -> None:
    """Bring a copy up to date; what was added to the copy stays."""
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return total.hexdigest()[:16]


def seeded(side: Side, commands: list[list[str]], **extra: str) -> None:
    """A migrated and then seeded database, each made once per state of the code and copied from then on.

    What is seeded has addresses in it, which differ between labs.
    """
    if side.database.exists():
        return
    (HOME / "templates").mkdir(parents=True, exist_ok=True)
    code = HOME / "templates" / f"{side.template}-{digest(HERE / side.source)}"
    with Path(f"{code}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for template, command in zip(
            (Path(f"{code}.sqlite3"), Path(f"{code}-{side.port + OFFSET}.sqlite3")), commands, strict=True
        ):
            if template.exists():
                shutil.copy(template, side.database)
                continue
            try:
                side.run("manage.py", *command, **extra)
            except BaseException:
                side.database.unlink(missing_ok=True)
                raise
            shutil.copy(side.database, template)


def install(source: str) -> None:
    """A virtual environment of its own for each side: the two pin different major versions of django-oauth-toolkit."""
    requirements = HERE / source / "requirements.txt"
    venv = HOME / f"venv-{source}"
    stamp, wanted = venv / "installed", requirements.read_text()
    # Whichever Python runs this: tests of several versions of ansible-core share one lab.
    if (venv / "bin" / "python").exists() and stamp.exists() and stamp.read_text().endswith(wanted):
        return
    say(f"{source}: installing its Python packages")
    shutil.rmtree(venv, ignore_errors=True)
    packages = [HERE.parent / "tools/packages.py", f"lab: {source}", venv, "-r", requirements]
    if subprocess.run([sys.executable, *map(str, packages)], stdout=sys.stderr, check=False).returncode:
        raise LabError(f"{source}: its Python packages cannot be installed; what was said above tells why")
    stamp.write_text(f"{sys.version_info[:2]} {wanted}")


@contextlib.contextmanager
def alone(names: Iterable[str]) -> Iterator[None]:
    """One command at a time starts or stops a side: of two servers that both start, one would have no pidfile."""
    STATE.parent.mkdir(parents=True, exist_ok=True)
    # Beside the directory, which a reset removes. Each side has a byte of it; the end of the process unlocks them.
    with STATE.with_name(f"{STATE.name}.lock").open("ab") as lock:
        for place, name in enumerate(SIDES):
            if name in names:
                fcntl.lockf(lock, fcntl.LOCK_EX, 1, place)
        yield


def setup() -> None:
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock, ThreadPoolExecutor() as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        list(pool.map(install, ("lms", "app")))


def up(names: list[str]) -> None:
    begin = time.monotonic()
    setup()
    STATE.mkdir(parents=True, exist_ok=True)
    installed = time.monotonic()
    with ThreadPoolExecutor() as pool:
        # Also those that are not started yet: a playbook for one of them finds what a checkout has.
        list(pool.map(lambda side: side.prepare(), SIDES.values()))
        prepared = time.monotonic()
        for name, state in zip(names, pool.map(lambda name: SIDES[name].start(), names), strict=True):
            say(f"{name}: {state}")
    say(
        f"packages {installed - begin:.1f} s, databases {prepared - installed:.1f} s, "
        f"servers {time.monotonic() - prepared:.1f} s"
    )


def down() -> None:
    for name, side in SIDES.items():
        say(f"{name}: {side.stop()}")


def urls() -> None:
    print(f"LMS        {SIDES['lms'].url}/  (admin: {SIDES['lms'].url}/admin/, edx / edx)")
    for name, side in SIDES.items():
        if name != "lms" and side.pid():
            print(f"{name:<10} {side.url}/  (admin: {side.url}/admin/, admin / admin)")
    if SIDES["xpro"].pid():
        print(
            f"Try it: create an account at {SIDES['xpro'].url}/create-account/, "
            f"then log in with it at {SIDES['lms'].url}/login"
        )


def change(name: str, action: str) -> None:
    """Start, stop, restart or reset one side."""
    if action == "reset":
        SIDES[name].reset()
        return
    if action != "start":
        SIDES[name].stop()
    if action != "stop" and (state := SIDES[name].start()) not in ("started", "running"):
        raise LabError(f"{name}: {state}")


def execute(name: str, command: list[str]) -> None:
    """Become the command, in the directory and environment of a side."""
    side = SIDES[name]
    if not side.python.exists() or not side.database.exists():
        raise LabError(f"{name}: the lab was not set up yet; run lab/ctl.py up")
    os.chdir(side.code)
    command = [str(side.python) if command[0] == "python" else command[0], *command[1:]]
    os.execvpe(command[0], command, side.env())


def say(text: str) -> None:
    print(f"lab: {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "action", choices=["up", "down", "reset", "start", "stop", "restart", "exec", "status", "urls", "setup"]
    )
    parser.add_argument("name", nargs="?", choices=sorted(SIDES))
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, command = parser.parse_args(sys.argv[1:cut]), sys.argv[cut + 1 :]
    action, name = arguments.action, arguments.name
    if action in ("start", "stop", "restart", "exec") and name is None:
        parser.error(f"{action} needs a name")
    chosen = ["lms", *APPS]
    if unknown := set(chosen) - set(SIDES):
        parser.error(
            f"LAB_APPS names {', '.join(sorted(unknown))}; there are {', '.join(sorted(set(SIDES) - {'lms'}))}, "
            "and app03 to app99"
        )
    default = [name for name, side in SIDES.items() if name in chosen or side.log.exists()]
    try:
        if action in ("up", "down") or (action == "reset" and not name):
            with alone(SIDES):
                if action == "up":
                    up([name] if name else default)
                else:
                    down()
                if action == "reset":
                    shutil.rmtree(STATE, ignore_errors=True)
        elif action in ("start", "stop", "restart", "reset"):
            with alone([name]):
                change(name, action)
        elif action == "setup":
            setup()
        elif action == "urls":
            urls()
        elif action == "status":
            for side in SIDES.values():
                print(f"{side.name:<10} {'running' if side.pid() else 'stopped':<8} {side.url}")
        else:
            execute(name, command)
    except LabError as error:
        sys.exit(f"lab: {error}")


if __name__ == "__main__":
    main()
