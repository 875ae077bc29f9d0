# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the terminal of a first run on an empty lab, docs/images/run.svg, for the README.

The lab is one of its own (.lab/picture). Ports are shown as they are without LAB_PORT_OFFSET, and most of the table of
hops is left out; nothing else differs from what the run printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "run.svg"
STATE = ROOT / ".lab" / "picture"
BOOK = "ansible-playbook"
#: The hops of the table that are shown.
SHOWN = ("app.starts", "lms.starts", "browser.reaches_lms", "login.app", "login.token", "login.browser", "login.linked")
COLORS = {"changed": "#e5c07b", "[ ok ]": "#98c379", "xpro:": "#98c379", "$": "#61afef"}
LINE, MARGIN, COLUMNS, LETTER = 19, 18, 92, 7.83


def run() -> str:
    """What the terminal shows of the run."""
    environment = {**os.environ, "LAB_STATE": str(STATE), "COLUMNS": str(COLUMNS), "NO_COLOR": "1"}
    lab = [sys.executable, "lab/ctl.py"]
    playbook: list[str | Path] = [Path(sys.executable).parent / BOOK, "playbooks/xpro.yml"]
    subprocess.run([*lab, "up"], cwd=ROOT, env=environment, check=True)
    try:
        done = subprocess.run(playbook, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    finally:
        subprocess.run([*lab, "down"], cwd=ROOT, env=environment, check=True)
        shutil.rmtree(STATE)
    return done.stdout


def shortened(said: str, offset: int) -> list[str]:
    """The lines of the picture."""
    said = said.replace(f"{ROOT}/", "")
    said = re.sub(r"(?<=[\w]:)(\d{4,5})\b", lambda port: str(int(port[1]) - offset), said)
    lines = [f"$ {BOOK} playbooks/xpro.yml"]
    left = 0
    for line in said.splitlines():
        hop = re.match(r"\[[ \w]{4}\] (\S+)", line)
        # A slow machine is told of the steps that take long.
        if (hop and hop[1] not in SHOWN) or line.startswith(("       ", "... ")):
            left += bool(hop)
            continue
        if left:
            lines.append(f"       ... {left} more")
            left = 0
        lines.append(line.rstrip())
    return lines


def drawn(lines: list[str]) -> str:
    """An SVG with a line of text for each."""
    width, height = round(max(map(len, lines)) * LETTER + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    shown = []
    for number, line in enumerate(lines):
        word = next((word for word in COLORS if line.startswith(word)), "")
        color = f' fill="{COLORS[word]}"' if word else ""
        y = MARGIN + number * LINE + 14
        rest = escape(line.removeprefix(word), quote=False)
        shown.append(f'<text x="{MARGIN}" y="{y}"><tspan{color}>{word}</tspan>{rest}</text>')
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    font = "13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="The terminal of a run">',
        f"<style>text {{ font: {font}; fill: #dcdfe4; white-space: pre }}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#23272e"/>',
    ]
    return "\n".join([*head, *shown, "</svg>\n"])


if __name__ == "__main__":
    PICTURE.write_text(drawn(shortened(run(), int(os.environ.get("LAB_PORT_OFFSET") or 0))))
    print(PICTURE)
