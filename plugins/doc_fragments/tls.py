# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of the modules that ask the LMS or an app, which may have a certificate of a private authority."""

    DOCUMENTATION = r"""
options:
  ca_path:
    description:
      - The file with the certificates of the authorities to trust, in PEM, on the machine that the module runs on, such
        as the C(rootCA.pem) of mkcert. Those that this machine trusts count when it is not given.
    type: path
  validate_certs:
    description:
      - Whether a certificate has to be trusted.
    type: bool
    default: true
"""
