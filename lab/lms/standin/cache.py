# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cache of the lab, which fails as Redis does under Tutor's settings: without a word."""

from pathlib import Path
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache


class QuietFileCache(FileBasedCache):
    """Files for Redis. While there is a file of their directory's name and ".down", nothing is kept.

    Tutor sets DJANGO_REDIS_IGNORE_EXCEPTIONS, with which every call to a Redis that is down returns None.
    """

    @property
    def is_down(self) -> bool:
        return Path(f"{self._dir}.down").exists()

    def add(self, *args: Any, **options: Any) -> Any:
        return None if self.is_down else super().add(*args, **options)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return default if self.is_down else super().get(key, default, version)

    def incr(self, *args: Any, **options: Any) -> Any:
        return None if self.is_down else super().incr(*args, **options)

    def set(self, *args: Any, **options: Any) -> None:
        if not self.is_down:
            super().set(*args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        return None if self.is_down else super().delete(*args, **options)

    def has_key(self, *args: Any, **options: Any) -> bool:
        return False if self.is_down else super().has_key(*args, **options)

    def touch(self, *args: Any, **options: Any) -> bool:
        return False if self.is_down else super().touch(*args, **options)

    def clear(self) -> None:
        if not self.is_down:
            super().clear()
