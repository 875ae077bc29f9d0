# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Tutor's settings do after those of devstack, and with them private.py, were read; where Tutor runs, its own
file lies in this place."""

from lms.envs.devstack import *
from lms.envs.devstack import CMS_BASE

LOGIN_REDIRECT_WHITELIST = [CMS_BASE]
