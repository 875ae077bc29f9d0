# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""What is hidden wherever it would be shown, though nobody said that it is a secret."""

from __future__ import annotations

import re

SECRET_NAME = re.compile(r"PASSW|PASSPHRASE|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
HIDDEN = "********"
