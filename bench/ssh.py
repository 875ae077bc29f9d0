# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run takes where every host is reached over ssh, beside the same run without: in turns, in one lab.

The server is one of its own on the loopback interface, so what a network adds is not in it. Environment: BENCH_APPS
("1"), and that of runs.py. Each is measured BENCH_REPEAT times, of which the quickest counts.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from runs import HEAD, ROOT, Bench, read_numbers

sys.path.append(str(ROOT / "tests"))
from sshd import Sshd, connections  # It is the tests' server.


def measure(bench: Bench, folder: Path) -> None:
    bench.anew()
    bench.play("first", proof=False)
    sshd = Sshd(folder, {**os.environ, **bench.env})
    try:
        over_ssh = ("-i", sshd.inventory())
        for pipelining in (True, False):
            # What is given on the command line goes before what the play says of each machine.
            words = ("-e", f"ansible_pipelining={str(pipelining).lower()}")
            name = "ssh" if pipelining else "ssh, files"
            for _ in range(int(os.environ.get("BENCH_REPEAT") or 2)):
                bench.play("noop_proof", True)
                bench.env.update(connections(folder))
                bench.play(f"noop_proof {name}", True, *over_ssh, *words)
    finally:
        sshd.stop()


def main() -> None:
    print(f"\n{HEAD}", flush=True)
    for apps in read_numbers("BENCH_APPS", "1"):
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench("this", ROOT, Path(folder, "lab"), apps, int(os.environ.get("BENCH_PORT_OFFSET") or 900))
            (Path(folder) / "ssh").mkdir()
            try:
                measure(bench, Path(folder) / "ssh")
            finally:
                bench.stop()
        here = bench.costs.pop("noop_proof")
        bench.costs.pop("first")
        for name, cost in bench.costs.items():
            # What the modules use is not the run's own here: they are the server's processes.
            print(f"{name}: {cost.seconds - here.seconds:+.1f} s")


if __name__ == "__main__":
    main()
