# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beginning anew: nothing goes before it was listed and confirmed, and everything can be built again."""

from __future__ import annotations

APPLICATION = "select client_id from oauth2_provider_application where name = 'xpro-oauth-app'"


def test_reset_and_all_anew(converged):
    before, client_id = converged.digest(), converged.one("lms", APPLICATION)["client_id"]
    listed = [
        f"the database {converged.state}/lms.sqlite3",
        f"the folder {converged.state}/lms",
        f"the database {converged.state}/xpro.sqlite3",
        f"what is in {converged.state}/xpro",
        "the integration of mitxonline with that LMS, since its data are there",
    ]
    refused = converged.playbook("--limit", "xpro", book="reset")
    assert refused.code != 0
    assert "-e reset_confirm=yes" in refused.out
    planned = converged.playbook("--limit", "xpro", "--check", "-e", "reset_side=app", book="reset").well()
    assert planned.changed == 1
    for thing in listed:
        assert f"- {thing}\n" in refused.out
        assert (f"- {thing}\n" in planned.out) == ("/xpro" in thing)
    assert converged.digest() == before

    run = converged.playbook("--limit", "xpro", "-e", "reset_confirm=yes", book="reset").well()
    assert run.out.index("To be destroyed:") < run.out.index("Destroy the LMS")
    assert not converged.database("lms").exists()
    assert not converged.dotenv.exists()
    assert converged.digest() == {name: content for name, content in before.items() if name.startswith("mitxonline")}

    anew = converged.playbook("--limit", "xpro", book="site", doctor=True).well()
    assert ", 0 failed," in anew.out
    assert converged.one("lms", APPLICATION)["client_id"] != client_id
