# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is set when all settings are read. Managed by the Ansible role mitodl.openedx.edx_private_settings.

Tutor's own development.py assigns LOGIN_REDIRECT_WHITELIST after it has imported devstack, and private.py with it.
"""

from django.apps import AppConfig
from django.conf import settings

from . import add_hosts


class LateSettings(AppConfig):
    """No application with models or addresses; only a place for code that runs when Django is set up."""

    name = __package__

    def ready(self):
        found = {"LOGIN_REDIRECT_WHITELIST": settings.LOGIN_REDIRECT_WHITELIST}
        add_hosts(found)
        settings.LOGIN_REDIRECT_WHITELIST = found["LOGIN_REDIRECT_WHITELIST"]
