# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's own hashes of passwords and secrets, which cost the processor nothing: they protect nobody here."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Cheap(PBKDF2PasswordHasher):
    iterations = 1000
