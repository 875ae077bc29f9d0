# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the LMS's settings, with a Tutor and an LMS that only behave like them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _files
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import BLOCK
from ansible_collections.mitodl.openedx.plugins.modules import lms_settings
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import lms_settings as texts
from modules import run_here
from tutor_machine import Machine

ROLE = Path(__file__).resolve().parents[4] / "roles/edx_private_settings/files"
SHARED = {"skip_email_validation": True, "hide_country": True, "registration_ratelimit": ""}


def app(host, backend_name="", domain=""):
    base_url = f"http://{domain or host + '.odl.local'}:8053"
    return {
        "host": host,
        "name": host,
        "backend_name": backend_name or f"ol-oauth2-{host}",
        "base_url": base_url,
        "server_base_url": base_url,
        "domain": domain or f"{host}.odl.local",
        "logout_uri": f"{base_url}/logout",
    }


class Settings(Machine):
    """Runs of the module on such a machine."""

    @staticmethod
    def texts(*apps, strategy="tutor_plugin", shared=SHARED, leads_to=None):
        mapped = texts.mapped_hosts(apps)
        return texts.files(strategy, apps, shared, mapped, leads_to, lambda name: (ROLE / name).read_text())

    def run(self, *apps, strategy="private_py", check=False, companion=None, shared=SHARED, **options):
        mapped = texts.mapped_hosts(apps)
        leads_to = next((one for one in apps if one["host"] == companion), None)
        given = {
            "strategy": strategy,
            "target": {"type": "tutor_dev", "tutor": str(self.tutor)}
            if strategy == "tutor_plugin"
            else {"argv": ["x"]},
            "lms_base_url": f"http://127.0.0.1:{self.server.server_port}",
            "apps": apps,
            "envs_dir": str(self.envs),
            "restart_argv": [str(self.restart)] if strategy == "private_py" else [],
            "mapped_hosts": mapped,
            "companion_auth": companion,
            "files": self.texts(*apps, strategy=strategy, shared=shared, leads_to=leads_to),
            "_ansible_check_mode": check,
            "_ansible_diff": True,
            **options,
        }
        return run_here(lms_settings, given)


@pytest.fixture
def machine(tmp_path):
    made = Settings(tmp_path)
    yield made
    made.close()


XPRO, ONLINE = app("xpro", "ol-oauth2"), app("mitxonline")


@pytest.mark.parametrize("strategy", ["private_py", "tutor_plugin"])
def test_check_mode_says_what_a_run_does_and_a_second_run_does_nothing(machine, strategy):
    planned = machine.run(XPRO, strategy=strategy, check=True)
    assert not machine.plugins.joinpath("mitodl_openedx.py").exists()
    assert os.listdir(machine.envs) == []
    assert not set(machine.calls()) - {"plugins printroot", "config printroot", "plugins list --enabled"}
    done = machine.run(XPRO, strategy=strategy)
    assert "failed" not in done, done
    same = ("changed", "restarted", "written", "removed", "diff", "apps", "companion_auth")
    assert {name: planned[name] for name in same} == {name: done[name] for name in same}
    assert done["restarted"]
    assert planned["msg"] == "The LMS would be restarted: its settings changed."
    assert done["msg"] == "The LMS was restarted: its settings changed."
    assert done["apps"] == {"xpro": {"changed": True, "backend_status": 404}}
    assert done["backends"] == {"ol-oauth2": 302}
    before = machine.files()
    machine.calls()
    again = machine.run(XPRO, strategy=strategy)
    assert (again["changed"], again["restarted"], again["diff"]) == (False, False, [])
    assert again["apps"] == {"xpro": {"changed": False, "backend_status": 302}}
    assert machine.files() == before
    # The two questions that only Tutor can answer; the rest is in its files.
    roots = ["config printroot", "plugins printroot"]
    assert sorted(machine.calls()) == (roots if strategy == "tutor_plugin" else [])


def test_what_only_another_app_lacks_is_not_counted_against_this_one(machine):
    for strategy in ("private_py", "tutor_plugin"):
        machine.run(XPRO, strategy=strategy)
        planned = machine.run(XPRO, ONLINE, strategy=strategy, check=True)
        assert {host: app["changed"] for host, app in planned["apps"].items()} == {"xpro": False, "mitxonline": True}
        planned = machine.run(XPRO, ONLINE, strategy=strategy, check=True, shared={**SHARED, "hide_country": False})
        assert all(app["changed"] for app in planned["apps"].values())


def shown_of_private(machine, done):
    """The two sides of what a run shows of private.py."""
    (one,) = (one for one in done["diff"] if one["before_header"] == str(machine.envs / "private.py"))
    return one["before"], one["after"]


def test_of_private_py_only_the_block_is_shown(machine):
    mine = "SECRET = 'canary'\n# BEGIN mitodl.openedx\nKEY = 'canary'\n# END mitodl.openedx\nLAST = 1"
    ours = f"# BEGIN mitodl.openedx\n{BLOCK}# END mitodl.openedx\n"
    (machine.envs / "private.py").write_text(mine)
    (machine.envs / "private.py").chmod(0o600)
    done = machine.run(XPRO)
    assert "canary" not in json.dumps(done)
    text = (machine.envs / "private.py").read_text()
    assert text == mine.replace("KEY = 'canary'\n", BLOCK)
    assert shown_of_private(machine, done) == ("# BEGIN mitodl.openedx\n********\n# END mitodl.openedx\n", ours)
    assert (machine.envs / "private.py").stat().st_mode & 0o777 == 0o600
    assert str(machine.envs / "private.py") in done["written"]
    assert [one["before_header"] for one in done["diff"]] == [
        *(
            str(machine.envs / "mit_apps" / name)
            for name in ("__init__.py", "backends.py", "shared.json", "apps.d/xpro.json", "late.py")
        ),
        str(machine.envs / "private.py"),
    ]
    assert all(
        (machine.envs / "mit_apps" / name).stat().st_mode & 0o777 == 0o644 for name in ("__init__.py", "shared.json")
    )
    gone = machine.run(XPRO, state="absent")
    assert shown_of_private(machine, gone) == (ours, "")
    assert "canary" not in json.dumps(gone)
    assert (machine.envs / "private.py").read_text() == "SECRET = 'canary'\nLAST = 1"
    assert os.listdir(machine.envs) == ["private.py"]


@pytest.mark.parametrize("strategy", ["private_py", "tutor_plugin"])
def test_apps_come_and_go_without_touching_each_other(machine, strategy):
    machine.run(XPRO, ONLINE, strategy=strategy)
    home = machine.envs if strategy == "private_py" else machine.plugins / "mitodl_openedx"
    online = (home / "mit_apps/apps.d/mitxonline.json").read_bytes()
    planned = machine.run(XPRO, strategy=strategy, state="absent", check=True, files={}, mapped_hosts={})
    machine.calls()
    done = machine.run(XPRO, strategy=strategy, state="absent", files={}, mapped_hosts={})
    assert planned["removed"] == done["removed"]
    assert done["restarted"]
    assert os.listdir(home / "mit_apps/apps.d") == ["mitxonline.json"]
    assert (home / "mit_apps/apps.d/mitxonline.json").read_bytes() == online
    assert json.loads((machine.home / "known.json").read_text()) == ["ol-oauth2-mitxonline"]
    if strategy == "tutor_plugin":
        assert os.listdir(machine.rendered / "apps.d") == ["mitxonline.json"]
        assert machine.calls()[2:] == [
            "config save",
            "dev start --detach lms",
            "dev exec -T lms python -c",
            "dev restart lms",
        ]
        assert "xpro" not in (machine.env / "dev/docker-compose.override.yml").read_text()
    # With the last app everything goes.
    done = machine.run(ONLINE, strategy=strategy, state="absent", files={}, mapped_hosts={})
    assert done["restarted"]
    assert not [path for path in machine.files() if "mit_apps" in str(path) or "mitodl" in str(path)]
    assert not (machine.env / "dev/docker-compose.override.yml").exists()
    if strategy == "tutor_plugin":
        assert machine.calls()[2:] == [
            "plugins disable mitodl_openedx",
            "dev start --detach lms",
            "dev exec -T lms python -c",
            "dev restart lms",
        ]
    again = machine.run(ONLINE, strategy=strategy, state="absent", files={}, mapped_hosts={})
    assert (again["changed"], again["restarted"]) == (False, False)


@pytest.mark.parametrize("strategy", ["private_py", "tutor_plugin"])
def test_settings_that_are_not_in_force_are_brought_into_force(machine, strategy):
    machine.run(XPRO, strategy=strategy)
    (machine.home / "known.json").write_text("[]")
    done = machine.run(XPRO, strategy=strategy)
    assert done["msg"] == "The LMS was restarted: it did not know ol-oauth2."
    assert done["written"] == []
    assert done["apps"]["xpro"] == {"changed": False, "backend_status": 404}
    assert done["backends"] == {"ol-oauth2": 302}
    assert machine.run(XPRO, strategy=strategy)["changed"] is False


def test_what_tutor_did_not_render_is_rendered(machine):
    machine.run(XPRO, strategy="tutor_plugin")
    for lost in (machine.rendered / "shared.json", machine.env / "dev/docker-compose.override.yml"):
        lost.unlink()
        done = machine.run(XPRO, strategy="tutor_plugin")
        assert done["msg"] == "The LMS was restarted: Tutor had not rendered its settings."
        assert done["apps"]["xpro"]["changed"]
        assert lost.exists()
        assert machine.run(XPRO, strategy="tutor_plugin")["changed"] is False


def test_a_plugin_that_somebody_disabled_is_enabled(machine):
    machine.run(XPRO, strategy="tutor_plugin")
    subprocess.run([machine.tutor, "plugins", "disable", "mitodl_openedx"], check=True)
    machine.calls()
    planned = machine.run(XPRO, strategy="tutor_plugin", check=True)
    assert planned["diff"][0]["after"] == "mitodl_openedx: enabled\n"
    done = machine.run(XPRO, strategy="tutor_plugin")
    assert done["restarted"]
    # Enabling renders everything: config save beside it would do that twice.
    assert [call for call in machine.calls() if "print" not in call] == [
        "plugins enable mitodl_openedx",
        "dev start --detach lms",
        "dev exec -T lms python -c",
        "dev restart lms",
    ]


@pytest.mark.parametrize(
    ("kind", "ages", "restarted"),
    [
        # Its reloader has started the server anew, its container was made anew, neither, and nobody knows.
        ("tutor_dev", "container-age=900.00\nserver-age=0.00", False),
        ("tutor_dev", "a plugin says hello\ncontainer-age=0.00\nserver-age=0.00", False),
        ("tutor_local", "container-age=0.00", False),
        ("tutor_dev", "container-age=900.00\nserver-age=900.00", True),
        ("tutor_local", "container-age=900.00\nserver-age=0.00", True),
        ("tutor_dev", "no such container", True),
    ],
)
def test_what_has_read_its_settings_already_is_not_restarted(machine, kind, ages, restarted):
    (machine.home / "ages").write_text(ages)
    done = machine.run(XPRO, strategy="tutor_plugin", target={"type": kind, "tutor": str(machine.tutor)})
    assert done["restarted"], done
    assert any(call.endswith("restart lms") for call in machine.calls()) is restarted


def test_plugins_that_print_are_no_part_of_a_path(machine):
    (machine.home / "noise").write_text("\x1b[33m/opt/plugin: hello\x1b[0m\r\n/tmp\n")
    assert machine.run(XPRO, strategy="tutor_plugin")["restarted"]
    assert machine.rendered.is_dir()
    again = machine.run(XPRO, strategy="tutor_plugin")
    assert again["changed"] is False


def test_one_look_waits_for_a_period_and_the_next_one_goes_on(machine):
    silent = {"lms_base_url": "http://127.0.0.1:9", "restart_argv": ["true"], "wait": 2, "period": 1}
    first = machine.run(XPRO, **silent)
    assert first["waits"] == {"waited": 1, "reason": first["waits"]["reason"], "companion": False}
    assert "refused" in first["waits"]["reason"]
    machine.calls()
    failed = machine.run(XPRO, **silent, progress=first["waits"])
    assert "does not answer at http://127.0.0.1:9 within 2 seconds" in failed["msg"]
    machine.run(XPRO)
    machine.calls()
    later = machine.run(XPRO, progress=first["waits"])
    assert (later["backends"], machine.calls()) == ({"ol-oauth2": 302}, [])


def test_an_override_of_somebody_else_is_never_touched(machine):
    mine = "services: {lms: {environment: {MINE: 1}}}\n"
    first, second = (machine.env / f"{mode}/docker-compose.override.yml" for mode in ("dev", "local"))
    machine.run(XPRO, strategy="tutor_plugin")
    first.write_text(mine)
    done = machine.run(XPRO, strategy="tutor_plugin")
    assert str(machine.plugins / "mitodl_openedx/dev/docker-compose.override.yml") in done["removed"]
    assert first.read_text() == mine
    assert "xpro.odl.local" in second.read_text()
    # Given back, it is used again, and the other one goes.
    first.unlink()
    machine.run(XPRO, strategy="tutor_plugin")
    assert "xpro.odl.local" in first.read_text()
    assert not second.exists()
    for override in (first, second):
        override.write_text(mine)
    before = machine.files()
    failed = machine.run(XPRO, strategy="tutor_plugin")
    assert "xpro.odl.local:host-gateway" in failed["msg"]
    assert failed["msg"].endswith("No setting of the LMS was changed.")
    assert machine.files() == before
    # An app that is reached by an address needs none.
    assert machine.run(app("xpro", "ol-oauth2", "172.17.0.1"), strategy="tutor_plugin")["restarted"]


def test_a_plugin_that_tutor_cannot_load(machine):
    machine.run(XPRO, strategy="tutor_plugin")
    broken = machine.plugins / "mitodl_openedx/mit_apps/apps.d/broken.json"
    broken.write_text("{")
    failed = machine.run(XPRO, strategy="tutor_plugin")
    assert failed["failed"]
    assert str(broken) in failed["msg"]
    assert "JSONDecodeError" in failed["msg"]
    broken.write_text('{"no": "hostname"}')
    failed = machine.run(XPRO, strategy="tutor_plugin")
    assert "no backend_name, no host, no hostname, no logout_uri. Tutor cannot load the plugin" in failed["msg"]
    broken.unlink()
    files = {**machine.texts(XPRO), "mitodl_openedx.py": "raise KeyError('x'"}
    failed = machine.run(XPRO, strategy="tutor_plugin", files=files)
    assert "Tutor did not render the plugin" in failed["msg"]
    assert "SyntaxError" in failed["msg"]


def test_the_companion_is_touched_only_where_that_is_asked_for(machine):
    machine.run(XPRO, ONLINE, companion=None)
    path = machine.envs / "mit_apps/companion_auth.json"
    done = machine.run(XPRO, ONLINE, companion="xpro")
    assert (done["changed"], done["companion_auth"]) == (True, True)
    assert json.loads(path.read_text())["MITX_REDIRECT_LOGIN_URL"] == "/auth/login/ol-oauth2/?auth_entry=login"
    for companion in ("xpro", None):
        done = machine.run(XPRO, ONLINE, companion=companion)
        assert (done["changed"], done["companion_auth"]) == (False, True)
    # An app that goes takes it along where it leads to that app.
    machine.run(ONLINE, state="absent", files={})
    assert path.exists()
    machine.run(XPRO, ONLINE, companion="xpro")
    machine.run(XPRO, state="absent", files={})
    assert not path.exists()
    machine.run(XPRO, companion="xpro")
    done = machine.run(XPRO, companion="")
    assert (done["changed"], done["restarted"], done["companion_auth"]) == (True, True, False)
    assert machine.run(XPRO, companion="")["changed"] is False


def test_a_superuser_who_cannot_log_in_is_an_error(machine):
    machine.run(XPRO)
    machine.admin = "/auth/login/ol-oauth2/?auth_entry=login"
    failed = machine.run(XPRO, companion="xpro")
    assert "/admin/login/ leads to /auth/login/ol-oauth2/" in failed["msg"]
    assert "edx_companion_auth: ''" in failed["msg"]
    assert machine.run(XPRO, companion="")["companion_auth"] is False


def test_errors_say_what_and_what_to_do(machine):
    failed = machine.run(XPRO, envs_dir=str(machine.home / "nowhere"))
    assert "nowhere, which is no directory" in failed["msg"]
    failed = machine.run(XPRO, restart_argv=["false"])
    assert "`false` failed with status 1" in failed["msg"]
    failed = machine.run(XPRO, restart_argv=["sh", "-c", "echo as $0 was written >&2; exit 3", "$HOME"])
    assert "failed with status 3: as $HOME was written.\n" in failed["msg"]
    failed = machine.run(XPRO, restart_argv=["true"])
    assert f"still does not know ol-oauth2: it did not read {machine.envs}/mit_apps" in failed["msg"]
    machine.third_party_auth = False
    failed = machine.run(XPRO, restart_argv=["true"])
    assert f"ENABLE_THIRD_PARTY_AUTH is off, though {machine.envs}/mit_apps switches it on" in failed["msg"]
    failed = machine.run(XPRO, restart_argv=["true"], lms_base_url="http://127.0.0.1:9", wait=0, registration=None)
    assert "Unsupported parameters" in failed["msg"]
    (machine.envs / "mit_apps/shared.json").unlink()
    failed = machine.run(XPRO, restart_argv=["true"], lms_base_url="http://127.0.0.1:9", wait=0)
    assert "does not answer at http://127.0.0.1:9 within 0 seconds" in failed["msg"]
    (machine.home / "broken").touch()
    failed = machine.run(XPRO, strategy="tutor_plugin")
    assert "config printroot` failed with status 1. It said: the stand-in is broken" in failed["msg"]
    failed = machine.run(XPRO, strategy="tutor_plugin", target={"type": "tutor_dev", "tutor": "/nowhere/tutor"})
    assert "/nowhere/tutor: No such file or directory" in failed["msg"]


def test_a_restart_that_fails_shows_no_secret_of_tutor(machine):
    (machine.home / "root").mkdir()
    (machine.home / "root/config.yml").write_text("MYSQL_ROOT_PASSWORD: p0-of-mysql\n")
    says = ["sh", "-c", "cat root/config.yml >&2; exit 1"]
    failed = machine.run(XPRO, strategy="tutor_plugin", restart_argv=["env", f"--chdir={machine.home}", *says])
    assert "failed with status 1: MYSQL_ROOT_PASSWORD: ********\n" in failed["msg"]


def test_what_is_no_file_is_named(machine):
    path = machine.envs / "mit_apps/apps.d/other.json"
    path.mkdir(parents=True)
    found = machine.run(XPRO)
    assert found["msg"] == f"{path} is a directory; name the file in it. No setting of the LMS was changed."


def test_private_py_of_an_lms_that_tutor_runs_is_read_after_a_restart_by_tutor(machine):
    by_tutor = {"target": {"type": "tutor_dev", "tutor": str(machine.tutor)}, "restart_argv": []}
    failed = machine.run(XPRO, **by_tutor)
    # The stand-in knows what Tutor renders, and not private.py.
    assert "was restarted and still does not know ol-oauth2" in failed["msg"]
    assert failed["msg"].endswith(f"See its log: {machine.tutor} dev logs --tail=50 lms")
    assert machine.calls() == ["dev exec -T lms python -c", "dev restart lms"]
    done = machine.run(XPRO, **by_tutor | {"restart_argv": [str(machine.restart)]})
    assert (done["restarted"], machine.calls()) == (True, ["restart"])


def test_without_any_way_to_restart_it_no_setting_is_written(machine):
    failed = machine.run(XPRO, restart_argv=[])
    assert "edx_restart_argv is empty" in failed["msg"]
    assert failed["msg"].endswith("No setting of the LMS was changed.")
    assert os.listdir(machine.envs) == []


def test_a_block_is_replaced_where_it_stands_and_appended_where_it_is_new():
    def block(text, lines):
        return _files.with_block(text, "# BEGIN", "# END", lines)

    assert block("", "x\n") == "# BEGIN\nx\n# END\n"
    assert block("a\n# BEGIN\nold\n# END\nb\n", "x\n") == "a\n# BEGIN\nx\n# END\nb\n"
    assert block("a\n# BEGIN\nold\n# END\nb\n", None) == "a\nb\n"
    assert block("a\n", None) == "a\n"
    # Half a block is the user's.
    assert block("# END\n# BEGIN\n", "x\n") == "# END\n# BEGIN\n# BEGIN\nx\n# END\n"


@pytest.mark.parametrize("text", [None, "", "a", "a\n", "a\r\nb", "# BEGIN\n", "a\n\n"])
def test_without_its_block_a_file_is_what_it_was(text):
    def block(text, lines):
        return _files.with_block(text, "# BEGIN", "# END", lines)

    there = block(text, "x\n")
    assert block(there, "x\n") == there
    assert block(block(there, "y\nz\n"), None) == text
    # What was written around it meanwhile stays.
    assert block(f"{there}b\n", None) == (f"{text}\n" if text and not text.endswith("\n") else text or "") + "b\n"


def test_a_private_py_that_a_run_had_made_goes_and_an_empty_one_stays(machine):
    made = shown_of_private(machine, machine.run(XPRO))
    assert (made[0], made[1].splitlines()[-2:]) == ("", [BLOCK.splitlines()[-1], "# END mitodl.openedx"])
    assert shown_of_private(machine, machine.run(XPRO, state="absent")) == (made[1], "")
    assert os.listdir(machine.envs) == []
    (machine.envs / "private.py").touch()
    machine.run(XPRO)
    machine.run(XPRO, state="absent")
    assert (machine.envs / "private.py").read_text() == ""


def test_a_private_py_that_cannot_be_edited_is_refused_before_anything_is_written(machine):
    private = machine.envs / "private.py"
    for content, says in (("A = 1".encode("utf-16"), "is in UTF-16"), (b"A = 1\n", "has 2 names (hard links)")):
        private.write_bytes(content)
        if "links" in says:
            os.link(private, machine.home / "other")
        assert says in machine.run(XPRO)["msg"]
        assert (private.read_bytes(), os.listdir(machine.envs)) == (content, ["private.py"])
    (machine.home / "other").unlink()
    latin = "# -*- coding: latin-1 -*-\nNAME = 'caf\u00e9'\n".encode("latin-1")
    private.write_bytes(latin)
    machine.run(XPRO)
    assert private.read_bytes().startswith(latin)
    machine.run(XPRO, state="absent")
    assert private.read_bytes() == latin


def test_nothing_of_the_plugin_is_left(machine):
    (machine.plugins / "mine.py").touch()
    machine.run(XPRO, strategy="tutor_plugin")
    cache = machine.plugins / "__pycache__"
    cache.mkdir()
    for name in ("mitodl_openedx", "mine"):
        (cache / f"{name}.cpython-311.pyc").touch()
    machine.run(XPRO, strategy="tutor_plugin", state="absent")
    assert sorted(os.listdir(machine.plugins)) == ["__pycache__", "mine.py"]
    assert os.listdir(cache) == ["mine.cpython-311.pyc"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("strategy", ["private_py", "tutor_plugin"])
def test_what_root_writes_is_the_owners(machine, strategy):
    for folder in (machine.envs, machine.plugins):
        os.chown(folder, 4321, 4322)
    machine.run(XPRO, strategy=strategy)
    made = [path for folder in (machine.envs, machine.plugins) for path in folder.rglob("*")]
    assert len(made) > 5
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(4321, 4322)}
