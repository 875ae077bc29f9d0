# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""How probes reach an address and fetch a page. Sent into the app and the LMS with them (Python 3.8)."""

from __future__ import annotations

import contextlib
import errno
import html
import http.client
import http.cookies
import json
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request

CONNECT_SECONDS, ANSWER_SECONDS = 5, 30
USER_AGENT = "mitodl.openedx.sso_check"
JSON = {"Accept": "application/json"}
SHORTEST_KEY = 32
BOGUS_CODE = "sso-check-bogus-code"
#: What urllib raises where nobody answers, or not in HTTP.
NO_ANSWER = (OSError, ValueError, http.client.HTTPException)
# So much of an answer is read.
LENGTH = 1000000


def reason(error):
    """Why a connection did not come about, as a word for programs and a sentence for people."""
    error = getattr(error, "reason", error)
    if isinstance(error, socket.gaierror):
        return {"kind": "name", "error": "the name does not resolve"}
    if isinstance(error, (socket.timeout, TimeoutError)):
        return {"kind": "timeout", "error": "no answer (timed out)"}
    if isinstance(error, ConnectionRefusedError):
        return {"kind": "refused", "error": "connection refused"}
    if isinstance(error, ssl.SSLCertVerificationError):
        return {"kind": "tls", "error": "its certificate is not trusted (%s)" % error.verify_message.rstrip(".")}
    if getattr(error, "errno", None) in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return {"kind": "unreachable", "error": "no route to it"}
    return {"kind": "other", "error": "%s: %s" % (type(error).__name__, error)}


def reach(url):
    """Resolve the host of a URL from here, and open a connection to it."""
    found = {"url": url, "host": "", "port": 0, "addresses": []}
    with contextlib.suppress(ValueError):
        parts = urllib.parse.urlsplit(url or "")
        found.update(port=parts.port or (443 if parts.scheme == "https" else 80), host=parts.hostname or "")
    if not found["host"]:
        return dict(found, kind="name", error="it is not an address")
    try:
        known = socket.getaddrinfo(found["host"], found["port"], type=socket.SOCK_STREAM)
        found["addresses"] = sorted({entry[4][0] for entry in known})
        socket.create_connection((found["host"], found["port"]), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        found.update(reason(error))
    except UnicodeError:
        # The resolver is not even asked.
        found.update(reason(socket.gaierror()))
    return found


class Trust:
    """Whom fetch trusts besides the authorities of the target, as the request says it (see trust)."""

    authorities = ""
    unchecked: frozenset = frozenset()


def trust(said):
    """Take what a request says of private certificates: authorities in PEM, and hosts whose certificate is not checked.

    The target's own files do not have them: what its app trusts shows when its own code makes the request.
    """
    Trust.authorities = (said or {}).get("authorities", "")
    Trust.unchecked = frozenset((said or {}).get("unchecked", ()))


def context(url):
    """How the certificate of an address is judged."""
    made = ssl.create_default_context()
    if Trust.authorities:
        made.load_verify_locations(cadata=Trust.authorities)
    if (urllib.parse.urlsplit(url).hostname or "") in Trust.unchecked:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are findings here, not something to follow; one to what is no address is a finding, too."""

    def http_error_302(self, req, fp, code, msg, headers):
        return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def fetch(url, form=None, headers=None):
    """One request from inside a target. The answer as data, or the error."""
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://")):
        # urllib would read files, and fetch from FTP, for whoever names them in a document or a redirect.
        return {"url": url, "status": 0, "kind": "other", "error": "it is no address of http or https"}
    data = urllib.parse.urlencode(form).encode() if form else None
    headers = {"Accept": "text/html, application/json;q=0.9", "User-Agent": USER_AGENT, **(headers or {})}
    handlers = [urllib.request.ProxyHandler({}), Stay()]
    try:
        request = urllib.request.Request(url, data, headers)
        if url.startswith("https:"):
            handlers.append(urllib.request.HTTPSHandler(context=context(url)))
        opener = urllib.request.build_opener(*handlers)
        try:
            response = opener.open(request, timeout=ANSWER_SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body = response.read(LENGTH).decode("utf-8", "replace")
            location = response.headers.get("Location")
    except NO_ANSWER as error:
        return {"url": url, "status": 0, **reason(error)}
    return finding(url, response.code, body, location)


def finding(url, status, body, location):
    """An answer as data: status, location, text and (where it is JSON) json."""
    found = {
        "url": url,
        "status": status,
        "text": gist(body),
        "location": location and joined(url, location),
    }
    with contextlib.suppress(ValueError):
        found["json"] = json.loads(body)
    return found


def given_cookies(headers):
    """The cookies that an answer sets, of those that are long enough to be a session's.

    :param headers: those of urllib3, which holds each line.
    """
    found = []
    for line in headers.getlist("Set-Cookie"):
        with contextlib.suppress(http.cookies.CookieError):
            found += [{"name": name, "value": one.value} for name, one in http.cookies.SimpleCookie(line).items()]
    return [cookie for cookie in found if len(cookie["value"]) >= SHORTEST_KEY]


def gist(body):
    """The readable beginning of an answer, HTML or not."""
    body = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]+>", " ", body)
    return " ".join(html.unescape(body).split())[:1500]


def joined(url, location):
    """Where a redirect leads to, in a form that can be taken to pieces whatever it is."""
    try:
        return urllib.parse.urljoin(url, location)
    except ValueError:
        return urllib.parse.quote(location, safe="/:?=&#%")


def bare(url):
    """A URL without its query, in which codes and states travel."""
    return url.split("?", 1)[0].split("#", 1)[0]


def refusal(url):
    """What the query of a redirect says that there is instead of a code."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    if "error" not in query:
        return {}
    return {"refused": ": ".join(" ".join(query.get(name, [])) for name in ("error", "error_description")).rstrip(": ")}


def try_client(url, client_id, client_secret, redirect_uri):
    """Redeem a code that cannot exist: `invalid_grant` means that the credentials are right, `invalid_client` wrong."""
    form = {
        "grant_type": "authorization_code",
        "code": BOGUS_CODE,
        "client_id": client_id or "",
        "client_secret": client_secret or "",
        "redirect_uri": redirect_uri,
    }
    answer = fetch(url, form=form)
    body = answer.pop("json", None)
    answer["answer"] = body.get("error") if isinstance(body, dict) else None
    return answer


def anonymous(answer, declared):
    """What the user info endpoint says without a token: 200 and nobody, or that it wants one."""
    field = declared["user_info_fields"].get("username", "username").split(".")[0]
    body = answer.pop("json", None)
    return dict(
        answer,
        field=field,
        keys=sorted(body) if isinstance(body, dict) else None,
        username=body.get(field) if isinstance(body, dict) else None,
    )


def wants_a_token(answer):
    """Whether the user info endpoint refuses a stranger, as most do."""
    return answer["status"] in (401, 403)
