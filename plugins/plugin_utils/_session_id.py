# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The name of the sessions of one run of Ansible."""

from __future__ import annotations

import multiprocessing
import os

from ansible_collections.mitodl.openedx.plugins.module_utils._engine import owner


def session_id() -> str:
    """The same in every task of a run, and never that of another run: the name of the run's main process.

    Actions run in workers that the main process has forked.
    """
    main = multiprocessing.parent_process()
    return owner.name((main.pid if main else None) or os.getpid())
