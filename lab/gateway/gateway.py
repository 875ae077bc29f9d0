#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for APISIX and Keycloak in front of the stand-in of MITx Online. Standard library only.

The gateway has the routes of the app's config/apisix/apisix.yaml: everything is handed on to the app, with a header
that says who it is where somebody is logged in; /login/ and /admin/login/ ask people in at the identity provider first,
and lead to the app's dashboard then, wherever they were meant to lead. The identity provider has the addresses and one
of the users of the app's realm.

Environment, as in the app's compose file: APISIX_PORT, KEYCLOAK_PORT, KEYCLOAK_CLIENT_ID, KEYCLOAK_CLIENT_SECRET,
KEYCLOAK_DISCOVERY_URL; and UPSTREAM, the address of the app.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import sys
import threading
import urllib.parse
import urllib.request
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REALM = "/realms/ol-local"
AUTH, TOKEN, USERINFO = (f"{REALM}/protocol/openid-connect/{name}" for name in ("auth", "token", "userinfo"))
CLIENT_ID, CLIENT_SECRET = "apisix", "lab-gateway-secret"
PASSWORDS = {"student@odl.local": "student"}
PEOPLE = {
    "student@odl.local": {
        "sub": "2f1c3c0e-6a5e-4c9e-9d5b-4a3f0c6f7a11",
        "preferred_username": "student",
        "email": "student@odl.local",
        "name": "Test Student",
    }
}
CALLBACK = "/.apisix/redirect"
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


class Handler(BaseHTTPRequestHandler):
    """What both have in common."""

    @property
    def query(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))

    @property
    def place(self) -> str:
        return urllib.parse.urlsplit(self.path).path

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: str | dict = "", **headers: str) -> None:
        data = (json.dumps(body) if isinstance(body, dict) else body).encode()
        kind = "application/json" if isinstance(body, dict) else "text/html; charset=utf-8"
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:
        sys.stderr.write(f"{type(self).__name__}: {format % arguments}\n")


class Provider(Handler):
    """The identity provider."""

    codes: dict[str, str] = {}

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        if self.place == f"{REALM}/.well-known/openid-configuration":
            names = {"authorization_endpoint": AUTH, "token_endpoint": TOKEN, "userinfo_endpoint": USERINFO}
            self.answer(200, {"issuer": base + REALM, **{name: base + path for name, path in names.items()}})
        elif self.place == AUTH:
            self.answer(200, page(self.path))
        elif self.place == USERINFO:
            email = self.codes.get(self.headers.get("Authorization", "").removeprefix("Bearer "), "")
            self.answer(*((200, PEOPLE[email]) if email else (401, {"error": "invalid_token"})))
        else:
            self.answer(404)

    def do_POST(self) -> None:
        form = dict(urllib.parse.parse_qsl(self.body().decode()))
        if self.place == AUTH:
            if PASSWORDS.get(form.get("username", "")) != form.get("password"):
                self.answer(200, page(self.path, "Invalid username or password."))
                return
            code = secrets.token_urlsafe(16)
            self.codes[code] = form["username"]
            back = {"code": code, "state": self.query["state"]}
            self.answer(302, Location=f"{self.query['redirect_uri']}?{urllib.parse.urlencode(back)}")
        elif self.place == TOKEN:
            email = self.codes.pop(form.get("code", ""), "")
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
                self.answer(401, {"error": "unauthorized_client"})
            elif not email:
                self.answer(400, {"error": "invalid_grant"})
            else:
                token = secrets.token_urlsafe(16)
                self.codes[token] = email
                self.answer(200, {"access_token": token, "token_type": "Bearer"})
        else:
            self.answer(404)


def page(action: str, error: str = "") -> str:
    told = f"<p role=alert>{error}</p>" if error else ""
    return f"""<!doctype html>
<html lang=en><meta charset=utf-8><title>Sign in to ol-local</title>
<style>body {{ font: 16px/1.6 sans-serif; margin: 4rem auto; max-width: 22rem }}
input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; margin-bottom: 1rem }}
</style><h1>Sign in to your account</h1><p>The lab's stand-in for Keycloak, realm ol-local.</p>{told}
<form method=post action="{escape(action)}"><label>Email<input name=username autocomplete=username autofocus></label>
<label>Password<input name=password type=password autocomplete=current-password></label><button>Sign In</button></form>
"""


class Gateway(Handler):
    """The gateway: sessions of its own, and the app behind it."""

    sessions: dict[str, dict[str, Any]] = {}

    def do_GET(self) -> None:
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        name = cookies["session"].value if "session" in cookies else ""
        session = self.sessions.get(name, {})
        if self.place.endswith(CALLBACK):
            self.come_back(name, session)
        elif self.place == "/logout/oidc":
            self.sessions.pop(name, None)
            self.answer(302, Location="/")
        elif self.place in ("/login", "/login/") or self.place.startswith("/admin/login"):
            if "person" in session:
                self.answer(302, Location="/dashboard")
            else:
                self.ask_in()
        else:
            self.hand_on(session.get("person"))

    def do_POST(self) -> None:
        self.do_GET()

    def ask_in(self) -> None:
        name, state = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.sessions[name] = {"state": state, "wanted": self.path}
        back = f"http://{self.headers['Host']}{self.place.rstrip('/')}{CALLBACK}"
        question = {"client_id": os.environ["KEYCLOAK_CLIENT_ID"], "redirect_uri": back, "state": state}
        url = discover()["authorization_endpoint"] + "?" + urllib.parse.urlencode({**question, "response_type": "code"})
        self.answer(302, Location=url, Set_Cookie=f"session={name}; Path=/; HttpOnly")

    def come_back(self, name: str, session: dict[str, Any]) -> None:
        if not session or self.query.get("state") != session["state"]:
            self.answer(500, "state from argument does not match state restored from session")
            return
        form = {
            "grant_type": "authorization_code",
            "code": self.query.get("code", ""),
            "client_id": os.environ["KEYCLOAK_CLIENT_ID"],
            "client_secret": os.environ.get("KEYCLOAK_CLIENT_SECRET", ""),
        }
        try:
            token = ask(discover()["token_endpoint"], urllib.parse.urlencode(form).encode())["access_token"]
            person = ask(discover()["userinfo_endpoint"], Authorization=f"Bearer {token}")
        except OSError as error:
            self.answer(500, f"the identity provider refused: {error}")
            return
        self.sessions[name] = {"person": person}
        self.answer(302, Location=session["wanted"])

    def hand_on(self, person: dict[str, str] | None) -> None:
        upstream = urllib.parse.urlsplit(os.environ["UPSTREAM"])
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        # Nobody but the gateway says who somebody is.
        headers = {name: value for name, value in self.headers.items() if name.lower() != "x-userinfo"}
        if person:
            headers["X-Userinfo"] = base64.b64encode(json.dumps(person).encode()).decode()
        try:
            connection.request(self.command, self.path, self.body() or None, headers)
            reply = connection.getresponse()
            data = reply.read()
        except OSError as error:
            self.answer(502, f"the app does not answer: {error}")
            return
        finally:
            connection.close()
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def discover() -> dict[str, str]:
    return ask(os.environ["KEYCLOAK_DISCOVERY_URL"])


def ask(url: str, data: bytes | None = None, **headers: str) -> dict[str, Any]:
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as reply:
        return json.load(reply)


if __name__ == "__main__":
    provider = ThreadingHTTPServer(("127.0.0.1", int(os.environ["KEYCLOAK_PORT"])), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["APISIX_PORT"])), Gateway).serve_forever()
