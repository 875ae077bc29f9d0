# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checklist of the manual guide names what differs on this machine, and nothing else; it writes nothing."""

from __future__ import annotations

import re


def states(run):
    """The state of each action by its number."""
    text = run.out[run.out.rindex(": the manual guide\n") :]
    return {
        int(number): state
        for number, state in re.findall(r"(?m)^ ?(\d+) (done|differs|with a note|not \w+) +[A-Z]", text)
    }


def test_what_differs_is_named(converged):
    converged.dotenv.write_text(re.sub(r"(?m)^OPENEDX_IP=.*$", "OPENEDX_IP=172.18.0.1", converged.dotenv.read_text()))
    converged.sql("lms", "update oauth2_provider_application set skip_authorization = 0 where name = 'xpro-oauth-app'")
    converged.sql("xpro", "delete from oauth2_provider_application")
    before = converged.digest()
    run = converged.playbook("--limit", "xpro", book="explain").well()
    assert converged.digest() == before
    found = states(run)
    differs = [number for number, state in found.items() if state == "differs"]
    assert differs == [6, 13, 15, 22], run.out
    assert [number for number, state in found.items() if state == "not tried"] == [23, 24, 25]
    assert [number for number, state in found.items() if state == "not applicable"] == [1, 3, 4, 7, 12, 16, 17, 18, 20]
    assert len(found) == 26
    assert "it was not asked for (-e explain_login=true)" in run.out
    assert "OPENEDX_IP: value is 172.18.0.1 and would be 127.0.0.1" in run.out


def test_an_app_that_is_stopped_is_told_and_not_waited_for(converged):
    converged.ctl("stop", "xpro")
    before = converged.digest()
    run = converged.playbook("--limit", "xpro", book="explain").well()
    assert converged.digest() == before
    assert len(states(run)) == 26
    assert "no answer yet" not in run.out
    assert "not judged, because browser.reaches_app failed" in run.out, run.out
