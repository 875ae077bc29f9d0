# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statuses of several addresses from one process, against a server of this test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import http_status_info


def run(**options):
    """Run the module as Ansible does: a process of its own, the arguments on its stdin, JSON on its stdout."""
    done = subprocess.run(
        [sys.executable, http_status_info.__file__],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": options}),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


class Answers(BaseHTTPRequestHandler):
    """Answers with the status that the path names; a redirect leads to a page that says 200."""

    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words):
        """Print nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_each_address_has_the_status_of_its_first_answer(server):
    urls = {str(status): f"{server}/{status}" for status in (200, 302, 404, 500, 502)}
    found = run(urls={**urls, "nobody": "http://127.0.0.1:9/", "wrong": "no address"}, timeout=5)
    assert found["statuses"] == {"200": 200, "302": 302, "404": 404, "500": 500, "502": 502, "nobody": -1, "wrong": -1}
    assert found["silent"] == ["502", "nobody", "wrong"]
    assert found["changed"] is False
