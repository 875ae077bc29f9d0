# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro: an application for Open edX, courses to play with, and the cache table. Can be repeated."""

from django.core.management import call_command

from labapp.configure import ConfigureInstance


class Command(ConfigureInstance):
    help = "Bootstraps a fresh MITxPro instance."

    def courseware(self, options) -> None:
        self.say("Creating Seed Data...")
        call_command("seed_data")
        self.say("Seed Data Created\n\n")
        self.say("Creating cache table...")
        call_command("createcachetable")
        self.say("Cache table created.\n\n")
