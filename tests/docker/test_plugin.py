# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The strategy tutor_plugin beside what users and other plugins do: its role alone, with the real Tutor and engine."""

from __future__ import annotations

import re

import pytest
import yaml
from runs import ansible

pytestmark = pytest.mark.docker
PLUGIN = "mitodl_openedx"
PLAY = """
- hosts: mit_apps
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: mitodl.openedx.mit_app, rolespec_validate: false}
    - ansible.builtin.import_role: {name: mitodl.openedx.edx_private_settings}
      delegate_to: "{{ mit_app_facts.lms.host }}"
      when: mit_app_facts.lms.leads
"""
BACKENDS = (
    "from django.conf import settings as s; print([name for name in s.AUTHENTICATION_BACKENDS if 'mit_apps' in name])"
)


@pytest.fixture(scope="module")
def settings(lab, tmp_path_factory):
    """The role edx_private_settings alone, and at the end the lab as it was."""
    play = tmp_path_factory.mktemp("play") / "settings.yml"
    play.write_text(PLAY)

    def run(*words, **variables):
        given = [word for name, value in variables.items() for word in ("-e", f"edx_private_settings_{name}={value}")]
        return ansible("ansible-playbook", "-i", "inventories/docker", str(play), *given, *words, env=lab.env)

    yield run
    run().well()


def ours(lab):
    """Our files of the plugin, as Tutor and compose get them."""
    return {
        name: data
        for name, data in lab.files().items()
        if PLUGIN in name or "mit_apps" in name or "compose.override" in name
    }


def backends(lab):
    """The backends of a start of the LMS's Django now."""
    # Tutor says first what it runs.
    said = lab.tutor("dev", "exec", "-T", "lms", "./manage.py", "lms", "shell", "-v", "0", "-c", BACKENDS)
    return said.splitlines()[-1]


def test_what_somebody_undid_or_a_cut_off_run_left_is_mended(lab, settings):
    assert settings().well().changed == 0
    lab.tutor("plugins", "disable", PLUGIN)
    lab.tutor("dev", "restart", "lms")
    assert not lab.backend_answers("ol-oauth2")
    check = settings("--check").well()
    assert check.changed > 0
    assert not lab.backend_answers("ol-oauth2")
    assert settings().well().changed > 0
    assert lab.backend_answers("ol-oauth2")
    # All is written and enabled, but the LMS was started before Tutor rendered it.
    development = lab.state / "root/env/apps/openedx/settings/lms/development.py"
    development.write_text(re.sub(r".*mit_apps.*", "", development.read_text()))
    lab.tutor("dev", "restart", "lms")
    assert not lab.backend_answers("ol-oauth2")
    assert settings().well().changed > 0
    assert lab.backend_answers("ol-oauth2")


def test_apps_come_and_go_without_touching_each_other(lab, settings):
    before = ours(lab)
    assert settings("--limit", "xpro", "--check", state="absent").well().changed > 0
    assert ours(lab) == before
    assert settings("--limit", "xpro", state="absent").well().changed > 0
    left = ours(lab)
    assert {name: data for name, data in before.items() if "mitxonline" in name} == {
        name: data for name, data in left.items() if "mitxonline" in name
    }
    assert not [name for name in left if "xpro" in name]
    assert "OlOauth2Mitxonline" in backends(lab)
    assert "OlOauth2'" not in backends(lab)
    assert "xpro" not in (lab.state / "root/env/dev/docker-compose.override.yml").read_text()

    # With the last app everything goes.
    assert settings(state="absent").well().changed > 0
    assert ours(lab) == {}
    assert PLUGIN not in lab.tutor("plugins", "list", "--enabled")
    assert "mit_apps" not in backends(lab)
    assert settings(state="absent").well().changed == 0


def test_an_override_of_somebody_else_is_never_touched(lab, settings):
    mine = "services: {lms: {environment: {MINE: 1}}}\n"
    overrides = [lab.state / f"root/env/{mode}/docker-compose.override.yml" for mode in ("dev", "local")]
    settings(state="absent").well()
    try:
        overrides[0].write_text(mine)
        settings().well()
        assert overrides[0].read_text() == mine
        mapped = yaml.safe_load(overrides[1].read_text())["services"]["lms"]["extra_hosts"]
        assert mapped == ["mitxonline.odl.local:host-gateway", "xpro.odl.local:host-gateway"]
        assert "xpro.odl.local" in lab.tutor("dev", "exec", "-T", "lms", "cat", "/etc/hosts")

        overrides[1].write_text(mine)
        before = lab.files()
        run = settings()
        assert run.code != 0
        assert "mitxonline.odl.local:host-gateway" in run.out
        assert "No setting of the LMS was changed." in " ".join(run.out.split())
        assert lab.files() == before
    finally:
        for override in overrides:
            override.unlink()


def test_a_plugin_that_tutor_cannot_load(lab, settings):
    settings().well()
    broken = lab.state / f"plugins/{PLUGIN}/mit_apps/apps.d/broken.json"
    broken.write_text("{")
    try:
        run = settings()
        assert run.code != 0
        assert "JSONDecodeError" in run.out
    finally:
        broken.unlink()
        lab.tutor("config", "save")
