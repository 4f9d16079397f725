# The two commands to know: make rehearsal (a whole exam in a stand-in room) and make test.
SEATS ?= 3
SESSIONS ?= 1
MINUTES ?= 1
ONLY ?=
ROOMS ?= 2
PY := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/tests:$(CURDIR)/module_utils
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.DEFAULT_GOAL := help
.PHONY: help setup venv papers-docs rehearsal sabotage test test-slow test-burner test-unit lint bench bench-prepare bench-inspect bench-cutoff bench-results clean

help: ## Say what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: ## Install everything: Debian packages, virtual environment
	@scripts/setup.sh --system

venv: ## Install the virtual environment only
	@scripts/setup.sh

papers-docs: setup ## Make the emergency page to print, in both languages (build/print)
	@$(PY) scripts/print_page.py docs/emergency.zh-CN.md
	@$(PY) scripts/print_page.py docs/emergency.en.md

rehearsal: setup ## Run a whole exam in a stand-in room (SEATS=3 MINUTES=1 SESSIONS=1)
	@$(PY) -m rehearsal run --seats $(SEATS) --minutes $(MINUTES) --sessions $(SESSIONS)

sabotage: setup ## Tamper with prepared stand-in rooms in many ways, and see whether inspections name just that (ONLY=words ROOMS=2)
	@$(PY) -m sabotage --only "$(ONLY)" --rooms $(ROOMS)

test: setup ## Run the tests (unit, integration on the stand-in, molecule)
	@$(PY) -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder tests/unit
	@# Much of it waits for moments to come: three at a time keep two cores busy.
	@$(PY) -m pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m 'not slow' tests/integration
	@molecule test

test-slow: setup ## Run the tests that take minutes and are left out of make test
	@$(PY) -m pytest -q -m slow tests/integration

test-burner: ## Burn and read back write-once discs, in a virtual machine with a DVD+R drive (minutes)
	@scripts/setup.sh --burner
	@$(PY) -m pytest -q tests/burner

test-unit: venv ## Run the quick tests, which need no root
	@$(PY) -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder tests/unit

lint: venv ## ansible-lint (production), yamllint, ruff, mypy --strict, PowerShell syntax, READMEs of roles
	@ruff check . && ruff format --check .
	@mypy
	@yamllint --strict .
	@ansible-lint --offline --profile production
	@$(PY) scripts/lint_powershell.py
	@$(PY) scripts/role_readmes.py --check

bench: bench-prepare bench-inspect bench-cutoff bench-results ## Measure everything that is measured

bench-prepare: setup ## Prepare a room of 30 seats twice, and one of 3; count the calls
	@$(PY) -m bench prepare

bench-inspect: setup ## Inspect a prepared room of 30 seats; count the queries and what is started on the hosts
	@$(PY) -m bench inspect

bench-cutoff: setup ## Cut off 3, 30 and 60 seats that write all the time; beside it other ways, and the floor
	@$(PY) -m bench cutoff

bench-results: setup ## Collect 30 x 2,000 small and few big files, hash, make an image; beside smbclient, sha256sum, xorriso
	@scripts/setup.sh --bench
	@$(PY) -m bench results

clean: ## Remove stand-in rooms, caches and the virtual environment
	@[ ! -x $(PY) ] || $(PY) -m standin destroy --all
	@rm -rf .venv .cache .standin build .mypy_cache .pytest_cache .ruff_cache .ansible
