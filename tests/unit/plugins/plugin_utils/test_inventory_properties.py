# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every declaration: it is refused with words, or all that follows from it is whole."""

from __future__ import annotations

import json
import posixpath
from urllib.parse import urlsplit

from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import DotenvError, edit, read
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import app_env, lms_settings
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import (
    InventoryError,
    read_app,
    read_lms,
)
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.profiles import read_profile
from hypothesis import given
from hypothesis import strategies as st

PIECES = [
    "http://",
    "https://",
    "a",
    "B.c",
    "é",
    "xn--e",
    ":",
    ":80",
    "99999",
    "/",
    "//",
    "?",
    "#",
    "@",
    "[::1]",
    "%0a",
    " ",
    "\n",
    "\x1b",
    "-",
    ".",
    "..",
]
pieces = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
texts = pieces | st.text(st.characters(codec="utf-8"), max_size=10)
addresses = texts | st.builds("http://{}:{}".format, st.sampled_from(["a", "a.b", "-"]), st.integers(0, 99999))
TUTOR = {"edx_target": {"type": "tutor_dev"}}


def tried(call, error):
    """What came of it, and the words with which it was refused."""
    try:
        return call(), ""
    except error as refusal:
        return None, str(refusal)


@given(url=addresses)
def test_an_lms_has_addresses_that_are_whole(url):
    lms, refusal = tried(lambda: read_lms("lms", {**TUTOR, "edx_lms_base_url": url}), InventoryError)
    if refusal:
        assert "edx_lms_base_url" in refusal
        return
    parts = urlsplit(lms.base_url)
    assert (parts.scheme in ("http", "https"), parts.netloc, parts.hostname) == (True, lms.site, lms.name)
    assert parts.path + parts.query + parts.fragment == ""
    assert lms.base_url.isprintable()
    assert parts.port is None or 0 < parts.port < 65536
    assert urlsplit(lms.studio_url).hostname == f"studio.{parts.hostname}"


@given(
    host=st.sampled_from(["xpro", "a b", "é", "../x", "a/b", ".", "x.json", "{{ x }}"]) | texts,
    given_texts=st.dictionaries(
        st.sampled_from(["name", "domain", "display_name", "service_worker", "backend_name", "lms_application"]),
        texts,
        max_size=3,
    ),
    port=st.integers(-1, 70000),
    mode=st.sampled_from(["hostname", "gateway"]),
)
def test_an_app_is_whole_or_refused(host, given_texts, port, mode):
    lms = read_lms("lms", TUTOR)
    declared = {f"mit_app_{name}": text for name, text in given_texts.items()}
    declared = {**declared, "mit_app_port": port, "mit_app_dir": "/src/x", "mit_app_network_mode": mode}
    overrides = {name: declared[f"mit_app_{name}"] for name in ("domain", "port") if f"mit_app_{name}" in declared}
    profile = read_profile("mitxpro", {}, overrides)
    options = {"backend_name": "ol-oauth2", "gateway": "172.18.0.1"}
    app, refusal = tried(lambda: read_app(host, declared, profile, lms, **options), InventoryError)
    if refusal:
        assert refusal.startswith(f"{host}: ")
        return
    for url in (app.base_url, app.server_base_url, app.authorization_url, app.access_token_url, *app.redirect_uris):
        parts = urlsplit(url)
        assert url.isprintable()
        assert " " not in url
        assert (parts.scheme, parts.username, parts.query, parts.fragment) == ("http", None, "", "")
        assert parts.hostname == ("172.18.0.1" if "172." in url else app.domain.lower())
        assert 0 < (parts.port or 80) < 65536
    read_from_files(app.facts())
    read_from_env(app.facts())


def read_from_files(app):
    """The files of the settings: below their directory, and the JSON says what was declared."""
    found = lms_settings.files("tutor_plugin", [app], {"x": app["name"]}, {}, app, lambda name: name)
    assert [name for name in found if posixpath.normpath(name) != name or name.startswith(("/", ".."))] == []
    data = json.loads(found[f"mit_apps/apps.d/{app['host']}.json"])
    assert data == lms_settings.data_of(app, is_mapped=False)
    assert json.loads(found["mit_apps/shared.json"]) == {"x": app["name"]}


def read_from_env(app):
    """Its `.env`, as every reader of it reads it, or a refusal that names the key."""
    values = app_env.plain_values(app, "id", "id")
    done, refusal = tried(lambda: edit("", values=values), DotenvError)
    if refusal:
        assert any(name in refusal for name in values)
        return
    assert read(done.text) == {name: str(value) for name, value in values.items()}
