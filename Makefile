# Two commands for a newcomer: `make demo` and `make test`.
VENV ?= .venv
PY := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: install demo test clean-demo FORCE

install: $(VENV)/.installed

# MMCV_OPS=1 or 0 may ask for another mmcv than the one that is there
$(VENV)/.installed: setup.py requirements/*.txt tools/install.sh \
		$(if $(MMCV_OPS),FORCE)
	bash tools/install.sh $(VENV)

demo: install
	$(PY) demo/run_demo.py

test: install
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 tests

clean-demo:
	rm -rf work_dirs/demo data/SynthRooms data/SynthRooms_clean
