# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of ssh on this machine, by which a lab is reached as if its sides were on others."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import yaml

HOSTS = {"edx": ["lms"], "lab_apps": ["xpro", "mitxonline"]}
# A server that root starts gives its rights away to the user sshd, which a machine without one lacks.
AS_ROOT = (
    'mount --bind "$0/passwd" /etc/passwd && mount -t tmpfs tmpfs /run && mkdir /run/sshd && '
    'exec "$1" -D -e -f "$0/sshd_config"'
)


def server(folder: Path) -> str:
    """The program: that of this machine, else the one in Debian's package, which need not be installed.

    :raises LookupError: there is neither.
    """
    there = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if there:
        return there
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise LookupError("this machine has no sshd, and no apt-get that could fetch it")
    # With the one library of it that a machine without servers lacks.
    subprocess.run(["apt-get", "download", "openssh-server", "libwrap0"], cwd=folder, check=True, capture_output=True)
    for package in folder.glob("*.deb"):
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
        handed = ("LAB_STATE", "LAB_PORT_OFFSET", "HOME", "XDG_RUNTIME_DIR")
        own = " ".join(f"{name}={env[name]}" for name in handed if name in env)
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
        libraries = {"LD_LIBRARY_PATH": ":".join(map(str, (folder / "package").glob("usr/lib/*")))}
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **libraries}
            )
        self.wait()

    def wait(self) -> None:
        for _attempt in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"sshd ended: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)  # It says nowhere that it listens.
        raise TimeoutError((self.folder / "log").read_text())

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


def connections(folder: Path) -> dict[str, str]:
    """Connections of their own, which end with the server."""
    return {
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "c"),
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s",
    }
