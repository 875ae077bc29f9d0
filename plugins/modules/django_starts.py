#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation of the action plugin of this name, which does all of it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: django_starts
short_description: Say how often a run has started Django
description:
  - Runs on the controller and takes no options. It adds up what the tasks of the roles have counted for the apps of the
    play and their LMSs, and prints a line for each app under every stdout callback.
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - mitodl.openedx.attributes.read_only
  - mitodl.openedx.action
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Say what the run cost in Django starts
  mitodl.openedx.django_starts:
  run_once: true
"""

RETURN = r"""
lms:
  description: The starts of each LMS, for all apps of the play that it serves, by its host in the inventory.
  type: dict
  returned: success
  sample: {edx: 1}
app:
  description: The starts of each app, by its host in the inventory.
  type: dict
  returned: success
  sample: {xpro: 1, mitxonline: 1}
"""
