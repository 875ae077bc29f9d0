# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app that nothing but its own command restarts."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import app_restart
from modules import run_here

TARGET = {"argv": ["false", "-"]}


@pytest.fixture
def app():
    """Something that answers, which its command only has to touch."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_words):
            """Nothing on the terminal of the tests."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def restart(url, tmp_path, command="touch", **options):
    argv = [command, str(tmp_path / "restarted")]
    return run_here(app_restart, {"argv": argv, "url": url, "target": TARGET, **options})


def test_its_command_is_run_and_its_first_answer_returned(app, tmp_path):
    done = restart(app, tmp_path)
    assert (done["changed"], done["status"], done["boots"]) == (True, 404, 0)
    assert (tmp_path / "restarted").exists()


def test_check_mode_runs_nothing(app, tmp_path):
    assert restart(app, tmp_path, _ansible_check_mode=True)["changed"]
    assert not (tmp_path / "restarted").exists()


def test_an_app_that_stays_silent_is_waited_for_so_long(tmp_path):
    done = restart("http://127.0.0.1:1", tmp_path, wait_seconds=1)
    assert done["failed"]
    assert done["msg"].startswith("http://127.0.0.1:1 does not answer 1 s after touch ")


def test_who_does_not_wait_is_done_with_the_restart(tmp_path):
    done = restart("http://127.0.0.1:1", tmp_path, wait_seconds=0)
    assert (done["changed"], done["boots"]) == (True, 0)
    assert (tmp_path / "restarted").exists()


def test_what_the_command_said_is_shown_where_it_failed(app, tmp_path):
    done = restart(app, tmp_path, command="rmdir")
    assert done["failed"]
    assert "ended with status 1: rmdir: " in done["msg"]
    assert ". Correct mit_app_restart_argv (the option argv) or what it starts, and run this again" in done["msg"]
    done = restart(app, tmp_path, command="no-such-program")
    assert "ended with status 127: no-such-program: No such file or directory" in done["msg"]


def test_the_log_of_what_stays_silent_is_named_as_its_target_has_it(tmp_path):
    target = {"type": "compose", "chdir": str(tmp_path), "project": "xpro", "docker_context": "colima"}
    said = restart("http://127.0.0.1:1", tmp_path, wait_seconds=1, target=target)["msg"]
    compose = (
        f"env DOCKER_HOST= DOCKER_CONTEXT=colima docker compose --project-directory {tmp_path} --project-name xpro"
    )
    assert said.endswith(f"Read the app's log ({compose} logs web).")
