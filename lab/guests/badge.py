# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app that is not Django: OAuth2 and an OpenID discovery document with the standard library.

    PORT=8095 BADGE_ENV=/path/.env python badge.py

Whom it lets in is who gives a name. Its one client is the one that its file says, which is read at each request.
"""

from __future__ import annotations

import json
import os
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

PORT, FILE = int(os.environ["PORT"]), Path(os.environ["BADGE_ENV"])
BASE = f"http://127.0.0.1:{PORT}"
PEOPLE: dict[str, str] = {}  # codes and tokens, each with the name of who it belongs to
FORM = '<form method="post"><input name="login"><input type="password" name="password"><button>Sign in</button></form>'
DISCOVERY = {
    "issuer": BASE,
    "authorization_endpoint": f"{BASE}/sso/authorize",
    "token_endpoint": f"{BASE}/sso/token",
    "userinfo_endpoint": f"{BASE}/sso/whoami",
}


def client() -> dict[str, str]:
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    return {name: value.strip("'\"") for name, _equals, value in (line.partition("=") for line in lines)}


class Badge(BaseHTTPRequestHandler):
    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def form(self) -> dict[str, str]:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        return {name: values[0] for name, values in parse_qs(text).items()}

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in {"Content_Type": "text/html", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def json(self, status: int, body: object) -> None:
        self.answer(status, json.dumps(body), Content_Type="application/json")

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            self.json(200, DISCOVERY)
        elif path == "/sso/authorize":
            known = self.query.get("client_id") == client().get("OPENEDX_SSO_CLIENT_ID")
            self.answer(200, FORM) if known else self.answer(400, "unknown client")
        elif path == "/sso/whoami":
            name = PEOPLE.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            if name is None:
                self.json(401, {"error": "invalid_token"})
            else:
                self.json(200, {"sub": name, "mail": f"{name}@badge.example", "person": {"name": name.title()}})
        else:
            self.answer(404)

    def do_POST(self) -> None:
        said = self.form()
        if urlsplit(self.path).path == "/sso/authorize":
            code = secrets.token_hex()
            PEOPLE[code] = said["login"]
            uri = self.query["redirect_uri"]
            more = urlencode({"code": code, "state": self.query["state"]})
            self.answer(302, Location=f"{uri}{'&' if '?' in uri else '?'}{more}")
        elif (said.get("client_id"), said.get("client_secret")) != (
            client().get("OPENEDX_SSO_CLIENT_ID"),
            client().get("OPENEDX_SSO_CLIENT_SECRET"),
        ):
            self.json(401, {"error": "invalid_client"})
        elif said.get("code") not in PEOPLE:
            self.json(400, {"error": "invalid_grant"})
        else:
            token = secrets.token_hex()
            PEOPLE[token] = PEOPLE.pop(said["code"])
            self.json(200, {"access_token": token, "token_type": "Bearer"})


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Badge).serve_forever()
