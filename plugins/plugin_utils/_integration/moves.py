# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""An app that moves to another LMS: which one it leaves, what of its credentials may go with it, and what is left.

What an app was integrated with its own ``.env`` says: the address of the LMS and the name of the backend there. Only
when the old LMS has nothing of the app any more is it forgotten; until then the ``.env`` notes where a login through
the app would begin there, which is one address for both.
"""

from __future__ import annotations

import contextlib
import ipaddress
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of, plain, port_of, same
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.backend_names import FIRST
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import is_integrated

# The key of the .env: the addresses of logins at LMSs that may still know the app, with commas between them.
NOTE = "OPENEDX_FORMER_LOGINS"
LOGIN = "/auth/login/"
SECRETS = ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")


@dataclass(frozen=True)
class Former:
    """An LMS that an app was integrated with, by its address as it was written, and what the app is called there."""

    base_url: str
    backend_name: str

    @property
    def login(self) -> str:
        return f"{self.base_url}{LOGIN}{self.backend_name}/"

    @property
    def complete_uri(self) -> str:
        """What the app lets people return to after a login."""
        return f"{self.base_url}/auth/complete/{self.backend_name}/"


@dataclass(frozen=True)
class Left:
    """An LMS that may still know an app.

    :ivar host: the app's host.
    :ivar edx_host: the host of that LMS in the inventory; empty where it knows none.
    """

    former: Former
    host: str
    edx_host: str = ""

    def facts(self) -> dict[str, Any]:
        """What is told of it with the app."""
        former = self.former
        return {
            "base_url": former.base_url,
            "login": former.login,
            "complete_uri": former.complete_uri,
            "edx_host": self.edx_host,
            "fix": self.way_out,
        }

    @property
    def way_out(self) -> str:
        """What to do about it."""
        if self.edx_host:
            words = ["--limit", self.host, "-e", f"mit_app_edx_host={self.edx_host}", "-e", "remove_side=lms"]
            return (
                f"Start that LMS and run the app's playbook again; or: ansible-playbook mitodl.openedx.remove "
                f"{shlex.join(words)}"
            )
        return (
            f"Declare it as a host of the group edx (edx_lms_base_url: {self.former.base_url}) and run the app's "
            f"playbook again. Where it is gone for good, take it out of {NOTE} in the app's .env"
        )


def noted(env: Mapping[str, str]) -> list[Former]:
    """The LMSs that an app's ``.env`` notes as left."""
    parts = (login.strip().partition(LOGIN) for login in env.get(NOTE, "").split(","))
    return [Former(base_url, name.strip("/")) for base_url, mark, name in parts if mark]


def current(env: Mapping[str, str]) -> Former | None:
    """The LMS that an app's ``.env`` leads to; none where it was never integrated."""
    base_url = env.get("OPENEDX_API_BASE_URL", "").rstrip("/")
    if not base_url or not is_integrated(env):
        return None
    return Former(base_url, env.get("OPENEDX_OAUTH_PROVIDER") or FIRST)


def left(env: Mapping[str, str], base_url: str, former_sites: Collection[str] = ()) -> Former | None:
    """The LMS that an app leaves; none where it stays, or where the LMS had that address before."""
    there = current(env)
    if there is None or same(there.base_url, base_url) or host_of(there.base_url) in former_sites:
        return None
    return None if is_gateway(there.base_url, base_url) else there


def is_gateway(address: str, base_url: str) -> bool:
    """Whether an address is that of an LMS with the gateway of a Docker network in the place of its name, by which
    containers reach it, too, and which changes with the network.

    >>> is_gateway("http://172.18.0.1:8000", "http://local.openedx.io:8000")
    True
    """
    found, own = ip_of(address), ip_of(base_url)
    return found is not None and found.is_private and own is None and port_of(address) == port_of(base_url)


def ip_of(url: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The host of an address where it is a number."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(urlsplit(url).hostname or "")
    return None


def formers(env: Mapping[str, str], base_url: str, former_sites: Collection[str] = ()) -> list[Former]:
    """Every other LMS that may know an app, the one that it leaves last."""
    leaves = left(env, base_url, former_sites)
    found = [*(one for one in noted(env) if not same(one.base_url, base_url)), *([leaves] if leaves else [])]
    return list(dict.fromkeys(found))


def offered(
    env: Mapping[str, str], base_url: str, former_sites: Collection[str], others: Collection[str]
) -> dict[str, str]:
    """What of an app's ``.env`` is told to its LMS.

    Secrets of one LMS are never given to another. By the client id an LMS that only changed its address finds the
    application, whatever it is called there; one that the inventory knows as another LMS is told nothing.

    :param others: the addresses of the other LMSs of the inventory.
    """
    leaves = left(env, base_url, former_sites)
    if leaves is None:
        return dict(env)
    hidden = (*SECRETS, "OPENEDX_API_CLIENT_ID") if plain(leaves.base_url) in others else SECRETS
    return {key: value for key, value in env.items() if key not in hidden}


def really_left(
    former: Iterable[Mapping[str, Any]], env: Mapping[str, str], client_secret: str
) -> list[Mapping[str, Any]]:
    """Of the former LMSs of an app those that are not its LMS under an old address.

    :param former: as the facts of the app have them.
    :param client_secret: what the LMS of the app has now. Where it is that of the ``.env``, an LMS that the inventory
        does not know is this one.
    """
    there = current(env)
    is_same = bool(client_secret) and env.get("OPENEDX_API_CLIENT_SECRET") == client_secret
    old = there.base_url if there and is_same else ""
    return [one for one in former if one["edx_host"] or one["base_url"] != old]


def note(former: Iterable[Mapping[str, Any]]) -> str:
    """The value of the key in the ``.env``."""
    return ",".join(one["login"] for one in former)


def warning(app: Mapping[str, Any], one: Mapping[str, Any], reason: str = "") -> str:
    """What a run says of an LMS from which nothing could be removed."""
    why = reason or "it does not answer" if one["edx_host"] else "the inventory does not know it"
    return (
        f"{app['name']} left {one['base_url']} and was not removed there: {why.rstrip('.')}. Its provider, service "
        f"worker and API token may still work. {one['fix']}."
    )
