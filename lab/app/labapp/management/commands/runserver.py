# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The development server, which also serves static files with DEBUG off: nginx does that for the real apps."""

from django.contrib.staticfiles.management.commands.runserver import Command as StaticFilesCommand


class Command(StaticFilesCommand):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(insecure_serving=True)
