# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport, with small programs in the place of Django."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import loader
from ansible_collections.mitodl.openedx.plugins.module_utils._engine import target as engine
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.once import once
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import (
    Target,
    TargetError,
    argv_of,
    hint,
    parse,
    program,
)

DEFAULTS = {
    "argv": None,
    "chdir": None,
    "settings": None,
    "service": None,
    "project": None,
    "root": None,
    "tutor": "tutor",
}
DEFAULTS |= {"namespace": "openedx", "timeout": 20}


def target(**options):
    return Target(SimpleNamespace(), {**DEFAULTS, "type": "command", **options})


@pytest.mark.parametrize(
    ("options", "start", "end"),
    [
        (
            {"type": "compose", "project": "p"},
            ["docker", "compose", "--project-name", "p", "exec", "-T"],
            ["web", "python", "-"],
        ),
        ({"type": "tutor_dev"}, ["tutor", "dev", "exec", "-T"], ["lms", "python", "-"]),
        (
            {"type": "tutor_dev", "docker_context": "colima"},
            ["env", "DOCKER_HOST=", "DOCKER_CONTEXT=colima", "tutor", "dev", "exec"],
            ["lms", "python", "-"],
        ),
        (
            {"type": "compose", "docker_host": "ssh://me@build"},
            ["env", "DOCKER_HOST=ssh://me@build", "docker", "compose", "exec"],
            ["web", "python", "-"],
        ),
        (
            {"type": "tutor_local", "root": "/r", "tutor": "/v/tutor"},
            ["/v/tutor", "--root", "/r", "local", "exec"],
            ["lms", "python", "-"],
        ),
        (
            {"type": "tutor_k8s"},
            ["kubectl", "--namespace", "openedx", "exec", "--stdin"],
            ["deployment/lms", "--", "python", "-"],
        ),
        (
            {
                "type": "kubernetes",
                "kubeconfig": "/k",
                "context": "staging",
                "namespace": "mit",
                "service": "statefulset/app",
                "container": "app",
            },
            ["kubectl", "--kubeconfig", "/k", "--context", "staging", "--namespace", "mit", "exec", "--stdin"],
            ["statefulset/app", "--container", "app", "--", "python", "-"],
        ),
        ({"type": "kubernetes"}, ["kubectl", "--namespace"], ["deployment/web", "--", "python", "-"]),
        ({"type": "command", "argv": ["ssh", "h", "python", "-"]}, ["ssh", "h"], ["python", "-"]),
    ],
)
def test_argv_of_each_type(options, start, end):
    argv = argv_of({**DEFAULTS, **options})
    assert argv[: len(start)] == start
    assert argv[-len(end) :] == end


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({"type": "compose", "chdir": "/src/x"}, " (docker compose --project-directory /src/x up --detach)"),
        ({"type": "compose", "project": "p"}, " (docker compose --project-name p up --detach)"),
        ({"type": "tutor_local", "root": "/r", "tutor": "/v/tutor"}, " (/v/tutor --root /r local start --detach)"),
        ({"type": "tutor_k8s"}, " (tutor k8s start)"),
        ({"type": "tutor_dev", "docker_host": "tcp://x:1"}, " (env DOCKER_HOST=tcp://x:1 tutor dev start --detach)"),
        ({"type": "command", "argv": ["x", "-"]}, ""),
    ],
)
def test_what_is_not_running_is_started_by_its_own_command(options, start):
    said = target(**options)._silence(1, "", 'service "x" is not running', "nonce", "")
    assert said.endswith(f"is not running.\nFix: start it first{start}.")
    # Tutor warns before it, and says its command after it.
    around = 'You are running Tutor as root.\nservice "x" is not running\nError: Command failed: docker compose exec'
    assert target(**options)._silence(1, "", around, "nonce", "") == said


def test_containers_may_keep_compiled_files(tmp_path, monkeypatch):
    """Where nobody else could have put some."""
    assert "MITODL_OPENEDX_KEEP_COMPILED=1" in argv_of({**DEFAULTS, "type": "compose"})
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    for name in ("file", "link", "open"):
        folder = tmp_path / name
        if name == "file":
            folder.write_text("")
        elif name == "link":
            folder.symlink_to(tmp_path)
        else:
            folder.mkdir()
            folder.chmod(0o777)
        loader.keep_compiled(str(folder))
        assert (sys.dont_write_bytecode, sys.pycache_prefix) == (True, None), name
    for _again in range(2):
        loader.keep_compiled(str(tmp_path / "own"))
        assert (sys.dont_write_bytecode, sys.pycache_prefix) == (False, str(tmp_path / "own"))
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setattr(loader.os, "geteuid", lambda: os.getuid() + 1)
    loader.keep_compiled(str(tmp_path / "own"))
    assert sys.pycache_prefix is None


def test_command_needs_an_argv():
    with pytest.raises(TargetError, match="needs argv"):
        argv_of({**DEFAULTS, "type": "command"})


def test_reply_is_found_between_any_output():
    assert parse('noise\n<<n1\n{"ok": true}\nn1>>\nmore', "n1") == {"ok": True}
    assert parse("noise <<n2\n{}\nn2>>", "n1") is None
    assert parse("<<n1\n", "n1") is None


def test_secrets_of_the_request_are_on_stdin_only(monkeypatch):
    seen = {}

    def spy(argv, chdir, data, *rest):
        seen.update(argv=argv, data=data)
        return once(argv, chdir, data, *rest)

    monkeypatch.setattr(engine, "once", spy)
    with pytest.raises(TargetError):
        target(argv=[sys.executable, "-"]).ask({"job": "converge", "secret": "canary-7f3a"})
    assert b"canary-7f3a" in seen["data"]
    assert "canary-7f3a" not in repr(seen["argv"])


def test_a_python_without_django_is_named():
    with pytest.raises(TargetError, match=r"has no Django\.\nFix: check that target\.argv"):
        target(argv=[sys.executable, "-S", "-E", "-"]).ask({"job": "converge"})


def test_a_target_that_says_nothing_is_named_with_what_it_wrote():
    with pytest.raises(TargetError, match=r"exit status 3\)\. It said: service \"lms\" is not running") as error:
        target(argv=["sh", "-c", 'cat >/dev/null; echo service \\"lms\\" is not running >&2; exit 3']).ask(
            {"job": "converge"}
        )
    assert str(error.value).endswith("Fix: start it first.")


def test_of_a_command_that_runs_no_python_the_option_is_named():
    argv = ["sh", "-c", "cat >/dev/null; echo '  File x, line 5: no pyhton' >&2; exit 1"]
    with pytest.raises(TargetError) as error:
        target(argv=argv).ask({"job": "converge"})
    assert "exit status 1). It said: File x, line 5: no pyhton. No row was changed.\n" in str(error.value)
    assert "\nFix: argv of the target (edx_target, mit_app_target) must run Python code from stdin" in str(error.value)


def test_a_target_that_ends_before_it_has_read_the_request_is_quoted():
    argv = ["sh", "-c", "echo service lms is not running >&2; exit 3"]
    with pytest.raises(TargetError, match=r"exit status 3\)\. It said: service lms is not running"):
        target(argv=argv).ask({"job": "converge", "more_than_a_pipe_holds": "x" * 200_000})


def test_a_program_that_does_not_exist_is_named():
    with pytest.raises(TargetError, match="cannot be run"):
        target(argv=["/nonexistent/python", "-"]).ask({"job": "converge"})


def test_a_recreated_container_is_asked_again(tmp_path, monkeypatch):
    """Exit status 137 without a reply: the first start dies, a look hangs, one answers, the second start replies."""
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(engine, "LOOK", 0.3)
    monkeypatch.setattr("ansible_collections.mitodl.openedx.plugins.module_utils._engine.once.ENDING", 0)
    marker, probes = tmp_path / "died", tmp_path / "probes"
    script = f"""
text=$(cat)
if [ ! -e {marker} ]; then touch {marker}; exit 137; fi
if [ "$text" = pass ]; then echo x >>{probes}; [ $(wc -l <{probes}) -ge 2 ] || sleep 60; exit; fi
nonce=$(printf '%s' "$text" | grep -oE '"nonce": "[0-9a-f]+"' | head -1 | grep -oE '[0-9a-f]{{16}}')
printf '<<%s\\n{{"ok": true}}\\n%s>>\\n' "$nonce" "$nonce"
"""
    asked = target(argv=["bash", "-c", script])
    assert asked.ask({"job": "converge"}) == {"ok": True}
    assert asked.boots == 2
    assert probes.read_text().count("x") == 2


def test_the_program_compiles_and_names_each_job():
    text = program({"job": "converge", "nonce": "n"}, engine.CONVERGE)
    compile(text, "program", "exec")
    assert text.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "The following settings are missing: MAILGUN_KEY",
        "ModuleNotFoundError: has no Django",
        "env file /src/mitxpro/.env not found: stat /src/mitxpro/.env: no such file or directory",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    ],
)
def test_known_failures_have_a_fix(text):
    assert hint(text, {"type": "command"}).startswith("Fix:")


def test_a_fix_names_the_engine_and_the_project_of_the_target():
    target = {"type": "compose", "chdir": "/src/my app", "project": "xpro", "docker_context": "colima"}
    assert hint("The following settings are missing: MAILGUN_KEY", target).endswith(
        "have the app read it (env DOCKER_HOST= DOCKER_CONTEXT=colima docker compose --project-directory "
        "'/src/my app' --project-name xpro up --detach)."
    )
