# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What a run has made before one of its tasks fails, so that nobody is told that nothing was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNTOUCHED = "Nothing was changed."
# What our roles register of the steps before a request that may be refused, in their order.
STEPS = {
    "mit_app_hosts_lines": "the hosts file got the lines for {host}",
    "mit_app_clone": "{host} was cloned",
    "mit_app_gateway": "the Docker network of {host} was made",
    "tutor_bootstrap_result": "the LMS was configured or started",
    "edx_private_settings_result": "the settings of the LMS were changed",
}


def made(task_vars: Mapping[str, Any]) -> list[str]:
    """What this run has made so far, for any of its hosts; a dry run makes nothing."""
    if task_vars.get("ansible_check_mode"):
        return []
    noted = {host: task_vars["hostvars"][host] for host in task_vars["ansible_play_hosts_all"]}
    return [
        said.format(host=host)
        for name, said in STEPS.items()
        for host, variables in noted.items()
        if (variables.get(name) or {}).get("changed")
    ]


def truthful(text: str, task_vars: Mapping[str, Any]) -> str:
    """A message of one step, as it is for the whole run."""
    if UNTOUCHED not in text or not (steps := made(task_vars)):
        return text
    return text.replace(UNTOUCHED, f"Before that, {' and '.join(steps)}.")
