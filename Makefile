# The two commands: `make demo` and `make test`. Both set up everything they need by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One more than there are processors: many tests wait for other programs.
TEST_PROCESSES ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
TEST_STAMP := $(VENV)/.installed-test

.PHONY: demo up test docs pictures benchmarks words sbom clean

demo: $(STAMP)
	$(BIN)/digest demo --folder demo-data

up: $(STAMP)
	@if [ -f .env ]; then $(BIN)/digest up; else $(BIN)/digest up --sample demo-data/up; fi

test: $(TEST_STAMP) $(VENV)/.browser $(VENV)/.bounce-samples $(VENV)/.mail-servers $(VENV)/.mail-checkers
	$(BIN)/ruff check digest tests bench docs
	$(BIN)/ruff format --check digest tests bench docs
	@# A process that ended is begun anew once: else a test that hangs would be tried again and again.
	@# The types are read beside the tests, which would leave a processor idle; the arrows are one of the tests.
	$(BIN)/mypy >$(VENV)/mypy.txt 2>&1 & types=$$!; \
	  $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder --max-worker-restart 1 --cov --cov-report= $(PYTEST_ARGS); \
	  tests=$$?; wait $$types; types=$$?; cat $(VENV)/mypy.txt; exit $$((tests + types))
	$(BIN)/python tests/coverage_floors.py

# The documentation as a site, in docs-site/, its reference pages made anew from the code.
docs: $(TEST_STAMP)
	$(BIN)/python docs/reference.py
	$(BIN)/zensical build --strict

pictures: $(TEST_STAMP) $(VENV)/.browser
	$(BIN)/python docs/pictures.py

# Every measurement with a peer or a slope, and docs/benchmarks.md from its figures; an hour. The same in minutes: bench/all.py --quick
benchmarks: $(TEST_STAMP) $(VENV)/.mail-checkers
	$(BIN)/python bench/all.py

# Bring the catalogues of the readers' pages up to date with the sentences of the templates.
words: $(TEST_STAMP)
	$(BIN)/pybabel -q extract -F pyproject.toml -k mark --ignore-dirs '.*' --add-location=file -o $(VENV)/words.pot .
	for file in templates/web/_words/*.po; do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date --no-wrap -i $(VENV)/words.pot -o $$file -l $$(basename $$file .po) || exit 1; done

# What a release is made of, as CycloneDX: dist/sbom.json.
sbom: $(STAMP)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speed,release]'
	$(BIN)/python bench/sbom.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "This Python has no venv module (Debian: apt install python3-venv)"; rm -rf $(VENV); exit 1; }

$(STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speed]'
	@touch $@

$(TEST_STAMP): $(STAMP) pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speed,test]'
	@touch $@

$(VENV)/.browser: $(TEST_STAMP)
	$(BIN)/python tests/browser.py
	@touch $@

$(VENV)/.bounce-samples: $(TEST_STAMP) tests/bounce_samples.py
	$(BIN)/python tests/bounce_samples.py
	@touch $@

$(VENV)/.mail-servers: $(TEST_STAMP) tests/mail_servers/fetch.py
	$(BIN)/python tests/mail_servers/fetch.py
	@touch $@

$(VENV)/.mail-checkers: $(TEST_STAMP) tests/mail_checkers/fetch.py tests/npm.py
	$(BIN)/python tests/mail_checkers/fetch.py
	@touch $@

clean:
	rm -rf $(VENV) demo-data data dist .mypy_cache .ruff_cache .pytest_cache .coverage*
