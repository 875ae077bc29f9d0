# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statuses of several addresses from one process, against a server of this test."""

from __future__ import annotations

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import http_status_info
from modules import run_here
from runs import ansible


def run(**options):
    return run_here(http_status_info, options)


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
    found = run(urls={**urls, "nobody": "http://127.0.0.1:9/", "wrong": "no address", "none": None}, timeout=5)
    silent = {"nobody": -1, "wrong": -1, "none": -1}
    assert found["statuses"] == {"200": 200, "302": 302, "404": 404, "500": 500, "502": 502, **silent}
    assert found["silent"] == ["502", *silent]
    assert found["changed"] is False


def test_nobody_is_trusted_under_another_name(server):
    found = run(urls={"app": server, "lms": None}, trust={"apps": {"validate_certs": False}})
    assert found["failed"]
    assert found["msg"] == "trust: apps is none of urls, which are app, lms."


def test_a_wait_in_one_process_ends_with_the_period(server):
    found = run(urls={"up": f"{server}/500", "down": "http://127.0.0.1:9/"}, wait=60, period=1, advice="Read its log.")
    assert found["silent"] == ["down"]
    assert "refused" in found["reasons"]["down"]


class Silent(Answers):
    """A proxy whose app needs some seconds."""

    def do_GET(self):
        self.server.asked += 1
        self.path = "/200" if self.server.asked > 3 else "/502"
        super().do_GET()


def test_who_is_silent_is_said_until_it_answers_or_the_time_is_over(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        waits = {"mitodl.openedx.http_status_info": {"urls": {"app": url}, "wait": 20, "period": 1, "advice": "Wait."}}
        fails = {
            "mitodl.openedx.http_status_info": {
                "urls": {"app": "http://127.0.0.1:9"},
                "wait": 1,
                "period": 1,
                "advice": "Read its log.",
            }
        }
        book = tmp_path / "play.yml"
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [waits, fails]}]))
        words = ("-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}")
        done = ansible("ansible-playbook", *words, book, env={})
        server.shutdown()
    # What to do stands in the first line only.
    said = re.findall(rf"Waiting: \d+ s of at most 20: no answer yet of {url} \(status 502\)(.*)", done.out)
    assert said[0] == ". Wait.", done.out
    assert set(said[1:]) <= {""}
    assert done.code == 2
    assert "http://127.0.0.1:9 (" in done.out
    assert " does not answer after " in done.out
    assert "Read its log." in done.out
