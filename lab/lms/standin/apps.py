# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real LMS does not have: the lab's own data places, its log of boots, its pages and its seed."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class StandinConfig(AppConfig):
    name = "standin"
    verbose_name = "Lab"

    def ready(self) -> None:
        # Tutor's settings run after ours and name a Redis for every cache. This is the first application to get
        # ready, so this is the last word: the names stay, the place is the lab's.
        if settings.OWN_DATA:
            settings.CACHES = {alias: {**settings.LAB_CACHE, "KEY_PREFIX": alias} for alias in settings.CACHES}
        if os.environ.get("LAB_STATE"):
            self.log_boot(Path(os.environ["LAB_STATE"]) / "boots.log")

    def log_boot(self, log: Path) -> None:
        """One line per start of Django: so starts are counted here and not by whoever caused them."""
        command = "python -" if sys.argv[0] in ("-", "-c", "") else " ".join(" ".join(sys.argv).split())
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"{datetime.now(UTC).isoformat()} {settings.SERVICE_VARIANT} {os.getpid()} {command}\n")
