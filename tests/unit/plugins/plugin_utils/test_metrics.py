# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What monitoring is told: in the text format of Prometheus, by names after its conventions, and nobody named."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import metrics
from reports import CASES, NOW, made

LABEL = r'[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"(?P<name>[a-z_]+)\{{(?P<labels>{LABEL}(?:,{LABEL})*)\}} (?P<value>-?[0-9.e+]+)")


def parsed(text):
    """The samples by name, after the text was held against the format: a metric's lines together, below its type."""
    found, described, typed = {}, [], ""
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            described.append(line.split()[2])
        elif line.startswith("# TYPE "):
            typed = line.split()[2]
            assert (line, described[-1]) == (f"# TYPE {typed} gauge", typed)
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample["name"] == typed
            found.setdefault(typed, []).append((sample["labels"], float(sample["value"])))
    assert len(described) == len({*described})
    assert all(len({labels for labels, _value in found[name]}) == len(found[name]) for name in found)
    return found


def told(case, compared=()):
    return parsed(metrics.exposition(metrics.samples(made(case), compared, NOW)))


@pytest.mark.parametrize("case", CASES)
def test_every_report_can_be_read(case):
    found = told(case, CASES[case])
    assert found.keys() <= metrics.HELP.keys()
    units = ("_seconds", "_hops", "_facts", "_ok", "_examined")
    assert all(name.startswith("openedx_sso_") and name.endswith(units) for name in found)


def test_a_chain_that_works():
    (sample,) = told("healthy")["openedx_sso_ok"]
    assert sample == ('host="fine",app="http://xpro.odl.local:8053",lms="http://local.openedx.io:8000"', 1.0)


def test_what_is_broken_and_who_was_not_examined():
    found = told("broken")
    assert found["openedx_sso_examined"] == [('host="absent"', 0.0), ('host="first"', 1.0), ('host="second"', 1.0)]
    assert [value for _labels, value in found["openedx_sso_ok"]] == [0.0, 1.0]
    hops = {labels.rpartition("=")[2]: value for labels, value in found["openedx_sso_hops"] if "first" in labels}
    assert (hops['"failed"'], hops['"warning"'], hops['"skipped"']) == (2.0, 1.0, 1.0)
    # A token of which nothing is known has no date.
    (token,) = found["openedx_sso_api_token_expiry_timestamp_seconds"]
    assert token[1] == NOW.timestamp() + 200 * 86400


def test_drift_is_told_where_it_is_known():
    assert "openedx_sso_drifted_facts" not in told("warned")
    assert [value for _labels, value in told("warned", ["soon"])["openedx_sso_drifted_facts"]] == [1.0]


def test_the_statistics_are_short_and_name_nobody():
    said = metrics.statistics(made("broken"))["openedx_sso"]
    assert (said["ok"], said["not_examined"], sorted(said["apps"])) == (False, ["absent"], ["first", "second"])
    assert said["apps"]["first"]["first_failed"] == "app.reaches_lms"
    assert "serviceworker" not in str(said) + metrics.exposition(metrics.samples(made("warned"), ["soon"], NOW))
