# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of people's links to providers: a row for every change, removals included, with the tokens of that time.

It has no foreign key in the database, so its rows outlive the person.
"""

from simple_history import register
from social_django.models import UserSocialAuth

register(UserSocialAuth, app="lms.djangoapps.support")
