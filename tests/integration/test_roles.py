# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be given to the roles beside the inventory, in one run, and where each of it is seen."""

from __future__ import annotations

import json
import re


def test_what_is_given_to_the_roles_has_its_effect(fresh, tmp_path):
    example = tmp_path / "example"
    example.write_text("FROM_THE_EXAMPLE=1\n")
    fresh.dotenv.unlink()
    given = {
        "edx_oauth_provider_history_user": "edx",
        "edx_oauth_provider_token_days": 10,
        "edx_oauth_provider_renew_days": 5,
        "edx_private_settings_extra_hosts": False,
        "mit_app_env_example": str(example),
        "mit_app_env_extra": {"OWN_KEY": "own value", "OWN_TOKEN": "canary-by-name"},
        "mit_app_env_extra_secrets": {"OWN_WORD": "canary-as-said"},
        "mit_app_env_mode": "0640",
        "mit_app_env_seed": True,
        "sso_doctor_timeout": 50,
        "sso_doctor_warn_days": 20,
        "sso_doctor_report_dir": str(tmp_path / "report"),
        "sso_doctor_metrics_file": str(tmp_path / "openedx.prom"),
    }
    (values := tmp_path / "given.json").write_text(json.dumps(given))
    run = fresh.playbook("-e", f"@{values}", "-vvv", "--diff", doctor=True).well()

    env = fresh.read_env()
    assert (env["FROM_THE_EXAMPLE"], env["OWN_KEY"]) == ("1", "own value")
    assert (env["OWN_TOKEN"], env["OWN_WORD"]) == ("canary-by-name", "canary-as-said")
    assert "canary" not in run.out
    assert fresh.dotenv.stat().st_mode & 0o777 == 0o640
    assert re.search(r"Create the app's seed data\] \*+\n(?:(?!TASK ).*\n)*?changed: \[xpro\]", run.out)

    (writer,) = fresh.sql("lms", "select id from auth_user where username = 'edx'")
    history = fresh.sql("lms", "select user_id from django_admin_log")
    assert {row["user_id"] for row in history} == {writer["id"]}
    left = "select julianday(expires) - julianday('now') as days from oauth2_provider_accesstoken"
    assert 9 < fresh.one("lms", left)["days"] <= 10
    assert re.search(
        r'^openedx_sso_hops\{.*status="warning"\} 1.0$', (tmp_path / "openedx.prom").read_text(), re.MULTILINE
    )
    (app,) = json.loads((tmp_path / "report/report.json").read_text())["apps"]
    assert [hop["fact"] for hop in app["hops"] if hop["status"] == "warning"] == ["The token expires in 10.0 days."]

    # Fewer days are left than there have to be now.
    given |= {"edx_oauth_provider_token_days": 20, "edx_oauth_provider_renew_days": 11, "mit_app_env_seed": False}
    fresh.playbook("-e", json.dumps(given)).well()
    assert 19 < fresh.one("lms", left)["days"] <= 20
