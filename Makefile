# Needs make and Python 3.11, 3.12 or 3.13 with venv; everything else is pinned and lives in .venv.
# ARGS is handed on: make test ARGS='-k crisis', make bench ARGS=..., make pins ARGS=--upgrade.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup dev run test lint format bench diagrams translations pins clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv with everything a run needs, pinned; mends an interrupted one
	@tools/setup runtime

dev:
	@tools/setup dev

run: setup ## Serve the demonstration on http://127.0.0.1:8000 (PORT=8001 for another port)
	@.venv/bin/sebaya demo --port $(or $(PORT),8000)

test: dev ## Run every test (ARGS='-k word' for some, ARGS=--update rewrites the golden transcripts)
	.venv/bin/pytest -n 2 $(ARGS)

lint: dev ## Check style, types, import directions
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: dev ## Put the code into the house's form
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

bench: dev ## Measure and print the table of performance (ONLY=name for one row)
	.venv/bin/python -m benchmarks $(ONLY) $(ARGS)

diagrams: setup ## Write the state charts into docs/diagrams
	.venv/bin/sebaya diagrams docs/diagrams

translations: setup ## Check the catalogues for missing keys and broken placeholders
	.venv/bin/sebaya translations $(ARGS)

pins: dev ## Pin the dependencies of pyproject.toml anew (ARGS=--upgrade for the newest versions)
	tools/pins $(ARGS)

clean: ## Remove .venv and what tools left behind, never a database or a key
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
