# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`FEATURES` as a view of one settings module's own names."""

from collections.abc import Iterator, MutableMapping
from typing import Any


class FeaturesProxy(MutableMapping):
    """Reading and writing `FEATURES["X"]` reads and writes the name `X` of the module that made the proxy.

    A module that star-imports another one copies the *values* of its names but shares its proxy: writes then land in
    the other module and are not seen in the copy. That is the trap that the real LMS has, so the lab has it.
    """

    def __init__(self, namespace: dict[str, Any]):
        self.namespace = namespace

    def __getitem__(self, name: str) -> Any:
        return self.namespace[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.namespace[name] = value

    def __delitem__(self, name: str) -> None:
        del self.namespace[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.namespace if name.isupper())

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def copy(self) -> dict[str, Any]:
        return dict(self)
