# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every promised version of ansible-core has to do. noxfile.py runs it with each of them (`make test-core-2.17`).

The lab's inventory takes its ports and paths from lookups, whose values some versions trust less than others do.
"""

from __future__ import annotations

import json
import textwrap

import ansible.release


def test_converge_check_doctor_removal(converged, tmp_path):
    # The first run is that of the lab itself; its recap says that it wrote.
    assert converged.first.run.changed > 0

    check = converged.playbook("--check", "--diff").well()
    assert (check.changed, check.diff) == (0, [])

    converged.playbook("--limit", "xpro", "-e", f"sso_doctor_report_dir={tmp_path}", book="doctor", doctor=True).well()
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["ok"], report["ansible"]) == (True, ansible.release.__version__)

    assert converged.playbook("--limit", "xpro", book="remove").well().changed > 0
    assert converged.sql("lms", "select * from oauth2_provider_application where name = 'xpro-oauth-app'") == []


def test_values_that_are_vaulted_looked_up_unsafe_or_left_out(converged, tmp_path):
    """What is no template stays what it is, and what is left out somewhere inside is not given."""
    password = tmp_path / "password"
    password.write_text("of the vault")
    vault = ("--vault-password-file", password)
    text = converged.ansible("ansible-vault", "encrypt_string", *vault, "--name", "KEY", "canary-vaulted").well().out
    vaulted = textwrap.indent(text[text.index("!vault") :].partition("\n\n")[0], " " * 8).strip()
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(
        f"""
mit_apps:
  hosts:
    xpro:
      mit_app_client_secret: {vaulted}
      mit_app_display_name: !unsafe "xPRO {{{{ 1 + 1 }}}}"
      mit_app_service_worker_email: "{{{{ nobody | default(omit) }}}}"
      mit_app_lms_application: "{{{{ lookup('ansible.builtin.env', 'OWN_APPLICATION') }}}}"
      mit_app_api_token: "{{{{ lookup('ansible.builtin.env', 'GIVEN_TOKEN') | default(omit, true) }}}}"
      mit_app_client_id: "{{{{ lookup('ansible.builtin.env', 'NOT_SET') | default(omit, true) }}}}"
      mit_app_dotenv_values:
        LEFT_OUT: "{{{{ nobody | default(omit) }}}}"
        OWN_UNSAFE: !unsafe "{{{{ 1 + 1 }}}}"
        OWN_PASSWORD: {vaulted}
"""
    )
    words = ("ansible-playbook", "playbooks/xpro.yml", "-i", "inventories/lab", "-i", hosts, *vault, "--diff")
    given = {"OWN_APPLICATION": "own-application", "GIVEN_TOKEN": "canary-looked-up"}
    run = converged.ansible(*words, "--skip-tags", "doctor", **given).well()
    env = converged.read_env()
    assert env["OPENEDX_SERVICE_WORKER_API_TOKEN"] == "canary-looked-up"
    assert env["OPENEDX_API_CLIENT_ID"]
    assert (env["OPENEDX_API_CLIENT_SECRET"], env["OWN_PASSWORD"]) == ("canary-vaulted", "canary-vaulted")
    assert env["OWN_UNSAFE"] == "{{ 1 + 1 }}"
    assert "LEFT_OUT" not in env
    provider = converged.one("lms", "select name from third_party_auth_oauth2providerconfig order by id desc limit 1")
    assert provider["name"] == "xPRO {{ 1 + 1 }}"
    assert converged.one("lms", "select id from oauth2_provider_application where name = 'own-application'")
    worker = converged.one("lms", "select email from auth_user where username = 'xpro_serviceworker'")
    assert worker["email"] == "xpro-service@mitx.odl.local"
    assert "canary-" not in run.out
