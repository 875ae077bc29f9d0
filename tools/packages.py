# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual environment with packages, and every few seconds how far it is: tools/packages.py LABEL VENV ARGUMENTS...

The environment is made where there is none that runs. uv installs: it takes a tenth of pip's time and shares what it
unpacked between checkouts. Where it is not on PATH, pip puts it into .cache/uv once. Where uv fails, pip is asked.
Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
PIN = ROOT / "requirements" / "uv.txt"
PIP = ("-m", "pip", "--disable-pip-version-check")
SECONDS = 15


class Log:
    """What the commands of one installation said, and how long it takes."""

    def __init__(self, label: str):
        self.label = label
        self.begin = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{self.label}: {time.monotonic() - self.begin:.0f} s: {text}", flush=True)

    def run(self, name: str, *command: str | Path, env: dict[str, str] | None = None) -> list[str] | None:
        """The lines that a command said, or None after it failed and its last lines were shown."""
        process = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        lines: list[str] = []

        def read() -> None:
            assert process.stdout
            lines.extend(filter(None, map(str.strip, process.stdout)))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while True:
            try:
                code = process.wait(SECONDS)
                break
            except subprocess.TimeoutExpired:
                self.say(doing(lines))
        reader.join(2)
        if not code:
            return lines
        self.say(f"{name} failed; it said:")
        print("\n".join(lines[-20:]), flush=True)
        return None


def doing(lines: list[str]) -> str:
    """What uv or pip is at, by the last line that says it."""
    collected = [match[1] for line in lines if (match := re.match(r"Collecting ([\w.-]+)", line))]
    for line in reversed(lines):
        if match := re.match(r"(Resolved|Prepared) (\d+) packages?", line):
            return f"{'downloading' if match[1] == 'Resolved' else 'installing'} {match[2]} packages"
        if line.startswith("Installing collected packages:"):
            return f"installing {line.count(',') + 1} packages"
        if match := re.match(r"Building (?:wheels? for )?([\w.-]+)", line):
            return f"building {match[1]}"
        if match := re.match(r"Collecting ([\w.-]+)", line):
            return f"collecting {match[1]}, number {len(collected)}"
    return "asking the package index"


def done(lines: list[str]) -> str:
    for line in lines:
        if match := re.match(r"Installed (\d+) packages?", line):
            return f"{match[1]} packages installed"
        if line.startswith("Successfully installed"):
            return f"{len(line.split()) - 2} packages installed"
    return "everything was there"


def works(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class Installer:
    """uv where it can be had, else pip."""

    def __init__(self, log: Log):
        self.log = log
        self.env: dict[str, str] = {}
        self.uv = shutil.which("uv") or self.own_uv()

    def own_uv(self) -> str:
        """uv in .cache/uv, put there by the first who needs it; empty where it cannot be had."""
        place = CACHE / "uv"
        uv, stamp, index = place / "bin" / "uv", place / "installed", place / "index"
        CACHE.mkdir(exist_ok=True)
        with (CACHE / "uv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (stamp.exists() and stamp.read_text() == PIN.read_text() and works(uv, "--version")):
                shutil.rmtree(place, ignore_errors=True)
                python = sys.executable
                if not works(python, "-c", "import pip"):
                    python = str(CACHE / "pip" / "bin" / "python")
                    self.log.run("venv", sys.executable, "-m", "venv", "--clear", CACHE / "pip")
                install = ("install", "--only-binary=:all:", "--target", place, "-r", PIN)
                if self.log.run("pip", python, *PIP, *install) is None or not works(uv, "--version"):
                    return ""
                # Somebody who gave pip an index of his own does not want another one to be asked.
                settings = subprocess.run([python, *PIP, "config", "list"], capture_output=True, text=True, check=False)
                found = re.findall(r"\.index-url='(.+)'$", settings.stdout, re.MULTILINE)
                index.write_text(found[-1] if found else "")
                stamp.write_text(PIN.read_text())
        if index.read_text() and "UV_DEFAULT_INDEX" not in os.environ:
            self.env["UV_DEFAULT_INDEX"] = index.read_text()
        return str(uv)

    def venv(self, place: Path, python: str) -> bool:
        if works(place / "bin" / "python", "-c", "import pip"):
            return True
        shutil.rmtree(place, ignore_errors=True)
        if (
            self.uv
            and self.log.run("uv", self.uv, "venv", "--seed", "--python", python, place, env=self.env) is not None
        ):
            return True
        return self.log.run("venv", python, "-m", "venv", "--clear", place) is not None

    def install(self, place: Path, arguments: list[str]) -> bool:
        python = place / "bin" / "python"
        lines = None
        if self.uv:
            lines = self.log.run("uv", self.uv, "pip", "install", "--python", python, *arguments, env=self.env)
        if lines is None:
            lines = self.log.run("pip", python, *PIP, "install", "--progress-bar", "off", *arguments)
        if lines is None:
            return False
        self.log.say(done(lines))
        return True


def main() -> int:
    label, place, *arguments = sys.argv[1:]
    installer = Installer(Log(label))
    ready = installer.venv(Path(place), sys.executable) and installer.install(Path(place), arguments)
    return 0 if ready else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
