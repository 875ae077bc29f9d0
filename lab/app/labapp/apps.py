# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every start of this Django is noted: in a file for those who count starts, and on stderr as the real apps do."""

import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class LabAppConfig(AppConfig):
    name = "labapp"

    def ready(self) -> None:
        if state := os.environ.get("LAB_STATE"):
            command = "python -" if sys.argv[:1] in ([], [""], ["-"]) else " ".join(" ".join(sys.argv).split())
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            with (Path(state) / "boots.log").open("a") as log:
                log.write(f"{now} {settings.LAB_APP_MODE} {os.getpid()} {command}\n")
        if settings.DEBUG:
            logging.getLogger("labapp").info("Initializing telemetry: none here")
        else:
            logging.getLogger("labapp").info("No telemetry endpoint is configured, telemetry is disabled")
