#!/bin/sh
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes requirements/locked: every package that requirements/*.txt come to on any Python and system, with the hashes of its
# files. Run it after a change of one of them, or with --upgrade for newer packages.
set -eu
cd "$(dirname "$0")/../requirements"
uv=$(command -v uv || echo ../.cache/uv/bin/uv)
mkdir -p locked
for set in demo docs ee release test; do
  {
    sed -n 2,4p ../tools/lock.sh
    echo "# Written by tools/lock.sh from requirements/$set.txt."
  } >"locked/$set.tmp"
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@" \
    "$set.txt" -o "locked/$set.txt"
  cat "locked/$set.txt" >>"locked/$set.tmp"
  mv "locked/$set.tmp" "locked/$set.txt"
done
