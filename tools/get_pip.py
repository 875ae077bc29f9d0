# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the bootstrap script that ansible-test downloads to get pip into a new virtual environment.

Python carries a pip of its own, so nothing has to be downloaded. noxfile.py puts this file where ansible-test looks.
"""

from __future__ import annotations

import subprocess
import sys

# In processes of their own: the caller changes logging and sys.path in ways that ensurepip does not stand.
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL, check=True)
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", *arguments], check=False).returncode)
