# Two commands on a fresh machine: `make demo` and `make test`. Everything else is for working on shopstack.
# Needs Python 3.11 or newer; everything else is installed by the targets themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
SERVE ?= 1
ORDERS ?= 20000
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test test-snowflake check format docs lock bench bench-extract bench-limits bench-build bench-dashboard bench-cloud soak clean

help: ## what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.stamp-run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.lock $(VENV)/.stamp-run
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

.cache/.stamp-tools: scripts/test_tools.sh $(wildcard tests/*/requirements.lock tests/infrastructure/*/requirements.lock) tests/infrastructure/provider/schemas.py
	@PYTHON=$(PYTHON) bash scripts/test_tools.sh
	@touch $@

.cache/.stamp-airflow: $(wildcard tests/airflow/*/requirements.lock)
	@PYTHON=$(PYTHON) bash scripts/test_tools.sh airflow
	@touch $@

demo: $(VENV)/.stamp-run ## a simulated shop, extracted, modelled, published and served (SERVE=0: stop after publishing)
	@$(BIN)/shopstack demo --orders $(ORDERS) $(if $(filter 0,$(SERVE)),--no-serve,)

test: check .cache/.stamp-tools ## everything that must hold, in some twenty minutes
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: $(VENV)/.stamp-dev ## lint, format, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.log 2>&1 || { cat $(VENV)/lint-imports.log; rm -f $(VENV)/lint-imports.log; exit 1; }
	@rm -f $(VENV)/lint-imports.log

format: $(VENV)/.stamp-dev ## format and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.stamp-dev ## write docs/reference/ and exposures.yml from the code and from the pages of the dashboard
	@$(BIN)/python -m shopstack.cli.reference
	@$(BIN)/python -m shopstack.config.schema
	@$(BIN)/python -m scripts.page_queries
	@$(BIN)/python -m scripts.exposures

lock: $(VENV)/.stamp-dev ## renew the lock files (needs uv)
	@bash scripts/lock.sh

bench: $(VENV)/.stamp-dev ## measure the figures that the docs give
	@$(BIN)/python -m benchmarks.pipeline

bench-extract: $(VENV)/.stamp-dev ## measure the extraction alone (ORDERS=20000; ONLY=first: no increments)
	@ORDERS=$(ORDERS) ONLY=$(ONLY) $(BIN)/python -m benchmarks.extract

bench-limits: $(VENV)/.stamp-dev ## hold an extraction against what a plan's limits allow, on a virtual clock (ORDERS=20000)
	@ORDERS=$(ORDERS) $(BIN)/python -m benchmarks.limits

bench-build: $(VENV)/.stamp-dev ## measure builds of a large shop, whole and after 1,000 orders changed (ORDERS=200000 TIMES=5)
	@ORDERS=$(if $(filter command,$(origin ORDERS)),$(ORDERS),200000) TIMES=$(TIMES) $(BIN)/python -m benchmarks.build

bench-dashboard: $(VENV)/.stamp-dev ## measure the pages of a large shop, and readers while versions go up (ORDERS=100000, or PROJECT=folder)
	@ORDERS=$(if $(filter command,$(origin ORDERS)),$(ORDERS),100000) PROJECT=$(PROJECT) $(BIN)/python -m benchmarks.dashboard

bench-cloud: $(VENV)/.stamp-dev ## measure the memory of each step on a simulated Snowflake and S3 (ORDERS=20000)
	@ORDERS=$(if $(filter command,$(origin ORDERS)),$(ORDERS),20000) $(BIN)/python -m benchmarks.cloud

test-snowflake: $(VENV)/.stamp-dev ## hold the warehouse's contract against a Snowflake account of yours (CONTRIBUTING.md)
	@$(BIN)/python -m pytest -m account -rs tests/contract/warehouse

soak: $(VENV)/.stamp-dev .cache/.stamp-tools .cache/.stamp-airflow ## the long tests
	@$(BIN)/python -m pytest -m soak --hypothesis-profile=searching -n $(WORKERS) --dist loadgroup

clean: ## remove what the targets made
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build demo-shop
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
