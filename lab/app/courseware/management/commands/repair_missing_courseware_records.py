# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro: give everybody what they lack at Open edX.

Broken in the real app since it runs on Django 5, and so here; LAB_REPAIR_FIXED=1 shows it repaired.
"""

import os

from django.core.management import BaseCommand

from courseware.api import repair_faulty_edx_user
from labapp.repair import repair
from users.models import User


class Command(BaseCommand):
    help = "Repairs missing courseware records"

    def handle(self, *args, **options):
        users = User.faulty_courseware_users.all()
        self.stdout.write(f"Repairing {users.count()} users")
        # Django 5 refuses iterator() without a chunk size after prefetch_related(), before anybody is read.
        chunk = {"chunk_size": 100} if os.environ.get("LAB_REPAIR_FIXED") == "1" else {}
        repair(self, users.iterator(**chunk), repair_faulty_edx_user, lambda user: user.username)
