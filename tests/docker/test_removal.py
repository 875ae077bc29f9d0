# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports that write nothing, taking one of two apps off and bringing it back, on database servers and with compose."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.docker


@contextmanager
def read_only(lab):
    """Database servers that refuse every write, of the LMS and of xPRO."""

    def switch(number, words):
        lab.mysql("mysql", "-e", f"set global read_only = {number}")
        lab.compose("xpro", "exec", "-T", "db", "psql", "-U", "postgres", "-h", "db", "-c", words, "-c", reload)

    reload = "select pg_reload_conf()"
    switch(1, "alter system set default_transaction_read_only = on")
    try:
        yield
    finally:
        switch(0, "alter system reset default_transaction_read_only")


@pytest.mark.parametrize(
    ("book", "words", "said"),
    [
        ("doctor", ["--tags", "drift"], "xpro: no declared facts differ"),
        ("adopt", [], "xpro: 0 to create"),
        ("explain", [], "0 differs"),
    ],
)
def test_reports_on_databases_that_can_only_be_read(lab, book, words, said):
    files = lab.files()
    with read_only(lab):
        run = lab.playbook("--limit", "xpro", *words, book=book).well()
    assert run.changed == 0
    assert said in run.out or (said == "0 differs" and " differs " not in run.out), run.out
    assert lab.files() == files


def of_online(lab):
    """All that is MITx Online's: its database, its rows in the LMS, its files."""
    rows = [line for line in lab.dump("lms").splitlines() if "mitxonline" in line]
    return rows, lab.dump("mitxonline"), {name: data for name, data in lab.files().items() if "mitxonline" in name}


def test_one_app_is_taken_off_and_comes_back(lab):
    other = of_online(lab)
    removed = lab.playbook("--limit", "xpro", book="remove").well()
    assert removed.changed > 0
    assert of_online(lab) == other
    assert lab.playbook("--limit", "xpro", book="remove").well().changed == 0
    assert lab.backend_answers("ol-oauth2") == ""
    assert lab.doctor("--limit", "mitxonline")["login.browser"] == "ok"
    run = lab.playbook("--limit", "xpro", doctor=True).well()
    assert ", 0 failed," in run.out
