# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a removal learns from the .env of apps that stay: what it cannot read is never taken for nothing."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mitodl.openedx.plugins.action.lms_rows import dotenvs_of
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError

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
