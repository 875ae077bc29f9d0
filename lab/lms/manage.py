#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./manage.py lms|cms [--settings MODULE] COMMAND`: one project, two services."""

import os
import sys


def main(argv: list[str]) -> None:
    program, *arguments = argv
    if not arguments or arguments[0] not in ("lms", "cms"):
        sys.exit(f"usage: {program} lms|cms [--settings MODULE] COMMAND [OPTIONS]")
    service = arguments.pop(0)
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", f"{service}.envs.devstack")
    for position, argument in enumerate(arguments):
        if argument.startswith("--settings"):
            _name, equals, settings = argument.partition("=")
            del arguments[position]
            if not equals:
                settings = arguments.pop(position)
            break
    # The environment of the lab names the LMS's module; its twin in the other service has the same last part.
    twin = settings.split(".", 1)[1] if settings.split(".", 1)[0] in ("lms", "cms") else None
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{service}.{twin}" if twin else settings
    os.environ["SERVICE_VARIANT"] = service

    from django.core.management import execute_from_command_line

    execute_from_command_line([program, *arguments])


if __name__ == "__main__":
    main(sys.argv)
