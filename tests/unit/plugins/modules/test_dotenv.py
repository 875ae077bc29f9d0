# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _files as files
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import git_exclude, read
from ansible_collections.mitodl.openedx.plugins.modules import dotenv
from modules import run_here

TEXT = "# app\nHOST=old\nTOKEN=canary-old\n"


@pytest.fixture
def env(tmp_path):
    path = tmp_path / "app" / ".env"
    path.parent.mkdir()
    path.write_text(TEXT)
    path.chmod(0o640)
    return path


def start(before=None, **options):
    """Start the module as Ansible does: a process of its own, the arguments on its stdin, JSON on its stdout."""
    arguments = {"ANSIBLE_MODULE_ARGS": {"_ansible_diff": True, **options}}
    process = subprocess.Popen(
        [sys.executable, dotenv.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=before,
    )
    process.stdin.write(json.dumps(arguments, default=str))
    process.stdin.close()
    return process


def end(process):
    with process:
        said, errors = process.stdout.read(), process.stderr.read()
    assert said, errors
    return json.loads(said)


def run(_ansible_check_mode=False, **options):
    """In this process, which is quicker."""
    return run_here(dotenv, {"_ansible_check_mode": _ansible_check_mode, "_ansible_diff": True, **options})


def state(path):
    """All that a write would change; reading a file changes its access time."""
    status = path.stat()
    return path.read_bytes(), status.st_ino, status.st_mode, status.st_mtime_ns, status.st_ctime_ns


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_sets_keys_and_then_has_nothing_to_do(env):
    options = {"path": env, "values": {"HOST": "new"}, "secrets": {"TOKEN": "canary-new"}, "defaults": {"MORE": 1}}
    result = run(**options)
    assert result["changed"] is True
    assert env.read_text() == "# app\nHOST=new\nTOKEN=canary-new\nMORE=1\n"
    assert mode(env) == 0o640
    assert os.listdir(env.parent) == [".env"]
    assert result["changes"] == [
        {"key": "HOST", "operation": "set", "secret": False},
        {"key": "TOKEN", "operation": "set", "secret": True},
        {"key": "MORE", "operation": "set", "secret": False},
    ]
    assert result["diff"] == [
        {
            "before_header": str(env),
            "after_header": str(env),
            "before": "HOST=old\nTOKEN=(secret, old)\n",
            "after": "HOST=new\nTOKEN=(secret, new)\nMORE=1\n",
        }
    ]
    assert "backup_file" not in result
    assert "canary" not in json.dumps(result)

    before = state(env)
    result = run(**options)
    assert (result["changed"], result["changes"]) == (False, [])
    assert state(env) == before


def test_check_mode_says_the_same_and_writes_nothing(env):
    before = state(env)
    result = run(path=env, values={"HOST": "new"}, absent=["TOKEN"], backup=True, mode="0600", _ansible_check_mode=True)
    assert result["changed"] is True
    assert result["diff"][0]["before"] == "HOST=old\nTOKEN=(not shown)\n"
    assert result["diff"][0]["after"] == "HOST=new\n"
    assert state(env) == before
    assert os.listdir(env.parent) == [".env"]


def test_a_new_file_is_for_its_owner_only(tmp_path):
    path = tmp_path / ".env"
    assert run(path=path, values={"A": "1"}, _ansible_check_mode=True)["changed"] is True
    assert not path.exists()
    assert run(path=path, values={"A": "1"})["changed"] is True
    assert (path.read_text(), mode(path)) == ("A=1\n", 0o600)


def test_a_new_file_may_get_another_mode(tmp_path):
    path = tmp_path / ".env"
    run(path=path, values={"A": "1"}, mode="0644")
    assert mode(path) == 0o644


def test_the_mode_alone_can_change(env):
    result = run(path=env, values={"HOST": "old"}, mode="0600")
    assert (result["changed"], result["changes"], mode(env)) == (True, [], 0o600)
    assert run(path=env, values={"HOST": "old"}, mode="0600")["changed"] is False


def test_nothing_to_write_makes_no_file(tmp_path):
    result = run(path=tmp_path / ".env", absent=["A"], mode="0600")
    assert (result["changed"], os.listdir(tmp_path)) == (False, [])


def test_keeps_a_backup_that_only_the_owner_can_read(env):
    env.chmod(0o644)
    result = run(path=env, values={"HOST": "new"}, backup=True)
    backup = env.parent / result["backup_file"]
    assert backup.parent == env.parent
    assert (backup.read_text(), mode(backup), mode(env)) == (TEXT, 0o600, 0o644)
    assert "backup_file" not in run(path=env, values={"HOST": "new"}, backup=True)
    # The name of a backup has its process.
    again = end(start(path=env, values={"HOST": "newer"}, backup=True))["backup_file"]
    assert sorted(os.listdir(env.parent)) == sorted([".env", backup.name, os.path.basename(again)])


def test_a_missing_file_begins_with_the_example(env):
    example = env.rename(env.parent / ".env.example")
    options = {"path": env, "example": example, "values": {"HOST": "new"}, "backup": True}
    check = run(**options, _ansible_check_mode=True)
    assert not env.exists()
    made = run(**options)
    assert made["diff"] == check["diff"]
    assert (made["changed"], made["example"]) == (True, str(example))
    assert (made["diff"][0]["before"], made["diff"][0]["after"]) == ("HOST=old\n", "HOST=new\n")
    assert (env.read_text(), mode(env)) == ("# app\nHOST=new\nTOKEN=canary-old\n", 0o600)
    assert example.read_text() == TEXT
    again = run(**options)
    assert (again["changed"], "example" in again) == (False, False)
    assert sorted(os.listdir(env.parent)) == [".env", ".env.example"]


def test_an_example_that_says_all_already_is_still_written(env):
    example = env.rename(env.parent / ".env.example")
    options = {"path": env, "example": example, "values": {"HOST": "old"}}
    assert run(**options, _ansible_check_mode=True)["changed"] is True
    assert run(**options)["changed"] is True
    assert env.read_text() == TEXT


def test_an_example_is_not_needed(env):
    env.unlink()
    result = run(path=env, example=env.parent / ".env.example", values={"HOST": "new"})
    assert (result["changed"], "example" in result, env.read_text()) == (True, False, "HOST=new\n")


def test_follows_a_symbolic_link(env, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(env)
    result = run(path=link, values={"HOST": "new"})
    assert result["path"] == str(env)
    assert link.is_symlink()
    assert read(env)["HOST"] == "new"


def test_keeps_bytes_that_are_not_utf8(env):
    text = b"# caf\xe9\r\nHOST=old\r\nNAME=caf\xe9\r\n"
    env.write_bytes(text)
    refused = run(path=env, values={"HOST": "caf\u00e9"})
    assert f"{env} is not UTF-8: line 1 has the byte 0xE9, as in Latin-1" in refused["msg"]
    assert env.read_bytes() == text
    record = env.with_name(".env.before")
    assert run(path=env, record=record, values={"HOST": "new", "NAME": "cafe"})["changed"]
    assert env.read_bytes() == b"# caf\xe9\r\nHOST=new\r\nNAME=cafe\r\n"
    run(path=env, record=record, restore=["HOST", "NAME"])
    assert env.read_bytes() == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_refuses_an_encoding_that_cannot_be_edited(env, encoding):
    text = "HOST=old\n".encode(encoding)
    env.write_bytes(text)
    for options in ({"values": {"HOST": "new"}}, {"absent": ["HOST"]}, {"restore": ["HOST"], "record": "none"}):
        failed = run(path=env, **options)
        assert failed["msg"] == f"{env} is in UTF-16 or another encoding with NUL bytes; save it as UTF-8."
    assert (env.read_bytes(), os.listdir(env.parent)) == (text, [".env"])


@pytest.mark.parametrize("secret", ["a", "e", "1", "TOKEN", "changed", "true", "/", "old"])
def test_a_short_secret_does_not_garble_the_result(env, secret):
    result = run(path=env, secrets={"TOKEN": secret})
    assert result["changed"] is True
    assert result["path"] == str(env)
    assert result["changes"] == [{"key": "TOKEN", "operation": "set", "secret": True}]
    if "invocation" in result:  # ansible-core 2.21 leaves it out
        assert result["invocation"]["module_args"]["secrets"] == {"TOKEN": "(secret)"}
    assert "********" not in json.dumps(result)
    assert read(env)["TOKEN"] == secret


def test_warns_about_lines_that_compose_refuses(env):
    env.write_text("A='canary\nHOST=old\n")
    result = run(path=env, values={"HOST": "new"})
    assert env.read_text() == "A='canary\nHOST=new\n"
    assert (
        f"{env}: Docker Compose cannot read line 1 (a quote that is not closed); it was left as it is."
        in json.dumps(result["warnings"])
    )
    assert "canary" not in json.dumps(result)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"path": "missing/.env", "values": {"A": "1"}}, "missing/.env cannot be written: No such file or directory"),
        (
            {"path": "missing", "values": {"A": "1"}, "create": False},
            "missing does not exist; create it, or set create",
        ),
        ({"path": ".", "values": {"A": "1"}}, "is a directory; name the file in it"),
        ({"path": ".env", "secrets": {"TOKEN": "canary\n"}}, ".env: TOKEN: the value holds the character U+000A"),
        ({"path": ".env", "secrets": {"TOKEN": {"x": "canary"}}}, ".env: TOKEN: a value of type dict"),
        ({"path": ".env", "secrets": {"2TOKEN": "canary"}}, ".env: 2TOKEN: not a valid name"),
    ],
)
def test_errors_say_what_and_change_nothing(env, options, says):
    result = run(**{**options, "path": env.parent / options["path"]})
    assert result["failed"] is True
    assert says in result["msg"]
    assert "canary" not in json.dumps(result)
    assert env.read_text() == TEXT
    assert os.listdir(env.parent) == [".env"]


def test_a_file_that_cannot_be_replaced(env):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    env.parent.chmod(0o500)
    result = run(path=env, values={"HOST": "new"})
    env.parent.chmod(0o700)
    assert "cannot be written: Permission denied" in result["msg"]


def keep(env, **options):
    """A task that sets keys and remembers what they were."""
    record = env.with_name(".env.before")
    return run(path=env, record=record, values={"HOST": "new", "MORE": "1"}, secrets={"TOKEN": "canary-new"}, **options)


def back(env, **options):
    keys = ["HOST", "MORE", "TOKEN", "EMPTY"]
    return run(path=env, record=env.with_name(".env.before"), restore=keys, **options)


def test_restores_what_was_before_the_first_change(env):
    env.write_text("# app\nexport HOST='old'  # mine\nTOKEN=canary-old\nOTHER=1\n")
    before = env.read_bytes()
    assert keep(env)["changed"]
    assert mode(env.with_name(".env.before")) == 0o600
    # A second change, and one by hand: neither is what was before.
    env.write_text(env.read_text().replace("MORE=1", "MORE=2"))
    assert keep(env)["changed"]
    planned = back(env, _ansible_check_mode=True)
    assert [change["key"] for change in planned["changes"]] == ["HOST", "MORE", "TOKEN"]
    result = back(env)
    assert result["changes"] == planned["changes"]
    assert "canary" not in json.dumps(result)
    assert env.read_bytes() == before
    assert "canary" not in env.with_name(".env.before").read_text()
    # What was brought back is nobody's but the owner's of the file.
    written = state(env)
    assert back(env)["changed"] is False
    assert state(env) == written
    # The next first change is noted anew.
    env.write_text(env.read_text().replace("old", "other"))
    before = env.read_bytes()
    keep(env)
    back(env)
    assert env.read_bytes() == before


def test_what_is_brought_back_is_shown_unless_it_is_a_secret(env):
    env.write_text("HOST=old\nTOKEN=canary-old\n")
    keep(env)
    result = back(env, restore_secrets=["MORE"])
    assert result["diff"][0]["before"] == "HOST=new\nMORE=(secret, old)\nTOKEN=(secret, old)\n"
    assert result["diff"][0]["after"] == "HOST=old\nTOKEN=(secret, new)\n"
    assert [change["secret"] for change in result["changes"]] == [False, True, True]


@pytest.mark.parametrize("check", [True, False])
def test_only_what_compose_reads_anew_recreates_the_containers(env, check):
    def changed(text, **values):
        env.write_text(text)
        result = run(path=env, values=values, _ansible_check_mode=check)
        return result["file_changed"], result["values_changed"]

    assert changed("HOST=old\n", HOST="new") == (True, True)
    assert changed("HOST=old\n", MORE="1") == (True, True)
    assert changed("HOST=old\n", HOST="old") == (False, False)
    # One line of several goes, and the value stays.
    assert changed("HOST=older\nHOST=old\n", HOST="old") == (True, False)


def test_a_placeholder_that_everybody_knows_is_no_secret(env):
    given = {
        "defaults": {"MAILGUN_KEY": "development", "OTHER_KEY": "canary"},
        "public": {"MAILGUN_KEY": "development"},
    }
    result = run(path=env, **given)
    assert result["diff"][0]["after"] == "MAILGUN_KEY=development\nOTHER_KEY=(secret, new)\n"
    assert "canary" not in json.dumps(result)
    env.write_text("TOKEN=old-canary\n")
    keep(env)
    env.with_name(".env.before").write_text(json.dumps({"TOKEN": ""}))
    gone = back(env, defaults={"TOKEN": "removed"}, public={"TOKEN": "removed"})
    assert gone["diff"][0]["before"] == "TOKEN=(secret, old)\n"
    assert gone["diff"][0]["after"] == "TOKEN=removed\n"


def test_what_another_declaration_wrote_is_brought_back_too_unless_it_is_kept(env):
    env.write_text("HOST=old\nGATEWAY=off\nNOTE=\n")
    keep(env)
    run(path=env, record=env.with_name(".env.before"), values={"GATEWAY": "on", "NOTE": "left"})
    run(path=env, record=env.with_name(".env.before"), secrets={"WORD": "canary"})
    result = back(env, keep=["NOTE"])
    assert env.read_text() == "HOST=old\nGATEWAY=off\nNOTE=left\n"
    # Whether its keys are secrets nobody says any more.
    assert "GATEWAY=(secret, old)\n" in result["diff"][0]["before"]
    assert "GATEWAY=(secret, new)\n" in result["diff"][0]["after"]
    assert "canary" not in json.dumps(result)


def test_restores_without_a_record_by_removing(env):
    assert back(env, defaults={"TOKEN": "placeholder", "NEVER": "named"})["changed"]
    assert env.read_text() == "# app\nTOKEN=placeholder\n"
    assert os.listdir(env.parent) == [".env"]
    assert back(env, defaults={"TOKEN": "placeholder"})["changed"] is False


def test_a_restored_key_that_is_needed_is_not_left_empty(env):
    env.write_text("HOST=\n")
    keep(env)
    back(env, defaults={"HOST": "placeholder", "TOKEN": "placeholder"})
    assert env.read_text() == "HOST=placeholder\nTOKEN=placeholder\n"
    assert back(env, defaults={"HOST": "placeholder", "TOKEN": "placeholder"})["changed"] is False


def test_a_file_that_a_run_had_made_goes_with_its_last_key(env):
    keep(env)
    # A file that somebody removed takes what was noted of it along.
    env.unlink()
    keep(env)
    planned = back(env, _ansible_check_mode=True)
    assert env.exists()
    result = back(env)
    assert (result["changed"], result["diff"]) == (True, planned["diff"])
    assert result["diff"][0]["after_header"] == f"{env} (removed)"
    assert os.listdir(env.parent) == []
    assert back(env)["changed"] is False
    # What somebody wrote into it stays, and so does an empty file of theirs.
    keep(env)
    env.write_text(env.read_text() + "MINE=1\n")
    back(env)
    assert env.read_text() == "MINE=1\n"
    env.write_text("")
    keep(env)
    back(env)
    assert env.read_text() == ""


def test_a_file_that_begins_with_the_example_stays(env):
    example = env.rename(env.with_name(".env.example"))
    keep(env, example=example)
    back(env)
    assert env.read_text() == TEXT


def test_nothing_is_recorded_where_nothing_changes(env):
    run(path=env, record=env.with_name(".env.before"), values={"HOST": "old"})
    assert os.listdir(env.parent) == [".env"]


def test_refuses_a_record_that_it_cannot_read(env):
    env.with_name(".env.before").write_text("HOST=old\n")
    result = back(env)
    assert result["failed"]
    assert "is not a record" in result["msg"]
    assert env.read_text() == TEXT


def test_runs_at_once_lose_nothing_of_each_other(env):
    started = [
        start(path=env, record=env.with_name(".env.before"), values={f"KEY{n}": n}, git_exclude=True) for n in range(6)
    ]
    assert [end(process)["changes"][0]["key"] for process in started] == [f"KEY{n}" for n in range(6)]
    assert read(env) == {"HOST": "old", "TOKEN": "canary-old", **{f"KEY{n}": str(n) for n in range(6)}}
    run(path=env, record=env.with_name(".env.before"), restore=[f"KEY{n}" for n in range(6)])
    assert env.read_text() == TEXT


def test_who_holds_the_lock_for_ever_is_said(env):
    expected = pytest.raises(files.FileError, match=f"has held the lock of {env.parent} for 0 seconds")
    with files.locked(env.parent), expected, files.locked(env.parent, seconds=0):
        raise AssertionError
    # And it leaves nothing behind.
    assert os.listdir(env.parent) == [".env"]


def no_room():
    """What a full disk is like: nothing can be written."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))


def test_a_full_disk_leaves_everything_as_it_was(env):
    text = TEXT + "# " + "x" * 100 + "\n"
    env.write_text(text)
    for _again in range(2):
        failed = end(
            start(path=env, record=env.with_name(".env.before"), backup=True, values={"HOST": "new"}, before=no_room)
        )
        assert "cannot be written: File too large" in failed["msg"]
        assert "Traceback" not in json.dumps(failed)
        assert (env.read_text(), os.listdir(env.parent)) == (text, [".env"])


def test_what_is_no_regular_file_is_refused_at_once(env):
    env.unlink()
    os.mkfifo(env)
    failed = run(path=env, values={"HOST": "new"})
    assert failed["msg"].startswith(f"{env} is no regular file, but a pipe, a socket or a device")
    env.unlink()
    env.symlink_to(".env")
    failed = run(path=env, values={"HOST": "new"})
    assert "cannot be read" in failed["msg"]
    assert os.listdir(env.parent) == [".env"]


def test_a_hard_link_is_not_parted(env):
    other = env.with_name("other")
    other.hardlink_to(env)
    failed = run(path=env, values={"HOST": "new"})
    assert failed["msg"].startswith(f"{env} has 2 names (hard links)")
    assert (env.read_text(), env.stat().st_ino) == (TEXT, other.stat().st_ino)
    assert run(path=env, values={"HOST": "old"})["changed"] is False
    # Where that is allowed, it is written without being replaced.
    assert run(path=env, values={"HOST": "new"}, unsafe_writes=True)["changed"]
    assert (read(other)["HOST"], env.stat().st_ino) == ("new", other.stat().st_ino)
    assert sorted(os.listdir(env.parent)) == [".env", "other"]


def test_values_whose_names_say_so_are_secrets(env):
    result = run(path=env, values={"TOKEN": "canary-new", "smtp_password": "canary", "OPEN": "1"})
    assert result["diff"][0]["after"] == "TOKEN=(secret, new)\nsmtp_password=(secret, new)\nOPEN=1\n"
    assert [change["secret"] for change in result["changes"]] == [True, True, False]
    assert "canary" not in json.dumps(result)


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away and become others")
SOMEBODY, OTHER = 4321, 4322
PATHS = ("path", "record")


def run_as(user, **options):
    """Run the module as that user, in a fork of this process: they may not enter where our Python is."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            result = run_here(dotenv, {name: str(v) if name in PATHS else v for name, v in options.items()})
            os.write(writer, json.dumps(result).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as said:
        text = said.read()
    os.waitpid(child, 0)
    return json.loads(text)


@pytest.fixture
def theirs():
    """A checkout and a .env of somebody. Pytest's own directories may be entered by its user only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ".env"
        path.write_text(TEXT)
        path.chmod(0o640)
        for one in (path, path.parent):
            os.chown(one, SOMEBODY, SOMEBODY)
        yield path


def owners(folder):
    return {(path.stat().st_uid, path.stat().st_gid) for path in folder.iterdir()}


@only_root
def test_root_and_the_owner_in_turn(theirs):
    """Whoever runs it: the file, its record and its backups are the owner's."""
    given = {"path": theirs, "record": theirs.with_name(".env.before"), "backup": True}
    for number, user in enumerate((0, SOMEBODY, 0, SOMEBODY)):
        result = run_as(user, **given, values={"HOST": number, f"KEY{number}": "x"})
        assert result.get("changed"), result
        assert owners(theirs.parent) == {(SOMEBODY, SOMEBODY)}
        assert mode(theirs) == 0o640
    assert run_as(SOMEBODY, **given, restore=["HOST", "KEY0", "KEY1", "KEY2", "KEY3"])["changed"]
    assert theirs.read_text() == TEXT
    theirs.unlink()
    run(path=theirs, values={"HOST": "new"})
    assert owners(theirs.parent) == {(SOMEBODY, SOMEBODY)}


@only_root
def test_a_file_of_another_is_not_taken_over(theirs):
    theirs.chmod(0o666)
    theirs.parent.chmod(0o777)
    for owner in (SOMEBODY, OTHER):
        os.chown(theirs, owner, SOMEBODY)
        failed = run_as(OTHER, path=theirs, values={"HOST": "new"})
        assert failed["msg"].startswith(f"{theirs} belongs to {owner}:{SOMEBODY}, and {OTHER} cannot make a file that")
    assert (theirs.read_text(), os.listdir(theirs.parent)) == (TEXT, [".env"])


@only_root
def test_a_right_that_is_lacking_is_said(theirs):
    record = theirs.with_name(".env.before")
    keep(theirs)
    text = theirs.read_text()
    os.chown(record, 0, 0)
    failed = run_as(SOMEBODY, path=theirs, record=record, restore=["HOST"])
    assert failed["msg"].startswith(f"{record} cannot be read: Permission denied; run the play as the user whom it bel")
    os.chown(theirs, 0, 0)
    theirs.chmod(0o600)
    failed = run_as(SOMEBODY, path=theirs, values={"HOST": "newer"})
    assert failed["msg"].startswith(f"{theirs} cannot be read: Permission denied")
    assert theirs.read_text() == text


@only_root
def test_a_checkout_that_git_refuses_is_said(theirs):
    checkout(theirs)
    os.chown(theirs.parent / ".git", SOMEBODY, SOMEBODY)
    result = run(path=theirs, values={"HOST": "new"}, git_exclude=True)
    assert result["changed"]
    said = json.dumps(result["warnings"])
    assert "dubious ownership: it does not belong to root" in said
    assert f"git config --global --add safe.directory {theirs.parent}" in said


@only_root
def test_an_immutable_file_is_said(env):
    if subprocess.run(["chattr", "+i", env], check=False, capture_output=True).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        for _again in range(2):
            failed = run(path=env, record=env.with_name(".env.before"), values={"HOST": "new"}, backup=True)
            assert failed["msg"] == (
                f"{env} is immutable, or on a file system that is read-only; chattr -i {env} makes it mutable."
            )
        assert os.listdir(env.parent) == [".env"]
    finally:
        subprocess.run(["chattr", "-i", env], check=True)


def test_what_was_put_in_place_before_a_failure_goes_again(env):
    """A mount of its own, or whatever else is seen only when a file is replaced."""
    replacement = files.Replacement()
    replacement.add(env.with_name(".env.before"), "{}", beside=env)
    replacement.add(env, "new")
    env.unlink()
    env.mkdir()
    with pytest.raises(files.FileError, match="cannot be replaced: Is a directory"):
        replacement.apply()
    assert os.listdir(env.parent) == [".env"]


def checkout(env):
    """The directory of the file as a git checkout; its own list of what git ignores."""
    subprocess.run(["git", "init", "--quiet"], cwd=env.parent, check=True)
    exclude = env.parent / ".git/info/exclude"
    exclude.write_text("mine")
    exclude.chmod(0o640)
    return exclude


def test_git_ignores_the_file_its_record_and_its_backups(env):
    exclude = checkout(env)
    planned = keep(env, git_exclude=True, backup=True, _ansible_check_mode=True)
    assert exclude.read_text() == "mine"
    result = keep(env, git_exclude=True, backup=True)
    assert result["git_excluded"] == planned["git_excluded"] == [".env", ".env.before", ".env.*~"]
    assert result["diff"][1] == planned["diff"][1]
    assert result["diff"][1]["before_header"] == str(exclude)
    assert result["diff"][1]["after"] == exclude.read_text() == "mine\n.env\n.env.before\n.env.*~\n"
    assert mode(exclude) == 0o640
    assert os.path.exists(result["backup_file"])
    untracked = subprocess.run(["git", "status", "--porcelain"], cwd=env.parent, capture_output=True, check=True)
    assert untracked.stdout == b""
    before = state(exclude)
    result = keep(env, git_exclude=True, backup=True)
    assert (result["changed"], result["git_excluded"], len(result["diff"])) == (False, [], 1)
    assert state(exclude) == before


def test_git_alone_may_have_to_change(env):
    exclude = checkout(env)
    exclude.unlink()
    exclude.parent.rmdir()
    result = run(path=env, values={"HOST": "old"}, git_exclude=True)
    assert (result["changed"], result["file_changed"], result["changes"]) == (True, False, [])
    assert exclude.read_text() == ".env\n.env.*~\n"
    assert env.read_text() == TEXT


def test_without_a_checkout_git_is_left_alone(env):
    result = run(path=env, values={"HOST": "old"}, git_exclude=True)
    assert (result["changed"], result["git_excluded"]) == (False, [])
    assert os.listdir(env.parent) == [".env"]
    result = run(path=env.parent / "missing/.env", values={"HOST": "old"}, git_exclude=True)
    assert "missing/.env cannot be written" in result["msg"]


def test_a_name_with_signs_of_patterns_is_meant_literally():
    text, added = git_exclude("", ["[x]* .env"])
    assert added == [r"\[x]\*\ .env", r"\[x]\*\ .env.*~"]
    assert git_exclude(text, ["[x]* .env"]) == (text, [])


def test_what_stays_as_a_placeholder_is_named_and_what_was_there_before_is_not(env):
    env.write_text("MINE=own\nSAME=1\n")
    record, needed = env.with_name(".env.before"), {"MINE": "x", "SAME": "1", "NEEDED": "x"}
    run(path=env, record=record, values={"ADDRESS": "a"}, defaults=needed)
    for again in (False, True):
        done = run(path=env, record=record, restore=["ADDRESS"], keep=list(needed), defaults=needed, backup=True)
        assert "NEEDED" in done["placeholders"]
        assert "MINE" not in done["placeholders"]
        # Once restored, nobody knows any more who wrote a value that is the default.
        assert ("SAME" in done["placeholders"]) is again
        assert done["copied"] is ("backup_file" in done)
    assert env.read_text() == "MINE=own\nSAME=1\nNEEDED=x\n"
