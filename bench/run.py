# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection costs, in labs of its own: bench/run.py [objects] [runs] [growth] [ssh].

Without a word the first two.
"""

from __future__ import annotations

import sys

import growth
import objects
import runs
import ssh

PARTS = {"objects": objects.main, "runs": runs.main, "growth": growth.main, "ssh": ssh.main}


def main() -> None:
    wanted = sys.argv[1:] or ["objects", "runs"]
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    for name in wanted:
        PARTS[name]()


if __name__ == "__main__":
    main()
