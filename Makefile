# Two commands for a newcomer, `make demo` and `make test`; `make lint` checks
# what tests do not see; `make docs` builds the documentation site.
VENV ?= .venv
PYTHON ?= python3
PY := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: install demo docs lint test test-long clean-demo FORCE

install: $(VENV)/.installed

# MMCV_OPS=1 or 0 may ask for another mmcv than the one that is there
$(VENV)/.installed: setup.py requirements/*.txt tools/install.sh \
		$(if $(MMCV_OPS),FORCE)
	bash tools/install.sh $(VENV)

demo: install
	$(PY) demo/run_demo.py

# COVERAGE=--cov prints what the tests ran of the packages, and fails below the
# floor of pyproject.toml
test: install
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 tests $(COVERAGE)

# whole programs, several processes: up to two minutes each
test-long: install
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 -m "long and not slow" tests

lint: install
	$(PY) -m pip install -q --disable-pip-version-check --no-warn-conflicts \
		-r requirements/lint.txt
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m codespell_lib
	$(PY) -m mypy

# in an environment of its own: the packages are read, not imported
docs:
	build/docs-venv/bin/python -m pip --version >/dev/null 2>&1 || \
		$(PYTHON) -m venv build/docs-venv
	build/docs-venv/bin/python -m pip install -q --disable-pip-version-check \
		-r requirements/docs.txt
	NO_MKDOCS_2_WARNING=1 build/docs-venv/bin/mkdocs build --strict

clean-demo:
	rm -rf work_dirs/demo
