# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judges of hops/provider.py say: one change to a healthy chain per cause."""

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.hops import provider
from chain import APP, ENABLED_ELSEWHERE, cases, hops_of, named

# hop, status, a part of its fact, a part of its fix, and the facts that differ from the healthy chain
CAUSES = [
    ("lms.provider", "failed", "enabled row on example.com", "edx_oauth_provider", {"lms/provider": ENABLED_ELSEWHERE}),
    ("lms.provider", "failed", "is disabled", "edx_oauth_provider", {"lms/provider/enabled": False}),
    (
        "lms.provider",
        "warning",
        "serves only that Site",
        "disable the other row in the LMS's admin; or name its Site in edx_former_sites",
        {"lms/provider/others": ["example.com"]},
    ),
    (
        "lms.provider_settings",
        "failed",
        "host (xpro.odl.local, not 172.19.0.1)",
        "edx_oauth_provider",
        {"lms/provider/other_settings/API_ROOT": "http://172.19.0.1:8053/"},
    ),
    (
        "lms.provider_settings",
        "failed",
        "no JSON",
        "edx_oauth_provider",
        {"lms/provider/unreadable": "Expecting value"},
    ),
    (
        "lms.provider_settings",
        "failed",
        "wins over",
        "edx_oauth_provider",
        {"lms/provider/other_settings/DISCOVERY_URL": f"{APP}/x"},
    ),
    ("lms.provider_settings", "failed", "client id is empty", "edx_oauth_provider", {"lms/provider/client_id": ""}),
    ("lms.provider_settings", "warning", "slug", "edx_oauth_provider", {"lms/provider/slug": "other"}),
    ("lms.registry", "failed", "is stale", "10 minutes", {"lms/registry/names": []}),
    ("lms.registry", "failed", "older provider row", "10 minutes", {"lms/registry/row": False}),
]


@pytest.mark.parametrize(*cases(CAUSES))
def test_a_cause_is_named_with_its_fix(hop, status, fact, fix, changes):
    named(hop, status, fact, fix, changes)


def test_every_hop_has_a_cause_that_breaks_it():
    assert hops_of(provider) == {cause[0] for cause in CAUSES}
