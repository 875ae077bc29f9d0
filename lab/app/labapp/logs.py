# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines as the real apps write them to stderr: JSON, or coloured text with DEBUG."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configuration(*, debug: bool, level: str) -> dict:
    coloured = (
        "\x1b[2m%(asctime)s\x1b[0m [\x1b[32m%(levelname)s\x1b[0m] \x1b[1m%(message)s\x1b[0m [\x1b[34m%(name)s\x1b[0m]"
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}, "coloured": {"format": coloured}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "coloured" if debug else "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
