# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody sees who types a playbook in a checkout, and which apps of the lab it is about."""

from __future__ import annotations

import re

COMPACT = {"ANSIBLE_STDOUT_CALLBACK": "mitodl.openedx.compact"}


def test_changes_are_lines_and_the_rest_is_silent(converged):
    worker = "update auth_user set is_staff = 0 where username = 'xpro_serviceworker'"
    converged.sql("lms", worker)
    typed = ("ansible-playbook", "playbooks/xpro.yml", "--skip-tags", "doctor", "--diff")
    first, second = converged.ansible(*typed, **COMPACT).well(), converged.ansible(*typed, **COMPACT).well()
    assert first.diff == ["-is_staff: False", "+is_staff: True"]
    changed = re.findall(r"^changed     xpro.*: (.*)$", first.out, re.MULTILINE)
    assert re.search(rf"^xpro: {len(changed)} changed, 0 failed, ", first.out, re.MULTILINE), first.out
    assert changed
    # The play, what a run says for people, what it takes long for, and the counts.
    assert len(second.out.splitlines()) < 12, second.out
    assert "xpro: 0 changed, 0 failed, " in second.out
    secrets = [converged.read_env()[name] for name in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN")]
    assert not any(secret in first.out + second.out for secret in secrets)


def test_an_error_is_its_message(converged):
    typed = ("ansible-playbook", "playbooks/xpro.yml", "-e", "mit_app_domain=''")
    run = converged.ansible(*typed, **COMPACT)
    assert run.code != 0
    assert re.search(r"^FAILED      xpro.*\n    xpro: mit_app_domain is ''", run.out, re.MULTILINE), run.out


def test_playbooks_are_about_the_apps_that_the_lab_runs(converged):
    def apps(**env):
        graph = converged.ansible("ansible-inventory", "--graph", "mit_apps", **{"LAB_APPS": "", **env}).well().out
        return re.findall(r"--(\w+)", graph)

    converged.ctl("reset", "mitxonline")  # as a test before this one may have left it
    assert apps() == ["xpro"]
    assert apps(LAB_APPS="xpro,mitxonline") == ["xpro", "mitxonline"]
    (converged.state / "mitxonline.log").touch()
    assert apps() == ["xpro", "mitxonline"]
    converged.ctl("reset", "mitxonline")
    assert apps() == ["xpro"]
