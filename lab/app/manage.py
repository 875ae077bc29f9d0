#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the stand-in MIT app; LAB_APP_MODE says which app it is."""

import os
import sys

from django.core.management import execute_from_command_line

SETTINGS = {"mitxpro": "mitxpro.settings", "mitxonline": "main.settings"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS[os.environ.get("LAB_APP_MODE") or "mitxpro"])
    execute_from_command_line(sys.argv)
