#!/bin/sh
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prepares a checkout: tools/setup.sh demo|test. What is already as it should be costs nothing.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-demo}

# An old .venv that no longer runs (its Python was upgraded or removed) is made anew.
if ! .venv/bin/python -c '' 2>/dev/null; then
  python=$(sh tools/python.sh)
  echo "setup: .venv with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv
fi

# What is installed is noted as one line for each set of requirements; the set "test" contains the set "demo".
state() { echo "$1 $(cat requirements/demo.txt "requirements/$1.txt" | cksum) ${ANSIBLE_CORE:-pinned}"; }
if ! grep -qxF "$(state "$wanted")" .venv/.installed 2>/dev/null; then
  echo "setup: installing requirements/$wanted.txt"
  rm -f .venv/.installed
  .venv/bin/python tools/packages.py setup .venv/bin/python -r "requirements/$wanted.txt"
  if [ -n "${ANSIBLE_CORE:-}" ]; then
    .venv/bin/python tools/packages.py setup .venv/bin/python "ansible-core==$ANSIBLE_CORE.*"
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
