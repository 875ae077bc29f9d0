# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a removal learns from the .env of apps that stay: what it cannot read is never taken for nothing."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mitodl.openedx.plugins.action.lms_rows import dotenvs_of, name_owners
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.objects import Declared

OTHER = {"host": "mitxonline", "dotenv": "/src/mitxonline/.env"}


def slurped(**answer):
    return {**answer, "ansible_loop_var": "__other", "__other": OTHER}


def test_what_is_there_is_read_in_any_encoding_and_what_is_not_says_nothing():
    text = "OPENEDX_SERVICE_WORKER_USERNAME=shared\nMOTTO=caf\xe9\n".encode("latin-1")
    files = [
        slurped(content=base64.b64encode(text).decode()),
        slurped(msg="file not found: /src/mitxonline/.env"),
        slurped(msg="File not found: /src/mitxonline/.env"),
    ]
    (found,) = dotenvs_of(files)
    assert found["OPENEDX_SERVICE_WORKER_USERNAME"] == "shared"
    assert dotenvs_of([]) == []


@pytest.mark.parametrize(
    "answer", [{"msg": "file is not readable: /src/mitxonline/.env"}, {"unreachable": True, "msg": "no route to host"}]
)
def test_what_cannot_be_read_stops_the_removal(answer):
    with pytest.raises(InventoryError) as raised:
        dotenvs_of([slurped(**answer)])
    said = f"mitxonline: /src/mitxonline/.env cannot be read ({answer['msg']}), so that nobody knows"
    assert said in str(raised.value)


def test_each_difference_says_whose_row_it_is():
    def app(name):
        facts = {
            "name": name,
            "lms_application": f"{name}-app",
            "backend_name": f"b-{name}",
            "service_worker": "worker",
        }
        return Declared(facts)

    keys = [
        {"domain": "lms"},
        {"username": "worker"},
        {"name": "xpro-app"},
        {"name": "unchanged-app"},
        {"site": "lms", "backend_name": "b-online"},
        {"name": "online-app (rotated out)"},
    ]
    rows = [{"key": key, "changes": [] if "unchanged-app" in key.values() else [1]} for key in keys]
    diffs = [{"before_header": "row", "after_header": "row (updated)"} for row in rows if row["changes"]]
    answer = {"objects": rows, "diff": diffs}
    name_owners(answer, [app("xpro"), app("online")])
    assert [one["before_header"] for one in diffs] == [
        "row",
        "xpro, online: row",
        "xpro: row",
        "online: row",
        "online: row",
    ]
    assert diffs[2]["after_header"] == "xpro: row (updated)"
    name_owners({"failed": True}, [])
