# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app is called on its LMS: whatever happens to the inventory, an app that is integrated keeps its name."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.backend_names import (
    Claim,
    Row,
    is_settled,
    own_name,
    settle,
)


def claim(host, *, profile="generic", given="", in_env="", integrated=False, port=None):
    address = f"http://{host}.example.org:{port or 8000}"
    return Claim(host, profile, given, in_env, integrated, (address,))


def row(name, host, *, enabled=True, port=8000):
    return Row(name, enabled, (f"http://{host}.example.org:{port}/oauth2/token/", f"http://{host}.example.org:{port}/"))


INTEGRATED = {
    "xpro": claim("xpro", profile="mitxpro", in_env="ol-oauth2", integrated=True),
    "mitxonline": claim("mitxonline", profile="mitxonline", in_env="ol-oauth2-mitxonline", integrated=True),
    "third": claim("third", in_env="ol-oauth2-third", integrated=True),
}
NEW = {
    "aaa": claim("aaa"),
    "newhost": claim("newhost", in_env="ol-oauth2"),  # an example file names a backend, too
    "given": claim("given", given="mine"),
    "zzz": claim("zzz", profile="mitxpro", in_env="ol-oauth2"),
}
ROWS = [row("ol-oauth2", "xpro"), row("ol-oauth2-mitxonline", "mitxonline"), row("ol-oauth2-third", "third")]


@pytest.mark.parametrize("rows", [ROWS, []], ids=["the LMS was asked", "the LMS has lost its rows"])
def test_no_host_that_comes_or_goes_changes_the_name_of_an_integrated_app(rows):
    everybody = {**INTEGRATED, **NEW}
    tried = 0
    for number in range(1, len(everybody) + 1):
        for hosts in (
            itertools.permutations(everybody, number) if number < 5 else itertools.combinations(everybody, number)
        ):
            names = settle([everybody[host] for host in hosts], rows)
            for host in hosts:
                if host in INTEGRATED:
                    assert names[host] == INTEGRATED[host].in_env, (hosts, names)
            assert len(set(names.values())) == len(hosts), (hosts, names)
            tried += 1
    assert tried > 1000


def test_the_order_of_the_inventory_never_counts():
    claims = [*INTEGRATED.values(), *NEW.values()]
    wanted = settle(claims, ROWS)
    for order in itertools.permutations(claims):
        assert settle(order, ROWS) == wanted


def test_apps_of_which_none_was_ever_integrated_are_called_the_same_in_any_order():
    claims = [claim("mitxonline", profile="mitxonline"), claim("xpro", profile="mitxpro"), claim("aaa")]
    for order in itertools.permutations(claims):
        assert settle(order) == {"xpro": "ol-oauth2", "mitxonline": "ol-oauth2-mitxonline", "aaa": "ol-oauth2-aaa"}


def test_a_new_host_alone_in_the_play_does_not_take_the_name_of_an_app_that_the_lms_knows():
    assert settle([NEW["newhost"]], ROWS) == {"newhost": "ol-oauth2-newhost"}
    assert settle([NEW["newhost"]], []) == {"newhost": "ol-oauth2"}


def test_what_the_inventory_gives_wins_over_everything():
    moved = claim("xpro", given="own-name", in_env="ol-oauth2", integrated=True)
    assert settle([moved], ROWS) == {"xpro": "own-name"}


def test_a_row_that_points_at_the_app_wins_over_its_env_and_the_one_that_both_name_over_another():
    known = claim("xpro", in_env="wrong", integrated=True)
    assert settle([known], [row("ol-oauth2-x", "xpro")]) == {"xpro": "ol-oauth2-x"}
    two = [row("a", "xpro", enabled=False), row("b", "xpro"), row("c", "xpro")]
    assert settle([known], two) == {"xpro": "b"}
    assert settle([claim("xpro", in_env="c")], two) == {"xpro": "c"}


def test_a_row_that_points_at_two_apps_is_that_of_the_one_whose_env_names_it():
    xpro, other = INTEGRATED["xpro"], Claim("other", addresses=("http://other.example.org:8000",), takes_part=False)
    both = Row("ol-oauth2", True, (*xpro.addresses, *other.addresses))
    assert settle([xpro, other], [both]) == {"xpro": "ol-oauth2"}
    # Also where its credentials in the .env are spoilt.
    assert settle([claim("xpro", in_env="ol-oauth2"), other], [both]) == {"xpro": "ol-oauth2"}


def test_a_row_that_was_led_to_an_app_which_was_never_integrated_stays_with_its_own():
    names = settle([NEW["aaa"], INTEGRATED["xpro"]], [row("ol-oauth2", "aaa")])
    assert names == {"xpro": "ol-oauth2", "aaa": "ol-oauth2-aaa"}


def test_an_app_without_env_is_known_by_its_row():
    assert settle([claim("xpro")], [row("custom", "xpro")]) == {"xpro": "custom"}


def test_a_row_points_at_an_app_in_any_case_and_by_the_port_of_the_scheme():
    here = Claim("xpro", addresses=("http://xpro.example.org",))
    assert settle([here], [Row("custom", True, ("http://XPRO.example.org:80/o/authorize/",))]) == {"xpro": "custom"}


def test_ports_tell_apps_of_one_machine_apart():
    one, other = claim("here", port=8053), Claim("other", addresses=("http://here.example.org:8013",))
    assert settle([one, other], [row("ol-oauth2", "here", port=8053)]) == {
        "here": "ol-oauth2",
        "other": "ol-oauth2-other",
    }


def test_the_name_of_an_app_that_was_removed_is_its_own_and_nobody_elses():
    removed = [row("ol-oauth2", "xpro", enabled=False)]
    assert settle([claim("xpro", profile="mitxpro")], removed) == {"xpro": "ol-oauth2"}
    assert settle([claim("newhost")], removed) == {"newhost": "ol-oauth2-newhost"}
    # A disabled row without addresses is nobody's.
    assert settle([claim("newhost")], [Row("ol-oauth2", False)]) == {"newhost": "ol-oauth2"}


def test_two_env_files_that_name_the_same_are_told_apart():
    copied = claim("copy", in_env="ol-oauth2", integrated=True)
    names = settle([copied, INTEGRATED["xpro"]], [])
    assert names == {"xpro": "ol-oauth2", "copy": "ol-oauth2-copy"}


@pytest.mark.parametrize(
    ("host", "name"),
    [("mitxonline.odl.local", "ol-oauth2-mitxonline-odl-local"), ("a b/c", "ol-oauth2-a-b-c"), ("x", "ol-oauth2-x")],
)
def test_names_are_slugs(host, name):
    assert own_name(host) == name


def test_long_names_are_cut_and_differ():
    one, other = (
        own_name("an-app-with-a-very-long-name.example.org"),
        own_name("an-app-with-a-very-long-name.example.com"),
    )
    assert len(one) == len(other) == 30
    assert one != other


def test_whether_the_lms_has_to_be_asked():
    assert all(map(is_settled, [*INTEGRATED.values(), NEW["given"]]))
    # With another app that takes no part, the first name may be that app's, whatever the .env says.
    assert [host for host, one in INTEGRATED.items() if not is_settled(one, alone=False)] == ["xpro"]
    # A name that is neither the first nor the app's own may be a mistake.
    assert not is_settled(claim("xpro", in_env="ol-oauth2-other", integrated=True))
    assert not any(map(is_settled, [NEW["aaa"], NEW["newhost"]]))
