# Each target does its own set-up. Needed: make, Python 3.11 or newer, and a network for packages the first time.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench chaos lock clean

help: ## Show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|' 2>/dev/null \
	  || grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## See an alert travel to four status pages (Ctrl-C ends it)
	@$(BIN)/statusbridge demo $(ARGS)

# Tests and chaos start hundreds of processes. Where Python may not keep what it compiled, each would compile all anew.
test chaos: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.installed-dev ## Run all tests; ARGS="tests/unit -k plan" runs some
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: $(VENV)/.installed-dev ## Lint, format, types, import contracts, container files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/python -m pytest --quiet tests/meta/test_container.py

format: $(VENV)/.installed-dev ## Sort imports, mend what can be mended, format
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Run the benchmarks one after the other and print their figures
	@for module in $$(grep -l '__main__' benchmarks/*.py | sed 's|/|.|; s|\.py$$||'); do \
	  echo "== python -m $$module"; $(BIN)/python -m "$$module" || exit 1; done

RUNS   ?= 20
SEED   ?= 1
PARALLEL ?= 1
chaos: $(VENV)/.installed-dev ## Seeded runs with everything going wrong: RUNS=20 SEED=1 PARALLEL=1
	@$(BIN)/python -m tests.chaos --runs $(RUNS) --seed $(SEED) --parallel $(PARALLEL)

lock: ## Resolve all dependencies anew and write requirements.lock
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet '.[dev]'
	build/lock/bin/python -m pip freeze --exclude statusbridge > requirements.lock
	rm -rf build/lock

clean: ## Remove everything that was made, the environment too
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What the demo needs, and nothing for developing: this is what a newcomer waits for.
$(VENV)/.installed: pyproject.toml requirements.lock | $(VENV)/.made
	@echo "Installing statusbridge into $(VENV) ..."
	@$(PIP) install --constraint requirements.lock --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements.lock | $(VENV)/.made
	@echo "Installing statusbridge and its development tools into $(VENV) ..."
	@$(PIP) install --constraint requirements.lock --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.made:
	@command -v $(PYTHON) > /dev/null || { echo "statusbridge needs Python 3.11 or newer, and there is no '$(PYTHON)' here. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "statusbridge needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name a newer one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@touch $@
