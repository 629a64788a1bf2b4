# The commands of this repository. `make serve` and `make test` need python3 (3.11 or later), make and a package index.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 1
TEST_PROCESSES ?= 2
UPGRADE ?=
ROUNDS ?= 5
SECONDS ?= 2
ONLY ?= .

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
VERSION := $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'

.PHONY: help serve test soak check bench bench-quick lock docs-reference clean python-venv
.DELETE_ON_ERROR:

help:
	@echo "make serve           start the server on http://localhost:$(PORT)  (HOST=, PORT=, WORKERS=)"
	@echo "make test            run the whole suite  (ARGS= for pytest)"
	@echo "make soak            the contracts under races and faults in their long form, some two hours  (ARGS= for pytest)"
	@echo "make check           run the linters, the type checker and the layout test"
	@echo "make bench           measure against other programs, some twenty minutes  (ROUNDS=, SECONDS=, ONLY=)"
	@echo "make bench-quick     one short round of it"
	@echo "make docs-reference  write docs/reference anew from the settings and commands"
	@echo "make lock            resolve requirements/*.txt anew  (UPGRADE=--upgrade to take newer versions)"
	@echo "make clean           remove .venv and caches; accounts, keys and secrets stay"
	@echo "PYTHON=python3.13 chooses the interpreter."

serve: $(VENV)/.serve
	@$(BIN)/watchword serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

test: $(VENV)/.test
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup $(ARGS)

# Ends by itself and prints its figures as JSON lines; NEMESIS_ROUNDS= and NEMESIS_KILLS= make it shorter or longer.
soak: $(VENV)/.test
	@$(BIN)/python -m tests.nemesis.soak $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -p no:cacheprovider tests/test_layout.py

docs-reference: $(VENV)/.serve
	$(BIN)/python -m watchword.cli.reference docs/reference

# wrk, taskset and prlimit must be installed, and node with npm for the rows that compare with node-oidc-provider.
bench: $(VENV)/.serve
	$(BIN)/python -m bench.driver --rounds $(ROUNDS) --seconds $(SECONDS) --only '$(ONLY)' --keep
	$(BIN)/python -m bench.write_docs

bench-quick: $(VENV)/.serve
	$(BIN)/python -m bench.driver --quick --no-growth --seconds 1 --only '$(ONLY)'

# Hashes of every file, and no address of any index: whoever installs chooses where from.
COMPILE = pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools" && "$$tools/bin/python" -m pip --disable-pip-version-check --quiet install uv; \
	index=$$("$$tools/bin/python" -m pip config get global.index-url 2>/dev/null || true); \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
	"$$tools/bin/uv" $(COMPILE) pyproject.toml requirements/build.in --extra server -o requirements/serve.txt; \
	"$$tools/bin/uv" $(COMPILE) pyproject.toml requirements/build.in --extra all --group test \
		-c requirements/serve.txt -o requirements/test.txt
	@if grep -n '://' requirements/*.txt; then echo "A lock file holds an address." >&2; exit 1; fi

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed. Choose one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory python-venv
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Debian keeps venv's pip in a package of its own.
python-venv:
	@package=python$$($(VERSION))-venv; as_root=; [ "$$(id -u)" = 0 ] || as_root="sudo -n"; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
		echo "Installing $$package"; $$as_root apt-get update -qq && \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$package; \
	else \
		echo "This Python cannot make virtual environments. On Debian: sudo apt-get install $$package" >&2; exit 1; \
	fi

$(VENV)/.serve: $(VENV)/.made requirements/serve.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/serve.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.made requirements/test.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/test.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
