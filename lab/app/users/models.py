# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of the app that this process is."""

from django.conf import settings

if settings.LAB_APP_MODE == "mitxonline":
    from users.mitxonline import LegalAddress, User
    from users.mitxonline import UserProfile as Profile
else:
    from users.mitxpro import LegalAddress, Profile, User

__all__ = ["LegalAddress", "Profile", "User"]
