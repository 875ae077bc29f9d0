# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What the LMS or an app says to a plain request: never followed to another address, never an exception."""

from __future__ import annotations

import os
import ssl
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.web import Stay
from ansible_collections.mitodl.openedx.plugins.module_utils._host_names import is_local

# What says that nobody is there: no answer at all, or a proxy that says so.
SILENT = (-1, 502, 503, 504)
# How certificates are judged; for a module's options.
TLS_SPEC: dict[str, Any] = {
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
}
# OpenSSL's codes for an authority that is not known: self-signed, or without its issuer.
UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
FIXES = {
    "authority": "Name the file with the certificate of the authority that signed it in {prefix}_ca_path (mkcert has "
    "it in the directory that `mkcert -CAROOT` prints, as rootCA.pem), or set {prefix}_validate_certs to false.",
    "certificate": "Give its server a certificate that is valid for that name today, or set {prefix}_validate_certs to "
    "false.",
    "scheme": "Give its address with http instead of https, or end TLS there.",
    "file": "Correct {prefix}_ca_path.",
}


class Answer:
    """The status, -1 without an answer; where it leads to; and what went wrong.

    :ivar tls: what keeps https from working, one of FIXES. Neither waiting nor a start changes that.
    """

    def __init__(self, status, location="", message="", tls=""):
        self.status, self.location, self.message, self.tls = status, location, message, tls

    @property
    def is_silent(self):
        return self.status in SILENT

    @property
    def reason(self):
        """Why it is silent."""
        return self.message if self.status == -1 else f"status {self.status}"

    def tls_problem(self, url, prefix):
        """Why an address cannot be used by https, and what to do; nothing where that is not the problem.

        :param prefix: that of the variables that say whom to trust.
        """
        return f"{url}: {self.message}. {FIXES[self.tls].format(prefix=prefix)}" if self.tls else ""


def ask(url, timeout=30, ca_path=None, validate_certs=True):
    """The answer of an address.

    Not by open_url of ansible-core, which loads cryptography and all authorities for an address of http as well.
    """
    if not url.lower().startswith(("http://", "https://")):
        # urllib would read files, and fetch from FTP.
        return Answer(-1, message="it is no address of http or https")
    if ca_path and not os.path.isfile(ca_path):
        return Answer(-1, message=f"{ca_path}, the authorities to be trusted, is no file", tls="file")
    proxy = ""
    try:
        proxy = proxy_of(url)
        handlers = [Stay(), ProxyHandler({urlsplit(url).scheme: proxy} if proxy else {})]
        if url.lower().startswith("https:"):
            handlers.append(HTTPSHandler(context=tls_context(ca_path, validate_certs)))
        with build_opener(*handlers).open(url, timeout=timeout) as reply:
            return Answer(reply.getcode(), reply.headers.get("Location", ""))
    except HTTPError as error:
        with error:
            location = error.headers.get("Location", "") if error.headers else ""
            return Answer(error.code, location, with_proxy(str(error.reason), url, proxy))
    except Exception as error:  # Whatever it is (sockets, TLS, a broken reply), nobody is there.
        kind, message = tls_problem_of(error)
        message = message or str(getattr(error, "reason", "") or error or type(error).__name__)
        return Answer(-1, message=with_proxy(message, url, proxy), tls=kind)


def tls_context(ca_path, validate_certs):
    context = ssl.create_default_context(cafile=ca_path or None)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def tls_problem_of(error):
    """What of FIXES an error is about, and the fact; two empty texts where it is about neither."""
    for found in (error, getattr(error, "reason", None)):
        if isinstance(found, ssl.SSLCertVerificationError):
            kind = "authority" if found.verify_code in UNKNOWN_AUTHORITY else "certificate"
            return kind, f"its certificate is not trusted ({found.verify_message.rstrip('.')})"
        if isinstance(found, ssl.SSLError) and found.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
            return "scheme", "it speaks http and not https"
    return "", ""


def proxy_of(url):
    """The proxy of the environment that an address is asked through; none for what is on this machine.

    Names of a hosts file mean something else to a proxy, or nothing.
    """
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname or "") or is_local(parts.hostname or ""):
        return ""
    return proxy


def with_proxy(message, url, proxy):
    """A message that names the proxy, without its password, where there was one."""
    if not proxy:
        return message
    shown = proxy.rpartition("@")[2]
    host = urlsplit(url).hostname
    return f"{message} (asked through the proxy {shown} of the environment; with {host} in no_proxy it is not)"


def wait(url, seconds, delay=1, timeout=10, **trust):
    """The first answer of an address that is one, or the last after some seconds."""
    until = time.monotonic() + seconds
    while True:
        answer = ask(url, timeout=timeout, **trust)
        if not answer.is_silent or answer.tls or time.monotonic() >= until:
            return answer
        time.sleep(delay)


def look(base_url, waited, params, trust):
    """One look of a long wait for an LMS, no longer than somebody wants to hear nothing.

    :param waited: the seconds that others have waited before.
    :param params: ``wait``, so many seconds in all, and ``period``, those of one look.
    :returns: the last answer; and what the next look goes on from, where there is to be one.
    """
    passed = waited + min(params["period"], params["wait"] - waited)
    answer = wait(sign_of_life(base_url), passed - waited, **trust)
    is_over = not answer.is_silent or answer.tls or passed >= params["wait"]
    return answer, None if is_over else {"waited": passed, "reason": answer.reason}


def sign_of_life(base_url):
    """The address at which an LMS or an app shows that it is there.

    Every LMS has it and answers 401 to strangers, without a page, MongoDB or a login; any other answer will do as well.
    """
    return f"{base_url}/api/user/v1/me"


def trust_of(params):
    """What a module's options say of certificates, for ask and wait."""
    return {name: params[name] for name in TLS_SPEC}
