# Two commands for a newcomer, `make demo` and `make test`; `make lint` checks
# what tests do not see.
VENV ?= .venv
PY := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: install demo lint test clean-demo FORCE

install: $(VENV)/.installed

# MMCV_OPS=1 or 0 may ask for another mmcv than the one that is there
$(VENV)/.installed: setup.py requirements/*.txt tools/install.sh \
		$(if $(MMCV_OPS),FORCE)
	bash tools/install.sh $(VENV)

demo: install
	$(PY) demo/run_demo.py

test: install
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 tests

lint: install
	$(PY) -m pip install -q --disable-pip-version-check -r requirements/lint.txt
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m codespell_lib
	$(PY) -m mypy

clean-demo:
	rm -rf work_dirs/demo data/SynthRooms data/SynthRooms_clean
