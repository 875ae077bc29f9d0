# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The one entry point of a checkout. Needs GNU make 3.81 or newer and Python 3.11 or newer; see "make help".

SUITES := lint test-unit test-lab test-integration test-docker test-molecule sanity test-artifact test-release \
  $(addprefix test-core-,2.17 2.18 2.19 2.20 2.21)

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo demo-down test test-all $(SUITES) bench new-kind docs artifact bill release clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo "  The suites of 'make test-all', each a target of its own: $(SUITES)"
	@echo "  PYTHON=... chooses the Python, ANSIBLE_CORE=2.18 another ansible-core, REQUIRE_DOCKER=1 insists on Docker."

setup: ## a .venv that can run the playbooks
	@sh tools/setup.sh demo

setup-test:
	@sh tools/setup.sh test

demo: ## start the embedded lab and integrate MITxPro with it; the lab is left running
	@"$$(sh tools/python.sh)" tools/demo.py

demo-down: ## stop the lab
	@"$$(sh tools/python.sh)" lab/ctl.py down

test: setup-test ## the tests that protect what the README promises; says at its end what it left
	@.venv/bin/python tools/test.py --quick

test-all: setup-test ## every test that this machine can run
	@.venv/bin/python tools/test.py

$(SUITES): setup-test
	@.venv/bin/python tools/test.py $@

bench: setup ## what objects and whole runs cost, beside the naive ways and the floor (BENCH=objects or runs: one of them; BENCH=growth BENCH_APPS="1 2 5": by apps; BENCH=ssh: over ssh)
	@.venv/bin/python bench/run.py $(BENCH)

new-kind: setup-test ## a new kind of object with its module and test: NAME=waffle_flag MODEL=waffle.Flag
	@.venv/bin/python tools/new_kind.py $(NAME) $(MODEL) --key "$(KEY)" --fields "$(FIELDS)" --side "$(SIDE)"

docs: ## the documentation site, in build/docs
	@sh tools/setup.sh docs
	@.venv/bin/python tools/docs.py

artifact: setup ## what Galaxy gets, in build/artifact, the same bytes each time
	@.venv/bin/python tools/build.py

bill: setup ## a bill of materials (CycloneDX) of what the collection depends on, in build/artifact
	@.venv/bin/python tools/packages.py release .cache/release -r requirements/locked/release.txt
	@.cache/release/bin/python tools/bill.py

release: setup-test ## turn the fragments of the changelog into a release: VERSION=1.2.3 (see MAINTAINERS.md)
	@.venv/bin/python tools/release.py $(VERSION)

clean: demo-down ## stop the lab and remove everything that make has made
	rm -rf .venv .lab .ansible .cache build
