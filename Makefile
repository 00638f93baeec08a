# `make` lists what there is. Every target installs what it needs from the hashed locks by itself.
SHELL := /bin/bash
# Empty: the first Python on the path that is new enough.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo up down test test-deep lint bench screenshots lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: $(VENV)/demo.installed ## Start everything, delete a line end to end, show the proof, stop
	@$(BIN)/onhook demo

up: $(VENV)/demo.installed ## Start the product and the emulators and stay in the foreground; PORT=8001 for another port
	@$(BIN)/onhook up --demo $(if $(PORT),--port $(PORT))

down: $(VENV)/demo.installed ## Stop what `make up` left running
	@$(BIN)/onhook down

test: $(VENV)/dev.installed ## All tests, on a real PostgreSQL and in a real browser, in parallel
	@requirements/browser
	@$(BIN)/pytest -n auto --dist loadgroup $(ARGS)

test-deep: $(VENV)/dev.installed ## The search for leaks between companies with ten times the requests; some minutes
	@ONHOOK_TEST_DEEP=1 $(BIN)/pytest -n auto tests/security/canaries $(ARGS)

lint: $(VENV)/dev.installed ## Style, types, import rules, missing migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@# No database is needed for this, and Django warns that there is none.
	@$(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run --settings onhook.config.settings

bench: $(VENV)/dev.installed ## Measure against the floor in the same run; keeps benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

screenshots: $(VENV)/dev.installed ## Take the README's pictures of the demo's world anew, into docs/pictures
	@requirements/browser
	@$(BIN)/python -m tests.pictures

lock: $(VENV)/dev.installed ## Write the hashed lock files anew from pyproject.toml
	@requirements/lock $(BIN)/uv

clean: ## Remove the virtual environment and caches (not the data)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/%.installed: requirements/%.txt pyproject.toml requirements/install
	@requirements/install "$(PYTHON)" "$(VENV)" $<
	@touch $@
