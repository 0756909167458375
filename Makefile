# Two commands for a newcomer: `make report` and `make test`. Python 3.11 or later, and nothing else, must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
READY := $(VENV)/.ready
WORK := work
BEGAN := $(shell date +%s)

.PHONY: report london test test-deep lint docs bench lock clean

# What a report needs, and no more: whoever looks for the first time waits for no test tools.
$(CORE): requirements-core.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-core.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q dueregard
	touch $(CORE)

$(READY): requirements.lock $(CORE)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	touch $(READY)

report: $(CORE)
	@mkdir -p $(WORK)
	@rm -rf $(WORK)/borough
	$(BIN)/dueregard synth $(WORK)/borough --seed 1
	$(BIN)/dueregard freeze $(WORK)/borough --into $(WORK)/snapshots > $(WORK)/snapshot.path
	$(BIN)/dueregard report "$$(cat $(WORK)/snapshot.path)" --out $(WORK)/report
	@echo "The snapshot: $$(cat $(WORK)/snapshot.path)"
	@echo "The report:   $(CURDIR)/$(WORK)/report/index.html"

# A force as large as London: about a minute to make it on two cores, some minutes more for the report.
london: $(CORE)
	@mkdir -p $(WORK)
	@rm -rf $(WORK)/london
	$(BIN)/dueregard synth $(WORK)/london --size london --seed 1
	$(BIN)/dueregard freeze $(WORK)/london --into $(WORK)/snapshots > $(WORK)/london.path
	$(BIN)/dueregard report "$$(cat $(WORK)/london.path)" --out $(WORK)/london-report
	@echo "The snapshot: $$(cat $(WORK)/london.path)"
	@echo "The report:   $(CURDIR)/$(WORK)/london-report/index.html"

test: $(READY)
	@sh tests/set_up_browser.sh
	@sh tests/set_up_java.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	DUEREGARD_TESTS_BEGAN=$(BEGAN) $(BIN)/python -m pytest -n auto --dist loadgroup -m "not deep" -rs

test-deep: $(READY)
	@sh tests/set_up_browser.sh
	@sh tests/set_up_java.sh
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python -m docs.generate

bench: $(READY)
	$(BIN)/python -m benchmarks

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra dev --extra build pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra build pyproject.toml --constraint requirements.lock --output-file requirements-core.lock

clean:
	chmod -R u+w $(WORK) 2>/dev/null || true
	rm -rf $(VENV) $(WORK)
