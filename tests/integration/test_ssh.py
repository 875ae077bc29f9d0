# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LMS and apps on other machines: everything over ssh, to a server of its own on this one, with keys of its own."""

from __future__ import annotations

import getpass
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from runs import ROOT

HOSTS = {"edx": ["lms"], "lab_apps": ["xpro", "mitxonline"]}
# A server that root starts gives its rights away to the user sshd, which a machine without one lacks.
AS_ROOT = (
    'mount --bind "$0/passwd" /etc/passwd && mount -t tmpfs tmpfs /run && mkdir /run/sshd && '
    'exec "$1" -D -e -f "$0/sshd_config"'
)


def server(folder: Path) -> str:
    """The program: that of this machine, else the one in Debian's package, which need not be installed."""
    there = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if there:
        return there
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        pytest.skip("this machine has no sshd, and no apt-get that could fetch it")
    subprocess.run(["apt-get", "download", "openssh-server"], cwd=folder, check=True, capture_output=True)
    (package,) = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder / "package"], check=True)
    return str(folder / "package/usr/sbin/sshd")


class Sshd:
    """A server on a free port of the loopback interface, for this user only."""

    def __init__(self, folder: Path, env: dict[str, str]):
        self.folder = folder
        program = server(folder)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {(folder / 'host.pub').read_text()}")
        own = " ".join(f"{name}={env[name]}" for name in ("LAB_STATE", "LAB_PORT_OFFSET", "HOME", "XDG_RUNTIME_DIR"))
        lines = (
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {folder}/host",
            f"AuthorizedKeysFile {folder}/user.pub",
            "PidFile none",
            "StrictModes no",
            "PasswordAuthentication no",
            "Subsystem sftp internal-sftp",
            f"SetEnv {own}",
        )
        (folder / "sshd_config").write_text("\n".join((*lines, "")))
        (folder / "passwd").write_text(
            f"{Path('/etc/passwd').read_text()}sshd:x:65533:65534::/nonexistent:/usr/sbin/nologin\n"
        )
        command = [program, "-D", "-e", "-f", str(folder / "sshd_config")]
        with suppress(KeyError):
            pwd.getpwnam("sshd")
            self.lacks_user = False
        if os.geteuid() == 0 and getattr(self, "lacks_user", True):
            command = ["unshare", "--mount", "sh", "-c", AS_ROOT, str(folder), program]
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait()

    def wait(self) -> None:
        for _attempt in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)  # It says nowhere that it listens.
        pytest.fail((self.folder / "log").read_text())

    def inventory(self, only: tuple[str, ...] = (), **more) -> str:
        """The hosts of the lab with the way to them; what is said besides counts for some of them, or for all."""
        known = f"-o UserKnownHostsFile={self.folder}/known_hosts -o StrictHostKeyChecking=yes -F none"
        way = {
            "ansible_connection": "ansible.builtin.ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.folder / "user"),
            "ansible_ssh_common_args": known,
            "ansible_python_interpreter": sys.executable,
        }
        path, groups = self.folder / "ssh.yml", {}
        for group, names in HOSTS.items():
            groups[group] = {"hosts": {name: way | (more if name in (only or names) else {}) for name in names}}
        path.write_text(yaml.safe_dump(groups))
        return str(path)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def sshd(lab, tmp_path):
    made = Sshd(tmp_path, lab.env)
    try:
        yield made
    finally:
        made.stop()


def connections(folder: Path) -> dict[str, str]:
    """Connections of their own, which end with the server."""
    return {
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "c"),
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s",
    }


def test_a_run_over_ssh_finds_what_a_local_one_has_made(converged, sshd, tmp_path):
    where = ("-i", str(ROOT / "inventories/lab"), "-i", sshd.inventory())
    command = ("ansible-playbook", "playbooks/site.yml", "--limit", "xpro", *where, "--skip-tags", "doctor", "-vvv")
    run = converged.ansible(*command, **connections(tmp_path)).well()
    assert run.changed == 0
    assert "ESTABLISH SSH CONNECTION FOR USER" in run.out
    # No module is a file there, and no option of one.
    assert " PUT " not in run.out
    assert converged.read_env()["OPENEDX_API_CLIENT_SECRET"] not in run.out


@pytest.mark.parametrize(("host", "modules"), [("lms", ["stat"]), ("xpro", ["ping"]), ("mitxonline", [])])
def test_each_machine_says_itself_whether_modules_come_as_files(lab, sshd, tmp_path, host, modules):
    """The one that a task is delegated to as well as the play's own."""
    play = {
        "hosts": "xpro",
        "gather_facts": False,
        "vars_files": [str(ROOT / "playbooks/vars/plays.yml")],
        "tasks": [
            {"ansible.builtin.ping": {}},
            {"ansible.builtin.stat": {"path": "/"}, "delegate_to": "lms"},
        ],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    where = ("-i", sshd.inventory(only=(host,), ansible_pipelining=False))
    run = lab.ansible("ansible-playbook", str(tmp_path / "play.yml"), *where, "-vvv", **connections(tmp_path)).well()
    assert re.findall(r" PUT .*AnsiballZ_(\w+)\.py", run.out) == modules


def test_everything_over_ssh(fresh, sshd, tmp_path):
    where = ("-i", str(ROOT / "inventories/lab"), "-i", sshd.inventory())
    env = connections(tmp_path)

    def run(*words, book="site"):
        report = ("-e", f"sso_doctor_report_dir={fresh.report}")
        return fresh.ansible("ansible-playbook", f"playbooks/{book}.yml", *where, *report, *words, **env)

    first = run().well()
    assert first.out.count(", 0 failed,") == 2
    assert first.recap.keys() == {"xpro", "mitxonline"}

    boots = len(fresh.boots())
    second = run("-vvv").well()
    assert second.changed == 0
    # Sessions live on the other machine from one task to the next.
    assert sorted(fresh.boots()[boots:]) == ["lms", "mitxonline", "mitxpro"]
    assert "ESTABLISH SSH CONNECTION FOR USER" in second.out
    assert " PUT " not in second.out
    for key in ("OPENEDX_API_CLIENT_SECRET", "OPENEDX_SERVICE_WORKER_API_TOKEN"):
        assert fresh.read_env()[key] not in second.out

    assert run(book="doctor").well().out.count(", 0 failed,") == 2

    sshd.inventory(ansible_pipelining=False)
    slow = run("-vvv", "--limit", "xpro", "--skip-tags", "doctor").well()
    assert slow.changed == 0
    assert " PUT " in slow.out
    assert fresh.read_env()["OPENEDX_API_CLIENT_SECRET"] not in slow.out
