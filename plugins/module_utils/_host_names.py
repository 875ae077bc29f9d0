# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""Which names a machine knows, and which lines its hosts file lacks."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import platform
import socket

# As WSL shows it. Elsewhere there is none.
WINDOWS_HOSTS = "/mnt/c/Windows/System32/drivers/etc/hosts"


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


@contextlib.contextmanager
def expected(names, address="127.0.0.1"):
    """Have this process take names that do not resolve yet for what a hosts file is to say of them."""
    resolve = socket.getaddrinfo

    def with_lines(host, *words, **options):
        try:
            return resolve(host, *words, **options)
        except OSError:
            if host not in names:
                raise
            return resolve(address, *words, **options)

    socket.getaddrinfo = with_lines
    try:
        yield
    finally:
        socket.getaddrinfo = resolve


def is_here(address):
    """Whether an address is one of this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def is_local(name):
    """Whether a name means this machine."""
    found = addresses(name)
    return bool(found) and all(entry.is_loopback or is_here(str(entry)) for entry in found)


def mapped(text):
    """What a hosts file maps each name to, in lower case: names are the same in any."""
    found: dict[str, set] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found.setdefault(name.lower(), set()).add(address)
    return found


def lacking(name, mapped_to, address, system):
    """The lines that a name needs and the hosts file does not have: on macOS a name in .local needs two.

    .local is the domain of Bonjour, which is asked for the IPv6 address that a hosts file lacks, and answers after 5 s.
    """
    if not mapped_to:
        yield f"{address} {name}"
    bonjour = system == "Darwin" and name.lower().endswith(".local")
    if bonjour and not any(":" in entry for entry in (*mapped_to, address)):
        yield f"::1 {name}"


def look_up(names, hosts_file, address="127.0.0.1", system=None):
    """Which of the names do not resolve, and the lines that the hosts file lacks for them.

    :raises OSError: the hosts file cannot be read.
    """
    path = os.path.realpath(hosts_file)
    known = read_hosts(path)
    names = [name for name in dict.fromkeys(names) if name != "localhost" and not is_address(name)]
    found = {name: addresses(name) for name in names}
    return {
        "unresolved": [name for name in names if not found[name]],
        "missing_lines": [
            line
            for name in names
            if all(entry.is_loopback for entry in found[name])
            for line in lacking(name, known.get(name.lower(), ()), address, system or platform.system())
        ],
        "writable": os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK),
    }


def read_hosts(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return mapped(file.read())


def unknown_to_windows(names, address="127.0.0.1", hosts_file=WINDOWS_HOSTS):
    """The lines that the hosts file of Windows lacks, whose browser is used with WSL; none elsewhere."""
    try:
        known = read_hosts(hosts_file)
    except OSError:
        return []
    names = [name for name in dict.fromkeys(names) if name != "localhost" and not is_address(name)]
    return [f"{address} {name}" for name in names if name.lower() not in known and is_ours(name)]


def is_ours(name):
    """Whether a name means this machine, or nothing yet."""
    return all(entry.is_loopback for entry in addresses(name))
