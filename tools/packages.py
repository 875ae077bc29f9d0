# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has pip install packages, and says every few seconds how far it is: tools/packages.py LABEL PYTHON ARGUMENTS...

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time

SECONDS = 15


def main() -> int:
    label, python, *arguments = sys.argv[1:]
    begin = time.monotonic()
    lines: list[str] = []
    process = subprocess.Popen(
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )

    def read() -> None:
        assert process.stdout
        lines.extend(filter(None, map(str.strip, process.stdout)))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()

    def say(text: str) -> None:
        print(f"{label}: {time.monotonic() - begin:.0f} s: {text}", flush=True)

    while True:
        try:
            code = process.wait(SECONDS)
            break
        except subprocess.TimeoutExpired:
            say(doing(lines))
    reader.join(2)
    if code:
        say("pip failed; it said:")
        print("\n".join(lines[-20:]), flush=True)
    else:
        say(done(lines))
    return code


def doing(lines: list[str]) -> str:
    """What pip is at, by the last line that says it."""
    collected = [match[1] for line in lines if (match := re.match(r"Collecting ([\w.-]+)", line))]
    for line in reversed(lines):
        if line.startswith("Installing collected packages:"):
            return f"installing {line.count(',') + 1} packages"
        if match := re.match(r"Building wheels? for ([\w.-]+)", line):
            return f"building {match[1]}"
        if match := re.match(r"Collecting ([\w.-]+)", line):
            return f"collecting {match[1]}, number {len(collected)}"
    return "starting pip"


def done(lines: list[str]) -> str:
    installed = [line for line in lines if line.startswith("Successfully installed")]
    return f"{len(installed[-1].split()) - 2} packages installed" if installed else "everything was there"


if __name__ == "__main__":
    sys.exit(main())
