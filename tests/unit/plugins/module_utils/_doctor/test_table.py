# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result for a terminal."""

from __future__ import annotations

from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.diagnosis import diagnose
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.table import heading, table, way_in
from chain import ENABLED_ELSEWHERE, healthy, put


def test_the_table_fits_a_terminal_and_names_fact_and_fix():
    seen = healthy()
    put(seen, "lms/provider", ENABLED_ELSEWHERE)
    put(seen, "app/sync/output", "Sync complete: 0 updated, 30 failures, 0 unchanged.\n")
    lines = table(diagnose(seen), {"app": 2, "lms": 1}, 3.21)
    assert max(map(len, lines)) <= 100
    broken = next(index for index, line in enumerate(lines) if line.startswith("[FAIL] lms.provider "))
    assert lines[broken + 1].lstrip().startswith("fact: There is no provider row")
    assert any(line.lstrip().startswith("fix:  Run the app's playbook again") for line in lines[broken:])
    assert "Django starts of this check: app 2, LMS 1; 3.2 s" in lines[-1]


def test_why_a_hop_was_skipped_is_read_to_its_end():
    seen = healthy()
    reason = "not tried: " + "a reason of many words " * 6 + "whose end is what counts"
    seen.unwanted["login"] = reason
    lines = table(diagnose(seen), {"app": 2, "lms": 1}, 3.21)
    assert max(map(len, lines)) <= 100
    first = next(index for index, line in enumerate(lines) if line.startswith("[skip] "))
    column = lines[first].index("not tried")
    second = next(index for index, line in enumerate(lines[first + 1 :], first + 1) if line.startswith("["))
    assert all(not line[:column].strip() for line in lines[first + 1 : second])
    assert " ".join(line[column:].strip() for line in lines[first:second]) == reason


def test_where_people_log_in_is_said_only_once_a_login_was_seen():
    app = {"lms_base_url": "http://lms:8000", "base_url": "http://app:8053"}
    seen = healthy()
    line = "People log in at http://lms:8000/login, with an account of http://app:8053"
    assert way_in(diagnose(seen), app) == [line]
    stuck = [{**hop, "status": "warning"} if hop["id"] == "browser.entrance" else hop for hop in diagnose(seen)]
    assert way_in(stuck, app) == [f"{line}, where they have to be signed in before (browser.entrance)"]
    seen.unwanted["login"] = "not tried: it was not asked for"
    assert way_in(diagnose(seen), app) == []


def test_a_warning_is_told_with_fact_and_fix():
    seen = healthy()
    put(seen, "lms/worker/profile", False)
    lines = table(diagnose(seen), {"app": 1, "lms": 1}, 1.0)
    warned = next(index for index, line in enumerate(lines) if line.startswith("[warn] lms.worker "))
    assert lines[warned + 1].lstrip().startswith("fact: worker has no profile")
    assert lines[warned + 2].lstrip().startswith("fix:  Run the app's playbook again")


def last_line(seen):
    return table(diagnose(seen), {"app": 1, "lms": 1}, 1.0)[-1].partition(";")[0]


def test_counts_read_as_english():
    seen = healthy()
    number = len(diagnose(seen))
    assert last_line(seen) == f"{number} hops: {number} ok, 0 failed, no warnings"
    put(seen, "lms/provider/slug", "other")
    assert last_line(seen) == f"{number} hops: {number - 1} ok, 0 failed, 1 warning"
    put(seen, "lms/worker/profile", False)
    put(seen, "app/user/authorized", False)
    seen.unwanted["commands"] = "not tried: it was not asked for"
    assert last_line(seen) == f"{number} hops: {number - 7} ok, 1 failed, 2 warnings, 4 skipped"


def test_a_note_is_shown_in_full_and_counts_as_ok():
    seen = healthy()
    put(seen, "app/repair/output", "")
    put(seen, "app/repair/failure", "ValueError: chunk_size must be provided when using iterator()")
    number = len(diagnose(seen))
    assert last_line(seen) == f"{number} hops: {number} ok (1 with a note), 0 failed, no warnings"
    lines = table(diagnose(seen), {"app": 1, "lms": 1}, 1.0)
    noted = next(index for index, line in enumerate(lines) if line.startswith("[note] commands.repair "))
    assert lines[noted + 1].lstrip().startswith("note: repair: known upstream defect: ")


def test_the_heading_names_the_app():
    app = {"name": "xpro", "base_url": "http://xpro", "lms_base_url": "http://lms"}
    assert heading(app) == "xpro: the login chain of http://xpro with http://lms"
