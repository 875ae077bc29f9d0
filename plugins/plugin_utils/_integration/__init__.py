# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The domain layer: what an integration is made of, decided in plain Python without Ansible.

``profiles`` and ``inventory`` read declarations, ``backend_names`` and ``credentials`` settle what is called how and
where a secret comes from, ``objects``, ``app_env`` and ``lms_settings`` say what the two sides are to have, and
``findings``, ``guide`` and ``report`` put into words what was found.
"""
