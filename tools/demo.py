# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: prepares Ansible and the lab side by side, runs the playbook of MITxPro, and says where the time went."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAB = [sys.executable, "lab/ctl.py"]
times: dict[str, float] = {}


def run(label: str, *command: str) -> int:
    """Run one stage in the foreground of the terminal and note how long it took."""
    begin = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    times[label] = time.monotonic() - begin
    return code


def main() -> int:
    begin = time.monotonic()
    print("demo: preparing Ansible and the lab", flush=True)
    with ThreadPoolExecutor() as pool:
        ansible = pool.submit(run, "Ansible's packages", "sh", "tools/setup.sh", "demo")
        lab = pool.submit(run, "the lab (at the same time)", *LAB, "up")
    if code := ansible.result() or lab.result():
        return code
    code = run("the playbook", ".venv/bin/ansible-playbook", "playbooks/xpro.yml")
    print(flush=True)
    subprocess.run([*LAB, "urls"], cwd=ROOT, check=False)
    print("\nWhere the time went:")
    for label, seconds in [*times.items(), ("all in all", time.monotonic() - begin)]:
        print(f"  {label:<27}{seconds:6.1f} s")
    print("\nThe lab is left running, and every playbook works on it: .venv/bin/ansible-playbook playbooks/doctor.yml")
    print("Stop it with: make demo-down")
    return code


if __name__ == "__main__":
    sys.exit(main())
