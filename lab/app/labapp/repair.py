# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of both apps' `repair_missing_courseware_records`: failures are counted, never the exit status."""

from requests.exceptions import HTTPError

from labapp.edx import summary


def repair(command, users, repair_one, name_of) -> None:
    repaired = failures = 0
    for user in users:
        who = f"{name_of(user)} ({user.email})"
        try:
            created_user, created_auth_token = repair_one(user)
        except HTTPError as error:
            failures += 1
            command.stderr.write(command.style.ERROR(f"{who}: Failed to repair ({summary(error.response)})"))
        except Exception as error:
            failures += 1
            command.stderr.write(command.style.ERROR(f"{who}: Failed to repair (Exception: {error})"))
        else:
            repaired += 1
            made = ["Created edX user"] * created_user + ["Created edX auth token"] * created_auth_token
            command.stdout.write(command.style.SUCCESS(f"{who}: {', '.join(made)}"))
    command.stdout.write(command.style.SUCCESS(f"Repair Complete: {repaired} repaired, {failures} failures"))
