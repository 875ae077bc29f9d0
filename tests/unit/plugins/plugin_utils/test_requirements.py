# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._requirements import merged, name_of, pinned
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.requirements import lacking


@pytest.mark.parametrize(
    ("requirement", "packages", "met"),
    [
        ("ol-social-auth", {"ol_social_auth": "0.2.2"}, True),
        ("ol-social-auth", {}, False),
        ("OL.social_auth==0.2.2", {"ol-social-auth": "0.2.2"}, True),
        ("ol-social-auth==0.2.2", {"ol-social-auth": "0.2.3"}, False),
        ("ol-social-auth==0.2", {"ol-social-auth": "0.2.0"}, True),
        ("ol-social-auth>=0.2,<0.3", {"ol-social-auth": "0.2.9"}, True),
        ("ol-social-auth~=0.2.0", {"ol-social-auth": "0.3.0"}, False),
        ("ol-social-auth>=1", {"ol-social-auth": "2.0.0rc1"}, True),
        ("ol-social-auth[extra]==0.2.2", {"ol-social-auth": "0.2.2"}, True),
        ("x @ git+https://example.org/x.git", {"x": "1"}, True),
        ("x @ git+https://example.org/x.git", {}, False),
        ("x==1", {"x": "no version"}, False),
        # An address says neither name nor version.
        ("git+https://example.org/x.git", {}, True),
        ("./a/folder", {}, True),
    ],
)
def test_a_requirement_is_met_as_pip_sees_it(requirement, packages, met):
    assert lacking([requirement], packages) == ([] if met else [requirement])


@pytest.mark.parametrize(
    ("release", "social", "companion"),
    [(19, "0.2.2", "1.2.0"), (21, "0.2.2", "1.2.0"), (22, "0.3.0", "1.3.0"), (30, "0.3.0", "1.3.0")],
)
def test_the_versions_are_those_of_the_release(release, social, companion):
    wanted = ["ol-social-auth", "openedx-companion-auth", "other", "ol-social-auth==9", "OL_social_auth"]
    assert pinned(wanted, release) == [
        f"ol-social-auth=={social}",
        f"openedx-companion-auth=={companion}",
        "other",
        "ol-social-auth==9",
        f"OL_social_auth=={social}",
    ]


def test_another_version_is_replaced_where_it_stands_and_the_rest_stays():
    address = "git+https://example.org/x.git"
    assert merged(["mine==1", "ol_social_auth==0.1.0", address], ["ol-social-auth==0.2.2", "new"]) == [
        "mine==1",
        "ol-social-auth==0.2.2",
        address,
        "new",
    ]
    assert merged(["a==1"], ["a==1"]) == ["a==1"]
    assert merged([address], ["git==1"]) == [address, "git==1"]


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("A_b.c>=1", "a-b-c"),
        ("x[y]==1", "x"),
        ("x @ https://example.org/x.zip", "x"),
        ("https://x/y.zip", "https://x/y.zip"),
    ],
)
def test_the_name_is_what_pip_compares(requirement, name):
    assert name_of(requirement) == name
