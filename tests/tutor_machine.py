# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine with a Tutor, an edx-platform and an LMS that only behave like them, for the unit tests of the modules."""

from __future__ import annotations

import http.server
import json
import shlex
import sys
import threading
from pathlib import Path

STAND_IN = Path(__file__).with_name("tutor_stand_in.py")
# What the LMS knows after a restart is what the files say then.
RESTART = """#!{python}
import json, pathlib
home = pathlib.Path({home!r})
with open(home / 'calls.log', 'a') as log:
    log.write('restart\\n')
private = home / 'envs/private.py'
used = private.exists() and 'mit_apps' in private.read_text(errors='replace')
apps = (home / 'envs/mit_apps/apps.d').glob('*.json') if used else []
(home / 'known.json').write_text(json.dumps([json.loads(path.read_text())['backend_name'] for path in apps]))
"""


class Machine:
    """A machine with a Tutor, an edx-platform and an LMS; and runs of the module on it."""

    def __init__(self, home):
        self.home = home
        self.plugins, self.env, self.envs = home / "plugins", home / "root/env", home / "envs"
        self.rendered = self.env / "apps/openedx/settings/lms/mit_apps"
        self.plugins.mkdir()
        self.envs.mkdir()
        self.tutor = home / "tutor"
        self.tutor.write_text(
            f'#!/bin/sh\nSTAND_IN={shlex.quote(str(home))} exec {sys.executable} -I {STAND_IN} "$@"\n'
        )
        self.tutor.chmod(0o755)
        # An engine that answers; a file ``stopped`` beside it stops it.
        self.docker = home / "bin/docker"
        self.docker.parent.mkdir()
        self.docker.write_text(
            '#!/bin/sh\ntest ! -e "$0.stopped" || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }\n'
        )
        self.docker.chmod(0o755)
        self.kubectl = home / "bin/kubectl"
        self.kubectl.write_text(
            f'#!/bin/sh\nSTAND_IN={shlex.quote(str(home))} exec {sys.executable} -I {STAND_IN} kubectl "$@"\n'
        )
        self.kubectl.chmod(0o755)
        self.restart = home / "restart"
        self.restart.write_text(RESTART.format(python=sys.executable, home=str(home)))
        self.restart.chmod(0o755)
        # Where its admin leads to, and the courses that it does not have.
        self.admin: str | None = None
        self.missing: set[str] = set()
        self.third_party_auth = True
        machine = self

        class LMS(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = home / "known.json"
                names = json.loads(known.read_text()) if known.exists() else []
                parts = self.path.split("/")
                if parts[1] == "api":
                    self.send_response(
                        404 if parts[-1] in machine.missing and not (home / "courses.json").exists() else 200
                    )
                    self.end_headers()
                    return
                is_known = parts[3] in names if parts[3:4] else parts[2:] == ["inactive"] and machine.third_party_auth
                status = 302 if is_known else 404 if parts[1] == "auth" else 200
                self.send_response(302 if parts[1] == "admin" and machine.admin else status)
                if parts[1] == "admin" and machine.admin:
                    self.send_header("Location", machine.admin)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                """Nothing: nobody reads it."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LMS)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def calls(self):
        """What was called since the last question."""
        log = self.home / "calls.log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def files(self):
        """All that there is, byte for byte, with what would change with a write."""
        found = [path for path in self.home.rglob("*") if path.is_file() and path.name not in ("calls.log", "running")]
        return {path: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns) for path in found}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
