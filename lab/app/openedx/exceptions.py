# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between MITx Online and Open edX."""

from labapp.edx import OpenEdXOAuth2Error

__all__ = ["OpenEdXOAuth2Error"]
