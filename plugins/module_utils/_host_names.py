# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Which names a machine knows, and which lines its hosts file lacks."""

from __future__ import annotations

import ipaddress
import os
import socket


def is_address(name):
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def addresses(name):
    """What a name resolves to here, nothing where it does not."""
    try:
        found = socket.getaddrinfo(name, None)
        # An IPv6 address may carry the network interface that it is valid on.
        return {ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
    except (OSError, UnicodeError):
        return set()


def mapped(text):
    """The names that a hosts file maps, in lower case: names are the same in any."""
    return {name.lower() for line in text.splitlines() for name in line.partition("#")[0].split()[1:]}


def look_up(names, hosts_file, address="127.0.0.1"):
    """Which of the names do not resolve, and the lines that the hosts file lacks for them.

    :raises OSError: the hosts file cannot be read.
    """
    path = os.path.realpath(hosts_file)
    with open(path, encoding="utf-8", errors="replace") as file:
        known = mapped(file.read())
    names = [name for name in dict.fromkeys(names) if name != "localhost" and not is_address(name)]
    found = {name: addresses(name) for name in names}
    return {
        "unresolved": [name for name in names if not found[name]],
        "missing_lines": [
            f"{address} {name}"
            for name in names
            if name.lower() not in known and all(entry.is_loopback for entry in found[name])
        ],
        "writable": os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK),
    }
