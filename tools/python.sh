#!/bin/sh
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints the Python to use: $PYTHON, else python3, else the newest python3.N. Each candidate is run, not only looked up: a
# version manager may leave a command on PATH that does not start.
set -eu

suits() {
  command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if suits "$candidate"; then
    command -v "$candidate"
    exit 0
  fi
done

echo "No usable Python found (tried: ${PYTHON:-python3, python3.14 ... python3.11})." >&2
echo "Python 3.11 or newer with the venv module is needed (Debian, Ubuntu: apt install python3-venv); PYTHON=/path chooses one." >&2
exit 1
