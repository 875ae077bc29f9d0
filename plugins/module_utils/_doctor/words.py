# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Words that several judges use: the fixes that a run of the playbook is, and facts about addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of, port_of, same
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import failed

if TYPE_CHECKING:
    from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hop import Facts, Verdict

PROVIDER_ROLE = "Run the app's playbook again (role edx_oauth_provider): it brings the row in line."
APP_ROLE = "Run the app's playbook again (role mit_app_env): it brings the app in line."
SETTINGS_ROLE = "Run the app's playbook again (role edx_private_settings), which also restarts the LMS."
#: What a database says where a table or a column of the code is not there: SQLite, MySQL, PostgreSQL.
NOT_MIGRATED = re.compile(r"no such (table|column)|doesn't exist|Unknown column|(relation|column) .* does not exist")
#: What Django says of a row that somebody removed while a probe was looking at it.
REMOVED_MEANWHILE = re.compile(r"^\w*DoesNotExist\b")
BOTH_ROLES = "Run the app's playbook again (roles edx_oauth_provider and mit_app_env): it gives both sides the same "

#: How a hop says that a part of the proof was left out, and the reason that somebody can change.
NOT_TRIED = "not tried: "
NOT_ASKED_FOR = "it was not asked for"


def sentence(phrase: str) -> str:
    """A phrase, such as one of what is done to a side, as a sentence of its own."""
    return phrase[0].upper() + phrase[1:] + "."


def answered(answer: Facts) -> str:
    """An answer in words."""
    if "error" in answer:
        return f"{answer['url']}: {answer['error']}"
    text = f': "{answer["text"][:160]}"' if answer.get("text") and answer["status"] >= 400 else ""
    where = f" to {answer['location']}" if answer.get("location") else ""
    return f"{answer['url']} answered {answer['status']}{where}{text}"


def well_known(answer: Facts) -> Verdict | None:
    """What any server may say that has nothing to do with what was asked for."""
    url, status, text = answer["url"], answer["status"], answer.get("text") or ""
    if answer.get("kind") == "tls":
        return failed(
            f"{url}: {answer['error']}.",
            "Name the file of the authority that signed it in edx_ca_path (that of the LMS) or mit_app_ca_path (that "
            "of the app); mkcert has it in the directory that `mkcert -CAROOT` prints.",
        )
    if status == 429:
        return failed(
            f"{url} answered 429: more requests came from one address than it allows, so that nothing can be said of "
            "the credentials.",
            "Wait a few minutes and run it again. If it stays so, raise that limit (of the LMS: RATELIMIT_RATE).",
        )
    secure = url.replace("http:", "https:", 1).partition("?")[0].rstrip("/")
    if url.startswith("http:") and 300 <= status < 400 and (answer.get("location") or "").startswith(secure):
        return failed(
            f"{url} leads to https, where nothing of a development machine listens.",
            "Switch that redirect off (SECURE_SSL_REDIRECT; of the apps MITXPRO_SECURE_SSL_REDIRECT=False or "
            "MITX_ONLINE_SECURE_SSL_REDIRECT=False in their environment), or declare the addresses with https.",
        )
    if status == 400 and ("DisallowedHost" in text or text.startswith("Bad Request (400)")):
        return failed(
            f"{url} answered 400: the server takes {host_of(url)} for no host of its own.",
            f"Add {urlsplit(url).hostname} to ALLOWED_HOSTS in the settings of what answers there, and restart it.",
        )
    return None


def differs(wanted: str, found: str) -> str:
    """In which part two URLs differ: an address that is almost right is the hardest to see."""
    if wanted.rstrip("/") == found.rstrip("/"):
        return f"{found} differs from {wanted} by the slash at its end"
    if same(wanted, found):
        return f"{found} is {wanted} to a browser, but is compared letter for letter"
    one, other = urlsplit(wanted), urlsplit(found)
    parts = [
        ("scheme", one.scheme, other.scheme),
        ("host", one.hostname, other.hostname),
        ("port", port_of(wanted), port_of(found)),
        ("path", one.path, other.path),
        ("query", one.query, other.query),
    ]
    named = [f"{name} ({right!s}, not {wrong!s})" for name, right, wrong in parts if right != wrong]
    return f"{found} differs from {wanted} in its {' and '.join(named)}"


def nearest(wanted: str, found: list[str]) -> str:
    """The entry that a missing URL was most likely meant to be."""

    def likeness(url: str) -> int:
        one, other = urlsplit(wanted), urlsplit(url)
        return sum(
            a == b
            for a, b in zip(
                (one.scheme, one.hostname, port_of(wanted), one.path),
                (other.scheme, other.hostname, port_of(url), other.path),
            )
        )

    return max(found, key=likeness)


def missing_uris(wanted: list[str], found: list[str]) -> list[str]:
    return [differs(uri, nearest(uri, found)) if found else f"{uri} is missing" for uri in wanted if uri not in found]
