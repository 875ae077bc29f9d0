# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The doctor's probes from the browser's side: what a person sees who comes with a browser on this machine."""

from __future__ import annotations

from http.cookiejar import Cookie, CookieJar
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._probes import Evidence, anonymous, bare, fetch, reach

REDIRECTS = 15


def browse(app: dict[str, Any], cookie: dict[str, str] | None, timeout: int) -> dict[str, Any]:
    """Visit the LMS and the app; with the session cookie of a person of the app, log in at the LMS through the app."""
    evidence, jar = Evidence(timeout), CookieJar()
    lms, login = app["lms_base_url"], f"{app['lms_base_url']}/auth/login/{app['backend_name']}/?auth_entry=login"
    app_there = "error" not in evidence.take("app", reach, app["base_url"])
    if app_there:
        evidence.take("app_answer", anonymous, app["base_url"] + app["user_info_path"])
    if "error" not in evidence.take("lms", reach, lms):
        evidence.take("lms_answer", fetch, lms + "/api/user/v1/me")
        evidence.take("admin", fetch, lms + "/admin/login/")
        evidence.take("authorize", authorize, login, jar)
        if cookie and app_there:
            jar.set_cookie(session(app["base_url"], cookie))
            evidence.take("login", walk, login, lms + "/api/user/v1/me", jar)
    return evidence.found


def authorize(url: str, jar: CookieJar) -> dict[str, Any]:
    """Where the LMS sends a person who wants to log in, and with which client id and redirect URI."""
    answer = fetch(url, jar=jar)
    query = parse_qs(urlsplit(answer.get("location") or "").query)
    answer.update({name: query.get(name, [""])[0] for name in ("client_id", "redirect_uri")})
    # The backend adds its state to the redirect URI; the app compares without it.
    answer.update(redirect_uri=bare(answer["redirect_uri"]), location=bare(answer.get("location") or ""))
    return answer


def walk(url: str, me: str, jar: CookieJar) -> dict[str, Any]:
    """Follow a login to its end, noting each step, then ask the LMS who is logged in."""
    steps: list[dict[str, Any]] = []
    for _step in range(REDIRECTS):
        answer = fetch(url, jar=jar)
        step = {"method": "GET", "url": bare(url), "status": answer["status"]}
        if answer.get("location"):
            step["location"] = bare(answer["location"])
        if answer["status"] >= 400:
            step["text"] = answer["text"]
        if "error" in answer:
            step["error"] = answer["error"]
        steps.append(step)
        if not 300 <= answer["status"] < 400 or not answer["location"]:
            break
        url = answer["location"]
    body = fetch(me, headers={"Accept": "application/json"}, jar=jar).get("json")
    return {"requests": steps, "username": body.get("username") if isinstance(body, dict) else None}


def session(url: str, cookie: dict[str, str]) -> Cookie:
    host = urlsplit(url).hostname or ""
    return Cookie(
        version=0,
        name=cookie["name"],
        value=cookie["value"],
        port=None,
        port_specified=False,
        # What the cookie jar calls a host without a dot.
        domain=host if "." in host else host + ".local",
        domain_specified=False,
        domain_initial_dot=False,
        path=cookie["path"],
        path_specified=True,
        secure=False,
        expires=None,
        discard=True,
        comment=None,
        comment_url=None,
        rest={},
    )
