# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITx Online: give everybody, or one person, what they lack at Open edX."""

from django.core.management import BaseCommand

from labapp.repair import repair
from openedx.api import repair_faulty_edx_user
from users.api import fetch_user
from users.models import User


class Command(BaseCommand):
    help = "Repairs missing openedx records"

    def add_arguments(self, parser):
        parser.add_argument("--user", help="The id, email, or username of the User")

    def handle(self, *args, **options):
        if options["user"] is not None:
            users = [fetch_user(options["user"])]
            self.stdout.write(f"Repairing user '{users[0].edx_username}' ({users[0].email})")
        else:
            self.stdout.write(f"Repairing {User.faulty_openedx_users.count()} users")
            users = User.faulty_openedx_users.past_grace_period()
        repair(self, users, repair_faulty_edx_user, lambda user: user.edx_username)
