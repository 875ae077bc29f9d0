# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private authority as mkcert makes one, and servers on this machine with its certificates."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path


class Answers(http.server.BaseHTTPRequestHandler):
    """Says 401 as an LMS does to strangers, and notes what it was asked."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words):
        """Print nothing."""


class Server(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[str] = []

    def handle_error(self, *_whom):
        """Print nothing of who does not trust it."""


class Authority:
    """Its certificate is in ``path``."""

    def __init__(self, home: Path):
        self.home, self.path = home, home / "rootCA.pem"
        self.key = home / "rootCA-key.pem"
        made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a private authority")
        self.openssl(*made, "-keyout", self.key, "-out", self.path)

    def openssl(self, *words: str | Path) -> None:
        subprocess.run(["openssl", *words], cwd=self.home, check=True, capture_output=True)

    def context(self, name: str) -> ssl.SSLContext:
        """That of a server with a certificate for a name."""
        key, request, certificate = (self.home / f"{name}.{end}" for end in ("key", "csr", "pem"))
        kind = "IP" if name[0].isdigit() else "DNS"
        self.openssl(
            *(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                f"/CN={name}",
                "-addext",
                f"subjectAltName={kind}:{name}",
            ),
            *("-keyout", key, "-out", request),
        )
        signed = ("x509", "-req", "-days", "1", "-CA", self.path, "-CAkey", self.key, "-CAcreateserial")
        self.openssl(*signed, "-copy_extensions", "copy", "-in", request, "-out", certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on this machine; what it was asked is in ``asked``."""
    with Server() as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
