#!/bin/sh
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prepares a checkout: tools/setup.sh demo|test|docs. What is already as it should be costs nothing.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-demo}

# What is installed is noted as one line for each set of requirements; every set contains the set "demo".
state() { echo "$1 $(cat requirements/locked/demo.txt "requirements/locked/$1.txt" | cksum) ${ANSIBLE_CORE:-pinned}"; }
# An old .venv that no longer runs (its Python was upgraded or removed) is made anew.
if ! .venv/bin/python -c '' 2>/dev/null || ! grep -qxF "$(state "$wanted")" .venv/.installed 2>/dev/null; then
  echo "setup: installing requirements/locked/$wanted.txt"
  rm -f .venv/.installed
  python=$(sh tools/python.sh)
  if .venv/bin/python -c '' 2>/dev/null; then python=.venv/bin/python; fi
  "$python" tools/packages.py setup .venv -r "requirements/locked/$wanted.txt"
  if [ -n "${ANSIBLE_CORE:-}" ]; then
    "$python" tools/packages.py setup .venv "ansible-core==$ANSIBLE_CORE.*"
  fi
  { state demo; state "$wanted"; } >.venv/.installed
fi

# The collection under its full name: a link, so that an edit is in force at once.
if [ ! -e .ansible/collections/ansible_collections/mitodl/openedx/galaxy.yml ]; then
  mkdir -p .ansible/collections/ansible_collections/mitodl
  ln -sfn ../../../.. .ansible/collections/ansible_collections/mitodl/openedx
fi

if [ "$wanted" = test ]; then
  .venv/bin/python tools/dependencies.py
fi
