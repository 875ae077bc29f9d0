# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many examples the property tests try: the same few in every `make test`, others and more in `make test-all`.

`pytest tests/unit --hypothesis-profile=long` tries as many as that.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("quick", max_examples=100, deadline=None, derandomize=True, database=None)
settings.register_profile("long", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile("quick")
