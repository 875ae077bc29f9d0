# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Addresses as browsers take them: a host is the same in any case, and the port of its scheme goes without saying.

Not for the redirect URIs of OAuth2, which are compared letter for letter.
"""

from __future__ import annotations

from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


def port_of(url):
    """The port of an address, that of its scheme where it names none; None where it has none.

    >>> port_of("https://lms.example.org"), port_of("http://lms.example.org:99999")
    (443, None)
    """
    try:
        parts = urlsplit(url or "")
        return parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None


def host_of(url):
    """The host of an address with its port, as a browser names them to a server; nothing where it has none.

    >>> host_of("HTTP://LMS.example.org:80/x"), host_of("https://lms.example.org:8000")
    ('lms.example.org', 'lms.example.org:8000')
    """
    try:
        parts = urlsplit(url or "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = "[%s]" % host if ":" in host else host
    return host if port in (None, PORTS.get(parts.scheme)) else "%s:%d" % (host, port)


def plain(url):
    """An address in the one form that all that mean the same have; what is none stays as it is.

    >>> plain("HTTP://LMS.example.org:80/"), plain("https://lms.example.org/o/?A=b"), plain("mailto:Me")
    ('http://lms.example.org', 'https://lms.example.org/o/?A=b', 'mailto:Me')
    """
    host = host_of(url)
    if not host:
        return url or ""
    parts = urlsplit(url)
    path = "" if parts.path == "/" and not parts.query else parts.path
    return parts._replace(netloc=host, path=path).geturl()


def same(one, other):
    """Whether two addresses are the same to a browser."""
    return plain(one) == plain(other)
