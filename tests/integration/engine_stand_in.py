#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real Tutor finds as ``docker`` in test_bootstrap.py, where only what it is asked for matters.

It notes every command in $ENGINE/asked.log. An image has the packages that Tutor's Dockerfile installs, a database is a
directory, and the LMS is a web server on $ENGINE_PORT that for a moment answers as a proxy without its LMS does.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(os.environ["ENGINE"])


class LMS(http.server.BaseHTTPRequestHandler):
    began = time.monotonic()

    def do_GET(self) -> None:
        self.send_response(200 if time.monotonic() > self.began + 1 else 502)
        self.end_headers()

    def log_message(self, *words) -> None:
        """Nothing: nobody reads it."""


def up() -> None:
    if (HOME / "lms.pid").exists():
        return
    nowhere = subprocess.DEVNULL
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    (HOME / "lms.pid").write_text(str(server.pid))


def build(words: list[str]) -> None:
    tag = next(word for word in words if word.startswith("--tag="))[6:]
    dockerfile = (Path(words[-1]) / "Dockerfile").read_text()
    found = re.findall(r"(?:pip|PIP_COMMAND) install '([\w.-]+)==([\w.]+)'", dockerfile)
    packages = [{"name": name.replace("-", "_"), "version": version} for name, version in found]
    (HOME / tag.replace("/", "_")).write_text(json.dumps(packages))
    print(f"building {tag}")


def main(words: list[str]) -> int:
    if words == ["serve"]:
        http.server.HTTPServer(("127.0.0.1", int(os.environ["ENGINE_PORT"])), LMS).serve_forever()
    with (HOME / "asked.log").open("a") as log:
        log.write(" ".join(words) + "\n")
    if words[0] == "buildx":
        build(words)
    if words[0] == "run":
        image = HOME / words[words.index("list") - 1].replace("/", "_")
        print(image.read_text() if image.exists() else "")
        return 0 if image.exists() else 125
    if "ls" in words:
        print("[]")
    if "mysql-job" in words or "CREATE DATABASE" in words[-1]:
        files = Path(words[words.index("-f") + 1])
        (files.parents[2] / "data/mysql/openedx").mkdir(parents=True, exist_ok=True)
    if "up" in words:
        up()
    # The engine itself answers, whatever fails in it.
    return int((HOME / "status").read_text()) if (HOME / "status").exists() and words[0] != "version" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
